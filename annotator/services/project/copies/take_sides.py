"""Conflicts of merged copies, decided: one side's landmarks or review state is put in place, and the decision is kept."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from annotator.domain.edits import Edit, apply
from annotator.domain.words import counted
from annotator.services.project.copies.merge_record import MergeConflict, taking
from annotator.store.history.changes import Change
from annotator.store.people.decisions import Decision, Took
from annotator.store.project_store import ProjectStore


def side_edit(store: ProjectStore, conflicts: Sequence[MergeConflict], took: Took) -> Edit:
    """What taking a side of a frame's conflicts does to the frame; nothing for `neither`.

    Raises:
        ProjectError: an entry of the ledger is damaged.
    """
    if took is Took.NEITHER:
        return _joined([], "Leave as it is")
    sides = [taking(store, each, took is Took.THEIRS) for each in conflicts]
    several = f"Take {took.value} of {counted(len(sides), 'conflict')}"
    return _joined(sides, sides[0].label if len(sides) == 1 else several)


def take_sides(store: ProjectStore, conflicts: Iterable[MergeConflict], took: Took) -> tuple[int, list[str]]:
    """Take one side of open conflicts (`neither`: frames stay as they are), and keep that they are decided.

    Returns:
        How many were decided, and the paths of frames that another program changed meanwhile: these wait still.

    Raises:
        ProjectError: an entry of the ledger is damaged. StoreWriteError: frames before that are decided.
    """
    by_frame: dict[int, list[MergeConflict]] = defaultdict(list)
    for each in conflicts:
        by_frame[each.frame.id].append(each)
    decided, busy = 0, []
    for frame_id, own in by_frame.items():
        edit, before = side_edit(store, own, took), store.annotations.get(frame_id)
        after = apply(edit, before)[0]
        if after != before:
            store.annotations.commit_guarded([Change(frame_id, before, after, edit.label)])
        held = store.annotations.get(frame_id)
        if apply(edit, held)[0] != held:
            busy.append(own[0].frame.path)
            continue
        store.decisions.add([Decision(each.key, took) for each in own])
        decided += len(own)
    return decided, busy


def _joined(sides: Sequence[Edit], label: str) -> Edit:
    """The edits of several conflicts of a frame as one."""
    parts: dict[int, tuple[np.ndarray, int, int]] = {}
    review = None
    for side in sides:
        review = side.review if side.review is not None else review
        if side.xy is not None and side.state is not None and side.flags is not None:
            for row, index in enumerate(side.indices.tolist()):
                parts[index] = (side.xy[row], int(side.state[row]), int(side.flags[row]))
    at = np.array(sorted(parts), np.int64)
    return Edit(
        label,
        at,
        np.array([parts[i][0] for i in at.tolist()], np.float32).reshape(-1, 2),
        np.array([parts[i][1] for i in at.tolist()], np.uint8),
        np.array([parts[i][2] for i in at.tolist()], np.uint8),
        review,
    )
