"""The loupe: the stored pixels round the pointer, large, with the values of the one under it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontDatabase, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from annotator.ui.common.display import DisplaySettings, to_qimage
from annotator.ui.common.theme import colour

_CELLS = 17  # pixels in a row; odd, so that one is in the middle
_CELL = 13  # logical pixels each
_TEXT = 36
_GAP = 26  # logical pixels from the pointer


def value_text(value: NDArray[Any]) -> str:
    """The stored values of one pixel: whole codes of integers, four places of floats."""
    shown = [f"{float(v):.4f}" if value.dtype.kind == "f" else f"{int(v)}" for v in value]
    return "   ".join(f"{name} {text}" for name, text in zip("RGB", shown, strict=False))


def place_text(x: float, y: float, pixels: NDArray[Any] | None) -> str:
    """A place in frame pixels, and the stored values of the pixel there, as far as the frame's HxWx3 are known."""
    text = f"x {x:8.2f}   y {y:8.2f}"
    column, row = math.floor(x), math.floor(y)
    if pixels is None or not (0 <= column < pixels.shape[1] and 0 <= row < pixels.shape[0]):
        return text
    return text + "      " + value_text(pixels[row, column])


class Loupe(QWidget):
    """A small window over the frame view; it lets the mouse through and keeps clear of the pointer."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self.setAccessibleName("Loupe")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.resize(QSize(_CELLS * _CELL + 2, _CELLS * _CELL + 2 + _TEXT))
        self.hide()
        self._pixels: NDArray[Any] | None = None  # level 0 of the frame
        self._settings = DisplaySettings()
        self._points: NDArray[np.float64] = np.empty((0, 2))
        self._at = (math.nan, math.nan)

    def set_frame(self, pixels: NDArray[Any] | None) -> None:
        """The frame's full pixels HxWx3; None while they are not there."""
        self._pixels = pixels
        self.update()

    def set_display(self, settings: DisplaySettings) -> None:
        """Shows pixels as the frame view does; the values stay the stored ones."""
        self._settings = settings
        self.update()

    def show_at(self, x: float, y: float, pointer: QPointF, points: NDArray[np.float64]) -> None:
        """Shows the surroundings of (x, y) frame pixels beside the pointer (view pixels), with landmarks [L, 2]."""
        self._at, self._points = (x, y), points
        room = self._view.rect()
        left, top = pointer.x() + _GAP, pointer.y() + _GAP
        if left + self.width() > room.width():
            left = pointer.x() - _GAP - self.width()
        if top + self.height() > room.height():
            top = pointer.y() - _GAP - self.height()
        self.move(round(max(left, 0)), round(max(top, 0)))
        self.show()
        self.update()

    @property
    def text(self) -> str:
        """Place and stored values under the pointer."""
        x, y = self._at
        value = self._value()
        return f"x {x:.2f}   y {y:.2f}\n" + ("no pixel here" if value is None else value_text(value))

    def _corner(self) -> tuple[int, int]:
        return math.floor(self._at[0]) - _CELLS // 2, math.floor(self._at[1]) - _CELLS // 2

    def _value(self) -> NDArray[Any] | None:
        if self._pixels is None or not all(map(math.isfinite, self._at)):
            return None
        column, row = math.floor(self._at[0]), math.floor(self._at[1])
        height, width = self._pixels.shape[:2]
        return self._pixels[row, column] if 0 <= column < width and 0 <= row < height else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Pixels as squares, a frame round the middle one, landmarks as crosses, the values below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour("canvas"))
        if all(map(math.isfinite, self._at)):
            self._paint_pixels(painter)
            self._paint_points(painter)
            middle = 1 + (_CELLS // 2) * _CELL
            for grow, tint in ((1, QColor(0, 0, 0, 200)), (0, QColor(255, 255, 255, 230))):
                painter.setPen(QPen(tint, 1))
                painter.drawRect(QRectF(middle - grow, middle - grow, _CELL + 2 * grow, _CELL + 2 * grow))
            font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
            font.setPixelSize(11)
            painter.setFont(font)
            painter.setPen(colour("bright"))
            room = QRectF(8, self.height() - _TEXT, self.width() - 16, _TEXT)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self.text)
        painter.setPen(QPen(colour("line"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_pixels(self, painter: QPainter) -> None:
        if self._pixels is None:
            return
        left, top = self._corner()
        height, width = self._pixels.shape[:2]
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + _CELLS, width), min(top + _CELLS, height)
        if x0 >= x1 or y0 >= y1:
            return
        image = to_qimage(self._pixels[y0:y1, x0:x1], self._settings)
        place = QRectF(1 + (x0 - left) * _CELL, 1 + (y0 - top) * _CELL, (x1 - x0) * _CELL, (y1 - y0) * _CELL)
        painter.drawImage(place, image)

    def _paint_points(self, painter: QPainter) -> None:
        left, top = self._corner()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        near = np.abs(self._points - self._at).max(-1) < _CELLS / 2  # NaN is not near
        painter.setClipRect(QRectF(1, 1, _CELLS * _CELL, _CELLS * _CELL))
        for x, y in self._points[near].tolist():
            at = QPointF(1 + (x - left) * _CELL, 1 + (y - top) * _CELL)
            for pen in (QPen(QColor(0, 0, 0, 170), 3), QPen(colour("accent"), 1.4)):
                painter.setPen(pen)
                painter.drawLine(at - QPointF(6, 0), at + QPointF(6, 0))
                painter.drawLine(at - QPointF(0, 6), at + QPointF(0, 6))
        painter.setClipping(False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
