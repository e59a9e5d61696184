"""Are there other faces in the frame? The one that was found is painted over, and the search goes on in what is left; where
that face is small, in windows all over the frame as well."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import apply_affine, bounding_box, invert_affine
from annotator.imaging.opencv import cv2
from annotator.inference.face_search import FaceSearch, FoundFace
from annotator.inference.test_time_views import FrameViews

Floats = NDArray[np.float64]
_MOST = 5  # faces counted; with so many the words are "or more"
_GROWN = 1.25  # the painted ellipse over the box of the landmarks: hair, ears and outline must go as well
_ROOM = 0.75  # a face whose box fills more of the frame's longer side than this leaves no room for another
_LEAST = 0.3  # of the size of the face taken; smaller ones are a poster or a crowd far behind
_SMALL = 0.3  # of the frame: only windows show the neighbours of a face smaller than this
_WINDOW, _LEAST_WINDOW = 2.2, 0.2  # those windows: side over the face's; least share of the frame
_PROMISING, _CERTAIN = 3.5, 2.1  # doubt: windows worth a closer view; a face for sure after it
TAKEN = 2.6
"""Doubt up to which the face taken counts as seen."""
_OTHER = 2.3  # the same of a further one


def other_faces(search: FaceSearch, views: FrameViews, taken: FoundFace) -> list[Floats]:
    """Points [L,2] of further faces of a frame, seen as clearly as the one that was taken; none where that one is doubtful."""
    found: list[Floats] = []
    whole = views.whole(search.proxy)
    if taken.doubt > TAKEN or _side(taken.points.xy) > _ROOM * max(views.pixels.shape[:2]):
        return found
    proxy_from_frame = invert_affine(whole.frame_from_proxy)
    hidden = whole.pixels.copy()
    cover = taken.points.xy
    while len(found) < _MOST - 1:
        _paint_over(hidden, apply_affine(proxy_from_frame, cover))
        seen = search.find_in_picture(views, hidden)
        faces = [taken.points.xy, *found]
        if seen.doubt > _OTHER or not _is_new(seen.points.xy, faces):
            break
        cover = seen.points.xy
        found.append(cover)
    longer = max(views.pixels.shape[:2])
    if _side(taken.points.xy) < _SMALL * longer:
        share = max(_LEAST_WINDOW, _WINDOW * _side(taken.points.xy) / longer)
        for seen in search.find_in_windows(views, share, closer=_PROMISING):
            fresh = _is_new(seen.points.xy, [taken.points.xy, *found])
            if len(found) < _MOST - 1 and seen.doubt <= _CERTAIN and fresh:
                found.append(seen.points.xy)
    return found


def several_faces(taken: Floats, others: Sequence[Floats]) -> str:
    """What to say when there are other faces; empty where there are none."""
    if not others:
        return ""
    centres = np.array([bounding_box(xy).reshape(2, 2).mean(0) for xy in (taken, *others)])
    axis = int(np.argmax(np.ptp(centres, axis=0)))
    rank = int(np.argsort(np.argsort(centres[:, axis]))[0])
    if len(centres) >= _MOST:  # there may be more of them, so that a rank would say nothing
        return f"{len(centres)} faces or more in this frame: the landmarks are on one of them."
    return f"{len(centres)} faces in this frame: the landmarks are on {_place(rank, len(centres), axis)}."


def _place(rank: int, count: int, axis: int) -> str:
    """The words for the `rank`-th of `count` faces from the left (axis 0) or from the top (axis 1)."""
    first, last = (("left", "right"), ("upper", "lower"))[axis]
    if rank == 0 or rank == count - 1:
        return f"the {last if rank else first} one"
    return "the middle one" if count == 3 else f"number {rank + 1} from the {('left', 'top')[axis]}"


def _is_new(xy: Floats, faces: Sequence[Floats]) -> bool:
    """Whether a face is about as large as the first one and lies beside all of them."""
    size = _side(faces[0])
    centre = bounding_box(xy).reshape(2, 2).mean(0)
    apart = all(
        np.linalg.norm(centre - bounding_box(own).reshape(2, 2).mean(0)) > 0.6 * _side(own) for own in faces
    )
    return bool(apart and _LEAST * size < _side(xy) < size / _LEAST)


def _side(xy: Floats) -> float:
    box = bounding_box(xy)
    return float(max(box[2] - box[0], box[3] - box[1]))


def _paint_over(pixels: NDArray[np.uint8], xy_proxy: Floats) -> None:
    """An ellipse over a face, in the median colour of the picture, in place."""
    box = bounding_box(xy_proxy)
    centre, reach = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * np.array([_GROWN, _GROWN * 1.15])
    colour = [float(value) for value in np.median(pixels.reshape(-1, 3), axis=0)]
    middle = (int(centre[0]), int(centre[1] - 0.2 * reach[1]))
    cv2.ellipse(pixels, middle, (int(reach[0] * 1.2), int(reach[1] * 1.2)), 0, 0, 360, colour, -1)
