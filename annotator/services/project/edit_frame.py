"""One edit of a frame from outside of the window, with its entry in the ledger: what a script sets."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from annotator.domain.annotation import FARTHEST, Annotation
from annotator.domain.edits import Edit, apply, changes_nothing, without
from annotator.domain.errors import AnnotatorError
from annotator.domain.layers import displayed, to_keep
from annotator.store.history.changes import Change, Origin
from annotator.store.project_store import ProjectStore


@dataclass(frozen=True)
class Edited:
    """What an edit did: its entry in the ledger (0 where nothing differs), the names of the landmarks that it changed, and of
    those that it left as a person had them."""

    ledger_id: int
    changed: tuple[str, ...]
    kept: tuple[str, ...]


def edit_frame(
    store: ProjectStore,
    frame_id: int,
    make: Callable[[Annotation], Edit],
    *,
    moves: bool = False,
    overwrite: bool = False,
    label: str = "",
    user: str | None = None,
    seconds: float = 0.0,
) -> Edited:
    """Apply the edit that `make` gives for what is shown of a frame. It counts as an import, not as work by hand.

    Args:
        moves: the edit places or takes away landmarks: those that a person set stay, unless `overwrite`.
        label: for the ledger; empty takes the edit's own. user: None for the one at the machine.

    Raises:
        ProjectError: no such frame. AnnotatorError: a place that is none. StoreWriteError: the project is as it was.
    """
    store.frames.get(frame_id)
    active = store.models.active_id()
    proposal = None if active is None else store.proposals.usable(frame_id, active)
    human, track = store.annotations.get(frame_id), store.tracks.get(frame_id)
    shown = displayed(human, proposal, track)
    edit = make(shown)
    names = np.array(store.scheme.names)
    held = edit.indices[human.is_human[edit.indices]] if moves and not overwrite else edit.indices[:0]
    edit = without(edit, held)
    kept = tuple(names[held].tolist())
    if changes_nothing(edit):
        return Edited(0, (), kept)
    after, _ = apply(edit, shown)
    placed = after.xy[np.isfinite(after.xy)]
    if np.isinf(after.xy).any() or (np.abs(placed) > FARTHEST).any():
        raise AnnotatorError("A landmark lies where none can be; nothing was changed.")
    told = label or edit.label
    touched = Change(frame_id, shown, after, told).indices()
    model_id = None if proposal is None else proposal.model_id
    change = Change(
        frame_id,
        shown,
        to_keep(after, touched, proposal, track),
        told,
        seconds,
        model_id,
        user,
        Origin.IMPORT,
    )
    settled = store.annotations.commit_guarded([change])[0]
    changed = settled.change.indices() if settled.ledger_id else edit.indices[:0]
    return Edited(
        settled.ledger_id, tuple(names[changed].tolist()), kept + tuple(names[settled.lost].tolist())
    )
