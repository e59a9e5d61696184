"""One machine's share of proposing a project: side files in a folder, and nothing in the project.

The frames are cut into blocks in their order, and block k belongs to shard k modulo N. A block is the unit of everything: one
side file, one run of batches (so that a shard's proposals are those of one process, bit for bit where the device computes the
same), one thing to do again after a kill.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from annotator.domain.errors import AnnotatorError
from annotator.domain.frame_key import FrameKey
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.services.models.farm.side_file import (
    ENDING,
    SideModel,
    SideRow,
    arrow,
    read_side_file,
    write_side_file,
)
from annotator.services.models.propose import Proposer, ProposeSummary, proposals_of
from annotator.store.frame_keys import frame_key
from annotator.store.project_store import ProjectStore

BLOCK: Final = 16
"""Frames of a side file: a multiple of the frames that a GPU takes at a time."""


@dataclass(frozen=True)
class Shard:
    """The share `number` (1..`count`) of the work."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """From `3/20`; raises `AnnotatorError` for what is none."""
        first, _, second = text.partition("/")
        if first.isdecimal() and second.isdecimal() and 1 <= int(first) <= int(second):
            return cls(int(first), int(second))
        raise AnnotatorError(
            f"A shard is written 3/20: its number, from 1 on, and how many there are; not {text!r}."
        )

    def blocks(self, frame_ids: Sequence[int]) -> Iterator[list[int]]:
        """Its blocks of frames."""
        for start in range((self.number - 1) * BLOCK, len(frame_ids), self.count * BLOCK):
            yield [int(i) for i in frame_ids[start : start + BLOCK]]


def propose_shard(
    store: ProjectStore,
    predictor: Proposer,
    frame_ids: Sequence[int],
    shard: Shard,
    folder: Path,
    model_folder: Path | None = None,
    progress: Progress = silent,
    stop: Stop = never,
    again: bool = False,
) -> ProposeSummary:
    """Propose a shard of `frame_ids`, which must be the same ones in the same order for every shard; resumable.

    A block whose side file is whole and of the frames' present files is passed over, as is one that the project has all proposals
    of (`again` does both anew). `model_folder` tells who merges where the model lies.

    Raises:
        ModelError: the model places another scheme. AnnotatorError: pyarrow is not installed. FormatError: the folder cannot be
        written.
    """
    arrow()  # before any work
    card = predictor.card
    card.check_scheme(store.scheme.id)
    model = SideModel(card.id, card.sha256, "" if model_folder is None else str(model_folder))
    known = set() if again else store.proposals.frame_ids(card.id)
    blocks = list(shard.blocks(frame_ids))
    summary = ProposeSummary(card.id)
    total = sum(map(len, blocks))
    progress(0, total, "starting")
    for block in blocks:
        keys = [frame_key(store, frame_id).now() for frame_id in block]
        names = {frame.id: frame.path for frame in store.frames.of_ids(block)}
        path = folder / _name(model, [names[i] for i in block])
        if known.issuperset(block) or (not again and _is_done(path, store.scheme, model, keys, names)):
            summary.skipped += len(block)
            continue
        rows = []
        for batch in proposals_of(store, predictor, block, summary, stop):
            for key, own in batch:
                rows.append(
                    SideRow(names[key.frame_id], key.width, key.height, key.nbytes, key.mtime_ns, own)
                )
                summary.doubtful += bool(own.message)
            progress(
                summary.skipped + summary.finished + len(rows), total, batch[-1][0].path if batch else ""
            )
        if stop():  # a block is whole or not there
            summary.stopped = True
            break
        if rows:
            write_side_file(path, model, store.scheme.id, rows)
        summary.proposed += len(rows)
    summary.notes = list(predictor.notes)
    return summary


def _name(model: SideModel, paths: Sequence[str]) -> str:
    """By what is in it, so that no two blocks share a file, however the work is cut."""
    text = "\0".join((model.id, model.sha256, *paths))
    return f"proposals-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}{ENDING}"


def _is_done(
    path: Path, scheme: LandmarkScheme, model: SideModel, keys: Sequence[FrameKey], names: dict[int, str]
) -> bool:
    """Whether a side file has every frame of a block as its file is now."""
    if not path.is_file():
        return False
    try:
        found = read_side_file(path, scheme)
    except AnnotatorError:
        return False
    has = {(row.path, row.width, row.height, row.nbytes, row.mtime_ns) for row in found.rows}
    wanted = {(names[k.frame_id], k.width, k.height, k.nbytes, k.mtime_ns) for k in keys}
    return found.model.sha256 == model.sha256 and wanted <= has
