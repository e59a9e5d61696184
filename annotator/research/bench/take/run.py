"""What keys are worth in a take: a simulated person sets some frames, the others are tracked and measured on true landmarks.

Beside the tracking stand proposals alone, corrections carried between keys and straight lines between keys.
"""

from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.research.bench.machine import machine
from annotator.research.bench.take.scores import Measured, jitter, score
from annotator.research.bench.take.sequences import Take, set_by_hand, takes_of, with_pictures
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.takes.carry import carried, straight
from annotator.takes.fuse import best_keys, fuse
from annotator.takes.observations import Observations

SHARES = (0.0, 0.03, 0.05, 0.10)


def bench_take(
    folder: Path,
    data: EvaluationSet,
    cache: Path,
    seed: int = 1,
    progress: Progress = silent,
    stop: Stop = never,
) -> dict[str, Any]:
    """Scores of each method, of a model's proposals on the sequences of a set.

    Args:
        folder: the model's. data: frames that make sequences: of one subject and file name each, in the order of their paths.
        cache: where proposals are kept; those that are there are not made again. seed: of what the simulated person errs by.

    Raises:
        AnnotatorError: no sequence is long enough. Cancelled: asked to stop; proposals that were made are kept.
    """
    takes = takes_of(folder, data, cache, progress, stop)
    rows: dict[tuple[str, str, float], list[Measured]] = defaultdict(list)
    steps = [(take, share, choice) for take in takes for share in SHARES for choice in ("even", "suggested")]
    for done, (take, share, choice) in enumerate(steps):
        progress(done, len(steps), f"tracking {take.name}")
        if stop():
            raise Cancelled("Stopped; the proposals are kept.")
        if share == 0 and choice != "even":
            continue
        keys = chosen(take, share, choice)
        seen = set_by_hand(take, keys, seed)
        for method, path in _methods(data, take, seen).items():
            away = np.linalg.norm(path - take.truth, axis=-1)[np.setdiff1d(take.numbers, keys)]
            rows[method, choice if len(keys) else "", share].append(
                (len(keys), away / take.eye * 100, *jitter(path, take.truth))
            )
    outline = view_dependent(data.truth.scheme)
    scores = [score(method, choice, share, own, outline) for (method, choice, share), own in rows.items()]
    return {
        "data": data.title,
        "sequences": {take.name: len(take.frames) for take in takes},
        "seed": seed,
        "scores": [asdict(score) for score in sorted(scores, key=lambda each: (each.share, each.keys))],
        "machine": machine(),
    }


def _methods(data: EvaluationSet, take: Take, seen: Observations) -> dict[str, NDArray[np.float64]]:
    paths = {"proposals": seen.proposed, "carried": carried(seen), "straight": straight(seen)}
    paths["without pictures"] = fuse(seen).xy
    return paths | {"tracked": fuse(with_pictures(data, take, seen)).xy}


def chosen(take: Take, share: float, choice: str = "even") -> NDArray[np.int64]:
    """The frames that a person sets: so many, spread evenly or `suggested`."""
    count = round(share * len(take.frames))
    if not count:
        return np.empty(0, np.int64)
    if choice == "even":
        ends = np.linspace(0, len(take.frames) - 1, count) if count > 1 else [(len(take.frames) - 1) / 2]
        return np.unique(np.round(ends).astype(np.int64))
    nobody = np.full_like(take.proposed, np.nan)
    alone = Observations.of_proposals(take.numbers, take.proposed, take.covariance, nobody)
    return np.sort(np.array(best_keys(alone, count), np.int64))
