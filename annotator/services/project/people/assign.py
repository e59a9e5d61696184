"""Gives subjects, takes and frames to people, and says how far each of them is."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from annotator.domain.annotation import ReviewState
from annotator.domain.assignment import Assignment, Share, Span, cleaned
from annotator.domain.errors import AnnotatorError
from annotator.store.lists.frame_filter import FrameFilter
from annotator.store.lists.frame_list import FrameSummary
from annotator.store.project_store import ProjectStore
from annotator.store.rows import os_user

_MOST_NAMED = 20


@dataclass(frozen=True)
class ShareRow:
    """One assignment as people read it: what is assigned, to whom, of how many frames, and how many of those are approved."""

    assignment: Assignment
    title: str
    frames: int
    approved: int


@dataclass(frozen=True)
class PersonWork:
    """What one person is to do: frames, those in which somebody set a landmark, and those that are approved or rejected."""

    person: str
    frames: int
    touched: int
    decided: int


def assign(
    store: ProjectStore,
    people: Sequence[str],
    *,
    subjects: Sequence[str] = (),
    takes: Sequence[str] = (),
    frames: Sequence[int] = (),
    user: str | None = None,
) -> list[Share]:
    """Says who works on some subjects, takes and frames, in place of whoever did; no people: nobody does any more.

    Args:
        people: names; one that is known in another case is taken as it is known.
        takes: all of these takes, of the `subjects` where some are named (then the subjects are not assigned as a whole).

    Returns:
        What was assigned.

    Raises:
        AnnotatorError: no such subject, take or frame, nothing named, or a name that is none; nothing was changed.
    """
    shares = _shares(store, subjects, takes, frames)
    if not shares:
        raise AnnotatorError("Name what to assign: subjects, takes or frames.")
    known = {name.casefold(): name for name in store.assignments.people()}
    try:
        names = [known.get(name.casefold(), name) for name in cleaned(people)]
    except ValueError as error:
        raise AnnotatorError(f"Nothing was assigned: {error}.") from error
    store.assignments.assign(shares, names, user)
    return shares


def _shares(
    store: ProjectStore, subjects: Sequence[str], takes: Sequence[str], frames: Sequence[int]
) -> list[Share]:
    facets = store.frames.facets()
    for name, wanted in (("subject", subjects), ("take", takes)):
        for token in wanted:
            if token not in facets[name]:
                there = ", ".join(facets[name][:_MOST_NAMED]) or "none"
                raise AnnotatorError(f"The project has no {name} {token!r}; there are: {there}.")
    held = {frame.id for frame in store.frames.of_ids(frames)}
    missing = [frame_id for frame_id in frames if frame_id not in held]
    if missing:
        raise AnnotatorError(f"The project has no frame {missing[0]}.")
    if takes:
        shots = {(shot.subject, shot.take) for shot in store.frames.shots()}
        found = [
            Share(Span.TAKE, subject, take)
            for subject, take in sorted(shots)
            if take in takes and (not subjects or subject in subjects)
        ]
        if not found:
            raise AnnotatorError(f"None of these subjects has a take {takes[0]!r}.")
    else:
        found = [Share(Span.SUBJECT, subject) for subject in subjects]
    return found + [Share(Span.FRAME, frame_id=frame_id) for frame_id in dict.fromkeys(frames)]


def share_rows(store: ProjectStore) -> list[ShareRow]:
    """Every assignment with what it comes to, subjects first."""
    assigned = store.assignments.all()
    by_share: dict[Share, list[ReviewState]] = {}
    wanted = {each.share for each in assigned}
    names: dict[Share, str] = {}
    for row in store.frames.list() if assigned else ():
        for span in Span:
            share = Share.of(span, row.frame)
            if share in wanted:
                by_share.setdefault(share, []).append(row.review)
                names[share] = row.frame.path
    return [
        ShareRow(
            each,
            _title(each.share, names),
            len(by_share.get(each.share, ())),
            by_share.get(each.share, []).count(ReviewState.APPROVED),
        )
        for each in assigned
    ]


def _title(share: Share, names: dict[Share, str]) -> str:
    if share.span is Span.FRAME:
        return names.get(share, f"frame {share.frame_id}")
    return share.subject if share.span is Span.SUBJECT else f"{share.subject} / {share.take}"


def people_work(store: ProjectStore) -> list[PersonWork]:
    """How far each person is with what is theirs: the narrowest assignment of a frame counts. Sorted by name."""
    people_of = {each.share: each.people for each in store.assignments.all()}
    frames: Counter[str] = Counter()
    touched: Counter[str] = Counter()
    decided: Counter[str] = Counter()
    for row in store.frames.list() if people_of else ():
        shares = (Share.of(span, row.frame) for span in (Span.FRAME, Span.TAKE, Span.SUBJECT))
        for person in next((people_of[share] for share in shares if share in people_of), ()):
            frames[person] += 1
            touched[person] += row.counts.human > 0
            decided[person] += row.review in (ReviewState.APPROVED, ReviewState.REJECTED)
    return [
        PersonWork(name, frames[name], touched[name], decided[name])
        for name in sorted(frames, key=str.casefold)
    ]


def this_person() -> str:
    """Whose name the ledger takes for what is done on this machine."""
    return os_user()


def mine(person: str | None = None) -> FrameFilter:
    """The frames that are somebody's to do, by default those of the one at the machine."""
    return FrameFilter(person=person or this_person())


class OwnFrames:
    """What one person has left to do: frames that are theirs and not decided, those that need work first, then in capture order.

    Args:
        person: None for the one at the machine.
    """

    def __init__(self, store: ProjectStore, person: str | None = None) -> None:
        self._listed = store.frames.list(where=mine(person))
        reviews = self._listed.reviews
        states = (ReviewState.NEEDS_WORK, ReviewState.UNREVIEWED)
        self._rows = np.concatenate([np.flatnonzero(reviews == state) for state in states])

    def __len__(self) -> int:
        return len(self._rows)

    def first(self, limit: int) -> Iterator[FrameSummary]:
        """The first so many."""
        for row in self._rows[:limit].tolist():
            yield self._listed[row]


def take_over_assignments(store: ProjectStore, other: ProjectStore) -> int:
    """Take over what a copy of the project assigned later than this one; returns how many shares changed.

    The later of both counts, so that merging both ways makes both the same.
    """
    ids = store.frames.by_path()
    paths = {frame_id: path for path, frame_id in other.frames.by_path().items()}
    held = {each.share: each for each in store.assignments.all(with_removed=True)}
    news = []
    for each in other.assignments.all(with_removed=True):
        share = each.share
        if share.span is Span.FRAME:
            here = ids.get(paths.get(share.frame_id, ""))
            if here is None:
                continue
            share = Share(Span.FRAME, frame_id=here)
        mine_now = held.get(share)
        theirs = Assignment(share, each.people, each.at, each.user)
        if mine_now is None or _order(theirs) > _order(mine_now):
            news.append(theirs)
    if news:
        store.assignments.put(news)
    return len(news)


def _order(own: Assignment) -> tuple[str, tuple[str, ...], str]:
    """Later assignments come later; the names decide where the clocks do not."""
    return own.at, own.people, own.user
