"""What keys are worth in a take: a simulated person sets some frames, the others are tracked and measured on true landmarks.

Beside the tracking stand proposals alone, corrections carried between keys and straight lines between keys.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.files import atomic_file
from annotator.imaging.patch_motion import patch_motion
from annotator.inference.predictor import Predictor
from annotator.research.bench.machine import machine
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.store.rows import sort_key
from annotator.takes.carry import carried, straight
from annotator.takes.fuse import best_keys, fuse
from annotator.takes.observations import Observations

SHARES = (0.0, 0.03, 0.05, 0.10)
HUMAN = 0.0015
"""Standard deviation of a person's points, as a share of the eye distance."""
_FEWEST = 24  # frames of a sequence
_BEYOND = 0.5
_EVERY = 16  # frames between two saves of proposals
_OUTER = (36, 45)


@dataclass(frozen=True)
class TakeScore:
    """Of one method over all frames that are no keys; lengths in % of the largest outer-eye distance of each sequence.

    Attributes:
        method, keys: how it was made, and how its keys were chosen. share: of frames that are keys. number: of keys in all.
        nme: mean error. beyond: % of points farther off than 0.5 %. jitter, usual_jitter: root mean square and median of second
        differences over all frames, as a multiple of the truth's; means over the sequences.
    """

    method: str
    keys: str
    share: float
    number: int
    nme: float
    beyond: float
    jitter: float
    usual_jitter: float


@dataclass(frozen=True, eq=False)
class _Take:
    name: str
    frames: tuple[int, ...]
    truth: NDArray[np.float64]
    proposed: NDArray[np.float64]
    covariance: NDArray[np.float64]

    @property
    def numbers(self) -> NDArray[np.int64]:
        return np.arange(len(self.frames))


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
    takes = list(_takes(data, *_proposals(folder, data, cache, progress, stop)))
    if not takes:
        raise AnnotatorError(
            f"{data.title} has no subject with {_FEWEST} frames or more: annotator render OUT --preset talking"
        )
    eyes = [data.truth.scheme.ibug68[corner] for corner in _OUTER]
    rows: dict[tuple[str, str, float], list[tuple[int, NDArray[np.float64], float, float]]] = defaultdict(
        list
    )
    steps = [(take, share, choice) for take in takes for share in SHARES for choice in ("even", "suggested")]
    for done, (take, share, choice) in enumerate(steps):
        progress(done, len(steps), f"tracking {take.name}")
        if stop():
            raise Cancelled("Stopped; the proposals are kept.")
        if share == 0 and choice != "even":
            continue
        keys = _chosen(take, share, choice)
        eye = float(np.nanmax(np.linalg.norm(take.truth[:, eyes[0]] - take.truth[:, eyes[1]], axis=-1)))
        seen = _seen(take, keys, eye, seed)
        for method, path in _methods(data, take, seen).items():
            away = np.linalg.norm(path - take.truth, axis=-1)[np.setdiff1d(take.numbers, keys)] / eye * 100
            rows[method, choice if len(keys) else "", share].append(
                (len(keys), away, *_jitter(path, take.truth))
            )
    scores = [_score(method, choice, share, own) for (method, choice, share), own in rows.items()]
    return {
        "data": data.title,
        "sequences": {take.name: len(take.frames) for take in takes},
        "seed": seed,
        "scores": [asdict(score) for score in sorted(scores, key=lambda each: (each.share, each.keys))],
        "machine": machine(),
    }


def _methods(data: EvaluationSet, take: _Take, seen: Observations) -> dict[str, NDArray[np.float64]]:
    paths = {"proposals": seen.proposed, "carried": carried(seen), "straight": straight(seen)}
    paths["without pictures"] = fuse(seen).xy
    places = paths["carried"].copy()
    places[:, list(data.truth.scheme.view_dependent)] = np.nan
    step, covariance = seen.step.copy(), seen.step_covariance.copy()
    before = data.picture(take.frames[0])
    for row in range(1, len(take.frames)):
        after = data.picture(take.frames[row])
        motion = patch_motion(before, after, places[row - 1], places[row])
        step[row], covariance[row], before = motion.step, motion.covariance, after
    both = Observations(seen.numbers, seen.proposed, seen.proposed_covariance, seen.keys, step, covariance)
    return paths | {"tracked": fuse(both).xy}


