"""A tracker on takes with true landmarks, beside its own detector in the same windows and beside other models frame by frame.

Frames that follow one another are told by their names (`training.takes`). Jitter is the root mean square of the points' second
differences over time: of the points over that of the truth, and of their errors alone.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.proposal import Proposal
from annotator.domain.uncertainty import mahalanobis_squared
from annotator.evaluation.aggregate import Estimate, mean_interval
from annotator.evaluation.calibration import coverage
from annotator.evaluation.metrics import Normaliser, frame_nme, normaliser_lengths, pck, point_errors
from annotator.inference.predictor import Predictor
from annotator.inference.take_tracker import TakeTracker
from annotator.research.bench.machine import machine
from annotator.services.models.evaluation_sets import EvaluationSet, load_set
from annotator.training.takes import place_in_take

_FAR = 0.005
_LEAST_FRAMES = 3

Propose = Callable[[NDArray[Any]], Proposal]


@dataclass(frozen=True)
class TrackFigures:
    """One system's figures over all takes; lengths in % of the distance of the outer eye corners.

    Attributes:
        nme: with its interval over subjects. far: share of points beyond 0.5 %. jitter: second differences of the points over
            those of the truth, 1 for the truth itself. unsteady: second differences of the errors. inside: share of true points
            within one sigma (39.3 % would be right). seconds: of a frame, the median. shots: how often the face was searched.
    """

    system: str
    nme: Estimate
    far: float
    jitter: float
    unsteady: float
    inside: float
    seconds: float
    shots: int | None


@dataclass(frozen=True)
class TrackBench:
    """What `bench tracker` gives: the takes' frames, each system's figures, differences of NME to the tracker by system."""

    takes: int
    frames: int
    figures: Sequence[TrackFigures]
    differences: Mapping[str, Estimate]
    machine: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def takes_of(data: EvaluationSet) -> list[list[int]]:
    """Numbers of the frames of each take, in order of their index; runs with gaps are apart. Raises AnnotatorError for none."""
    by_take: dict[str, dict[int, int]] = {}
    for number, name in enumerate(data.truth.names):
        place = place_in_take(name)
        if place is not None:
            by_take.setdefault(place[0], {})[place[1]] = number
    runs: list[list[int]] = []
    for take in sorted(by_take):
        previous = None
        for index in sorted(by_take[take]):
            if previous is None or index != previous + 1:
                runs.append([])
            runs[-1].append(by_take[take][index])
            previous = index
    runs = [run for run in runs if len(run) >= _LEAST_FRAMES]
    if not runs:
        raise AnnotatorError(
            f"{data.title} holds no takes: render some by annotator render OUT --preset takes-judged."
        )
    return runs


def bench_tracker(
    tracker: Path,
    beside: Sequence[Path],
    source: Path,
    device: str = "auto",
    most: int = 0,
    progress: Progress = silent,
    stop: Stop = never,
) -> TrackBench:
    """Measure a tracker on the takes at `source`.

    Args:
        tracker: its model's folder. beside: models of the same scheme, run on each frame by itself. most: so many frames of each
            take at most; 0 takes all.

    Raises:
        AnnotatorError: a model or the data cannot be used. Cancelled: asked to stop.
    """
    follower = TakeTracker(tracker, device)
    detector = TakeTracker(tracker, device, looking_back=False)
    data = load_set(source, follower.scheme)
    takes = [run[:most] if most else run for run in takes_of(data)]
    systems: dict[str, TakeTracker | Predictor] = {
        follower.card.id: follower,
        f"{follower.card.id}, detector alone": detector,
    }
    for folder in beside:
        other = Predictor(folder, device)
        if other.scheme.id != follower.scheme.id:
            raise AnnotatorError(f"{other.card.id} places {other.scheme.id}, not {follower.scheme.id}.")
        systems[f"{other.card.id}, frame by frame"] = other
    count = sum(len(run) for run in takes)
    size = follower.scheme.size
    xy = {name: np.full((count, size, 2), np.nan) for name in systems}
    covariance = {name: np.full((count, size, 2, 2), np.nan) for name in systems}
    seconds: dict[str, list[float]] = {name: [] for name in systems}
    row = 0
    for run in takes:
        for tracks in (follower, detector):
            tracks.begin()
        for number in run:
            if stop():
                raise Cancelled("The bench was stopped.")
            image = data.picture(number)
            for name, system in systems.items():
                start = time.perf_counter()
                found = system.propose(image, heatmaps=False)
                seconds[name].append(time.perf_counter() - start)
                xy[name][row], covariance[name][row] = found.xy, found.covariance
            row += 1
            progress(row, count, data.truth.names[number])
    truth = data.truth.subset([number for run in takes for number in run])
    lengths = normaliser_lengths(truth.xy, truth.scheme, Normaliser.INTER_OCULAR)
    runs = np.repeat(np.arange(len(takes)), [len(run) for run in takes])
    figures, by_frame = [], {}
    for name, system in systems.items():
        errors = point_errors(xy[name], truth.xy, truth.mask())
        by_frame[name] = frame_nme(errors, lengths)
        away = np.where(truth.mask()[..., None], xy[name] - truth.xy, np.nan)
        distance = mahalanobis_squared(away, covariance[name])
        scaled = errors / lengths[:, None]
        figures.append(
            TrackFigures(
                name,
                mean_interval(100 * by_frame[name], truth.subjects),
                100 * (1 - pck(scaled, _FAR)),
                jitter(xy[name], lengths, runs) / (jitter(truth.xy, lengths, runs) or float("nan")),
                100 * jitter(xy[name] - truth.xy, lengths, runs),
                100 * coverage(distance, 1),
                float(np.median(seconds[name])),
                system.shots if isinstance(system, TakeTracker) else None,
            )
        )
    first = next(iter(systems))
    differences = {
        name: mean_interval(100 * (by_frame[name] - by_frame[first]), truth.subjects)
        for name in list(systems)[1:]
    }
    return TrackBench(len(takes), count, figures, differences, machine())


def jitter(xy: NDArray[np.float64], lengths: NDArray[np.float64], runs: NDArray[np.int64]) -> float:
    """Root mean square of second differences over time of points [N,L,2], over each frame's length [N]; frames of different
    `runs` [N] are no neighbours, and NaN does not count."""
    second = xy[2:] - 2 * xy[1:-1] + xy[:-2]
    together = (runs[2:] == runs[:-2])[:, None, None]
    values = np.where(together, second / lengths[1:-1, None, None], np.nan)
    squares = (values**2).sum(axis=-1)
    return float(np.sqrt(np.nanmean(squares))) if np.isfinite(squares).any() else float("nan")
