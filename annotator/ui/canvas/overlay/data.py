"""What the overlay on the frame shows, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage

from annotator.domain.coords import Affine
from annotator.domain.scheme import LandmarkScheme


def _no_points() -> NDArray[np.float64]:
    return np.empty((0, 2))


@dataclass
class OverlayData:
    """What the overlay shows; arrays are over the scheme's L landmarks, coordinates in frame pixels.

    Attributes:
        xy: float64 [L, 2], NaN where missing; state, flags: uint8 [L].
        proposed_xy [L, 2], covariance [L, 2, 2], confidence [L], rois [R, 4]: of the shown proposal, or empty; where a
        landmark is tracked, place and covariance are those of the track. unsure: bool [L], tracked and unsure, or empty.
    """

    scheme: LandmarkScheme | None = None
    xy: NDArray[np.float64] = field(default_factory=_no_points)
    state: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    flags: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    proposed_xy: NDArray[np.float64] = field(default_factory=_no_points)
    covariance: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2, 2)))
    confidence: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    rois: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 4)))
    selected: frozenset[int] = frozenset()
    dragged: frozenset[int] = frozenset()
    hover: int = -1
    unsure: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    apart: frozenset[int] = frozenset()
    near_edge: frozenset[int] = frozenset()
    cursor: QPointF | None = None
    heat: QImage | None = None
    frame_from_heat: Affine | None = None
