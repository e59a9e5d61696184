"""The sequences of a rendered set: what is true, and what a model proposes, which is kept beside the set."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled, Progress, Stop
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.domain.takes.motion import Motion
from annotator.files import atomic_file
from annotator.imaging.patch_motion import patch_motion
from annotator.inference.predictor import Predictor
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.services.takes.track import with_motion
from annotator.store.rows import sort_key
from annotator.takes.carry import carried
from annotator.takes.observations import Observations

HUMAN = 0.0015
"""Standard deviation of a person's points, as a share of the eye distance."""
_FEWEST = 24  # frames of a sequence
_EVERY = 16  # frames between two saves of proposals
_OUTER = (36, 45)


@dataclass(frozen=True, eq=False)
class Take:
    """What one camera saw of a subject.

    Attributes:
        name: the subject's. camera: the files'. frames: numbers in the set, in order. truth, proposed: float64 [N, L, 2].
        covariance: float64 [N, L, 2, 2]. eye: the largest distance of the outer eye corners, px.
    """

    name: str
    camera: str
    frames: tuple[int, ...]
    truth: NDArray[np.float64]
    proposed: NDArray[np.float64]
    covariance: NDArray[np.float64]
    eye: float

    @property
    def numbers(self) -> NDArray[np.int64]:
        """int64 [N], from 0."""
        return np.arange(len(self.frames))


def set_by_hand(take: Take, keys: NDArray[np.int64], seed: int) -> Observations:
    """What is known when a person has set the keys about right."""
    random = np.random.default_rng(seed)
    errs = random.normal(0, HUMAN * take.eye, take.truth.shape)  # the same in each frame, whichever are keys
    places = np.full_like(take.truth, np.nan)
    places[keys] = take.truth[keys] + errs[keys]
    return Observations.of_proposals(take.numbers, take.proposed, take.covariance, places)


def with_pictures(data: EvaluationSet, take: Take, seen: Observations) -> Observations:
    """The same with the pixels' motion."""
    places = carried(seen)
    motions: list[Motion | None] = [None]
    before = data.picture(take.frames[0])
    for row in range(1, len(take.frames)):
        after = data.picture(take.frames[row])
        motions.append(patch_motion(before, after, places[row - 1], places[row]))
        before = after
    return with_motion(seen, motions, view_dependent(data.truth.scheme))


def takes_of(folder: Path, data: EvaluationSet, cache: Path, progress: Progress, stop: Stop) -> list[Take]:
    """The sequences of a set: frames of one subject and file name each, in the order of their paths.

    Raises:
        AnnotatorError: none is long enough. Cancelled: asked to stop; proposals that were made are kept.
    """
    found = list(_takes(data, *_proposals(folder, data, cache, progress, stop)))
    if not found:
        raise AnnotatorError(
            f"{data.title} has no subject with {_FEWEST} frames or more: annotator render OUT --preset talking"
        )
    return found


def _takes(
    data: EvaluationSet, proposed: NDArray[np.float64], covariance: NDArray[np.float64]
) -> Iterator[Take]:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    order = sorted(
        range(len(data.paths)), key=lambda number: sort_key("", "", "", "", str(data.paths[number]))
    )
    for number in order:
        groups[data.truth.subjects[number], data.paths[number].name].append(number)
    eyes = [data.truth.scheme.ibug68[corner] for corner in _OUTER]
    for (subject, camera), frames in groups.items():
        if len(frames) >= _FEWEST:
            truth = np.asarray(data.truth.xy[frames], np.float64)
            yield Take(
                subject,
                Path(camera).stem,
                tuple(frames),
                truth,
                proposed[frames],
                covariance[frames],
                float(np.nanmax(np.linalg.norm(truth[:, eyes[0]] - truth[:, eyes[1]], axis=-1))),
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
