"""What is left of a step where the project does not let a person approve what they marked themselves."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from annotator.domain.annotation import Annotation, ReviewState
from annotator.domain.edits import apply, changes_nothing, without
from annotator.domain.errors import ProjectError
from annotator.services.project.people.approval import refusal
from annotator.session.editing.undo import FrameEdits
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

Tell = Callable[[str], object]


def approvable(
    part: FrameEdits,
    store: ProjectStore,
    shown: Callable[[int], Annotation],
    waiting: Sequence[Change],
    refused: Tell,
    warned: Tell,
) -> FrameEdits | None:
    """The step on a frame as it may be made: all of it, its landmarks alone, or nothing (None).

    Args:
        shown: what the artist sees of a frame. waiting: edits that are not on disk yet.
        refused, warned: take why, where there is something to tell.
    """
    if not any(edit.review is ReviewState.APPROVED for edit in part.edits):
        return part
    value = shown(part.frame_id)
    for edit in part.edits:
        value, _ = apply(edit, value)
    try:
        is_refused, why = refusal(store, part.frame_id, value, waiting=waiting)
    except ProjectError:  # whoever writes next tells of it
        return part
    if why:
        (refused if is_refused else warned)(why)
    if not is_refused:
        return part
    left = [without(edit, (), review=True) for edit in part.edits]
    return None if all(map(changes_nothing, left)) else replace(part, edits=left)
