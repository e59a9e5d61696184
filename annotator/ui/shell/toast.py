"""A message that floats over a part of the window: it comes and goes, and nothing below it moves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from annotator.ui.common.theme import label, scaled
from annotator.ui.common.widgets import tool_button

_EDGE = 40  # logical pixels above the lower edge: the frame's badges stay to be read
_WIDEST = 720


class Toast(QFrame):
    """Low in the middle of what it floats over, as wide as its text needs."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("toast")
        self.setAccessibleName("Message")
        self.hide()
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(10)
        self.text = label("")
        self.text.setWordWrap(True)
        row.addWidget(self.text, 1)
        row.addWidget(tool_button("x", "Dismiss", self.hide))
        self._over: tuple[QWidget, QWidget] | None = None  # the part, and the widget that holds it

    def float_over(self, part: QWidget, inside: QWidget) -> None:
        """Floats over a part of the window from now on; `inside`: the widget that holds the part, which becomes the parent."""
        self._over = part, inside
        self.setParent(inside)
        part.installEventFilter(self)

    def tell(self, text: str) -> None:
        """Shows a text."""
        self.text.setText(text)
        self.show()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keeps its place when the part moves or changes its size."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and not self.isHidden():
            self._place()
        return False

    def _place(self) -> None:
        if self._over is None:
            return
        over, inside = self._over
        margins = self._row.contentsMargins()
        others = margins.left() + margins.right() + self._row.spacing() + scaled(34)
        room = min(scaled(_WIDEST), max(over.width() - 24, 120))
        metrics = self.text.fontMetrics()
        lines = [metrics.horizontalAdvance(line) for line in self.text.text().splitlines()]
        width = min(max(lines, default=0) + others + 8, room)
        self.resize(width, max(self._row.heightForWidth(width), self.minimumSizeHint().height()))
        corner = over.mapTo(inside, QPoint(0, 0))
        self.move(
            corner.x() + (over.width() - self.width()) // 2,
            corner.y() + max(over.height() - self.height() - _EDGE, 0),
        )
        self.raise_()
