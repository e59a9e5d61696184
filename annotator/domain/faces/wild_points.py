"""Coordinates that cannot be meant: outside the picture, far from the rest of the face, or shares of the picture for pixels.

Purpose: one definition, for imports that warn and for learning that leaves such labels out. Medians throughout: a few wild
points neither move the middle of the face nor stretch its size.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotator.domain.faces.face_frame import face_size

EDGE: Final = 0.5
"""Pixels by which a point may miss its picture and still count as on its edge: what pixel conventions differ by."""
FAR: Final = 0.6
"""Face sizes from the rest of the face beyond which a point is far from everything; chins of sparse markups reach 0.45."""
_LEAST: Final = 4  # points of which a middle can be told
_STRAY: Final = 3.5  # median distances from the middle up to which points make up the face
_SHARE: Final = 2.0  # shares of the picture lie below this, in pixels, whatever half pixel a format adds


def outside(xy: NDArray[np.floating], width: int, height: int) -> NDArray[np.bool_]:
    """bool [L]: the placed points [L, 2] (frame pixels) that lie outside a picture; none where its size is not known."""
    if width <= 0 or height <= 0:
        return np.zeros(len(xy), np.bool_)
    points = np.where(np.isfinite(xy), xy, 0.0)
    return np.asarray(((points < -EDGE) | (points > np.array([width, height]) + EDGE)).any(-1))


def look_like_shares(xy: NDArray[np.floating], width: int, height: int) -> bool:
    """Whether points [L, 2] are shares of the picture (0 to 1) and no pixels; one or two points alone tell nothing."""
    placed = xy[np.isfinite(xy).all(-1)]
    if len(placed) < 3 or min(width, height) < 16:
        return False
    different = len(np.unique(placed.round(4), axis=0)) > 1
    return bool(different and placed.min() >= -_SHARE and placed.max() <= _SHARE)


def typical_size(xy: NDArray[np.floating]) -> float:
    """The face's size (see `face_size`) by the points [L, 2] that lie together, px; 0 where there is none."""
    return face_size(np.where(_core(xy)[:, None], xy, np.nan))


def face_sizes_away(xy: NDArray[np.floating]) -> NDArray[np.float64]:
    """float64 [L]: how far each point of a face [L, 2] lies from the box round those that lie together, in sizes of the face;
    0 where it lies in it, NaN where it is not placed or too few are."""
    core = _core(xy)
    size = face_size(np.where(core[:, None], xy, np.nan))
    if size <= 0:
        return np.full(len(xy), np.nan)
    low, high = xy[core].min(0), xy[core].max(0)
    away = np.maximum(np.maximum(low - xy, xy - high), 0.0)
    return np.asarray(np.linalg.norm(away.astype(np.float64), axis=-1) / size)


def far_from_face(xy: NDArray[np.floating]) -> NDArray[np.bool_]:
    """bool [L]: the points that lie farther than `FAR` from the rest of their face."""
    return np.asarray(np.nan_to_num(face_sizes_away(xy)) > FAR)


def _core(xy: NDArray[np.floating]) -> NDArray[np.bool_]:
    """bool [L]: the placed points that lie together; none where too few are placed."""
    placed = np.isfinite(xy).all(-1)
    if placed.sum() < _LEAST:
        return np.zeros(len(xy), np.bool_)
    points = np.where(placed[:, None], xy.astype(np.float64), np.nan)
    distance = np.linalg.norm(points - np.nanmedian(points, axis=0), axis=-1)
    typical = float(np.nanmedian(distance))
    return np.asarray(placed & (np.nan_to_num(distance, nan=np.inf) <= _STRAY * typical))