def _chosen(take: _Take, share: float, choice: str) -> NDArray[np.int64]:
    count = round(share * len(take.frames))
    if not count:
        return np.empty(0, np.int64)
    if choice == "even":
        ends = np.linspace(0, len(take.frames) - 1, count) if count > 1 else [(len(take.frames) - 1) / 2]
        return np.unique(np.round(ends).astype(np.int64))
    nobody = np.full_like(take.proposed, np.nan)
    alone = Observations.of_proposals(take.numbers, take.proposed, take.covariance, nobody)
    return np.sort(np.array(best_keys(alone, count), np.int64))


def _seen(take: _Take, keys: NDArray[np.int64], eye: float, seed: int) -> Observations:
    """What is known when a person has set the keys about right."""
    random = np.random.default_rng(seed)
    errs = random.normal(0, HUMAN * eye, take.truth.shape)  # the same in each frame, whichever are keys
    set_by_hand = np.full_like(take.truth, np.nan)
    set_by_hand[keys] = take.truth[keys] + errs[keys]
    return Observations.of_proposals(take.numbers, take.proposed, take.covariance, set_by_hand)


def _jitter(path: NDArray[np.float64], truth: NDArray[np.float64]) -> tuple[float, float]:
    bends = [np.linalg.norm(np.diff(points, 2, axis=0), axis=-1) for points in (path, truth)]
    whole = [float(np.sqrt(np.nanmean(bend**2))) for bend in bends]
    usual = [float(np.nanmedian(bend)) for bend in bends]
    return whole[0] / max(whole[1], 1e-9), usual[0] / max(usual[1], 1e-9)


def _score(
    method: str, choice: str, share: float, own: Sequence[tuple[int, NDArray[np.float64], float, float]]
) -> TakeScore:
    away = np.concatenate([each[1].ravel() for each in own])
    away = away[np.isfinite(away)]
    return TakeScore(
        method,
        choice,
        share,
        sum(each[0] for each in own),
        float(away.mean()),
        float((away > _BEYOND).mean() * 100),
        float(np.mean([each[2] for each in own])),
        float(np.mean([each[3] for each in own])),
    )


def _takes(
    data: EvaluationSet, proposed: NDArray[np.float64], covariance: NDArray[np.float64]
) -> Iterator[_Take]:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    order = sorted(
        range(len(data.paths)), key=lambda number: sort_key("", "", "", "", str(data.paths[number]))
    )
    for number in order:
        groups[data.truth.subjects[number], data.paths[number].name].append(number)
    for (subject, _), frames in groups.items():
        if len(frames) >= _FEWEST:
            yield _Take(
                subject,
                tuple(frames),
                np.asarray(data.truth.xy[frames], np.float64),
                proposed[frames],
                covariance[frames],
            )


def _proposals(
    folder: Path, data: EvaluationSet, cache: Path, progress: Progress, stop: Stop
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[N, L, 2] and [N, L, 2, 2], from the cache where they are there."""
    shape = (len(data.paths), data.truth.scheme.size)
    predictor = Predictor(folder, device="cpu")
    mark = f"{predictor.card.sha256} {data.truth.scheme.id}"
    known: dict[str, NDArray[Any]] = {}
    if cache.is_file():
        with np.load(cache, allow_pickle=False) as held:
            known = {name: held[name] for name in held.files} if str(held.get("mark", "")) == mark else {}
    proposed = np.full((*shape, 2), np.nan)
    covariance = np.full((*shape, 2, 2), np.nan)
    place = {str(name): row for row, name in enumerate(known.get("names", ()))}
    done = np.zeros(len(data.paths), np.bool_)
    for number, name in enumerate(data.truth.names):
        if name in place:
            done[number] = True
            proposed[number], covariance[number] = known["xy"][place[name]], known["covariance"][place[name]]

    def keep() -> None:
        names = np.array(data.truth.names)[done]
        with atomic_file(cache) as staged, staged.open("wb") as file:
            np.savez(file, mark=mark, names=names, xy=proposed[done], covariance=covariance[done])

    todo = np.flatnonzero(~done)
    for at, number in enumerate(todo.tolist()):
        progress(at, len(todo), f"proposing {data.truth.names[number]}")
        if stop():
            keep()
            raise Cancelled("Stopped; the proposals are kept.")
        proposal = predictor.propose(data.picture(number), heatmaps=False)
        proposed[number], covariance[number], done[number] = proposal.xy, proposal.covariance, True
        if (at + 1) % _EVERY == 0 or at + 1 == len(todo):
            keep()
    return proposed, covariance
