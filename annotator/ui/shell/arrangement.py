"""Where the parts of the window stand: three columns between movable lines, tabs, and a drawer below the middle."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QVBoxLayout, QWidget

from annotator.ui.common.widgets import Tabs
from annotator.ui.shell.layout import made_sizes


class Arrangement:
    """The widgets that hold the parts; `root` holds them all.

    Attributes:
        lists, details, drawer: tabs. splitters: `columns`, `centre` and `right`, whose sizes are remembered.
    """

    def __init__(
        self,
        lists: Mapping[str, QWidget],
        details: Mapping[str, QWidget],
        drawer: Mapping[str, QWidget],
        top: QWidget,
        middle: QWidget,
        heatmaps: QWidget,
    ) -> None:
        """Each mapping: the parts of one set of tabs by title."""
        self.lists, self.drawer = _tabs(lists), _tabs(drawer)
        first, *others = details
        # small screens: it scrolls rather than making the window taller
        self.details = _tabs({first: _scrolled(details[first])} | {name: details[name] for name in others})
        centre = _splitter(Qt.Orientation.Vertical, middle, self.drawer)
        right = _splitter(Qt.Orientation.Vertical, heatmaps, _boxed(self.details))
        columns = _splitter(Qt.Orientation.Horizontal, self.lists, centre, right)
        columns.setStretchFactor(1, 1)
        centre.setStretchFactor(0, 1)
        self.splitters = {"columns": columns, "centre": centre, "right": right}
        for name, splitter in self.splitters.items():
            splitter.setSizes(made_sizes(name))
        self.drawer.hide()
        self.root = QWidget()
        self.root.setObjectName("root")
        rows = QVBoxLayout(self.root)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(top)
        inner = QVBoxLayout()
        inner.setContentsMargins(6, 6, 6, 6)
        inner.addWidget(columns)
        rows.addLayout(inner, 1)


def _tabs(parts: Mapping[str, QWidget]) -> Tabs:
    tabs = Tabs()
    for title, part in parts.items():
        tabs.addTab(part, title)
    return tabs


def _scrolled(part: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidget(part)
    return scroll


def _boxed(part: QWidget) -> QWidget:
    boxed = QWidget()
    boxed.setObjectName("panel")
    boxed.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column = QVBoxLayout(boxed)
    column.setContentsMargins(1, 1, 1, 1)
    column.addWidget(part)
    return boxed


def _splitter(orientation: Qt.Orientation, *widgets: QWidget) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setHandleWidth(6)
    splitter.setChildrenCollapsible(False)
    for widget in widgets:
        splitter.addWidget(widget)
    return splitter
