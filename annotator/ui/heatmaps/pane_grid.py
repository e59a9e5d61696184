"""Holds the panes: in the panel, one of them over all the room, or in windows of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QPainter, QPaintEvent, QResizeEvent, QScreen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from annotator.ui.common.theme import colour, ui_font
from annotator.ui.heatmaps.arrangement import arrange, halves
from annotator.ui.heatmaps.pane import HeatmapPane

_EMPTY = "What the model sees of a frame stands here"
_SIDE = 720  # logical pixels of a pane's own window at its first opening


class PaneGrid(QWidget):
    """Panes in the arrangement that suits the shape of the room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panes: Sequence[HeatmapPane] = ()
        self._large: HeatmapPane | None = None
        self._pair: tuple[HeatmapPane, HeatmapPane] | None = None
        self._windows: dict[str, PaneWindow] = {}  # by the pane's name
        self._places: dict[str, QByteArray] = {}  # where such a window stood last
        self._remembered: frozenset[str] = frozenset()  # panes that had one when Annotator was closed
        self.setMinimumSize(200, 160)

    def set_panes(self, panes: Sequence[HeatmapPane]) -> None:
        """Shows these panes; earlier ones are deleted. A pane whose namesake had a window gets that window."""
        floating = {*self._windows, *self._remembered}
        self._remembered = frozenset()
        for name in list(self._windows):
            self._take_back(name)
        for old in self._panes:
            old.hide()
            old.deleteLater()
        self._panes, self._large, self._pair = panes, None, None
        for pane in panes:
            pane.setParent(self)
            pane.show()
            if pane.name in floating:
                self.detach(pane)
        self._arrange()

    def show_pair(self, pair: tuple[HeatmapPane, HeatmapPane] | None) -> None:
        """Gives two panes all the room, side by side or one above the other; None: every pane its own again.

        Where the first has a window of its own it stays there, and the second has the room alone.
        """
        if self._pair is not None and (pair is None or pair[1] is not self._pair[1]):
            self._pair[1].hide()
        if pair is not None:
            pair[1].setParent(self)
            self._large = None
        self._pair = pair
        self._arrange()

    def enlarge(self, pane: HeatmapPane | None) -> None:
        """Gives one pane all the room, or (None, or the same again) every pane its own; one in a window all of its screen."""
        window = self._windows.get(pane.name) if pane is not None else None
        if window is not None:
            window.showNormal() if window.isFullScreen() else window.showFullScreen()
            return
        self._large = None if pane is self._large else pane
        self._arrange()

    @property
    def enlarged(self) -> HeatmapPane | None:
        """The pane that has all the room, if any."""
        return self._large

    def detach(self, pane: HeatmapPane) -> None:
        """Puts a pane into a window of its own, or back."""
        if pane.name in self._windows:
            self._windows[pane.name].close()
            return
        if pane is self._large:
            self._large = None
        window = PaneWindow(pane, self.window())
        window.closed.connect(lambda: self._take_back(pane.name))
        self._windows[pane.name] = window
        if pane.name in self._places:
            window.restoreGeometry(self._places[pane.name])
        elif (elsewhere := other_screen(self.screen(), QGuiApplication.screens())) is not None:
            window.move(elsewhere.availableGeometry().center() - window.rect().center())
        window.show()
        self._arrange()

    def window_of(self, pane: HeatmapPane) -> QWidget | None:
        """The window of its own that a pane has, if any."""
        return self._windows.get(pane.name)

    def places(self) -> dict[str, QByteArray]:
        """The panes that have windows of their own, and where these stand; for the settings."""
        return {name: window.saveGeometry() for name, window in self._windows.items()}

    def restore_places(self, places: Mapping[str, QByteArray]) -> None:
        """Gives these panes, and no others, windows of their own at these places, now or as soon as there are such panes."""
        self._places.update(places)
        self._remembered = frozenset() if self._panes else frozenset(places)
        for pane in self._panes:
            if (pane.name in places) != (pane.name in self._windows):
                self.detach(pane)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arranges the panes in the new size."""
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Says what will stand here while there is no project."""
        if not self._panes:
            painter = QPainter(self)
            painter.setFont(ui_font(11))
            painter.setPen(colour("faint"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(12, 8, -12, -8), int(flags), _EMPTY)
            painter.end()

    def _take_back(self, name: str) -> None:
        window = self._windows.pop(name, None)
        if window is None:
            return
        self._places[name] = window.saveGeometry()
        window.pane.setParent(self)
        window.pane.show()
        window.deleteLater()
        self._arrange()

    def _arrange(self) -> None:
        here = [pane for pane in self._panes if pane.name not in self._windows]
        if self._pair is not None:
            shown = [pane for pane in self._pair if pane in here or pane is self._pair[1]]
            for pane in (*here, self._pair[1]):
                pane.setVisible(pane in shown)
            places = halves(self.width(), self.height()) if len(shown) == 2 else (self.rect(),)
            for pane, place in zip(shown, places, strict=True):
                pane.setGeometry(place)
            return
        for pane in here:
            pane.setVisible(self._large is None or pane is self._large)
        if self._large is not None:
            self._large.setGeometry(self.rect())
            return
        for pane, place in zip(here, arrange(self.width(), self.height(), len(here)), strict=True):
            pane.setGeometry(place)


def other_screen(own: QScreen, screens: Sequence[QScreen]) -> QScreen | None:
    """The first screen that is not one's own; None where there is one alone."""
    return next((screen for screen in screens if screen is not own), None)


class PaneWindow(QWidget):
    """One pane in a window of its own, for a second monitor; closing it brings the pane back."""

    closed = Signal()

    def __init__(self, pane: HeatmapPane, owner: QWidget) -> None:
        super().__init__(owner, Qt.WindowType.Tool)  # so that the window's shortcuts work in it
        self.pane = pane
        self.setWindowTitle(f"{pane.content.title} – heatmap")
        self.resize(_SIDE, _SIDE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(pane)
        pane.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The pane goes back to where it was."""
        self.closed.emit()
        super().closeEvent(event)
