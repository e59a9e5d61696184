"""Whether people may approve frames that they marked themselves: a setting of the project."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import numpy as np

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.errors import AnnotatorError
from annotator.domain.words import counted
from annotator.services.project.people.placers import Place, first_placers, places
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore
from annotator.store.rows import os_user

SETTING: Final = "approval"


class Approval(StrEnum):
    """What becomes of approving one's own work; the words are stored, and never change."""

    ANYBODY = "anybody"
    """Nothing is asked."""
    WARNED = "warned"
    """It is done, and told."""
    APART = "apart"
    """It is refused: somebody else approves."""


def approval_of(store: ProjectStore) -> Approval:
    """The project's setting; anybody where there is none, or a damaged one."""
    try:
        return Approval(store.settings.get(SETTING, Approval.ANYBODY.value))
    except ValueError:
        return Approval.ANYBODY


def set_approval(store: ProjectStore, rule: Approval | str) -> Approval:
    """Keep the setting; raises `AnnotatorError` for a rule that there is not."""
    try:
        wanted = Approval(rule)
    except ValueError:
        raise AnnotatorError(f"Who may approve is one of {', '.join(Approval)}, not {rule!r}.") from None
    store.settings.set(SETTING, wanted.value)
    return wanted


def own_work(
    store: ProjectStore,
    frame_id: int,
    shown: Annotation | None = None,
    user: str | None = None,
    waiting: Sequence[Change] = (),
) -> str:
    """What speaks against this person approving a frame, in words; empty where nothing does.

    A frame is somebody's own work where points stand that they put there by hand. Who merely accepted proposals or another's
    points may approve.

    Args:
        shown: the frame as it is to be approved, None as the project holds it. user: None for the one at the machine.
        waiting: what was done here and is not in the ledger yet.
    """
    person = user or os_user()
    value = store.annotations.get(frame_id) if shown is None else shown
    placers = first_placers(store.ledger.entries(frame_id))
    for change in waiting:
        if change.frame_id == frame_id and change.origin.is_work:
            for place in _put(change):
                placers.setdefault(place, change.user or person)
    at = np.flatnonzero(value.is_human)
    own = [i for (i, x, y) in places(at, value.xy[at]) if placers.get((i, x, y)) == person]
    if not own:
        return ""
    frame = store.frames.get(frame_id)
    return (
        f"{counted(len(own), 'point')} of {frame.name} {'is' if len(own) == 1 else 'are'} where {person} put "
        f"{'it' if len(own) == 1 else 'them'} ({store.scheme.names[own[0]]}{', ...' if len(own) > 1 else ''})"
    )


def _put(change: Change) -> list[Place]:
    """Where an edit puts landmarks by hand."""
    put = (change.after.state == LandmarkState.CORRECTED) & (change.before.xy != change.after.xy).any(-1)
    at = np.flatnonzero(put)
    return places(at, change.after.xy[at])


def refusal(
    store: ProjectStore,
    frame_id: int,
    shown: Annotation | None = None,
    user: str | None = None,
    waiting: Sequence[Change] = (),
) -> tuple[bool, str]:
    """Whether approving a frame is refused, and what is to be told (empty: nothing); arguments as of `own_work`."""
    rule = approval_of(store)
    if rule is Approval.ANYBODY:
        return False, ""
    why = own_work(store, frame_id, shown, user, waiting)
    if not why:
        return False, ""
    if rule is Approval.WARNED:
        return False, f"Approved by the person who marked it: {why}."
    return True, f"Not approved: {why}, and in this project somebody else approves what one marked."
