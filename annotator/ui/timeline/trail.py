"""Time on the frame: the way of the selected landmarks through the frames round this one, and the neighbours' landmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from annotator.session.session import Session
from annotator.ui.canvas.frame_view import FrameView
from annotator.ui.common.theme import colour
from annotator.ui.common.view_options import ViewOptions

REACH = 12
"""Frames each way that a trail has."""
_MOST = 12  # landmarks with a trail: more are no help
_SHADOW = QColor(8, 9, 10, 150)


@dataclass(frozen=True, eq=False)
class Trail:
    """The way of some landmarks through T frames.

    Attributes:
        ways: float64 [K, T, 2] frame pixels, NaN where a landmark is missing. is_key: bool [K, T], set by people.
        here: the place of the shown frame among the T. before, after: float64 [L, 2], the neighbours' landmarks.
    """

    ways: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0, 2)))
    is_key: NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0), np.bool_))
    here: int = 0
    before: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    after: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))

    def points(self) -> NDArray[np.float64]:
        """float64 [P, 2]: all that is placed."""
        found = np.concatenate([self.ways.reshape(-1, 2), self.before, self.after])
        return np.asarray(found[np.isfinite(found).all(-1)], np.float64)


class TrailItem(QGraphicsItem):
    """Lines with a dot a frame and a diamond a key, cold before and warm after this frame; lets the mouse through."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(9)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.shown = Trail()

    def show_trail(self, trail: Trail) -> None:
        """Shows another one."""
        if len(trail.points()) or len(self.shown.points()):
            self.prepareGeometryChange()
            self.shown = trail
            self.update()

    def boundingRect(self) -> QRectF:
        """Round all of it."""
        points = self.shown.points()
        if not len(points):
            return QRectF()
        view = self.scene().views()[0] if self.scene() is not None and self.scene().views() else None
        margin = 8 / (view.transform().m11() if view is not None else 1.0)
        low, high = points.min(0) - margin, points.max(0) + margin
        return QRectF(QPointF(*low), QPointF(*high))

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draws in device pixels."""
        trail, view = self.shown, painter.worldTransform()
        painter.save()
        painter.setWorldTransform(QTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for places, tint in ((trail.before, colour("accent", 150)), (trail.after, colour("warning", 150))):
            painter.setPen(QPen(tint, 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for x, y in places[np.isfinite(places).all(-1)].tolist():
                painter.drawEllipse(view.map(QPointF(x, y)), 2.5, 2.5)
        for way, keys in zip(trail.ways, trail.is_key, strict=True):
            self._way(painter, view, way, keys)
        painter.restore()

    def _way(
        self, painter: QPainter, view: QTransform, way: NDArray[np.float64], keys: NDArray[np.bool_]
    ) -> None:
        seen = [view.map(QPointF(x, y)) if x == x else None for x, y in way.tolist()]
        for width, shadow in ((3.0, True), (1.4, False)):
            for at, (start, end) in enumerate(pairwise(seen)):
                if start is not None and end is not None:
                    tint = colour("accent") if at < self.shown.here else colour("warning")
                    painter.setPen(QPen(_SHADOW if shadow else tint, width))
                    painter.drawLine(start, end)
        painter.setPen(QPen(_SHADOW, 1))
        for at, place in enumerate(seen):
            if place is None or at == self.shown.here:
                continue
            painter.setBrush(colour("bright") if keys[at] else colour("dim"))
            if keys[at]:
                corners = ((0, -4), (4, 0), (0, 4), (-4, 0))
                painter.drawPolygon(QPolygonF([place + QPointF(dx, dy) for dx, dy in corners]))
            else:
                painter.drawEllipse(place, 1.8, 1.8)


class FrameTrail(QObject):
    """Keeps trail and onion skin of the shown frame up to date, where the view options want them."""

    def __init__(
        self, session: Session, view: FrameView, options: ViewOptions, parent: QObject | None = None
    ) -> None:
        super().__init__(parent or view)
        self._session, self._options = session, options
        self.item = TrailItem()
        view.add_mark(self.item)
        take = session.time.take
        take.changed.connect(self.show)
        take.frame_changed.connect(lambda _place: self.show())
        take.moved.connect(lambda _place: self.show())
        take.glanced.connect(lambda _frame: self.show())
        session.selection.changed.connect(self.show)
        options.changed.connect(self.show)

    def show(self) -> None:
        """Reads and shows it anew; while frames pass by there is none."""
        state, wanted, take = self._session.time.take.state, self._options.value, self._session.time.take
        place = take.place
        if state is None or place < 0 or take.glance or not (wanted.trail or wanted.onion):
            self.item.show_trail(Trail())
            return
        ids = state.sequence.frame_ids
        selected = sorted(self._session.selection.indices)[:_MOST] if wanted.trail else []
        first, last = max(place - REACH, 0), min(place + REACH, len(ids) - 1)
        ways, keys = self._ways(ids[first : last + 1].tolist(), selected)
        near = [self._places(ids, at) if wanted.onion else np.empty((0, 2)) for at in (place - 1, place + 1)]
        self.item.show_trail(Trail(ways, keys, place - first, near[0], near[1]))

    def _ways(
        self, frame_ids: Sequence[int], selected: list[int]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        if not selected:
            return Trail().ways, Trail().is_key
        shown = [self._session.annotations.shown(frame_id) for frame_id in frame_ids]
        ways = np.stack([each.xy[selected] for each in shown], 1).astype(np.float64)
        return ways, np.stack([each.is_human[selected] for each in shown], 1)

    def _places(self, ids: NDArray[np.int64], at: int) -> NDArray[np.float64]:
        if not 0 <= at < len(ids):
            return np.empty((0, 2))
        return self._session.annotations.shown(int(ids[at])).xy.astype(np.float64)
