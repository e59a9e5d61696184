"""What a model's proposals say of a sequence once people's corrections are carried to all of its frames."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.faces.face_frame import face_size
from annotator.takes.beliefs import Beliefs
from annotator.takes.face_motion import face_turns
from annotator.takes.likeness import carry_by_likeness
from annotator.takes.observations import Observations
from annotator.takes.whole_face import settled

Floats = NDArray[np.float64]
_UNPLACED = 0.005  # of the face: by what a model would err at landmarks that it never placed


@dataclass(frozen=True, eq=False)
class Told:
    """Corrected proposals.

    Attributes:
        xy: float64 [N, L, 2], NaN where nothing was proposed. turns: [N, 2, 2], the face's turn and scale in each frame. size:
        of the usual face, px. left, flutter: [N, L], variances of what is wrong in xy, px squared: what stays from frame to
        frame, and what fades within some frames. noise: [L], of what differs in every frame.
    """

    xy: Floats
    turns: Floats
    size: float
    left: Floats
    flutter: Floats
    noise: Floats

    @property
    def from_flutter(self) -> Floats:
        """[N, L, 2, 2]: from the smoother's b to pixels."""
        upright = self.turns / np.sqrt(np.linalg.det(self.turns))[:, None, None]
        return np.asarray(np.sqrt(self.flutter)[..., None, None] * upright[:, None])


def told_by_proposals(
    seen: Observations,
    believed: Beliefs,
    whole: Observations,
    members: NDArray[np.int64],
    keys: Floats | None = None,
    key_variance: float | Floats | None = None,
) -> Told:
    """The proposals of a sequence, corrected by what its keys teach.

    Args:
        whole: what is known of whole faces, of which `seen` is a part; members: int64 [L], which.
        keys: float64 [N, L, 2], other places that teach in place of the sequence's keys; key_variance: [N, L], how well those
        are known, px squared; a person's without it.
    """
    known = seen.keys if keys is None else keys
    turns, size = face_turns(whole.proposed), face_pixels(whole)
    human = (believed.human * size) ** 2
    back = np.linalg.inv(turns)
    smaller = np.linalg.det(back)[:, None]
    every = _usual_variance(whole, smaller, size) + human
    upright = settled(np.einsum("nij,nlj->nli", back, whole.proposed), every, believed.alone)
    variance, proposed = every[members], upright[:, members]
    away = np.einsum("nij,nlj->nli", back, known) - proposed
    of_keys = human if key_variance is None else key_variance * smaller
    found = carry_by_likeness(
        seen.numbers, upright, size, members, away, variance, of_keys, believed.likeness
    )
    xy = np.einsum("nij,nlj->nli", turns, proposed + found.correction)
    flutter = np.minimum(found.variance, believed.flutter * variance)
    scale = np.linalg.det(turns)[:, None]
    # white noise has 6 times its variance in second differences; what moves is no noise, so the usual frame tells
    usual = np.nan_to_num(_usual(bends(seen.numbers, xy))) / 6
    noise = np.clip(usual, (believed.least_noise * size) ** 2, (believed.most_noise * size) ** 2)
    return Told(xy, turns, size, (found.variance - flutter) * scale, flutter * scale, noise)


def face_pixels(seen: Observations) -> float:
    """Size of the usual face in a sequence, px, from keys where no model placed any; 1 where nothing is known."""
    for points in (seen.proposed, seen.keys):
        known = [size for size in map(face_size, points) if size > 0]
        if known:
            return float(np.median(known))
    return 1.0


def _usual_variance(seen: Observations, smaller: Floats, size: float) -> Floats:
    """[L]: of a model's error in the upright face, px squared, before anything is corrected."""
    spread = np.trace(seen.proposed_covariance, axis1=-2, axis2=-1) / 2 * smaller
    variance = np.full(spread.shape[1], (_UNPLACED * size) ** 2)
    placed = seen.is_proposed.any(0)
    if placed.any():
        variance[placed] = np.nanmedian(np.where(seen.is_proposed, spread, np.nan)[:, placed], axis=0)
    return variance


def restlessness(numbers: NDArray[np.int64], path: Floats) -> Floats:
    """[N, L]: squared second differences of a path [N, L, D] about each frame, mean of the coordinates; a jump of one frame is no
    motion, and 0 stands where nothing is known."""
    return _around(np.nan_to_num(bends(numbers, _without_jumps(path))))


def bends(numbers: NDArray[np.int64], path: Floats) -> Floats:
    """[N, L]: squared second differences of a path [N, L, D], mean of the coordinates; NaN at ends, at gaps, and where it is
    unknown."""
    found = np.full(path.shape[:2], np.nan)
    if len(path) > 2:
        found[1:-1] = (np.diff(path, 2, axis=0) ** 2).mean(-1)
        found[1:-1][(numbers[2:] - numbers[:-2]) != 2] = np.nan
    return found


def _usual(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median over the frames in which there is a value, NaN where there is none."""
    found = np.full(values.shape[1], np.nan)
    there = np.isfinite(values).any(0)
    found[there] = np.nanmedian(values[:, there], axis=0)
    return found


def _without_jumps(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each place is the median of its own and its neighbours'."""
    if len(path) < 3:
        return path
    inner = np.median(np.stack([path[:-2], path[1:-1], path[2:]]), axis=0)
    return np.concatenate([path[:1], inner, path[-1:]])


def _around(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of each frame with its neighbours."""
    padded = np.concatenate([values[:1], values, values[-1:]])
    return np.asarray((padded[:-2] + padded[1:-1] + padded[2:]) / 3)
