"""Where the parts of the window stand: three columns between movable lines, tabs, and a drawer below the middle."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from annotator.ui.common.theme import scaled
from annotator.ui.common.widgets import Tabs

VIEWS = "views"
"""The part that comes up by itself, with the first frame that has other views."""
TIMELINE = "timeline"
"""The part that comes up by itself, with the first take of several frames."""
OFFERED = (VIEWS, TIMELINE)
_SIZES = {"columns": [300, 1200, 400], "centre": [680, 300], "right": [640, 330], "beside": [760, 420]}


_MIDDLE = 0.36
"""Share of the window's width that the middle keeps, as far as the columns beside it can be narrower."""


def made_sizes(splitter: str) -> list[int]:
    """Sizes of a splitter's parts as it is made; they share what room there is by these."""
    sizes = list(_SIZES[splitter])
    if splitter in ("beside", "right"):
        sizes[1] = scaled(sizes[1])
    if splitter == "columns":  # lists and panes hold texts
        sizes[0], sizes[2] = scaled(sizes[0]), scaled(sizes[2])
    return sizes


class Arrangement(QObject):
    """The widgets that hold the parts; `root` holds them all.

    Attributes:
        lists, details, drawer: tabs. around: what stands round the picture, by name; each can be hidden.
        splitters: `columns`, `centre`, `right` and `beside`, whose sizes are remembered.
        decided: the parts that come up by themselves, and of which the artist said whether they are to be seen.
    """

    changed = Signal()  # what is shown

    def __init__(
        self,
        lists: Mapping[str, QWidget],
        details: Mapping[str, QWidget],
        drawer: Mapping[str, QWidget],
        top: QWidget,
        middle: QWidget,
        heatmaps: QWidget,
        beside: tuple[QSplitter, QWidget],
        timeline: QWidget,
    ) -> None:
        """Each mapping: the parts of one set of tabs by title. `beside`: frame and views, and the views."""
        super().__init__()
        frame, views = beside
        self.lists, self.drawer = _tabs(lists), _tabs(drawer)
        self.details = _tabs(details)
        centre = splitter(Qt.Orientation.Vertical, middle, self.drawer)
        boxed = _boxed(self.details)
        self._right = splitter(Qt.Orientation.Vertical, heatmaps, boxed)
        self.around = {
            "lists": self.lists,
            "heatmaps": heatmaps,
            VIEWS: views,
            TIMELINE: timeline,
            "details": boxed,
        }
        self._hidden: set[str] = set(OFFERED)
        self.decided: set[str] = set()
        self._picture_only = False
        columns = _Columns(self.lists, centre, self._right)
        columns.setStretchFactor(1, 1)
        centre.setStretchFactor(0, 1)
        frame.setStretchFactor(0, 1)
        views.hide()
        timeline.hide()
        self.columns = columns
        self.splitters: dict[str, QSplitter] = {
            "columns": columns,
            "centre": centre,
            "right": self._right,
            "beside": frame,
        }
        for name, each in self.splitters.items():
            each.setSizes(made_sizes(name))
        self.drawer.hide()
        self.root = QWidget()
        self.setParent(self.root)  # what listens to it holds the window, and goes with the widgets
        self.root.setObjectName("root")
        rows = QVBoxLayout(self.root)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(top)
        inner = QVBoxLayout()
        inner.setContentsMargins(6, 6, 6, 6)
        inner.addWidget(columns)
        rows.addLayout(inner, 1)

    @property
    def tabs(self) -> tuple[Tabs, Tabs, Tabs]:
        """`lists`, `details` and `drawer`."""
        return self.lists, self.details, self.drawer

    @property
    def drawer_is_open(self) -> bool:
        """Whether the drawer below the picture is shown."""
        return not self.drawer.isHidden()

    def show_drawer(self, on: bool) -> None:
        """Shows or hides the drawer below the picture."""
        self.drawer.setVisible(on)
        self.changed.emit()

    @property
    def picture_only(self) -> bool:
        """Whether all that stands round the picture is hidden for now."""
        return self._picture_only

    def show_picture_only(self, on: bool) -> None:
        """Hides all that stands round the picture, or brings back what was there."""
        self._picture_only = on
        self._show()

    def is_shown(self, name: str) -> bool:
        """Whether a part round the picture is shown."""
        return not self._picture_only and name not in self._hidden

    def show_part(self, name: str, on: bool) -> None:
        """Shows or hides a part round the picture; that ends showing the picture alone, which keeps the others hidden."""
        if self._picture_only:
            self._hidden = set(self.around)
            self._picture_only = False
        self.decided |= {name} & set(OFFERED)
        self._hidden = self._hidden - {name} if on else self._hidden | {name}
        self._show()

    def offer_part(self, name: str) -> None:
        """Shows a part that comes up by itself, unless the artist said whether it is to be seen."""
        if name in self._hidden and name not in self.decided:
            self._hidden = self._hidden - {name}
            self._show()
            if name != VIEWS:
                return
            beside = self.splitters["beside"]
            first, second = made_sizes("beside")
            share = sum(beside.sizes()) / (first + second)
            beside.setSizes([round(first * share), round(second * share)])

    def show_as_made(self) -> None:
        """All parts round the picture, but those that come up by themselves."""
        self._picture_only = False
        self._hidden, self.decided = set(OFFERED), set()
        self._show()

    @property
    def hidden(self) -> list[str]:
        """The parts that the artist hid, in order, for the settings."""
        return [name for name in self.around if name in self._hidden]

    def _show(self) -> None:
        for name, part in self.around.items():
            part.setVisible(self.is_shown(name))
        self._right.setVisible(self.is_shown("heatmaps") or self.is_shown("details"))
        self.changed.emit()


