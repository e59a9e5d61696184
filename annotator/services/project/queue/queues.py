"""The queues: which frames to look at next, each with its reason in words and the landmarks in question."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.domain.note import Note
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.uncertainty import Question
from annotator.domain.words import counted
from annotator.services.project.copies.merge_record import MergeConflict, merge_conflicts
from annotator.services.project.people.assign import OwnFrames
from annotator.services.project.queue.added_queues import AddedQueue, QueueWords, added_queues
from annotator.services.project.queue.note_queue import noted_frames
from annotator.services.project.queue.queue_reasons import (
    conflict_reason,
    coverage_reason,
    own_reason,
    reason,
)
from annotator.store.findings import COUNTED
from annotator.store.lists.frame_filter import FrameFilter
from annotator.store.lists.frame_list import FrameList, FrameSummary
from annotator.store.project_store import ProjectStore


class Queue(StrEnum):
    """The queues by the names that people type."""

    UNCERTAIN = "uncertain"
    DISAGREEMENT = "disagreement"
    LABEL_ERRORS = "label-errors"
    CAMERAS = "cameras-disagree"
    MOTION = "breaks-in-motion"
    LEAST_COVERED = "least-covered"
    NOTES = "notes"
    MINE = "mine"
    CONFLICTS = "conflicts"

    @property
    def words(self) -> "QueueWords":
        """What people read of it."""
        return _WORDS[self]

    @property
    def heading(self) -> str:
        """The name in the window."""
        return self.words.heading

    @property
    def question(self) -> Question | None:
        """What the project keeps of it; None: it is read from coverage, notes, assignments or merges when it is asked for."""
        return self.words.question


_ALL_SET = "Nothing is open: every frame is approved, rejected or set throughout."
_COVERED = "Every frame has a point that somebody set, or is approved or rejected."
_NO_NOTES = "No frame has an open note."
_NOT_MINE = (
    "Nothing is assigned to you, or all of it is approved or rejected. Frame > People… says who does what."
)
_NO_CONFLICTS = "No conflict of merged copies waits."
_NEVER_ASKED = (
    "No cameras were held against each other yet. With a rig, switch on Model > Proposals of all cameras agree, or run: "
    "annotator rig consensus PROJECT"
)
_WORDS = {
    Queue.UNCERTAIN: QueueWords(
        "Most uncertain",
        Question.UNCERTAIN,
        "How many of the points that nobody set are probably misplaced.",
        _ALL_SET,
        "The model is sure of every open point that it proposed.",
    ),
    Queue.DISAGREEMENT: QueueWords(
        "Global and regional disagree",
        Question.DISAGREEMENT,
        "How far the regional networks are from the global one, in sigmas.",
        _ALL_SET,
        "Global and regional networks agree on every open point that they proposed.",
    ),
    Queue.LABEL_ERRORS: QueueWords(
        "Likely label errors",
        Question.LABEL_ERROR,
        "Points of yours that are far from a sure proposal, or that break the faces' usual shape.",
        "There is no point to judge yet. The queue fills as you correct or import landmarks.",
        "No point that could be judged looks wrong.",
    ),
    Queue.CAMERAS: QueueWords(
        "Cameras disagree",
        Question.CAMERAS,
        "How far a point is from where the other cameras of the moment see it, in sigmas.",
        "There is no frame with points to hold against other cameras.",
        "No point that was held against other cameras is far from where they see it.",
    ),
    Queue.MOTION: QueueWords(
        "Breaks in motion",
        Question.MOTION,
        "How far a point's change of speed is beyond what is usual in the frames around, in sigmas.",
        _ALL_SET,
        "No open point of a take moves otherwise than in the frames around.",
    ),
    Queue.LEAST_COVERED: QueueWords(
        "Least covered",
        None,
        "Frames that spread your work best over subjects, takes and cameras.",
        _COVERED,
        _COVERED,
    ),
    Queue.NOTES: QueueWords(
        "Notes", None, "Frames with open notes, those for somebody first.", _NO_NOTES, _NO_NOTES
    ),
    Queue.MINE: QueueWords(
        "Mine",
        None,
        "What is assigned to you and not decided yet, what needs work first.",
        _NOT_MINE,
        _NOT_MINE,
    ),
    Queue.CONFLICTS: QueueWords(
        "Conflicts of copies",
        None,
        "What two copies of the project both changed. Both places are drawn; take one by key.",
        _NO_CONFLICTS,
        _NO_CONFLICTS,
    ),
}


AnyQueue = Queue | AddedQueue
"""One of ours, or of an installed package."""


@dataclass(frozen=True)
class QueueItem:
    """One frame of a queue.

    Attributes:
        reason: why it is here, in words. landmarks: those in question, the worst first.
        score: what the queue is sorted by, highest first: expected wrong points, or sigmas; 0 for coverage.
    """

    frame: Frame
    review: ReviewState
    reason: str
    landmarks: tuple[int, ...]
    score: float


@dataclass(frozen=True)
class QueuePage:
    """The head of a queue; `total` frames are in it (more than 10,000 count as 10,001; of the coverage: as many as are
    listed). `model_id` is whose answers they are. `outdated`: proposals whose findings must be made anew first
    (`refresh_queues`). Of an empty queue `why` says what that means, and `waiting` how many frames a run of proposals would
    tell of."""

    queue: AnyQueue
    items: tuple[QueueItem, ...]
    total: int
    model_id: str | None
    outdated: bool
    why: str = ""
    waiting: int = 0

    @property
    def total_text(self) -> str:
        """`312`, or `more than 10,000`."""
        return f"more than {COUNTED:,}" if self.total > COUNTED else f"{self.total:,}"


def all_queues() -> dict[str, AnyQueue]:
    """Name -> queue, in the order to show them; those of installed packages come last, and replace none of ours."""
    ours: dict[str, AnyQueue] = {queue.value: queue for queue in Queue}
    return ours | {name: queue for name, queue in added_queues().items() if name not in ours}


def parse_queue(name: str) -> AnyQueue:
    """The queue of that name; raises `AnnotatorError` that tells which there are."""
    known = all_queues()
    if name not in known:
        raise AnnotatorError(f"There is no queue {name!r}; there are {', '.join(known)}.")
    return known[name]


def read_queue(store: ProjectStore, queue: AnyQueue, limit: int = 200) -> QueuePage:
    """The first `limit` frames of a queue of the active model, in some milliseconds whatever the project's size."""
    try:
        page = _read(store, queue, limit)
    except AnnotatorError as error:
        if not isinstance(queue, AddedQueue):
            raise
        return QueuePage(queue, (), 0, None, False, str(error))
    if page.items:
        return page
    why, waiting = why_empty(store, queue)
    return replace(page, why=why, waiting=waiting)


