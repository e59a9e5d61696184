"""The first-run tour: a few cards, each pointing at a real part of the window; skipped by Escape, never shown again unasked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from annotator.ui.common.theme import colour, label, scaled

_GAP = 14
_CARD = 360


@dataclass(frozen=True)
class Step:
    """One card: what it points at (called when it is shown, so that it can bring it up), a title and a text."""

    target: Callable[[], QWidget]
    title: str
    text: str


class Tour(QWidget):
    """Lies over the whole window while it runs; the part that a card speaks of stays bright."""

    ended = Signal()

    def __init__(self, steps: Sequence[Step], window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName("Tour")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._steps, self._at = steps, 0
        self._hole = QRect()
        self._before = window.focusWidget()
        self._build_card()
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()
        self.setFocus()
        self._show_step()

    def _build_card(self) -> None:
        self.card = QFrame(self)
        self.card.setObjectName("card")
        self.card.setFixedWidth(scaled(_CARD))
        self.title, self.text = label("", "title"), label("")
        self.title.setWordWrap(True)
        self.text.setWordWrap(True)
        self.count = label("", "faint")
        self.skip = QPushButton("Skip")
        self.back = QPushButton("Back")
        self.next = QPushButton("Next")
        self.next.setObjectName("primary")
        for button, handler in (
            (self.skip, self.end),
            (self.back, lambda: self.go(-1)),
            (self.next, lambda: self.go(1)),
        ):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys belong to the tour
            button.clicked.connect(lambda _on, handler=handler: handler())
        row = QHBoxLayout()
        row.addWidget(self.count)
        row.addStretch(1)
        for button in (self.skip, self.back, self.next):
            row.addWidget(button)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addSpacing(4)
        column.addLayout(row)

    @property
    def step(self) -> int:
        """Which card is shown, from 0."""
        return self._at

    def go(self, count: int) -> None:
        """Shows a later or an earlier card; after the last one the tour ends."""
        self._at = max(self._at + count, 0)
        if self._at >= len(self._steps):
            self.end()
        else:
            self._show_step()

    def end(self) -> None:
        """Goes away and gives the focus back."""
        self.window().removeEventFilter(self)
        self.hide()
        self.deleteLater()
        if self._before is not None:
            self._before.setFocus()
        self.ended.emit()

    def _show_step(self) -> None:
        step = self._steps[self._at]
        target = step.target()
        self._hole = QRect(target.mapTo(self.window(), QPoint()), target.size()).adjusted(-3, -3, 3, 3)
        self.title.setText(step.title)
        self.text.setText(step.text)
        self.count.setText(f"{self._at + 1} of {len(self._steps)}")
        self.back.setEnabled(self._at > 0)
        self.next.setText("Start" if self._at == len(self._steps) - 1 else "Next")
        for part in (self.title, self.text):
            part.setFixedHeight(part.heightForWidth(scaled(_CARD) - 34))
        self.card.adjustSize()
        self.card.move(self._card_place())
        self.update()

    def _card_place(self) -> QPoint:
        """Beside the hole where there is room, else under or over it, else in its middle."""
        hole, area = self._hole, self.rect().adjusted(_GAP, _GAP, -_GAP, -_GAP)
        size = self.card.size()
        y = min(max(hole.center().y() - size.height() // 2, area.top()), area.bottom() - size.height())
        x = min(max(hole.center().x() - size.width() // 2, area.left()), area.right() - size.width())
        for place in (
            QPoint(hole.right() + _GAP, y),
            QPoint(hole.left() - _GAP - size.width(), y),
            QPoint(x, hole.bottom() + _GAP),
            QPoint(x, hole.top() - _GAP - size.height()),
        ):
            if area.contains(QRect(place, size)):
                return place
        return QPoint(x, y)

    # ---- events
    def paintEvent(self, event: QPaintEvent) -> None:
        """Darkens everything but the part that the card speaks of."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shade = QPainterPath()
        shade.addRect(QRectF(self.rect()))
        bright = QPainterPath()
        bright.addRoundedRect(QRectF(self._hole), 5, 5)
        painter.fillPath(shade.subtracted(bright), colour("canvas", 185))
        painter.setPen(QPen(colour("accent"), 2))
        painter.drawPath(bright)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return, Space and Right go on, Left goes back, Escape skips."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.end()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Right):
            self.go(1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Backspace):
            self.go(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the card does nothing to the window below."""
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the window's size."""
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self.setGeometry(self.window().rect())
            self._show_step()
        return super().eventFilter(watched, event)
