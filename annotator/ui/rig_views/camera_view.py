"""One view of the moment: a window of its frame's pixels with its landmarks and what the other views expect there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from annotator.domain.faces.face_frame import face_size
from annotator.ui.canvas.overlay.data import OverlayData
from annotator.ui.canvas.overlay.painter import OverlayPainter
from annotator.ui.common.display import to_qimage
from annotator.ui.common.theme import COLOURS, colour, scaled, ui_font
from annotator.ui.common.view_options import Labels, Options
from annotator.ui.rig_views.rig_marks import RigMarks, paint_marks

_PLAIN: dict[str, Any] = {  # names and boxes would cover so small a picture
    "labels": Labels.NONE,
    **dict.fromkeys(("rois", "ellipses", "moved", "frame_heat", "crosshair"), False),
}
_CROWDED = 130  # logical pixels of a face whose marks would cover it
_NAMED = 260  # logical pixels from which lines carry their camera's name
_CLICK = 4  # logical pixels that a click may move
Place = tuple[float, float, float]
"""The middle of what is shown in frame pixels, and the zoom (logical pixels a frame pixel)."""


class CameraView(QWidget):
    """Shows what it is given; tells that it was clicked, or that the wheel was turned over it."""

    chosen = Signal()
    closer_wanted = Signal(int)  # notches of the wheel

    def __init__(self, camera: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.camera = camera
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys stay with the frame
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._levels: Sequence[NDArray[Any]] = ()
        self._size = (0, 0)  # of the frame
        self._data = OverlayData()
        self._options = Options()
        self._overlay = OverlayPainter()
        self._backdrop: QPixmap | None = None
        self._press: QPointF | None = None
        self.place: Place = (0.0, 0.0, 1.0)
        self.marks = RigMarks()
        self.badge, self.alarming, self.note = "", False, ""
        self.current = False
        self.told("")

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(190, 190)

    # ---- what is shown
    def show_picture(self, levels: Sequence[NDArray[Any]], width: int, height: int) -> None:
        """A pyramid or a preview of a frame of `width` x `height` pixels; [] while there is none."""
        if levels is not self._levels or (width, height) != self._size:
            self._levels, self._size = levels, (width, height)
            self._changed()

    def show_points(self, data: OverlayData, options: Options) -> None:
        """Landmarks of its frame."""
        self._data, self._options = data, options
        self._changed()

    def show_marks(self, marks: RigMarks, badge: str, alarming: bool) -> None:
        """What the other views say, and how far its landmark is from that."""
        if not marks.same_as(self.marks) or (badge, alarming) != (self.badge, self.alarming):
            self.marks, self.badge, self.alarming = marks, badge, alarming
            self.told(badge)
            self.update()

    def show_note(self, note: str, current: bool) -> None:
        """Why it tells nothing, empty where it does; whether it is the frame that is shown."""
        if (note, current) != (self.note, self.current):
            self.note, self.current = note, current
            self.update()

    def show_place(self, place: Place) -> None:
        """Which part of the frame; never less than all of it."""
        place = (*place[:2], max(place[2], self.fit_zoom))
        if place != self.place:
            self.place = place
            self._changed()

    def told(self, badge: str) -> None:
        """Says what it shows, for tool tip and screen readers."""
        text = f"Camera {self.camera}" + (f": {badge}" if badge else "")
        self.setAccessibleName(text)
        self.setToolTip(f"{text}. Click: show this frame at the same part of the face. Wheel: closer.")

    @property
    def fit_zoom(self) -> float:
        """The zoom that shows the whole frame."""
        width, height = self._size
        return max(min(self.width() / max(width, 1), self.height() / max(height, 1)), 1e-4)

    @property
    def wants_pixels(self) -> bool:
        """Whether it shows more than the pixels that it has, or has none."""
        if not self._levels:
            return True
        step = self._size[0] / self._levels[0].shape[1]
        return bool(step > 1.01 and self.place[2] * self.devicePixelRatioF() * step > 1.2)

    def view_from_frame(self) -> QTransform:
        """From frame pixels to widget pixels."""
        x, y, zoom = self.place
        return QTransform(zoom, 0, 0, zoom, self.width() / 2 - x * zoom, self.height() / 2 - y * zoom)

    def _changed(self) -> None:
        self._backdrop = None
        self.update()

    # ---- painting
    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws marks and texts over the rest, which is kept as a picture until it changes."""
        if self._backdrop is None:
            ratio = self.devicePixelRatioF()
            self._backdrop = QPixmap(self.size() * ratio)
            self._backdrop.setDevicePixelRatio(ratio)
            brush = QPainter(self._backdrop)
            self._paint_backdrop(brush)
            brush.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._backdrop)
        is_large = max(self.width(), self.height()) > _NAMED
        paint_marks(painter, self.marks, self.view_from_frame(), QRectF(self.rect()) if is_large else None)
        self._paint_texts(painter)
        painter.end()

    def _paint_backdrop(self, painter: QPainter) -> None:
        room = QRectF(self.rect())
        painter.fillRect(room, colour("canvas"))
        transform = self.view_from_frame()
        if self._levels:
            self._paint_picture(painter, transform)
        if self._data.scheme is not None:
            self._paint_points(painter, transform, room)

    def _paint_points(self, painter: QPainter, transform: QTransform, room: QRectF) -> None:
        """Where the face is small its curves and the selected marks alone: all of them would cover it."""
        data, options = self._data, replace(self._options, **_PLAIN)
        crowded = face_size(data.xy) * transform.m11() < _CROWDED
        self._overlay.paint(
            painter,
            data,
            replace(options, points=options.points and not crowded),
            transform,
            room,
            room,
            hurried=True,
        )
        if crowded:
            chosen = np.full_like(data.xy, np.nan)
            chosen[list(data.selected)] = data.xy[list(data.selected)]
            marks = replace(options, curves=False)
            self._overlay.paint(painter, replace(data, xy=chosen), marks, transform, room, room, hurried=True)

    def _paint_picture(self, painter: QPainter, transform: QTransform) -> None:
        scale = transform.m11() * self.devicePixelRatioF()
        steps = [self._size[0] / level.shape[1] for level in self._levels]
        fitting = [k for k, step in enumerate(steps) if step * scale <= 1.0]
        number = fitting[-1] if fitting else 0
        level, step = self._levels[number], steps[number]
        seen = transform.inverted()[0].mapRect(QRectF(self.rect()))
        left, top = max(math.floor(seen.left() / step) - 1, 0), max(math.floor(seen.top() / step) - 1, 0)
        right = min(math.ceil(seen.right() / step) + 1, level.shape[1])
        bottom = min(math.ceil(seen.bottom() / step) + 1, level.shape[0])
        if right <= left or bottom <= top:
            return
        image = to_qimage(level[top:bottom, left:right], self._options.display)
        place = QRectF(left * step, top * step, (right - left) * step, (bottom - top) * step)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale * step < 2)
        painter.drawImage(transform.mapRect(place), image)

    def _paint_texts(self, painter: QPainter) -> None:
        painter.setFont(ui_font(10, 500))
        bright = COLOURS.bright if self.current else COLOURS.text
        self._paint_badge(painter, self.camera, bright, Qt.AlignmentFlag.AlignLeft)
        tint = COLOURS.warning if self.alarming else COLOURS.text
        self._paint_badge(painter, self.badge, tint, Qt.AlignmentFlag.AlignRight)
        if self.note:
            room = QRectF(self.rect()).adjusted(8, 8, -8, -6)
            painter.setPen(QColor(COLOURS.warning))
            painter.drawText(
                room,
                int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap),
                self.note,
            )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(COLOURS.accent if self.current else COLOURS.line), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_badge(self, painter: QPainter, text: str, tint: str, side: Qt.AlignmentFlag) -> None:
        if not text:
            return
        metrics = painter.fontMetrics()
        wide, high = min(metrics.horizontalAdvance(text) + 10, self.width() - 8), scaled(16)
        left = 4 if side == Qt.AlignmentFlag.AlignLeft else self.width() - wide - 4
        top = 4
        if side == Qt.AlignmentFlag.AlignRight and wide > self.width() - 14 - metrics.horizontalAdvance(
            self.camera
        ):
            top = self.height() - high - 4  # no room beside the name
        box = QRectF(left, top, wide, high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(16, 17, 19, 205))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(QColor(tint))
        is_name = side == Qt.AlignmentFlag.AlignLeft  # of a badge the first word says most
        elide = Qt.TextElideMode.ElideMiddle if is_name else Qt.TextElideMode.ElideRight
        elided = metrics.elidedText(text, elide, int(wide) - 8)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, elided)

    # ---- events
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size shows another part; whoever tells the place tells it anew."""
        super().resizeEvent(event)
        self._changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Closer, or farther away."""
        units = event.angleDelta().y() or event.angleDelta().x()
        if units:
            self.closer_wanted.emit(1 if units > 0 else -1)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Perhaps a click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click chooses the view."""
        press, self._press = self._press, None
        if press is not None and (event.position() - press).manhattanLength() <= _CLICK:
            self.chosen.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer left: a button that goes up elsewhere is no click."""
        self._press = None
        super().leaveEvent(event)
