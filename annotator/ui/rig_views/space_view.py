"""The landmarks and cameras of the moment in space: a plain projection that the mouse turns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QWidget

from annotator.domain.rigs.rig import CameraModel
from annotator.domain.scheme import LandmarkScheme
from annotator.session.rigs.outlook import Outlook
from annotator.ui.common.theme import COLOURS, colour, ui_font

Floats = NDArray[np.float64]
_TURN = 0.008  # radians a logical pixel
_NOTCH = 1.2
_CLICK = 4
_ROOM = 1.35  # of the face's radius: where cameras stand
_FRUSTUM = 0.14  # of that
_IN_LINE = (
    0.97  # cosine of the angle within which one looks along a camera's axis: it would stand before the face
)
_NAMES = 240  # logical pixels of the widget from which all cameras carry their names


class SpaceView(QWidget):
    """Drag turns, the wheel zooms, a double click faces the current camera again, a click on a camera chooses it."""

    chosen = Signal(int)  # the view

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Landmarks and cameras in space")
        self.setToolTip(
            "Drag: turn. Wheel: zoom. Double click: as the shown camera sees it. Click a camera: show it."
        )
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scheme: LandmarkScheme | None = None
        self._outlook: Outlook | None = None
        self._current, self._selected = -1, frozenset[int]()
        self._turn = np.eye(3)  # view from world: x right, y down, z away
        self.zoom = 1.0
        self._last: QPointF | None = None
        self._press = QPointF()
        self._of: object = None  # the rig that it was turned for

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(190, 190)

    @property
    def turn(self) -> Floats:
        """[3, 3]: the rotation that it is seen under."""
        return self._turn

    def show_outlook(
        self, outlook: Outlook | None, scheme: LandmarkScheme | None, current: int, selected: frozenset[int]
    ) -> None:
        """Shows a moment; `current` is the view that is shown as the frame."""
        self._outlook, self._scheme, self._current, self._selected = outlook, scheme, current, selected
        rig = None if outlook is None else outlook.moment.rig.id
        if outlook is not None and rig != self._of:
            self._of = rig
            self.face_current()
        self.update()

    def face_current(self) -> None:
        """As the current camera sees the face."""
        if self._outlook is not None:
            self._turn, self.zoom = self._outlook.cameras[max(self._current, 0)].rotation.copy(), 1.0
            self.update()

    def places(self, points: Floats) -> Floats:
        """float64 [N, 2]: widget pixels of points of the world [N, 3]."""
        middle, reach = self._frame()
        side = min(self.width(), self.height()) / 2
        flat = ((points - middle) @ self._turn.T)[:, :2]
        return np.asarray(flat / reach * side * 0.9 * self.zoom + [self.width() / 2, self.height() / 2])

    def _frame(self) -> tuple[Floats, float]:
        """The middle of the face, and what fits half of the widget: the cameras, moved near as only their direction tells."""
        assert self._outlook is not None
        points = self._outlook.found.points
        known = points[np.isfinite(points).all(1)]
        if not len(known):
            places = np.array([camera.position for camera in self._outlook.cameras])
            return places.mean(0), float(np.ptp(places, axis=0).max()) or 1.0
        middle = np.median(known, 0)
        return middle, _ROOM * float(np.linalg.norm(known - middle, axis=1).max()) or 1.0

    def _stand_in(self, camera: CameraModel) -> Floats:
        """Where a camera is drawn: in its direction, just outside the face."""
        middle, reach = self._frame()
        away = camera.position - middle
        return np.asarray(middle + away / (np.linalg.norm(away) or 1.0) * reach)

    # ---- painting
    def paintEvent(self, event: QPaintEvent) -> None:
        """Cameras behind the face, curves, points, cameras before it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour("canvas"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._outlook is not None and self._scheme is not None:
            away = np.array([camera.position for camera in self._outlook.cameras]) - self._frame()[0]
            depth = (
                away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9) @ self._turn[2]
            ).tolist()
            order = sorted(
                (view for view in range(len(depth)) if depth[view] > -_IN_LINE), key=lambda view: -depth[view]
            )
            for view in order:
                if depth[view] > 0:
                    self._paint_camera(painter, view)
            self._paint_face(painter)
            for view in order:
                if depth[view] <= 0:
                    self._paint_camera(painter, view)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(COLOURS.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_face(self, painter: QPainter) -> None:
        assert self._outlook is not None
        assert self._scheme is not None
        points = self._outlook.found.points
        places = self.places(points)
        painter.setPen(QPen(colour("proposed", 120), 1.0))
        for curve in self._scheme.curves:
            run = [*curve.indices, *curve.indices[:1]] if curve.closed else list(curve.indices)
            known = [QPointF(*places[i]) for i in run if np.isfinite(places[i]).all()]
            painter.drawPolyline(QPolygonF(known))
        disagrees = np.asarray(self._outlook.found.disagrees.any(0)).tolist()
        painter.setPen(Qt.PenStyle.NoPen)
        for index in np.flatnonzero(np.isfinite(places).all(1)).tolist():
            chosen = index in self._selected
            tint = "accent" if chosen else "warning" if disagrees[index] else "text"
            painter.setBrush(colour(tint))
            radius = 3.5 if chosen else 1.7
            painter.drawEllipse(QPointF(*places[index]), radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_camera(self, painter: QPainter, view: int) -> None:
        """A small pyramid that opens towards what the camera sees, and its name."""
        assert self._outlook is not None
        camera = self._outlook.cameras[view]
        apex = self._stand_in(camera)
        size = _FRUSTUM * self._frame()[1]
        half = 0.5 * size * np.array([1.0, camera.height / camera.width])
        corners = [np.array([x, y, size]) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        base = np.array([camera.rotation.T @ (corner * [*half, 1.0]) + apex for corner in corners])
        tip, *others = (QPointF(*place) for place in self.places(np.vstack([apex[None], base])))
        there = self._outlook.frames[view] is not None
        tint = COLOURS.accent if view == self._current else COLOURS.dim if there else COLOURS.line
        painter.setPen(QPen(QColor(tint), 1.2))
        painter.drawPolygon(QPolygonF(others))
        for corner in others:
            painter.drawLine(tip, corner)
        if view != self._current and min(self.width(), self.height()) < _NAMES:
            return
        painter.setFont(ui_font(9))
        box = QRectF(tip.x() - 50, tip.y() - 16, 100, 14)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, camera.name)

    # ---- events
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold."""
        self._last = self._press = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turns about the screen's axes."""
        if self._last is None:
            return
        step = event.position() - self._last
        self._last = event.position()
        yaw, pitch = step.x() * _TURN, -step.y() * _TURN
        about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
        self._turn = about_x @ about_y.T @ self._turn
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lets go; a click on a camera chooses it."""
        clicked = self._last is not None and (event.position() - self._press).manhattanLength() <= _CLICK
        self._last = None
        if clicked and self._outlook is not None:
            tips = self.places(np.array([self._stand_in(camera) for camera in self._outlook.cameras]))
            away = np.hypot(*(tips - (event.position().x(), event.position().y())).T)
            if away.min() < 16:
                self.chosen.emit(int(away.argmin()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """As the current camera sees it."""
        self.face_current()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Closer, or farther away."""
        units = event.angleDelta().y() or event.angleDelta().x()
        self.zoom = min(max(self.zoom * _NOTCH ** (units / 120), 0.3), 20.0)
        self.update()
        event.accept()