def why_empty(store: ProjectStore, queue: AnyQueue) -> tuple[str, int]:
    """What it means that a queue is empty, in words that hold; and how many frames a run of proposals would tell of."""
    listed = store.frames.list()
    if not len(listed):
        return "The project has no frames yet.", 0
    if queue.question is None:
        return queue.words.all_well, 0
    active = store.models.active()
    if active is None:
        return "The queues ask a model, and none is active.", 0
    if queue is Queue.CAMERAS and not store.consensus.frame_ids(active.id):
        return _NEVER_ASKED, 0
    asked_of = _asked_of(queue, listed, store.scheme.size)
    if not asked_of.any():
        return queue.words.none_asked, 0
    unasked = asked_of & np.isnan(listed.confidence)
    waiting, dismissed = int(unasked.sum()), store.findings.dismissed(queue.question, active.id)
    parts = [queue.words.all_well] if (asked_of & ~unasked).any() and not dismissed else []
    if waiting:
        all_of = counted(int(asked_of.sum()), "frame")
        has = "has" if waiting == 1 else "have"
        parts.append(
            f"{waiting:,} of {all_of} to look at {has} no proposal of {active.id} yet, so nothing is known of them."
        )
    if dismissed:
        parts.append(f"Left out: {counted(dismissed, 'frame')} that you found to be right.")
    return " ".join(parts), 0 if active.card.is_imported else waiting


