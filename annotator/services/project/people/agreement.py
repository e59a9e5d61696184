"""How far people agree where they marked the same frames: in one project by its ledger, or in two copies of it.

A model cannot be nearer to people than they are to each other: the median is a ceiling for every model that learns from them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.errors import AnnotatorError
from annotator.domain.layers import displayed
from annotator.domain.shaping.sliding import directions
from annotator.evaluation.agreement import Spread, spread
from annotator.evaluation.metrics import normaliser_lengths
from annotator.services.project.model_accuracy import normaliser_of
from annotator.services.project.people.placers import points_of
from annotator.store.adoption import without
from annotator.store.history.ledger import LedgerEntry
from annotator.store.project_store import ProjectStore

Points = Mapping[int, NDArray[np.float32]]
"""By frame id: float32 [L, 2] frame pixels, NaN where nobody put the landmark."""


@dataclass(frozen=True)
class Agreement:
    """How far two people (or copies) agree.

    Attributes:
        first, second: names. frames: those in which both put the same landmark. normaliser: what shares are of.
        whole: over all landmarks. landmarks: those that both put, by name in the scheme's order.
    """

    first: str
    second: str
    frames: int
    normaliser: str
    whole: Spread
    landmarks: Mapping[str, Spread]


def agreements(store: ProjectStore, people: Sequence[str] = ()) -> list[Agreement]:
    """Of every two people who put the same landmarks of the same frames by hand, the pair with most points first.

    What a person put last counts; what they took away, or for somebody else's place, does not. Whoever came second may have
    seen the first one's point: copies of the project (`agreement_of_copies`) are blind.

    Args:
        people: only these; empty takes all.

    Raises:
        AnnotatorError: nobody of that name is in the ledger.
    """
    found = _people_points(store.ledger.entries(), store.scheme.size)
    known = {name.casefold(): name for name in found}
    for name in people:
        if name.casefold() not in known:
            raise AnnotatorError(
                f"{name} put no point by hand here; {', '.join(sorted(found)) or 'nobody'} did."
            )
    chosen = sorted({known[name.casefold()] for name in people} or found, key=str.casefold)
    pairs = [
        (one, other, _compare(store, found[one], found[other])) for one, other in combinations(chosen, 2)
    ]
    made = [_agreement(store, one, other, *values) for one, other, values in pairs if values is not None]
    return sorted((each for each in made if each is not None), key=lambda each: -each.whole.points)


def agreement_of_copies(store: ProjectStore, other: ProjectStore) -> Agreement | None:
    """Of two copies, or two projects of the same captures: what was put by hand in each since they parted; None where nothing
    was put in both.

    Raises:
        AnnotatorError: they hold other schemes, or are one file.
    """
    if store.path == other.path:
        raise AnnotatorError("Name two projects: a project agrees with itself.")
    if store.scheme.id != other.scheme.id:
        raise AnnotatorError(
            f"{store.path.name} holds {store.scheme.id}, {other.path.name} {other.scheme.id}."
        )
    here = {row.frame.path: row.frame for row in store.frames.list()}
    mine, theirs = _by_frame(store.ledger.entries()), _by_frame(other.ledger.entries())
    one: dict[int, NDArray[np.float32]] = {}
    two: dict[int, NDArray[np.float32]] = {}
    for row in other.frames.list():
        frame = here.get(row.frame.path)
        if frame is None or (frame.width, frame.height) != (row.frame.width, row.frame.height):
            continue
        entries = mine.get(frame.id, []), theirs.get(row.frame.id, [])
        if all(entries):
            one[frame.id] = _last_put(without(*entries), store.scheme.size)
            two[frame.id] = _last_put(without(*reversed(entries)), store.scheme.size)
    values = _compare(store, one, two)
    return None if values is None else _agreement(store, store.path.stem, other.path.stem, *values)


def ceiling(store: ProjectStore, ledger: Sequence[LedgerEntry]) -> Spread | None:
    """How far all people of a project are apart from each other, every pair together; None where no two put the same landmark.

    Args:
        ledger: entries of it, oldest first.
    """
    found = _people_points(ledger, store.scheme.size)
    pairs = [_compare(store, found[one], found[other]) for one, other in combinations(sorted(found), 2)]
    kept = [values for values in pairs if values is not None]
    if not kept:
        return None
    return spread(*(np.concatenate(parts) for parts in zip(*kept, strict=True)))


def _people_points(ledger: Iterable[LedgerEntry], size: int) -> dict[str, dict[int, NDArray[np.float32]]]:
    """By person and frame what they put."""
    found: dict[str, dict[int, NDArray[np.float32]]] = defaultdict(dict)
    for frame_id, entries in _by_frame(ledger).items():
        users = {entry.user for entry in entries}
        own = points_of(entries, size) if len(users) > 1 else {}
        for user in users:
            found[user].update({frame_id: own[user]} if user in own else {})
    return found


def _by_frame(entries: Iterable[LedgerEntry]) -> dict[int, list[LedgerEntry]]:
    found: dict[int, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        if entry.origin.is_work:
            found[entry.frame_id].append(entry)
    return found


def _last_put(entries: Sequence[LedgerEntry], size: int) -> NDArray[np.float32]:
    """float32 [L, 2]: where entries of a copy leave landmarks by hand, whoever made them."""
    xy = np.full((size, 2), np.nan, np.float32)
    for entry in entries:
        put = (entry.to_state == LandmarkState.CORRECTED)[:, None]
        agreed = (entry.to_state == LandmarkState.CONFIRMED)[:, None] & (entry.to_xy == xy[entry.indices])
        xy[entry.indices] = np.where(put | agreed, entry.to_xy, np.float32(np.nan))
    return xy


Compared = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""What `spread` takes: differences, directions of curves, lengths."""


def _compare(store: ProjectStore, one: Points, two: Points) -> Compared | None:
    """Frames in which both put the same landmark."""
    both = [
        frame_id
        for frame_id in sorted(one.keys() & two.keys())
        if np.isfinite(one[frame_id] + two[frame_id]).any()
    ]
    if not both:
        return None
    first, second = (np.array([own[i] for i in both], np.float64) for own in (one, two))
    between = np.where(np.isfinite(first + second), (first + second) / 2, _held(store, both))
    lengths = normaliser_lengths(between, store.scheme, normaliser_of(store.scheme))
    return second - first, directions(store.scheme, between, anchors=True), lengths


def _held(store: ProjectStore, frame_ids: Sequence[int]) -> NDArray[np.float64]:
    """float64 [N, L, 2]: what is shown of frames now, for what two people did not both put."""
    human, active = dict(store.annotations.items(frame_ids)), store.models.active_id()
    proposed = {} if active is None else dict(store.proposals.items(frame_ids, active))
    nobody = Annotation.empty(store.scheme)
    shown = [displayed(human.get(i, nobody), proposed.get(i)).xy for i in frame_ids]
    return np.array(shown, np.float64)


def _agreement(
    store: ProjectStore,
    first: str,
    second: str,
    apart: NDArray[np.float64],
    directions: NDArray[np.float64],
    lengths: NDArray[np.float64],
) -> Agreement | None:
    whole = spread(apart, directions, lengths)
    if whole is None:
        return None
    each = np.eye(store.scheme.size, dtype=np.bool_)
    found = {
        name: own
        for name, chosen in zip(store.scheme.names, each, strict=True)
        if (own := spread(apart, directions, lengths, chosen)) is not None
    }
    frames = int(np.isfinite(apart).all(-1).any(-1).sum())
    return Agreement(first, second, frames, normaliser_of(store.scheme).value, whole, found)
