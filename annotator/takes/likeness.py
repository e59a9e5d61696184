"""What corrections at the keys say of a model's error in all other frames: it errs alike where time is near and the face alike.

A Gaussian process for each landmark over time and the shape of its neighbourhood. Coordinates are those of the face as it stands
in the middle frame.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_KEY_NOISE = 0.02  # of a person, as a share of the model's error's variance


@dataclass(frozen=True)
class Likeness:
    """How errors of two frames go together.

    Attributes:
        time, shape: shares of the error's variance that go with nearness in time and with likeness of the face; the rest is the
        same throughout. frames: over which the first fades. length: of the second, a share of the face's size. near: how far
        the neighbourhood of a landmark reaches, a share of the face's size.
    """

    time: float = 0.1
    shape: float = 0.4
    frames: float = 100.0
    length: float = 0.02
    near: float = 0.12


@dataclass(frozen=True, eq=False)
class Carried:
    """What is to be added to proposals, in the middle frame's face: float64 [N, L, 2]; and the variance [N, L] of what is left,
    px squared a coordinate."""

    correction: Floats
    variance: Floats


def carry_by_likeness(
    numbers: NDArray[np.int64],
    faces: Floats,
    size: float,
    members: NDArray[np.int64],
    away: Floats,
    variance: Floats,
    key_variance: float | Floats,
    likeness: Likeness,
) -> Carried:
    """The corrections of the keys carried to all frames.

    Args:
        numbers: int64 [N], of the frames. faces: [N, F, 2], whole upright faces as proposed, NaN where not. size: of a face, px.
        members: int64 [L], which of the F landmarks are corrected. away: [N, L, 2], from the upright proposal to the key, NaN
        where there is none. variance: [L], of the model's error before anything is known; key_variance: of the keys, one number
        or [N, L]; px squared.
    """
    frames, landmarks = away.shape[:2]
    correction = np.zeros_like(away)
    left = np.tile(variance, (frames, 1))
    shapes = upright_shapes(faces)
    is_key = np.asarray(np.isfinite(away).all(-1))
    of_keys = np.broadcast_to(key_variance, is_key.shape)
    nearness = _nearness(shapes, size, members, likeness.near)
    for landmark in range(landmarks):
        keys = np.flatnonzero(is_key[:, landmark])
        if not len(keys):
            continue
        alike = _alike(numbers, shapes, keys, nearness[landmark], size, likeness)
        noise = np.diag(of_keys[keys, landmark] / variance[landmark])
        gain = np.linalg.solve(alike[keys] + noise, alike.T).T
        correction[:, landmark] = gain @ away[keys, landmark]
        left[:, landmark] = variance[landmark] * np.clip(1 - (gain * alike).sum(1), 0, 1)
    return Carried(correction, left)


def suggest_keys(
    numbers: NDArray[np.int64],
    faces: Floats,
    size: float,
    variance: Floats,
    known: NDArray[np.int64],
    count: int,
    likeness: Likeness,
) -> list[int]:
    """Which frames, set by a person, would teach most of all others: the best one first, each given those before.

    Args:
        numbers, faces, size, likeness: as of `carry_by_likeness`. variance: [F], of the model's error for each landmark: the more
        of it, the more the landmark counts. known: the frames that are keys already. count: how many more at most.
    """
    shapes = upright_shapes(faces)
    frames = np.arange(len(faces))
    nearness = _nearness(shapes, size, np.arange(faces.shape[1]), likeness.near)
    together = np.zeros((len(frames), len(frames)))
    for landmark, share in enumerate(variance / variance.sum()):
        together += share * _alike(numbers, shapes, frames, nearness[landmark], size, likeness)
    for frame in known:
        together = _given(together, int(frame))
    found: list[int] = []
    for _ in range(min(count, len(frames) - len(known))):
        # what knowing a frame takes from the sum of all frames' variances
        gain = (together**2).sum(0) / (np.diag(together) + _KEY_NOISE)
        gain[[*known.tolist(), *found]] = -1.0
        found.append(int(gain.argmax()))
        together = _given(together, found[-1])
    return found


def _given(together: Floats, frame: int) -> Floats:
    """How frames go together once one of them is known."""
    column = together[:, frame]
    return np.asarray(together - np.outer(column, column) / (column[frame] + _KEY_NOISE))


def _alike(
    numbers: NDArray[np.int64],
    shapes: Floats,
    keys: NDArray[np.int64],
    weights: Floats,
    size: float,
    likeness: Likeness,
) -> Floats:
    """[N, K]: how the errors of one landmark in all frames go together with those in the keys, 1 for the same frame."""
    unlike = _unlike(shapes, keys, weights) / (likeness.length * size) ** 2
    apart = np.abs(numbers[:, None] - numbers[keys]) / likeness.frames
    same = 1 - likeness.time - likeness.shape
    return np.asarray(same + likeness.time * np.exp(-apart) + likeness.shape * np.exp(-unlike / 2))


def upright_shapes(faces: Floats) -> Floats:
    """Upright faces [N, F, 2] about their middle; what was not placed lies where it usually does."""
    placed = np.isfinite(faces).all(-1, keepdims=True)
    middle = np.where(placed, faces, 0.0).sum(1, keepdims=True) / np.maximum(placed.sum(1, keepdims=True), 1)
    centred = np.where(placed, faces - middle, np.nan)
    usual = np.zeros(faces.shape[1:])
    there = np.isfinite(faces).all(-1).any(0)
    usual[there] = np.nanmedian(centred[:, there], axis=0)
    return np.asarray(np.where(np.isfinite(centred), centred, usual))


def _nearness(shapes: Floats, size: float, members: NDArray[np.int64], near: float) -> Floats:
    """[L, F]: by how much each landmark of the face counts for the neighbourhood of a member; each row sums to 1."""
    usual = np.median(shapes, axis=0)
    away = np.linalg.norm(usual[members][:, None] - usual[None], axis=-1) / (near * size)
    weights = np.exp(-(away**2) / 2)
    return np.asarray(weights / weights.sum(1, keepdims=True))


def _unlike(shapes: Floats, keys: NDArray[np.int64], weights: Floats) -> Floats:
    """[N, K]: mean squared distance between the shapes of all frames and those of the keys, px squared."""
    flat = (shapes * np.sqrt(weights)[:, None]).reshape(len(shapes), -1)
    squares = (flat**2).sum(1)
    return np.asarray(np.maximum(squares[:, None] + squares[keys] - 2 * flat @ flat[keys].T, 0.0))
