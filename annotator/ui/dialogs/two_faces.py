"""A picture of two faces: the landmarks of a scheme as rings, and the points of a file laid on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from annotator.ui.common.theme import colour, scaled, ui_font

_MARGIN = 28
_REACH = 18  # px from a click to what it means
_NOBODY = "This scheme ships no picture of a face, so only the file's points are shown"


class TwoFaces(QWidget):
    """Shows what it is given and says what was clicked; it keeps no map."""

    picked = Signal(int)
    """A point of the file, by its number."""
    given = Signal(int)
    """A landmark for the selected point, by its index."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("The scheme's face with the file's points on it")
        self.setMinimumSize(scaled(280), scaled(280))
        self._face = self._points = np.zeros((0, 2))
        self._landmarks = np.zeros(0, np.int64)
        self._selected, self._text = -1, ""

    def sizeHint(self) -> QSize:
        return QSize(scaled(420), scaled(420))

    def show_faces(
        self,
        face: NDArray[np.float64],
        points: NDArray[np.float64],
        landmarks: NDArray[np.int64],
        selected: int,
        text: str,
    ) -> None:
        """Float64 [L, 2] and [points, 2] in one unit, y down; each point's landmark or -1; the selected point and its words."""
        self._face, self._points, self._landmarks = face, points, landmarks
        self._selected, self._text = selected, text
        self.setAccessibleDescription(text)
        self.update()

    def place_of_point(self, number: int) -> QPointF:
        """Where a point of the file is drawn, widget pixels."""
        return QPointF(*self._to_widget(self._points)[number])

    def place_of_landmark(self, index: int) -> QPointF:
        """Where a landmark is drawn, widget pixels."""
        return QPointF(*self._to_widget(self._face)[index])

    def _to_widget(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        every = np.concatenate([self._face, self._points])
        every = every[np.isfinite(every).all(-1)]
        if not len(every):
            return np.full_like(xy, np.nan)
        low, high = every.min(0), every.max(0)
        room = np.array([self.width(), self.height()]) - 2 * scaled(_MARGIN)
        scale = float((room / np.maximum(high - low, 1e-6)).min())
        return np.asarray((xy - (low + high) / 2) * scale + np.array([self.width(), self.height()]) / 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(ui_font(12))
        face, points = self._to_widget(self._face), self._to_widget(self._points)
        painter.setPen(QPen(colour("dim"), 1.2))
        for place in face[np.isfinite(face).all(-1)]:
            painter.drawEllipse(QPointF(*place), 4, 4)
        for number, (place, index) in enumerate(zip(points, self._landmarks, strict=True)):
            if np.isfinite(place).all():
                self._paint_point(painter, place, face[index] if index >= 0 else None, number)
        painter.setPen(colour("text"))
        area = QRectF(self.rect()).adjusted(8, 4, -8, -4)
        painter.drawText(area, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter, self._text)
        known = bool(np.isfinite(face).any())
        painter.setPen(colour("dim"))
        legend = "○ landmark    ✕ point of the file" if known else _NOBODY
        painter.drawText(area, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter, legend)

    def _paint_point(
        self, painter: QPainter, place: NDArray[np.float64], landmark: NDArray[np.float64] | None, number: int
    ) -> None:
        chosen = number == self._selected
        tint = colour("accent" if landmark is not None else "warning")
        if landmark is not None and np.isfinite(landmark).all():
            painter.setPen(QPen(tint, 2 if chosen else 1))
            painter.drawLine(QPointF(*place), QPointF(*landmark))
            if chosen:
                painter.drawEllipse(QPointF(*landmark), 6, 6)
        arm = 7 if chosen else 4
        painter.setPen(QPen(colour("text") if chosen else tint, 2.4 if chosen else 1.6))
        for down in (1, -1):
            painter.drawLine(
                QPointF(place[0] - arm, place[1] - down * arm), QPointF(place[0] + arm, place[1] + down * arm)
            )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click selects the nearest point, with Shift it gives the selected one the nearest landmark."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        to_landmark = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        places = self._to_widget(self._face if to_landmark else self._points)
        away = np.linalg.norm(places - (event.position().x(), event.position().y()), axis=-1)
        away = np.where(np.isfinite(away), away, np.inf)
        if len(away) and away.min() <= scaled(_REACH):
            (self.given if to_landmark else self.picked).emit(int(away.argmin()))
