"""A linear smoother over a sequence for many landmarks at once: Kalman's filter forth, Rauch, Tung and Striebel's pass back.

The state of a landmark is its place p, its step v (how far it came since the frame before), and what flutters in the model's
error b, in units of its standard deviation; all 2-d:

    v' = v + w          w: how much a step differs from the one before (acceleration)
    p' = p + v'
    b' = f b + u        it fades: what a model errs by is mostly the same in the next frame

What is seen of it: a proposal is p + T b, where T turns b with the face and makes pixels of it; a key is p, the pixels' motion
is v. Gaps in the numbers are steps that nothing is seen of.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_SIZE = 6
_PLACE, _STEP, _BIAS = slice(0, 2), slice(2, 4), slice(4, 6)
_GROUP_BYTES = 256 << 20
_EYE = np.eye(2)


@dataclass(frozen=True, eq=False)
class Model:
    """What is believed of the motion before anything is seen.

    Attributes:
        acceleration: float64 [N, L], variance of each coordinate of w on the way to each frame, px squared. fade: f, 0 to 1.
        start, pace: standard deviations of p and v in the first frame, px.
    """

    acceleration: Floats
    fade: float
    start: float
    pace: float


@dataclass(frozen=True, eq=False)
class Seen:
    """Measurements: NaN where there is none, with their covariances.

    Attributes:
        ticks: int64 [N], frame numbers. turns: float64 [N, L, 2, 2], from b to pixels. key, proposed, step: float64 [N, L, 2].
        key_covariance, proposed_covariance, step_covariance: float64 [N, L, 2, 2].
    """

    ticks: NDArray[np.int64]
    turns: Floats
    key: Floats
    key_covariance: Floats
    proposed: Floats
    proposed_covariance: Floats
    step: Floats
    step_covariance: Floats


@dataclass(frozen=True, eq=False)
class Smoothed:
    """What the states are, given all frames: float64 place, step and bias [N, L, 2], covariance of the place [N, L, 2, 2]."""

    place: Floats
    step: Floats
    bias: Floats
    covariance: Floats


def smooth(seen: Seen, model: Model) -> Smoothed:
    """The state of each landmark in each frame by all that is seen, memory bounded by taking landmarks in groups."""
    frames, landmarks = seen.proposed.shape[:2]
    group = max(1, int(_GROUP_BYTES / (max(frames, 1) * 2 * (_SIZE + _SIZE**2) * 8)))
    parts = [
        _smooth(_of(seen, slice(at, at + group)), _model_of(model, slice(at, at + group)))
        for at in range(0, landmarks, group)
    ]
    means = np.concatenate([mean for mean, _ in parts], axis=1)
    covariances = np.concatenate([covariance for _, covariance in parts], axis=1)
    return Smoothed(means[..., _PLACE], means[..., _STEP], means[..., _BIAS], covariances)


def transition(ticks: int, acceleration: Floats, fade: float) -> tuple[Floats, Floats]:
    """[6, 6] and [L, 6, 6]: how the state goes on over so many frames, and the covariance that comes on top.

    Args:
        acceleration: float64 [L], variance of w.
    """
    one = np.eye(_SIZE)
    one[_PLACE, _STEP] = _EYE
    one[_BIAS, _BIAS] = fade * _EYE
    push = np.zeros((_SIZE, 2))
    push[_PLACE], push[_STEP] = _EYE, _EYE
    grown = acceleration[:, None, None] * (push @ push.T)
    grown[:, _BIAS, _BIAS] += (1 - fade**2) * _EYE
    whole, noise = np.eye(_SIZE), np.zeros((len(acceleration), _SIZE, _SIZE))
    for _ in range(ticks):
        whole, noise = one @ whole, one @ noise @ one.T + grown
    return whole, noise


def _smooth(seen: Seen, model: Model) -> tuple[Floats, Floats]:
    frames, landmarks = seen.proposed.shape[:2]
    means = np.empty((frames, landmarks, _SIZE))
    covariances = np.empty((frames, landmarks, _SIZE, _SIZE))
    gaps = np.diff(seen.ticks)
    mean, covariance = _first(seen, model)
    for frame in range(frames):
        if frame:
            move, noise = transition(int(gaps[frame - 1]), model.acceleration[frame], model.fade)
            mean, covariance = mean @ move.T, move @ covariance @ move.T + noise
        mean, covariance = _update(mean, covariance, seen, frame)
        means[frame], covariances[frame] = mean, covariance
    # back: the last frame is as good as it gets
    for frame in range(frames - 2, -1, -1):
        move, noise = transition(int(gaps[frame]), model.acceleration[frame + 1], model.fade)
        ahead = move @ covariances[frame] @ move.T + noise
        gain = np.linalg.solve(ahead, move @ covariances[frame]).transpose(0, 2, 1)
        means[frame] += (gain @ (means[frame + 1] - means[frame] @ move.T)[..., None])[..., 0]
        spread = covariances[frame + 1] - ahead
        covariances[frame] += gain @ spread @ gain.transpose(0, 2, 1)
    return means, covariances[..., _PLACE, _PLACE].copy()


def _first(seen: Seen, model: Model) -> tuple[Floats, Floats]:
    """Before the first frame is looked at: the landmark lies near the first place that anything is known of."""
    landmarks = seen.proposed.shape[1]
    known = np.where(np.isfinite(seen.key), seen.key, seen.proposed)
    mean = np.zeros((landmarks, _SIZE))
    for landmark in range(landmarks):
        there = np.flatnonzero(np.isfinite(known[:, landmark]).all(-1))
        if len(there):
            mean[landmark, _PLACE] = known[there[0], landmark]
    covariance = np.zeros((landmarks, _SIZE, _SIZE))
    covariance[:, _PLACE, _PLACE] = model.start**2 * _EYE
    covariance[:, _STEP, _STEP] = model.pace**2 * _EYE
    covariance[:, _BIAS, _BIAS] = _EYE
    return mean, covariance


def _update(mean: Floats, covariance: Floats, seen: Seen, frame: int) -> tuple[Floats, Floats]:
    """The states after all that is seen in one frame."""
    looks = np.zeros((3, len(mean), 2, _SIZE))
    looks[0, ..., _PLACE] = looks[1, ..., _PLACE] = _EYE
    looks[1, ..., _BIAS] = seen.turns[frame]
    looks[2, ..., _STEP] = _EYE
    values = (seen.key, seen.proposed, seen.step)
    noises = (seen.key_covariance, seen.proposed_covariance, seen.step_covariance)
    for look, value, noise in zip(looks, values, noises, strict=True):
        there = np.flatnonzero(np.isfinite(value[frame]).all(-1))
        if not len(there):
            continue
        of, look = covariance[there], look[there]
        across = of @ look.transpose(0, 2, 1)
        inside = look @ across + noise[frame, there]
        gain = np.linalg.solve(inside, across.transpose(0, 2, 1)).transpose(0, 2, 1)
        miss = value[frame, there] - (look @ mean[there][..., None])[..., 0]
        mean, covariance = mean.copy(), covariance.copy()
        mean[there] += (gain @ miss[..., None])[..., 0]
        # Joseph's form stays positive where a key leaves nothing open
        keep = np.eye(_SIZE) - gain @ look
        covariance[there] = keep @ of @ keep.transpose(0, 2, 1) + gain @ noise[frame, there] @ gain.transpose(
            0, 2, 1
        )
    return mean, covariance


def _of(seen: Seen, some: slice) -> Seen:
    return Seen(
        seen.ticks,
        seen.turns[:, some],
        *(
            getattr(seen, name)[:, some]
            for name in (
                "key",
                "key_covariance",
                "proposed",
                "proposed_covariance",
                "step",
                "step_covariance",
            )
        ),
    )


def _model_of(model: Model, some: slice) -> Model:
    return Model(model.acceleration[:, some], model.fade, model.start, model.pace)