def _tabs(parts: Mapping[str, QWidget]) -> Tabs:
    tabs = Tabs()
    for title, part in parts.items():
        tabs.addTab(part, title)
    return tabs


def _boxed(part: QWidget) -> QWidget:
    boxed = QWidget()
    boxed.setObjectName("panel")
    boxed.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column = QVBoxLayout(boxed)
    column.setContentsMargins(1, 1, 1, 1)
    column.addWidget(part)
    return boxed


class _Columns(QSplitter):
    """Lists, the middle, and what stands right of it."""

    def __init__(self, left: QWidget, middle: QWidget, right: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._beside = left, right
        self._least = _MIDDLE  # the artist may have made the middle narrower
        _fill(self, left, middle, right)
        self.splitterMoved.connect(lambda *_: self._note_choice())

    def restoreState(self, state: QByteArray | bytes | bytearray | memoryview) -> bool:
        """Takes over remembered sizes as they are."""
        self._least = 0.0
        return super().restoreState(state)

    def _note_choice(self) -> None:
        sizes = self.sizes()
        self._least = min(_MIDDLE, sizes[1] / max(sum(sizes), 1))

    def forget_choice(self) -> None:
        """As made: the middle has its share again."""
        self._least = _MIDDLE
        self.keep_middle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt would take all of it from the middle."""
        super().resizeEvent(event)
        self.keep_middle()

    def keep_middle(self) -> None:
        """The columns beside the middle give it what it lacks of its share, each by what it does not need."""
        left, middle, right = self.sizes()
        lacking = int(self._least * (left + middle + right)) - middle
        needed = [part.minimumSizeHint().width() for part in self._beside]
        spare = [max(size - need, 0) for size, need in zip((left, right), needed, strict=True)]
        given = min(lacking, sum(spare))
        if middle and given > 0:
            first = round(given * spare[0] / sum(spare))
            self.setSizes([left - first, middle + given, right - (given - first)])


def _fill(made: QSplitter, *widgets: QWidget) -> None:
    """Puts widgets into a splitter; none can be pushed away."""
    made.setHandleWidth(6)
    made.setChildrenCollapsible(False)
    for widget in widgets:
        made.addWidget(widget)


def splitter(orientation: Qt.Orientation, *widgets: QWidget) -> QSplitter:
    """Widgets with movable lines between them; none can be pushed away."""
    made = QSplitter(orientation)
    _fill(made, *widgets)
    return made
