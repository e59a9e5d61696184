"""Lays the panes out: the global one large, the regions in two columns below it, all as large as the room allows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

_GAP = 4
_COLUMNS = 2


class PaneGrid(QWidget):
    """A first widget over the full width, the others in two columns of squares under it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panes: Sequence[QWidget] = ()
        self._large: QWidget | None = None
        self.setMinimumSize(200, 240)

    def set_panes(self, panes: Sequence[QWidget]) -> None:
        """Shows these widgets; earlier ones are deleted."""
        for old in self._panes:
            old.hide()
            old.deleteLater()
        self._panes, self._large = panes, None
        for pane in panes:
            pane.setParent(self)
            pane.show()
        self._arrange()

    def enlarge(self, pane: QWidget | None) -> None:
        """Gives one pane all the room, or (None, or the same again) every pane its own."""
        self._large = None if pane is self._large else pane
        self._arrange()

    @property
    def enlarged(self) -> QWidget | None:
        """The pane that has all the room, if any."""
        return self._large

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arranges the panes in the new size."""
        self._arrange()

    def _arrange(self) -> None:
        for pane in self._panes:
            pane.setVisible(self._large is None or pane is self._large)
        if self._large is not None:
            self._large.setGeometry(self.rect())
            return
        if not self._panes:
            return
        width, height = self.width(), self.height()
        rows = math.ceil((len(self._panes) - 1) / _COLUMNS)
        side = min((width - _GAP) // _COLUMNS, int((height * 0.56 - rows * _GAP) / max(rows, 1)))
        top = height - rows * (side + _GAP) if rows else height
        self._panes[0].setGeometry(QRect(0, 0, width, max(top, 40)))
        column_width = (width - _GAP) // _COLUMNS
        for number, pane in enumerate(self._panes[1:]):
            row, column = divmod(number, _COLUMNS)
            x = column * (column_width + _GAP)
            pane.setGeometry(QRect(x, top + _GAP + row * (side + _GAP), column_width, side))
