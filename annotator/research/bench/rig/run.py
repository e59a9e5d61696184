"""`bench rig`: what a consensus of all views, and one to four corrected views of eight, are worth for the other views."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.domain.faces.face_frame import face_size
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.rigs.rig import Rig
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.domain.uncertainty import mahalanobis_squared
from annotator.research.bench.machine import machine
from annotator.research.bench.measure import StepTimes, peak_memory, repetitions
from annotator.research.bench.rig.disturbed import ERRORS, REFERENCE, Error, disturbed
from annotator.research.bench.rig.filmed import Filmed, FilmedSet, filmed_set
from annotator.rigs.refine import refine
from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import triangulate
from annotator.services.rigs.moments import HUMAN_SIGMA, SHARED_ERROR

Floats = NDArray[np.float64]
CORRECTED = (0, 1, 2, 3, 4)
LIMIT = 0.5
"""Percent of the eye distance beyond which a point has to be corrected."""
_TIMED = 200


@dataclass(frozen=True)
class RigRow:
    """Errors in % of the eye distance (the largest of the views), of the views that nobody corrected.

    Attributes:
        corrected: views of each moment that a person corrected. calibration: how the rig was off; refined: brought back from the
            moments' own points. off_px: RMS by which true points miss with it, px at 4096, a refined rig's place in space
            left free.
        single: NME of the proposals alone in the same views. nme, median, p95: of the consensus. beyond: % of points more
            than 0.5 % away. single_mouth, mouth: NME of the mouth alone. inside: % of true points within one and two sigma of the
            consensus (39 and 86 would be right).
    """

    corrected: int
    calibration: str
    refined: bool
    misfit: float
    points: int
    single: float
    single_beyond: float
    nme: float
    median: float
    p95: float
    beyond: float
    single_mouth: float
    mouth: float
    inside: tuple[float, float]


@dataclass(frozen=True)
class _World:
    """The set with what is the same for every row: the truth in space, and what people would set."""

    data: FilmedSet
    points: tuple[Floats, ...]
    chosen: tuple[NDArray[np.int64], ...]
    people: tuple[tuple[Annotation, ...], ...]
    soft: NDArray[np.bool_]
    mouth: NDArray[np.bool_]


def bench_rig(
    folder: Path,
    model: Path,
    errors: Sequence[Error] = ERRORS,
    seed: int = 1,
    device: str = "auto",
    progress: Progress = silent,
    stop: Stop = never,
) -> dict[str, Any]:
    """The table, the time of a triangulation of one moment, memory, and what was measured where.

    Raises:
        AnnotatorError: the set cannot be used. Cancelled: asked to stop.
    """
    world = _world(filmed_set(folder, model, device, progress, stop), seed)
    rigs = [disturbed(world.data.rig, world.points, e, np.random.default_rng([seed, 7])) for e in errors]
    wanted = [
        (error, off, corrected, refined)
        for error, off in zip(errors, rigs, strict=True)
        for corrected in CORRECTED
        for refined in ((False, True) if error != Error() else (False,))
    ]
    rows = []
    for done, (error, off, corrected, refined) in enumerate(wanted):
        if stop():
            raise Cancelled
        progress(done, len(wanted), f"{error.name}, {corrected} corrected")
        rows.append(_row(world, off, error, corrected, refined))
    times = _times(world, stop)
    first = world.data.moments[0]
    return {
        "model": world.data.model_id,
        "data": str(folder),
        "synthetic": True,
        "seed": seed,
        "moments": len(world.data.moments),
        "views": len(first.truth),
        "landmarks": world.data.scheme.size,
        "rows": [asdict(row) for row in rows],
        "timings": {name: asdict(timing) for name, timing in times.timings().items()},
        "memory_peak": peak_memory(),
        "machine": machine(),
    }


def _world(data: FilmedSet, seed: int) -> _World:
    cameras = list(data.rig.cameras.values())
    rng = np.random.default_rng(seed)
    points, chosen, people = [], [], []
    for filmed in data.moments:
        points.append(triangulate(cameras, _exact(filmed.truth)).points)
        chosen.append(rng.permutation(len(cameras)))
        people.append(tuple(_annotation(data, filmed, view, rng) for view in range(len(cameras))))
    mouth = np.zeros(data.scheme.size, np.bool_)
    for region in data.scheme.regions:
        mouth[list(region.indices)] = region.name == "mouth"
    return _World(data, tuple(points), tuple(chosen), tuple(people), view_dependent(data.scheme), mouth)


def _exact(truth: Floats) -> Sightings:
    shape = truth.shape[:2]
    return Sightings(truth, np.tile(np.eye(2), (*shape, 1, 1)), np.ones(shape, bool), np.ones(shape, bool))


def _annotation(data: FilmedSet, filmed: Filmed, view: int, rng: np.random.Generator) -> Annotation:
    """What a careful person would set in a view: the truth, missed by as much as people are believed to."""
    truth = filmed.truth[view]
    noise = rng.normal(0, HUMAN_SIGMA * face_size(truth), truth.shape)
    return edits.apply(edits.move(range(len(truth)), truth + noise), Annotation.empty(data.scheme))[0]


def _sighted(world: _World, rig: Rig, number: int, corrected: int) -> Sightings:
    filmed = world.data.moments[number]
    people = {int(view): world.people[number][view] for view in world.chosen[number][:corrected]}
    return world.data.sightings(rig, filmed, people)


def _row(world: _World, off: Rig, error: Error, corrected: int, refined: bool) -> RigRow:
    data, rig = world.data, off
    seen = [_sighted(world, rig, number, corrected) for number in range(len(data.moments))]
    if refined:
        floor = float(data.floor(rig).mean())
        rig = refine(rig, seen, error.moving, floor, world.soft).rig
    cameras = list(rig.cameras.values())
    before: list[Floats] = []
    after: list[Floats] = []
    mouth: list[NDArray[np.bool_]] = []
    sigmas: list[Floats] = []
    for number, filmed in enumerate(data.moments):
        rest = world.chosen[number][corrected:]
        found = triangulate(cameras, seen[number], data.floor(rig), world.soft, SHARED_ERROR)
        own = np.array([filmed.proposals[view].xy for view in rest], np.float64)
        told = np.where(np.isfinite(found.xy[rest]), found.xy[rest], own)
        truth = filmed.truth[rest]
        counts = np.isfinite(truth).all(-1)
        for kept, xy in ((before, own), (after, told)):
            kept.append((100 / filmed.eyes * np.linalg.norm(xy - truth, axis=-1))[counts])
        away = mahalanobis_squared(found.xy[rest] - truth, found.xy_covariance[rest])
        sigmas.append(away[counts & np.isfinite(away)])
        mouth.append(np.broadcast_to(world.mouth, counts.shape)[counts])
    single, together, lips = np.concatenate(before), np.concatenate(after), np.concatenate(mouth)
    squared = np.concatenate(sigmas)
    return RigRow(
        corrected,
        error.name,
        refined,
        _misfit(data, rig),
        len(single),
        float(single.mean()),
        float(100 * (single > LIMIT).mean()),
        float(together.mean()),
        float(np.median(together)),
        float(np.percentile(together, 95)),
        float(100 * (together > LIMIT).mean()),
        float(single[lips].mean()),
        float(together[lips].mean()),
        (float(100 * (squared < 1).mean()), float(100 * (squared < 4).mean())),
    )


def _misfit(data: FilmedSet, rig: Rig) -> float:
    cameras = list(rig.cameras.values())
    scale = REFERENCE / np.array([camera.width for camera in cameras])[:, None, None]
    apart = [
        scale * (triangulate(cameras, _exact(filmed.truth)).xy - filmed.truth) for filmed in data.moments
    ]
    return float(np.sqrt(np.nanmean(np.square(apart).sum(-1))))


def _times(world: _World, stop: Stop) -> StepTimes:
    """Seconds of one moment's triangulation from all views, by the clock and of the processor."""
    data, watch = world.data, StepTimes()
    cameras, floor = list(data.rig.cameras.values()), data.floor(data.rig)
    seen = [_sighted(world, data.rig, number, 2) for number in range(len(data.moments))]
    for number in repetitions(_TIMED, stop):
        own = seen[number % len(seen)]
        began = time.thread_time()
        watch.time("triangulate", partial(triangulate, cameras, own, floor, world.soft, SHARED_ERROR))
        watch.add("processor", time.thread_time() - began)
    return watch
