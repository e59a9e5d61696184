"""Brings a farm's image evidence of takes into the project, where `track` finds it and reads no picture again."""

from pathlib import Path

import numpy as np

from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError
from annotator.domain.takes.motion import Motion
from annotator.services.models.farm.evidence_file import EvidenceRow, read_evidence
from annotator.services.models.farm.summary import MergeShardsSummary
from annotator.services.takes.evidence import both_files
from annotator.store.frame_keys import frame_key
from annotator.store.project_store import ProjectStore


def merge_evidence(
    store: ProjectStore, file: Path, frames: dict[str, Frame], summary: MergeShardsSummary, name: str
) -> None:
    """Take a side file's pairs into the project, in one transaction, and count them; what is refused is named.

    A pair is taken where the project has both frames and their pictures, where they are here, are still those that were compared.
    It stands in the place of what the project had of that pair: `track` takes none that is of other places.

    Raises:
        StoreWriteError: nothing of the file was taken.
    """
    try:
        rows, damaged = read_evidence(file, store.scheme)
    except FormatError as error:
        summary.refused[name] = str(error)
        return
    summary.refused |= damaged
    known = store.motions.of([frames[row.path].id for row in rows if row.path in frames])
    news = []
    for row in rows:
        later, earlier = frames.get(row.path), frames.get(row.before)
        if later is None or earlier is None:
            summary.refused[row.path] = "the project has no such frame"
            continue
        if why := _refusal(store, earlier, later, row, summary):
            summary.refused[row.path] = why
            continue
        if _same(known.get(later.id), (earlier.id, row.files, row.motion)):
            summary.known += 1
        else:
            news.append((later.id, earlier.id, row.files, row.motion))
    store.motions.save_all(news)
    summary.evidence += len(news)


def _refusal(
    store: ProjectStore, earlier: Frame, later: Frame, row: EvidenceRow, summary: MergeShardsSummary
) -> str:
    """Why a pair is not of the frames as they are now; empty where it is. Pictures that are not here are counted."""
    before, after = (frame_key(store, frame.id).now() for frame in (earlier, later))
    if not (before.has_file and after.has_file):
        summary.unseen += 1
        return ""
    if both_files(before, after) != row.files:
        return (
            "its file or the one before is another one (bytes or time) than was compared; run its shard again"
        )
    return ""


def _same(known: tuple[int, str, Motion] | None, new: tuple[int, str, Motion]) -> bool:
    """Whether the project has the very same of a pair."""
    if known is None or known[:2] != new[:2]:
        return False
    return all(
        np.array_equal(getattr(known[2], part), getattr(new[2], part), equal_nan=True)
        for part in ("start", "step", "covariance")
    )
