"""The box round landmarks that are moved, turned and scaled as one, with its handles."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from annotator.domain.coords import Affine, apply_affine, bounding_box
from annotator.ui.common.theme import colour

TURN, MOVE = "turn", "move"
SIDES: Mapping[str, tuple[int, int]] = {"n": (0, -1), "e": (1, 0), "s": (0, 1), "w": (-1, 0)}
CORNERS: Mapping[str, tuple[int, int]] = {"nw": (-1, -1), "ne": (1, -1), "se": (1, 1), "sw": (-1, 1)}
_PADDING = 18.0  # logical pixels between the landmarks and the box
_KNOB = 26.0  # from the box to the handle that turns it
_SIZE, _REACH = 4.0, 8.0  # half a handle, and how far from its middle it is taken hold of
_ROOM = 44.0  # a shorter side has no handle of its own: the corners would cover it
_SHADOW = QColor(8, 9, 10, 170)
_CURSORS = (
    Qt.CursorShape.SizeHorCursor,
    Qt.CursorShape.SizeFDiagCursor,
    Qt.CursorShape.SizeVerCursor,
    Qt.CursorShape.SizeBDiagCursor,
)


class TransformItem(QGraphicsItem):
    """A box in frame pixels that turns with what it holds; its handles keep their size at every zoom."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(13)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self._bounds = QRectF()
        self._middle = np.zeros(2)
        self._half = np.zeros((2, 2))  # from the middle to the box's right and lower side
        self._is_up = False

    @property
    def is_up(self) -> bool:
        """Whether there is a box."""
        return self._is_up

    @property
    def middle(self) -> NDArray[np.float64]:
        """[2], frame pixels."""
        return self._middle

    @property
    def axes(self) -> NDArray[np.float64]:
        """Unit vectors [2, 2] along the box's upper and left side, one a row."""
        return np.asarray(self._half / np.maximum(np.hypot(*self._half.T), 1e-9)[:, None])

    @property
    def place(self) -> NDArray[np.float64]:
        """float64 [3, 2] to put back by `set_place`: the middle and half of both sides."""
        return np.vstack([self._middle, self._half])

    def set_place(self, place: NDArray[np.float64]) -> None:
        """Puts the box where it was."""
        self._middle, self._half = place[0], place[1:]
        self.update()

    def set_bounds(self, bounds: QRectF) -> None:
        """Where landmarks may lie: the frame and a margin round it."""
        self.prepareGeometryChange()
        self._bounds = bounds

    def fit(self, xy: NDArray[np.float64], zoom: float) -> None:
        """An upright box round points [K, 2] in frame pixels, none of them missing."""
        x0, y0, x1, y1 = bounding_box(xy)
        room = _PADDING / zoom
        self._middle = np.array([x0 + x1, y0 + y1]) / 2
        self._half = np.diag([(x1 - x0) / 2 + room, (y1 - y0) / 2 + room])
        self._is_up = True
        self.update()

    def take_away(self) -> None:
        """No box."""
        self._is_up = False
        self.update()

    def carry(self, place: NDArray[np.float64], affine: Affine) -> None:
        """The box as an affine carries it from where it was (see `place`)."""
        ends = apply_affine(affine, np.vstack([place[0], place[0] + place[1:]]))
        self.set_place(np.vstack([ends[0], ends[1:] - ends[0]]))

    def corner(self, x: float, y: float) -> NDArray[np.float64]:
        """A place of the box in frame pixels: -1 is its left or upper side, 1 the right or lower one."""
        return np.asarray(self._middle + x * self._half[0] + y * self._half[1])

    def handles(self, view_from_frame: QTransform) -> dict[str, QPointF]:
        """Where the handles are, in view pixels."""
        scale = max(view_from_frame.m11(), 1e-9)
        sides = np.hypot(*self._half.T) * 2 * scale
        shown = {**CORNERS, **{name: at for name, at in SIDES.items() if sides[0 if at[1] else 1] >= _ROOM}}
        places = {name: view_from_frame.map(QPointF(*self.corner(*at))) for name, at in shown.items()}
        up = -self.axes[1] * _KNOB
        places[TURN] = view_from_frame.map(QPointF(*self.corner(0, -1))) + QPointF(*up)
        return places

    def hit(self, position: QPointF, view_from_frame: QTransform) -> str:
        """The handle at a view position, `MOVE` inside of the box, empty elsewhere."""
        if not self._is_up:
            return ""
        places = self.handles(view_from_frame)
        away = {name: (at - position).manhattanLength() for name, at in places.items()}
        nearest = min(away, key=lambda name: away[name])
        if away[nearest] <= 1.5 * _REACH:
            return nearest
        return MOVE if self._outline(view_from_frame).containsPoint(position, Qt.FillRule.OddEvenFill) else ""

    def cursor_for(self, handle: str) -> Qt.CursorShape:
        """The pointer over a handle, which turns with the box."""
        if handle == TURN:
            return Qt.CursorShape.CrossCursor
        if handle == MOVE:
            return Qt.CursorShape.SizeAllCursor
        x, y = {**SIDES, **CORNERS}[handle]
        way = x * self.axes[0] + y * self.axes[1]
        eighth = round(float(np.arctan2(way[1], way[0])) / (np.pi / 4)) % 4
        return _CURSORS[eighth]

    def boundingRect(self) -> QRectF:
        """The frame with its margin."""
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draws in device pixels."""
        if not self._is_up:
            return
        view = painter.worldTransform()
        painter.save()
        painter.setWorldTransform(QTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places, outline = self.handles(view), self._outline(view)
        stem = view.map(QPointF(*self.corner(0, -1))), places[TURN]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(_SHADOW, 3.0), QPen(colour("accent"), 1.2)):
            painter.setPen(pen)
            painter.drawPolygon(outline)
            painter.drawLine(*stem)
        for name, at in places.items():
            painter.setPen(QPen(_SHADOW, 1.4))
            painter.setBrush(colour("bright"))
            if name == TURN:
                painter.drawEllipse(at, _SIZE + 1, _SIZE + 1)
            else:
                painter.drawRect(QRectF(at.x() - _SIZE, at.y() - _SIZE, 2 * _SIZE, 2 * _SIZE))
        painter.restore()

    def _outline(self, view_from_frame: QTransform) -> QPolygonF:
        return QPolygonF([view_from_frame.map(QPointF(*self.corner(*at))) for at in CORNERS.values()])