def _asked_of(queue: AnyQueue, listed: FrameList, landmarks: int) -> NDArray[np.bool_]:
    """bool [N]: the frames of which a queue's question makes sense."""
    if queue in (Queue.LABEL_ERRORS, Queue.CAMERAS):
        touched = listed.human > 0 if queue is Queue.LABEL_ERRORS else ~np.isnan(listed.confidence)
        return np.asarray(touched & (listed.reviews != ReviewState.REJECTED))
    undecided = np.isin(listed.reviews, (ReviewState.UNREVIEWED, ReviewState.NEEDS_WORK))
    return np.asarray(undecided & (listed.human < landmarks))


def _read(store: ProjectStore, queue: AnyQueue, limit: int) -> QueuePage:
    active = store.models.active()
    model_id = active.id if active is not None else None
    if isinstance(queue, AddedQueue):
        return _added(store, queue, limit, model_id)
    if queue is Queue.NOTES:
        noted = tuple(_noted(row, notes, store.scheme) for row, notes in noted_frames(store, limit))
        return QueuePage(queue, noted, store.notes.frames_open(), model_id, False)
    if queue is Queue.MINE:
        own = OwnFrames(store)
        todo = tuple(QueueItem(row.frame, row.review, own_reason(row), (), 0.0) for row in own.first(limit))
        return QueuePage(queue, todo, len(own), model_id, False)
    if queue is Queue.CONFLICTS:
        return _conflicts(store, limit, model_id)
    if queue.question is None:
        planned = store.coverage.least_covered(limit)
        items = tuple(
            QueueItem(one.frame, ReviewState.UNREVIEWED, coverage_reason(one), (), 0.0) for one in planned
        )
        return QueuePage(queue, items, len(items), model_id, False)
    if model_id is None:
        return QueuePage(queue, (), 0, None, False)
    found = store.findings.top(queue.question, model_id, limit)
    return QueuePage(
        queue,
        tuple(
            QueueItem(
                entry.frame,
                entry.review,
                reason(entry.finding, store.scheme),
                tuple(entry.finding.indices.tolist()),
                entry.finding.score,
            )
            for entry in found
        ),
        len(found) if len(found) < limit else store.findings.count(queue.question, model_id),
        model_id,
        bool(store.findings.outdated(1)),
    )


def _added(store: ProjectStore, queue: AddedQueue, limit: int, model_id: str | None) -> QueuePage:
    rows = {row.frame.id: row for row in store.frames.list()}
    entries = queue.entries(store, rows.keys())
    items = tuple(
        QueueItem(
            rows[entry.frame_id].frame,
            rows[entry.frame_id].review,
            entry.reason,
            tuple(map(store.scheme.index, entry.landmarks)),
            entry.score,
        )
        for entry in entries[:limit]
    )
    return QueuePage(queue, items, len(entries), model_id, False)


def _noted(row: FrameSummary, notes: list[Note], scheme: LandmarkScheme) -> QueueItem:
    named = [scheme.names.index(note.landmark) for note in notes if note.landmark in scheme.names]
    return QueueItem(row.frame, row.review, "; ".join(note.line for note in notes), tuple(named), 0.0)


def _conflicts(store: ProjectStore, limit: int, model_id: str | None) -> QueuePage:
    """Frames in capture order, each with its conflicts."""
    by_frame: dict[int, list[MergeConflict]] = {}
    for each in merge_conflicts(store):
        by_frame.setdefault(each.frame.id, []).append(each)
    order = [int(i) for i in store.frames.list(where=FrameFilter(review=ReviewState.NEEDS_WORK)).ids]
    items = tuple(
        QueueItem(
            found[0].frame,
            ReviewState.NEEDS_WORK,
            conflict_reason(found),
            tuple(dict.fromkeys(each.key.landmark for each in found if each.landmark is not None)),
            0.0,
        )
        for found in (by_frame[i] for i in order if i in by_frame)
    )
    return QueuePage(Queue.CONFLICTS, items[:limit], len(items), model_id, False)
