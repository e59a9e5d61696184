"""Which frames to list, as a value and as SQL."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func

from annotator.domain.annotation import ReviewState
from annotator.store import tables
from annotator.store.people.assignments import assigned_to
from annotator.store.tables import frame, proposal

FACETS = {"subject": frame.c.subject, "take": frame.c.take, "camera": frame.c.camera}
"""The frame columns whose tokens can be chosen from."""

Facets = dict[str, list[str]]
"""The tokens of a project: `{"subject": [...], "take": [...], "camera": [...]}`."""


@dataclass(frozen=True, slots=True)
class FrameFilter:
    """Which frames to list; None and empty text mean any.

    Attributes:
        subject, take, camera: exact tokens. text: part of the path, whatever the case.
        review: the review state. touched: some landmark was set by a person. finished: all were.
        flagged: some landmark is occluded or out of frame. proposed: the model asked about has a proposal.
        confidence_below: mean confidence of the proposal under this (0..1).
        noted: it has an open note. assigned: it has one for somebody of this name, whatever the case; "" for anybody.
        person: it is this person's to do, whatever the case; "" for nobody's.
        least_certain_first: order by mean confidence instead of capture order; frames without a proposal last.
    """

    subject: str | None = None
    take: str | None = None
    camera: str | None = None
    text: str = ""
    review: ReviewState | None = None
    touched: bool | None = None
    finished: bool | None = None
    flagged: bool | None = None
    proposed: bool | None = None
    confidence_below: float | None = None
    noted: bool | None = None
    assigned: str | None = None
    person: str | None = None
    least_certain_first: bool = False


def conditions(wanted: FrameFilter) -> list[ColumnElement[bool]]:
    """The filter as SQL conditions over frame, annotation and proposal (outer joins of one row a frame)."""
    a, found = tables.annotation.c, []
    for name, column in FACETS.items():
        token = getattr(wanted, name)
        if token is not None:
            found.append(column == token)
    if wanted.text:
        found.append(frame.c.path.icontains(wanted.text, autoescape=True))
    if wanted.review is not None:
        found.append(func.coalesce(a.review, 0) == int(wanted.review))
    human = func.coalesce(a.corrected + a.confirmed, 0)
    if wanted.touched is not None:
        found.append(human > 0 if wanted.touched else human == 0)
    if wanted.finished is not None:
        finished = and_(func.coalesce(a.missing, 1) == 0, human > 0)
        found.append(finished if wanted.finished else ~finished)
    if wanted.flagged is not None:
        flagged = func.coalesce(a.flagged, 0)
        found.append(flagged > 0 if wanted.flagged else flagged == 0)
    if wanted.proposed is not None:
        missing = proposal.c.frame_id.is_(None)
        found.append(~missing if wanted.proposed else missing)
    if wanted.confidence_below is not None:
        found.append(proposal.c.mean_confidence < wanted.confidence_below)
    n = tables.review_note.c
    of_frame = and_(n.frame_id == frame.c.id, n.settled.is_(None))
    if wanted.noted is not None:
        noted = exists().where(of_frame)
        found.append(noted if wanted.noted else ~noted)
    if wanted.assigned is not None:
        whom = n.assignee.icontains(wanted.assigned, autoescape=True) if wanted.assigned else n.assignee != ""
        found.append(exists().where(of_frame, whom))
    if wanted.person is not None:
        found.append(assigned_to(wanted.person))
    return found
