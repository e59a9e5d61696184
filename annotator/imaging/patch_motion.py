"""Image evidence: how small patches round points moved from one picture to the next, with a covariance.

Lucas and Kanade's alignment over a pyramid (OpenCV), there and back: what does not come back to where it began is no evidence,
and how far it misses says how sure the rest is.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import bounding_box
from annotator.domain.faces.face_frame import face_size
from annotator.domain.takes.motion import Motion
from annotator.imaging.opencv import cv2
from annotator.imaging.proxy import network_pixels
from annotator.imaging.sampling import crop

_FACE_PIXELS = 1100.0  # of the face at most: what is finer than this is noise and blur
_WINDOW = 0.05  # side of a patch, as a share of the face
_LEAST_WINDOW, _MOST_WINDOW = 11, 61
_MARGIN = 0.25  # round the face, as its share
_ASTRAY = 0.004  # of the face: what comes back farther off is not the same patch
_LEAST_NOISE = 2.0  # grey levels
_FLOOR = 0.03  # px of the compared pictures: alignment is never better
_LEVELS = 4
_STEPS = (3, 40, 0.005)  # stop by count and by precision


def patch_motion(
    before: NDArray[Any], after: NDArray[Any], start: NDArray[np.float64], guess: NDArray[np.float64]
) -> Motion:
    """How the surroundings of points moved between two frames.

    Args:
        before, after: HxWx3 of any dtype that a frame has. start: float64 [L, 2], places in `before`, frame pixels, NaN for those
        that are not looked for. guess: float64 [L, 2], where they are about in `after`; NaN means unmoved.
    """
    found = Motion.unseen(len(start))
    wanted = np.flatnonzero(np.isfinite(start).all(-1))
    size = face_size(start)
    if not len(wanted) or size <= 0:
        return found
    aim = np.where(np.isfinite(guess), guess, start)[wanted]
    box = _window(np.concatenate([start[wanted], aim]), size)
    scale = min(1.0, _FACE_PIXELS / size)
    width, height = (max(2, round(float(side) * scale)) for side in (box[2] - box[0], box[3] - box[1]))
    old, frame_from_crop = _grey(before, box, width, height)
    new, _ = _grey(after, box, width, height)
    pixel = np.array([frame_from_crop[0, 0], frame_from_crop[1, 1]])
    corner = frame_from_crop[:, 2]

    def inside(xy: NDArray[np.float64]) -> NDArray[np.float32]:  # OpenCV's centres lie at whole numbers
        return np.asarray((xy - corner) / pixel - 0.5, np.float32)

    side = int(np.clip(round(_WINDOW * size * scale), _LEAST_WINDOW, _MOST_WINDOW)) | 1
    there, back, level = _there_and_back(old, new, inside(start[wanted]), inside(aim), side)
    miss = np.linalg.norm(back - inside(start[wanted]), axis=-1)
    good = np.isfinite(there).all(-1) & (miss <= max(_ASTRAY * size * scale, 0.5))
    covariance = _covariance(old, inside(start[wanted]), side, level, miss) * np.outer(pixel, pixel)
    good &= np.isfinite(covariance).all((-1, -2))
    step = (there - inside(start[wanted])) * pixel
    found.start[wanted] = start[wanted]
    found.step[wanted[good]] = step[good]
    found.covariance[wanted[good]] = covariance[good]
    return found


def _window(points: NDArray[np.float64], size: float) -> NDArray[np.float64]:
    """Whole frame pixels round the points."""
    x0, y0, x1, y1 = bounding_box(points)
    room = _MARGIN * size
    return np.array([np.floor(x0 - room), np.floor(y0 - room), np.ceil(x1 + room), np.ceil(y1 + room)])


def _grey(
    image: NDArray[Any], box: NDArray[np.float64], width: int, height: int
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    pixels, frame_from_crop = crop(image, box, width, height)
    return np.asarray(cv2.cvtColor(network_pixels(pixels), cv2.COLOR_RGB2GRAY)), frame_from_crop


def _there_and_back(
    old: NDArray[np.uint8],
    new: NDArray[np.uint8],
    start: NDArray[np.float32],
    aim: NDArray[np.float32],
    side: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Places in the later picture and, from there, in the earlier one again [K, 2], NaN where lost; grey levels by which the
    patches differ [K]."""
    options: dict[str, Any] = {
        "winSize": (side, side),
        "maxLevel": _LEVELS,
        "criteria": _STEPS,
        "flags": cv2.OPTFLOW_USE_INITIAL_FLOW,
    }
    found, seen, level = cv2.calcOpticalFlowPyrLK(old, new, start[:, None], aim[:, None].copy(), **options)
    again, seen_back, _ = cv2.calcOpticalFlowPyrLK(new, old, found, start[:, None].copy(), **options)
    lost = (seen[:, 0] == 0) | (seen_back[:, 0] == 0)
    there, back = (np.asarray(places[:, 0], np.float64) for places in (found, again))
    there[lost], back[lost] = np.nan, np.nan
    return there, back, np.asarray(level[:, 0], np.float64)


def _covariance(
    picture: NDArray[np.uint8],
    points: NDArray[np.float32],
    side: int,
    level: NDArray[np.float64],
    miss: NDArray[np.float64],
) -> NDArray[np.float64]:
    """[K, 2, 2], pixels of the compared pictures squared: noise over the patch's gradients (along an edge little is known), what
    the way back missed by, and a floor."""
    grey = picture.astype(np.float32)
    gx, gy = (cv2.Sobel(grey, cv2.CV_32F, dx, dy, ksize=3) / 8 for dx, dy in ((1, 0), (0, 1)))
    products = (
        cv2.boxFilter(a * b, -1, (side, side), normalize=False) for a, b in ((gx, gx), (gx, gy), (gy, gy))
    )
    column = np.clip(np.round(points[:, 0]).astype(int), 0, picture.shape[1] - 1)
    row = np.clip(np.round(points[:, 1]).astype(int), 0, picture.shape[0] - 1)
    xx, xy, yy = (product[row, column].astype(np.float64) for product in products)
    gradients = np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], -2) + 1e-3 * np.eye(2)
    noise = (
        np.maximum(level, _LEAST_NOISE) ** 2 * side
    )  # neighbouring pixels err alike: as many as one row tell
    spread = noise[:, None, None] * np.linalg.inv(gradients)
    return np.asarray(spread + (np.square(miss)[:, None, None] + _FLOOR**2) * np.eye(2))
