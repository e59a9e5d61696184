"""Where a crop stands in its pane: fitted, moved by hand, or as the frame view stands."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QTransform

from annotator.domain.coords import Affine, apply_affine, invert_affine

_MAX_ZOOM = 32.0
_NOTCH = 1.25
_ROUND = 0.25  # of the longer side of what a pane is about: what is seen round it
FramePlace = tuple[float, float, float]
"""The middle of what a view shows in frame pixels, and its zoom (logical pixels a frame pixel)."""


class CropPlace:
    """Maps between frame, crop and widget pixels; `zoom` is logical pixels a crop pixel."""

    def __init__(self) -> None:
        self.frame_from_crop: Affine | None = None
        self.crop_from_frame: Affine | None = None
        self.followed: FramePlace | None = None
        self.zoom = 1.0
        self._fitted = True
        self._offset = QPointF(0, 0)
        self._crop, self._part = QSizeF(), QRectF()

    def set_crop(
        self, frame_from_crop: Affine | None, crop: QSize, about: NDArray[np.float64] | None = None
    ) -> None:
        """Another crop and its size; None for none.

        Args: `about`: places [N, 2] in frame pixels that a fitted pane shows as large as it can; None: the whole crop.
        """
        self.frame_from_crop, self._crop = frame_from_crop, QSizeF(crop)
        self.crop_from_frame = None if frame_from_crop is None else invert_affine(frame_from_crop)
        self._part = self._part_of(about)

    def _part_of(self, about: NDArray[np.float64] | None) -> QRectF:
        """The part of the crop that holds some places (frame pixels) and what is round them; all of it where there are none."""
        whole = QRectF(QPointF(), self._crop)
        if about is None or self.crop_from_frame is None:
            return whole
        places = apply_affine(self.crop_from_frame, about[np.isfinite(about).all(1)])
        if not len(places):
            return whole
        (left, top), (right, bottom) = places.min(0).tolist(), places.max(0).tolist()
        room = _ROUND * max(right - left, bottom - top)
        part = QRectF(QPointF(left, top), QPointF(right, bottom)).adjusted(-room, -room, room, room) & whole
        return whole if part.isEmpty() else part

    def settle(self, widget: QSize) -> None:
        """After another crop or size of the widget: what was fitted stays fitted, what follows the frame follows it."""
        if self.followed is not None:
            self.follow(self.followed, widget)
        elif self._fitted:
            self.fit(widget)

    def fit(self, widget: QSize) -> None:
        """What the crop is about, in the middle and as large as it can be."""
        self._fitted = True
        if not self._crop.isEmpty():
            wide, high = widget.width() / self._part.width(), widget.height() / self._part.height()
            self.zoom = min(max(min(wide, high), 1e-3), _MAX_ZOOM)
            middle, picture = self._part.center() * self.zoom, self._crop * self.zoom
            self._offset = QPointF(
                _begin(widget.width(), picture.width(), middle.x()),
                _begin(widget.height(), picture.height(), middle.y()),
            )

    def follow(self, place: FramePlace, widget: QSize) -> None:
        """The same place in the middle at the same zoom as the frame; fitted where the place is not in it."""
        self.followed = place
        if self.crop_from_frame is None:
            return
        x, y = apply_affine(self.crop_from_frame, np.array(place[:2])).tolist()
        if not (0 <= x <= self._crop.width() and 0 <= y <= self._crop.height()):
            self.fit(widget)
            return
        self._fitted = False
        self.zoom = place[2] * self._frame_pixels
        self._offset = QPointF(widget.width() / 2 - x * self.zoom, widget.height() / 2 - y * self.zoom)

    def zoom_at(self, position: QPointF, units: int, widget: QSize) -> None:
        """By the wheel: the crop's pixel under the pointer stays there."""
        at = self.crop_at(position)
        lowest = min(widget.width() / self._crop.width(), 1.0) / 2
        self.zoom = min(max(self.zoom * math.pow(_NOTCH, units / 120), lowest), _MAX_ZOOM)
        self._offset = position - at * self.zoom
        self._fitted = False

    def pan(self, by: QPointF) -> None:
        """Moves the crop by widget pixels."""
        self._offset += by
        self._fitted = False

    def shown(self, widget: QSize) -> FramePlace | None:
        """What a frame view would have to show to stand as this does."""
        middle = self.frame_at(QPointF(widget.width() / 2, widget.height() / 2))
        return None if middle is None else (*middle, self.zoom / self._frame_pixels)

    def transform(self) -> QTransform:
        """From crop pixels to widget pixels."""
        return QTransform(self.zoom, 0, 0, self.zoom, self._offset.x(), self._offset.y())

    def crop_at(self, position: QPointF) -> QPointF:
        """Crop pixels of a widget position."""
        return self.transform().inverted()[0].map(position)

    def frame_at(self, position: QPointF) -> tuple[float, float] | None:
        """Frame pixels of a widget position, None without a crop."""
        if self.frame_from_crop is None:
            return None
        at = self.crop_at(position)
        x, y = apply_affine(self.frame_from_crop, np.array([at.x(), at.y()])).tolist()
        return x, y

    def widget_at(self, x: float, y: float) -> QPointF:
        """Widget position of a point in frame pixels; raises ValueError without a crop."""
        if self.crop_from_frame is None:
            raise ValueError("the pane is empty")
        at = apply_affine(self.crop_from_frame, np.array([x, y]))
        return self.transform().map(QPointF(float(at[0]), float(at[1])))

    @property
    def _frame_pixels(self) -> float:
        """Frame pixels a crop pixel."""
        frame = self.frame_from_crop
        return 1.0 if frame is None else math.sqrt(abs(float(np.linalg.det(frame[:, :2]))))


def _begin(room: float, picture: float, middle: float) -> float:
    """Where a picture begins so that a place of it is in the middle of a room, which it fills where it is large enough."""
    return (room - picture) / 2 if picture <= room else min(max(room / 2 - middle, room - picture), 0.0)
