"""Brings what was done in a copy of a project into it: the copy's ledger is replayed with who, when, seconds and model.

Nothing is lost: entries of both sides stand in the ledger, and where both changed a landmark the frame needs work, with both
places on record. Merging again changes nothing, merging both ways makes both copies the same, and a merge can be taken back.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from annotator.domain.annotation import Annotation
from annotator.domain.errors import ProjectError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.words import counted
from annotator.services.project.copies.merge_ledgers import FrameMerge, merge_frame
from annotator.services.project.copies.merge_record import MERGES, take_over_decisions
from annotator.services.project.people.assign import take_over_assignments
from annotator.store.adoption import Adoption
from annotator.store.history.ledger import LedgerEntry
from annotator.store.project_store import ProjectStore

_BATCH: Final = 50  # frames in one transaction: others wait no longer than some tenths of a second


@dataclass(frozen=True)
class MergeSummary:
    """What a merge did: frames that took something over, entries of the ledger, landmarks (and review states) in conflict, frames
    that were added, and those that were refused (path: why). `stopped`: the same merge goes on with the rest.
    `assigned`: subjects, takes and frames whose people are those of the copy now."""

    frames: int
    entries: int
    conflicts: int
    frames_added: int
    refused: dict[str, str]
    stopped: bool = False
    assigned: int = 0

    @property
    def text(self) -> str:
        """One line for people."""
        parts = [f"{counted(self.entries, 'edit')} of {counted(self.frames, 'frame')} taken over"]
        if self.frames_added:
            parts.append(f"{counted(self.frames_added, 'frame')} added")
        if self.conflicts:
            parts.append(f"{counted(self.conflicts, 'conflict')}; those frames need work")
        if self.assigned:
            parts.append(f"{counted(self.assigned, 'assignment')} taken over")
        if self.refused:
            parts.append(f"{counted(len(self.refused), 'frame')} refused")
        return ", ".join(parts) + (" (stopped)" if self.stopped else "")


def merge_copies(
    store: ProjectStore, other: ProjectStore, progress: Progress = silent, stop: Stop = never
) -> MergeSummary:
    """Take over what `other`, a copy of this project, has in its ledger and this one lacks. `other` is not changed; proposals,
    tracks, models, rigs and notes are not merged; of assignments the later ones count.

    Raises:
        ProjectError: they are not copies of one project, or of other schemes; nothing was changed. StoreWriteError: what was
        written before stays, and the same merge goes on.
    """
    _check(store, other)
    refused: dict[str, str] = {}
    theirs = {summary.frame.path: summary.frame for summary in other.frames.list()}
    entries: dict[int, list[LedgerEntry]] = defaultdict(list)
    for entry in other.ledger.entries():
        entries[entry.frame_id].append(entry)
    added = store.frames.add(theirs.values())
    here = {summary.frame.path: summary.frame for summary in store.frames.list()}
    wanted = []
    for path, frame in theirs.items():
        if frame.id not in entries:
            continue
        if (here[path].width, here[path].height) != (frame.width, frame.height):
            refused[path] = (
                "the copies know it in different sizes: run annotator update in both, then merge again"
            )
        else:
            wanted.append((path, here[path].id, frame.id))
    record: dict[str, Any] = {"from": other.path.name, "entries": [], "clashes": []}
    older = store.settings.get(MERGES, [])
    frames = taken = 0
    stopped = False
    progress(0, len(wanted), "starting")
    for start in range(0, len(wanted), _BATCH):
        if stop():
            stopped = True
            break
        batch = wanted[start : start + _BATCH]
        found = list(_decided(store, other, batch, entries, refused))
        label = f"Merge {other.path.name}"
        made = store.annotations.adopt(
            Adoption(frame_id, own.entries, held, own.replayed, own.target, own.stated, label)
            for _, frame_id, held, own in found
        )
        for (path, frame_id, _, own), ids in zip(found, made, strict=True):
            if ids is None:
                refused[path] = "somebody edited it meanwhile; merge again"
                continue
            frames, taken = frames + 1, taken + len(own.entries)
            _extend(record["entries"], ids)
            numbers = {id(entry): number for entry, number in zip(own.entries, ids, strict=False)}
            record["clashes"] += [
                [frame_id, clash.landmark, clash.mine.id, numbers[id(clash.theirs)]] for clash in own.clashes
            ]
        if record["entries"]:
            store.settings.set(MERGES, [*older, record])
        progress(start + len(batch), len(wanted), batch[-1][0])
    assigned = 0 if stopped else take_over_assignments(store, other)
    if not stopped:
        take_over_decisions(store, other)
    return MergeSummary(frames, taken, len(record["clashes"]), added, refused, stopped, assigned)


def _extend(ranges: list[list[int]], ids: Sequence[int]) -> None:
    """Numbers of the ledger as few ranges: those of a transaction follow each other."""
    if ranges and ranges[-1][1] + 1 == ids[0]:
        ranges[-1][1] = ids[-1]
    else:
        ranges.append([ids[0], ids[-1]])


def _check(store: ProjectStore, other: ProjectStore) -> None:
    if store.path == other.path:
        raise ProjectError(f"{store.path} cannot be merged into itself; name a copy of it.")
    if store.created != other.created:
        raise ProjectError(
            f"{other.path.name} is no copy of {store.path.name}: they were made at different times. Take its landmarks over by "
            "annotator export and annotator import-annotations."
        )
    if store.scheme.id != other.scheme.id:
        raise ProjectError(f"{store.path.name} holds {store.scheme.id}, {other.path.name} {other.scheme.id}.")


def _decided(
    store: ProjectStore,
    other: ProjectStore,
    batch: Sequence[tuple[str, int, int]],
    entries: dict[int, list[LedgerEntry]],
    refused: dict[str, str],
) -> Iterator[tuple[str, int, Annotation, FrameMerge]]:
    """Of those frames that take something over: path, id here, what is held, and the merge."""
    for path, here, there in batch:
        try:
            held, theirs_now = store.annotations.get(here), other.annotations.get(there)
            mine = store.ledger.entries(here, whole=True)
        except ProjectError as error:
            refused[path] = str(error)
            continue
        found = merge_frame(mine, entries[there], held, theirs_now)
        if found is not None:
            yield path, here, held, found
