"""A linear smoother over a sequence for many landmarks at once: Kalman's filter forth, Rauch, Tung and Striebel's pass back.

The state of a landmark is its place p and its step v (how far it came since the frame before), both of D dimensions (2 in a
picture, 3 in space), and for each of B sources of proposals what flutters in their error b, 2-d, in units of its standard
deviation:

    v' = v + w          w: how much a step differs from the one before (acceleration)
    p' = p + v'
    b' = f b + u        it fades: what a model errs by is mostly the same in the next frame

What is seen of it is of two dimensions, such as a proposal p + T b, where T turns b with the face and makes pixels of it, or the
pixels' motion v; in space a camera's derivative stands before p and v. Gaps in the numbers are steps that nothing is seen of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.progress import Cancelled, Stop, never

Floats = NDArray[np.float64]
_GROUP_BYTES = 256 << 20
_EYE = np.eye(2)


@dataclass(frozen=True, eq=False)
class Model:
    """What is believed of the motion before anything is seen.

    Attributes:
        acceleration: float64 [N, L], variance of each coordinate of w on the way to each frame, in the unit of p, squared.
        fade: f, 0 to 1. start, pace: standard deviations of p and v in the first frame. origin: float64 [L, D], where p is
        expected there.
    """

    acceleration: Floats
    fade: float
    start: float
    pace: float
    origin: Floats


@dataclass(frozen=True, eq=False)
class Seen:
    """Measurements of one kind in all frames.

    Attributes:
        value: float64 [N, L, 2], NaN where there is none. covariance: float64 [N, L, 2, 2].
        of_step: whether it is the step that is seen, rather than the place.
        along: float64 [N, L, 2, D], what of p or v is seen; None: all of it, in a picture.
        turns: float64 [N, L, 2, 2], from b to what is seen; None where no b is in it. source: which b.
        firm: it is believed, whatever the rest says.
    """

    value: Floats
    covariance: Floats
    of_step: bool = False
    along: Floats | None = None
    turns: Floats | None = None
    source: int = 0
    firm: bool = False

    @property
    def is_there(self) -> NDArray[np.bool_]:
        """bool [N, L]: something was seen."""
        return np.asarray(np.isfinite(self.value).all(-1) & np.isfinite(self.covariance).all((-1, -2)))

    def expected(self, path: "Smoothed") -> Floats:
        """[N, L, 2]: what would be seen if the states were as in the path."""
        told = path.step if self.of_step else path.place
        if self.along is not None:
            told = np.einsum("nlij,nlj->nli", self.along, told)
        if self.turns is None:
            return np.asarray(told)
        return np.asarray(told + np.einsum("nlij,nlj->nli", self.turns, path.bias[self.source]))

    def of(self, some: slice) -> "Seen":
        """Of some landmarks alone."""
        return replace(
            self,
            value=self.value[:, some],
            covariance=self.covariance[:, some],
            along=None if self.along is None else self.along[:, some],
            turns=None if self.turns is None else self.turns[:, some],
        )


@dataclass(frozen=True, eq=False)
class Smoothed:
    """What the states are, given all frames: float64 place, step [N, L, D], bias [B, N, L, 2], covariance of the place
    [N, L, D, D]."""

    place: Floats
    step: Floats
    bias: Floats
    covariance: Floats


def smooth(ticks: NDArray[np.int64], seen: Sequence[Seen], model: Model, stop: Stop = never) -> Smoothed:
    """The state of each landmark in each frame by all that is seen, memory bounded by taking landmarks in groups.

    Args:
        ticks: int64 [N], frame numbers.

    Raises:
        Cancelled: asked to stop.
    """
    frames, landmarks = model.acceleration.shape
    dimensions = model.origin.shape[-1]
    sources = max((one.source + 1 for one in seen if one.turns is not None), default=0)
    size = 2 * dimensions + 2 * sources
    group = max(1, int(_GROUP_BYTES / (max(frames, 1) * 2 * (size + size**2) * 8)))
    parts = []
    for at in range(0, landmarks, group):
        some = slice(at, at + group)
        own = replace(model, acceleration=model.acceleration[:, some], origin=model.origin[some])
        parts.append(_smooth(ticks, [one.of(some) for one in seen], own, sources, stop))
    means = np.concatenate([mean for mean, _ in parts], axis=1)
    covariances = np.concatenate([covariance for _, covariance in parts], axis=1)
    place, step = means[..., :dimensions], means[..., dimensions : 2 * dimensions]
    bias = means[..., 2 * dimensions :].reshape(frames, landmarks, sources, 2)
    return Smoothed(place, step, bias.transpose(2, 0, 1, 3), covariances)


def transition(
    ticks: int, acceleration: Floats, fade: float, dimensions: int = 2, sources: int = 1
) -> tuple[Floats, Floats]:
    """[S, S] and [L, S, S]: how the state goes on over so many frames, and the covariance that comes on top.

    Args:
        acceleration: float64 [L], variance of w.
    """
    moving = 2 * dimensions
    one = np.eye(moving + 2 * sources)
    one[:dimensions, dimensions:moving] = np.eye(dimensions)
    one[moving:, moving:] *= fade
    push = np.zeros((len(one), dimensions))
    push[:dimensions] = push[dimensions:moving] = np.eye(dimensions)
    grown = acceleration[:, None, None] * (push @ push.T)
    grown[:, moving:, moving:] += (1 - fade**2) * np.eye(2 * sources)
    whole, noise = np.eye(len(one)), np.zeros((len(acceleration), len(one), len(one)))
    for _ in range(ticks):
        whole, noise = one @ whole, one @ noise @ one.T + grown
    return whole, noise


def _smooth(
    ticks: NDArray[np.int64], seen: Sequence[Seen], model: Model, sources: int, stop: Stop
) -> tuple[Floats, Floats]:
    """Means [N, L, S] and covariances of the place [N, L, D, D]."""
    frames, landmarks = model.acceleration.shape
    dimensions = model.origin.shape[-1]
    size = 2 * dimensions + 2 * sources
    means, covariances = np.empty((frames, landmarks, size)), np.empty((frames, landmarks, size, size))
    gaps = np.diff(ticks)
    mean, covariance = np.zeros((landmarks, size)), np.zeros((landmarks, size, size))
    mean[:, :dimensions] = model.origin
    spread = [model.start] * dimensions + [model.pace] * dimensions + [1.0] * (2 * sources)
    covariance += np.diag(np.square(spread))
    there = [one.is_there for one in seen]
    for frame in range(frames):
        if stop():
            raise Cancelled("Stopped while smoothing.")
        if frame:
            move, noise = transition(
                int(gaps[frame - 1]), model.acceleration[frame], model.fade, dimensions, sources
            )
            mean, covariance = mean @ move.T, move @ covariance @ move.T + noise
        for one, known in zip(seen, there, strict=True):
            at = np.flatnonzero(known[frame])
            if len(at):
                mean[at], covariance[at] = _update(mean[at], covariance[at], one, frame, at, dimensions)
        means[frame], covariances[frame] = mean, covariance
    # back: the last frame is as good as it gets
    for frame in range(frames - 2, -1, -1):
        if stop():
            raise Cancelled("Stopped while smoothing.")
        move, noise = transition(
            int(gaps[frame]), model.acceleration[frame + 1], model.fade, dimensions, sources
        )
        ahead = move @ covariances[frame] @ move.T + noise
        gain = np.linalg.solve(ahead, move @ covariances[frame]).transpose(0, 2, 1)
        means[frame] += (gain @ (means[frame + 1] - means[frame] @ move.T)[..., None])[..., 0]
        spread_behind = covariances[frame + 1] - ahead
        covariances[frame] += gain @ spread_behind @ gain.transpose(0, 2, 1)
    return means, covariances[..., :dimensions, :dimensions].copy()


def _update(
    mean: Floats, covariance: Floats, one: Seen, frame: int, at: NDArray[np.int64], dimensions: int
) -> tuple[Floats, Floats]:
    """The states of the landmarks `at` after what was seen of them in a frame."""
    look = np.zeros((len(at), 2, mean.shape[-1]))
    first = dimensions if one.of_step else 0
    look[..., first : first + dimensions] = _EYE if one.along is None else one.along[frame, at]
    if one.turns is not None:
        bias = 2 * dimensions + 2 * one.source
        look[..., bias : bias + 2] = one.turns[frame, at]
    noise = one.covariance[frame, at]
    across = covariance @ look.transpose(0, 2, 1)
    gain = np.linalg.solve(look @ across + noise, across.transpose(0, 2, 1)).transpose(0, 2, 1)
    miss = one.value[frame, at] - (look @ mean[..., None])[..., 0]
    # Joseph's form stays positive where a key leaves nothing open
    keep = np.eye(mean.shape[-1]) - gain @ look
    return (
        mean + (gain @ miss[..., None])[..., 0],
        keep @ covariance @ keep.transpose(0, 2, 1) + gain @ noise @ gain.transpose(0, 2, 1),
    )
