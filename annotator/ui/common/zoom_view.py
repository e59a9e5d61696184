"""A graphics view over a picture whose scene units are its pixels: fit, zoom at a place, pan, and the way between both spaces."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsItem, QGraphicsScene, QGraphicsView, QWidget

from annotator.ui.common.theme import colour

MAX_ZOOM = 32.0
_NOTCH = 1.25  # zoom factor of one wheel notch (120 units)


class ZoomView(QGraphicsView):
    """Zoom 1 shows a scene unit as one logical pixel; the wheel zooms at the pointer."""

    zoom_changed = Signal(float)
    place_changed = Signal(float, float, float)  # the middle of what is seen in frame px, and the zoom

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setBackgroundBrush(colour("canvas"))
        self.setScene(QGraphicsScene(self))
        self._marks: list[QGraphicsItem] = []
        self._size = (0, 0)
        self._fitted = True
        self._wheel_anchor: tuple[QPointF, QPointF] | None = None  # viewport, frame

    def add_mark(self, item: QGraphicsItem) -> None:
        """Lays something over the picture that is said of its landmarks as they are now."""
        self._marks.append(item)
        self.scene().addItem(item)

    def show_marks(self, on: bool) -> None:
        """Shows what is said of the landmarks as they are now; not while others are seen in their place."""
        for item in self._marks:
            item.setOpacity(float(on))

    def set_size(self, width: int, height: int) -> None:
        """A picture of another size: room for a picture's width round it, and fitted."""
        self._size = (width, height)
        margin = max(width, height, 1)
        self.scene().setSceneRect(QRectF(0, 0, width, height).adjusted(-margin, -margin, margin, margin))
        self.fit()

    @property
    def zoom(self) -> float:
        """Logical pixels a frame pixel."""
        return self.transform().m11()

    @property
    def fit_zoom(self) -> float:
        """The zoom that shows the whole frame."""
        width, height = self._size
        area = self.viewport().size()
        return max(min(area.width() / max(width, 1), area.height() / max(height, 1)), 1e-4)

    def fit(self) -> None:
        """Shows the whole frame, and keeps doing so when the view is resized."""
        self._fitted = True
        width, height = self._size
        self._look_at(QPointF(width / 2, height / 2), self.fit_zoom)

    def zoom_to(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Sets the zoom, within fit..32; the frame point under ``anchor`` (viewport; None: the centre) stays there."""
        anchor = QPointF(self.viewport().rect().center()) if anchor is None else anchor
        self._zoom_round(zoom, anchor, self.frame_at(anchor))

    def _zoom_round(self, zoom: float, anchor: QPointF, kept: QPointF) -> None:
        self._fitted = False
        self._look_at(kept, min(max(zoom, min(self.fit_zoom, 1.0)), MAX_ZOOM), anchor)

    def show_box(self, box: QRectF, margin: float = 0.35) -> None:
        """Zooms so that a box in frame pixels fills the view, with a margin (share of its size) round it."""
        area = self.viewport().size()
        side_x, side_y = max(box.width(), 8) * (1 + 2 * margin), max(box.height(), 8) * (1 + 2 * margin)
        self._fitted = False
        self._look_at(box.center(), min(area.width() / side_x, area.height() / side_y, MAX_ZOOM))

    def _look_at(self, point: QPointF, zoom: float, anchor: QPointF | None = None) -> None:
        anchor = QPointF(self.viewport().rect().center()) if anchor is None else anchor
        self.setTransform(QTransform.fromScale(zoom, zoom))
        exact = self.viewportTransform().map(point)
        self.scroll_by(round(exact.x() - anchor.x()), round(exact.y() - anchor.y()))
        self.viewport().update()
        self.zoom_changed.emit(zoom)
        self._tell_place()

    def look_at(self, x: float, y: float, zoom: float) -> None:
        """Shows a place (frame pixels) in the middle at a zoom, as another view shows it."""
        self._fitted = False
        self._look_at(QPointF(x, y), min(max(zoom, min(self.fit_zoom, 1.0) / 4), MAX_ZOOM))

    def _tell_place(self) -> None:
        middle = self.frame_at(QPointF(self.viewport().rect().center()))
        self.place_changed.emit(middle.x(), middle.y(), self.zoom)

    def scroll_by(self, dx: int, dy: int) -> None:
        """Moves the window over the frame by logical pixels."""
        if dx or dy:
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + dx)
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + dy)

    def reveal(self, x: float, y: float) -> None:
        """Scrolls a frame point into view, to the middle, if it is outside or close to the edge."""
        inner = self.viewport().rect().adjusted(60, 60, -60, -60)
        if math.isfinite(x) and not inner.contains(self.view_at(x, y).toPoint()):
            self._fitted = False
            self._look_at(QPointF(x, y), self.zoom)

    def frame_at(self, position: QPointF) -> QPointF:
        """Frame pixels of a viewport position, exactly."""
        return self.viewportTransform().inverted()[0].map(position)

    def view_at(self, x: float, y: float) -> QPointF:
        """Viewport position of a frame point."""
        return self.viewportTransform().map(QPointF(x, y))

    def pan_by(self, dx: int, dy: int) -> None:
        """As `scroll_by`, by the artist's hand: the picture no longer follows the view's size."""
        self._fitted = False
        self.scroll_by(dx, dy)
        self._tell_place()

    def forget_wheel_anchor(self) -> None:
        """The pointer moved: the next turn of the wheel is about another place."""
        self._wheel_anchor = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms at the pointer."""
        units = event.angleDelta().y() or event.angleDelta().x()
        if units and self._size[0]:
            # Scroll bars move by whole pixels: turning on over one place must not add up their roundings.
            if self._wheel_anchor is None or self._wheel_anchor[0] != event.position():
                self._wheel_anchor = (event.position(), self.frame_at(event.position()))
            self._zoom_round(self.zoom * math.pow(_NOTCH, units / 120), *self._wheel_anchor)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps a fitted frame fitted."""
        super().resizeEvent(event)
        if self._fitted and self._size[0]:
            self.fit()
