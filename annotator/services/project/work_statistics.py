"""How the work goes, from the ledger: pace, corrections, time saved, the proposals' errors and how calibrated their sigmas are.

Working time is what lies between a person's edits, pauses of more than two minutes left out. What was imported is no work, nor is
undoing or redoing it: an entry's origin tells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState, is_human
from annotator.evaluation.agreement import Spread
from annotator.services.project.model_accuracy import ModelAccuracy, model_errors, normaliser_of
from annotator.services.project.people.agreement import ceiling
from annotator.store.history.ledger import LedgerEntry
from annotator.store.lists.coverage import Covered
from annotator.store.project_store import ProjectStore

PAUSE = 120.0
"""Seconds without an edit after which nobody is taken to work."""
_NEWEST = 50_000
_FEWEST_FRAMES = 3  # of either kind, for a figure of what proposals save
_FEWEST_POINTS = 10  # placed without a proposal, for an estimate of a whole frame
_FACETS = ("subject", "take", "camera")


@dataclass
class FrameWork:
    """What was done on one frame.

    Attributes:
        began: minutes of working time before its first edit. seconds: of its edits, by the stopwatch.
        moved: landmarks that a person put elsewhere and left there. landmarks: those set now, but for those that stand where an
            import put them. model_id: the last one shown.
    """

    frame_id: int
    began: float
    seconds: float = 0.0
    moved: int = 0
    landmarks: int = 0
    model_id: str | None = None


@dataclass(frozen=True)
class FrameTime:
    """Seconds a frame: the median over `frames`. `estimated`: from so many single points, as nobody did whole frames that way."""

    seconds: float
    frames: int
    estimated: bool = False


@dataclass(frozen=True)
class WorkStatistics:
    """Everything on the dashboard; None where there is nothing to tell from.

    Attributes:
        edits, frames: in the ledger, imports left out. minutes: of work. work: the frames in the order of their first edit.
        by_hand, with_proposals: seconds a frame. seconds_saved: their difference, where either has enough to go by.
        normaliser: what the models' errors are divided by.
        progress: subjects, takes and cameras with their frames, and those in which a person set something.
        people: how far people are from each other where two placed the same landmark, a ceiling for the models.
    """

    edits: int = 0
    frames: int = 0
    minutes: float = 0.0
    frames_a_minute: float | None = None
    corrections_a_frame: float | None = None
    by_hand: FrameTime | None = None
    with_proposals: FrameTime | None = None
    seconds_saved: float | None = None
    normaliser: str = ""
    models: tuple[ModelAccuracy, ...] = ()
    work: tuple[FrameWork, ...] = ()
    progress: Mapping[str, Sequence[Covered]] = field(default_factory=dict)
    people: Spread | None = None


def work_statistics(store: ProjectStore) -> WorkStatistics:
    """Compute all figures from the ledger (its newest 50,000 entries), the annotations and the proposals."""
    ledger = store.ledger.entries(newest=_NEWEST)
    entries = [entry for entry in ledger if entry.origin.is_work]
    progress = {facet: store.coverage.rows(facet) for facet in _FACETS}
    if not entries:
        return WorkStatistics(progress=progress)
    minutes = working_minutes(entries)
    work = _frame_work(entries, minutes)
    human = dict(store.annotations.items(list(work)))
    own = _own_landmarks(ledger, human)
    moved = _moved_landmarks(entries)
    for frame_id, mine in own.items():
        work[frame_id].landmarks = int(mine.sum())
        work[frame_id].moved = sum(bool(mine[i]) for i in moved[frame_id])
    touched = [one for one in work.values() if one.landmarks]
    total = float(minutes[-1])
    by_hand, helped = _times(entries, touched, store.scheme.size)
    normaliser = normaliser_of(store.scheme)
    return WorkStatistics(
        edits=len(entries),
        frames=len(work),
        minutes=total,
        frames_a_minute=len(touched) / total if total > 0 and touched else None,
        corrections_a_frame=float(np.mean([one.moved for one in touched])) if touched else None,
        by_hand=by_hand,
        with_proposals=helped,
        seconds_saved=_saved(by_hand, helped),
        normaliser=normaliser.value,
        models=model_errors(store, entries, human, own, normaliser),
        work=tuple(work.values()),
        progress=progress,
        people=ceiling(store, entries),
    )


def working_minutes(entries: Sequence[LedgerEntry]) -> NDArray[np.float64]:
    """float64 [N]: working time, in minutes, up to and with each entry (in the ledger's order), all people together."""
    last: dict[str, float] = {}
    spent = []
    for entry in entries:
        now = entry.at.timestamp()
        gap = now - last.get(entry.user, -np.inf)
        spent.append(max(gap, 0.0) if gap <= PAUSE else min(entry.seconds, PAUSE))
        last[entry.user] = now
    return np.asarray(np.cumsum(spent) / 60.0, np.float64)


def _frame_work(entries: Sequence[LedgerEntry], minutes: NDArray[np.float64]) -> dict[int, FrameWork]:
    """What was done on each frame, in the order of the first edits."""
    work: dict[int, FrameWork] = {}
    for number, entry in enumerate(entries):
        began = float(minutes[number - 1]) if number else 0.0
        one = work.setdefault(entry.frame_id, FrameWork(entry.frame_id, began))
        one.seconds += min(entry.seconds, PAUSE)
        one.model_id = entry.model_id or one.model_id
    return work


def _moved_landmarks(entries: Sequence[LedgerEntry]) -> dict[int, set[int]]:
    """Of each frame the landmarks that a person put elsewhere; one that was taken back to what nobody set is none."""
    moved: dict[int, set[int]] = {}
    for entry in entries:
        mine = moved.setdefault(entry.frame_id, set())
        put = (entry.to_state == LandmarkState.CORRECTED) & (entry.from_xy != entry.to_xy).any(-1)
        gone = ~is_human(entry.to_state)
        mine.update(entry.indices[put].tolist())
        mine.difference_update(entry.indices[gone].tolist())
    return moved


def _own_landmarks(
    ledger: Sequence[LedgerEntry], human: Mapping[int, Annotation]
) -> dict[int, NDArray[np.bool_]]:
    """bool [L] of each frame: landmarks that are set, and stand elsewhere than where an import (or its undo) last put them."""
    given = {frame_id: np.full_like(value.xy, np.nan) for frame_id, value in human.items()}
    for entry in ledger:
        if not entry.origin.is_work and entry.frame_id in given:
            given[entry.frame_id][entry.indices] = entry.to_xy
    return {
        frame_id: np.asarray(value.is_human & (value.xy != given[frame_id]).any(-1))
        for frame_id, value in human.items()
    }


def _saved(by_hand: FrameTime | None, helped: FrameTime | None) -> float | None:
    if by_hand is None or helped is None or helped.frames < _FEWEST_FRAMES:
        return None
    enough = by_hand.estimated or by_hand.frames >= _FEWEST_FRAMES
    return by_hand.seconds - helped.seconds if enough else None


def _times(
    entries: Sequence[LedgerEntry], work: Sequence[FrameWork], size: int
) -> tuple[FrameTime | None, FrameTime | None]:
    """Seconds a frame by hand and with proposals, from frames of which at least half of the landmarks were set.

    By hand a frame may be marked in part: its seconds are brought up to all landmarks. Where nobody did a frame without a
    proposal, the time to place single points without one stands in: that of a correction is spent finding what is wrong.
    """
    whole = [one for one in work if one.landmarks >= size / 2 and one.seconds > 0]
    alone = [one.seconds / one.landmarks * size for one in whole if one.model_id is None]
    helped = [one.seconds for one in whole if one.model_id is not None]
    by_hand = FrameTime(float(np.median(alone)), len(alone)) if alone else None
    if by_hand is None:
        single = [entry.seconds for entry in entries if _is_placed_point(entry)]
        if len(single) >= _FEWEST_POINTS:
            by_hand = FrameTime(float(np.median(single)) * size, len(single), estimated=True)
    return by_hand, FrameTime(float(np.median(helped)), len(helped)) if helped else None


def _is_placed_point(entry: LedgerEntry) -> bool:
    """Whether one point was placed where there was none, without a proposal, and without a pause."""
    if len(entry.indices) != 1 or entry.model_id is not None or not 0 < entry.seconds <= PAUSE:
        return False
    return bool(entry.from_state[0] == LandmarkState.MISSING and entry.to_state[0] == LandmarkState.CORRECTED)
