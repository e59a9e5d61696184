"""What keys in two of a rig's views are worth for all of them: tracked in space, beside each view alone.

In some moments of a rendered take a simulated person sets two views; every other frame of every view is measured.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.rigs.rig import Rig
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.research.bench.machine import machine
from annotator.research.bench.rig.filmed import RIG
from annotator.research.bench.take.run import SHARES, chosen
from annotator.research.bench.take.scores import Measured, jitter, score
from annotator.research.bench.take.sequences import Take, set_by_hand, takes_of, with_pictures
from annotator.rigs.files.registry import read_rigs
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.services.takes.rig_cameras import RigCameras
from annotator.takes.beliefs import Beliefs
from annotator.takes.carry import carried
from annotator.takes.fuse import fuse
from annotator.takes.observations import Observations
from annotator.takes.space import fuse_in_space
from annotator.takes.told import face_pixels

_PEOPLE_SET = 2  # views of a key moment


def bench_take_in_space(
    folder: Path,
    data: EvaluationSet,
    source: Path,
    cache: Path,
    seed: int = 1,
    progress: Progress = silent,
    stop: Stop = never,
) -> dict[str, Any]:
    """Scores of each method on the takes of a set that was rendered before a rig.

    Args:
        folder: the model's. source: the set's folder, with its calibration. cache, seed: as for `bench_take`; the seed also draws
        which two views of a take are set.

    Raises:
        AnnotatorError: the set has no rig, or no take that all of its cameras saw. Cancelled: asked to stop.
    """
    if not (source / RIG).is_file():
        raise AnnotatorError(
            f"{source} has no {RIG}: render it before one rig (annotator render {source} --preset talking --fixed-rig)."
        )
    rig = read_rigs(source / RIG).rigs[0]
    takes = _together(takes_of(folder, data, cache, progress, stop), rig)
    outline, cameras = view_dependent(data.truth.scheme), RigCameras(list(rig.cameras.values()))
    rows: dict[tuple[str, float], list[Measured]] = defaultdict(list)
    steps = [(views, share) for views in takes for share in SHARES]
    for done, (views, share) in enumerate(steps):
        progress(done, len(steps), f"tracking {views[0].name}")
        if stop():
            raise Cancelled("Stopped; the proposals are kept.")
        keys = chosen(views[0], share)
        people = np.random.default_rng(seed).permutation(len(views))[:_PEOPLE_SET]
        none = np.empty(0, np.int64)
        seen = [set_by_hand(view, keys if at in people else none, seed + at) for at, view in enumerate(views)]
        eye = max(view.eye for view in views)
        for method, paths in _methods(data, views, seen, cameras, outline).items():
            rows[method, share].append(_measured(views, seen, paths, eye))
    scores = [
        score(method, "even" if share else "", share, own, outline) for (method, share), own in rows.items()
    ]
    return {
        "data": data.title,
        "sequences": {f"{views[0].name} x {len(views)} views": len(views[0].frames) for views in takes},
        "seed": seed,
        "views_set": _PEOPLE_SET,
        "scores": [asdict(each) for each in sorted(scores, key=lambda each: each.share)],
        "machine": machine(),
    }


def _together(takes: Sequence[Take], rig: Rig) -> list[list[Take]]:
    """The views of each subject's take, in the rig's order."""
    subjects: dict[str, dict[str, Take]] = defaultdict(dict)
    for take in takes:
        subjects[take.name][take.camera] = take
    found = [
        [views[camera] for camera in rig.cameras]
        for views in subjects.values()
        if views.keys() >= rig.cameras.keys() and len({len(view.frames) for view in views.values()}) == 1
    ]
    if not found:
        raise AnnotatorError(f"No take was seen by all {len(rig.cameras)} cameras.")
    return found


def _methods(
    data: EvaluationSet,
    views: Sequence[Take],
    seen: Sequence[Observations],
    cameras: RigCameras,
    outline: NDArray[np.bool_],
) -> Mapping[str, Sequence[NDArray[np.float64]]]:
    """Paths [N, L, 2] of each view by each method."""
    moving = [with_pictures(data, take, one) for take, one in zip(views, seen, strict=True)]
    in_space = {
        "in space, no pictures": fuse_in_space(seen, cameras, outline=outline),
        "in space": fuse_in_space(moving, cameras, outline=outline),
    }
    return {
        "proposals": [one.proposed for one in seen],
        "carried": [carried(one) for one in seen],
        "each view alone": [fuse(one).xy for one in moving],
        "moment by moment": _by_moments(seen, cameras),
    } | {name: [path.xy for path in paths] for name, paths in in_space.items()}


def _by_moments(seen: Sequence[Observations], cameras: RigCameras) -> list[NDArray[np.float64]]:
    """What the views of each moment say together, which knows nothing of time."""
    keys, proposed = np.stack([one.keys for one in seen]), np.stack([one.proposed for one in seen])
    by_person = np.asarray(np.isfinite(keys).all(-1))
    covariance = np.stack([one.proposed_covariance for one in seen])
    person = (Beliefs().human * np.array([face_pixels(one) for one in seen])) ** 2
    covariance = np.where(
        by_person[..., None, None], person[:, None, None, None, None] * np.eye(2), covariance
    )
    xy = np.where(by_person[..., None], keys, proposed)
    found = xy.copy()
    for moment in range(xy.shape[1]):
        met = cameras.meet(xy[:, moment], covariance[:, moment], by_person[:, moment]).xy
        found[:, moment] = np.where(np.isfinite(met), met, xy[:, moment])
    return list(np.where(by_person[..., None], keys, found))


def _measured(
    views: Sequence[Take], seen: Sequence[Observations], paths: Sequence[NDArray[np.float64]], eye: float
) -> Measured:
    """Over the frames of all views that nobody set, in % of the largest eye distance of the views."""
    away, bends, keys = [], [], 0
    for take, one, path in zip(views, seen, paths, strict=True):
        is_key = one.is_key.any(1)
        keys += int(is_key.sum())
        away.append(np.linalg.norm(path - take.truth, axis=-1)[~is_key] / eye * 100)
        bends.append(jitter(path, take.truth))
    whole, usual = (float(value) for value in np.mean(bends, axis=0))
    return keys, np.concatenate(away), whole, usual
