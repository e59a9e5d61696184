"""Landmarks that the camera probably cannot see, on the frame: struck through as marked ones are, but dashed and violet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from annotator.session.rigs.hidden import HiddenPoints
from annotator.session.session import Session
from annotator.ui.canvas.frame_view import FrameView
from annotator.ui.common.theme import colour
from annotator.ui.common.view_options import ViewOptions

_STRIKE = QLineF(-8.0, 8.0, 8.0, -8.0)
_ROUND = 12.0  # logical pixels round a landmark that its mark may paint


class HiddenItem(QGraphicsItem):
    """Draws the strikes, constant in screen size; lets the mouse through."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(11)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.places: NDArray[np.float64] = np.empty((0, 2))
        self._zoom = 1.0

    def show_at(self, places: NDArray[np.float64], zoom: float) -> None:
        """Shows strikes at places [K, 2] (frame pixels); `zoom`: logical pixels a frame pixel."""
        if not len(places) and not len(self.places):
            return
        if zoom != self._zoom or not np.array_equal(places, self.places):
            self.prepareGeometryChange()
            self.places, self._zoom = places, zoom

    def boundingRect(self) -> QRectF:
        """Round all strikes."""
        if not len(self.places):
            return QRectF()
        margin = _ROUND / self._zoom
        low, high = self.places.min(0) - margin, self.places.max(0) + margin
        return QRectF(QPointF(*low.tolist()), QPointF(*high.tolist()))

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draws in device pixels."""
        view = painter.worldTransform()
        painter.save()
        painter.setWorldTransform(QTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dashed = QPen(colour("suggested"), 1.6)
        dashed.setDashPattern([2.2, 1.5])
        under = QPen(colour("window", 170), 3.2)
        for x, y in self.places.tolist():
            strike = _STRIKE.translated(view.map(QPointF(x, y)))
            for pen in (under, dashed):
                painter.setPen(pen)
                painter.drawLine(strike)
        painter.restore()


class HiddenMarks(QObject):
    """Keeps the strikes where the landmarks are shown."""

    def __init__(
        self, session: Session, hidden: HiddenPoints, view: FrameView, options: ViewOptions, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._hidden, self._view, self._options = hidden, view, options
        self.item = HiddenItem()
        view.add_mark(self.item)
        hidden.changed.connect(self._refresh)
        options.changed.connect(self._refresh)
        for signal in (view.zoom_changed, view.points_held):
            signal.connect(lambda *_: self._refresh())
        session.annotations.changed.connect(lambda _frame: self._refresh())
        session.frames.current_changed.connect(lambda _frame: self._refresh())

    def _refresh(self) -> None:
        at, xy = self._hidden.suggested, self._view.overlay.data_shown.xy
        is_seen = self._options.value.hidden and self._options.value.points
        within = at[at < len(xy)] if is_seen else at[:0]  # another scheme is being shown just now
        places = xy[within] if len(within) else np.empty((0, 2))
        self.item.show_at(places[np.isfinite(places).all(-1)], self._view.zoom)
