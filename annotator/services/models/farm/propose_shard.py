"""One machine's share of proposing a project: side files in a folder, and nothing in the project.

The frames are cut into blocks in their order, and block k belongs to shard k modulo N. A block is the unit of everything: one
side file, one run of batches (so that a shard's proposals are those of one process, bit for bit where the device computes the
same), one thing to do again after a kill.
"""

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
    file_named,
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


ALL: Final = Shard(1, 1)
"""The whole of the work."""


@dataclass(frozen=True)
class Block:
    """Frames that are proposed together: their keys, and their paths as the project has them, by frame id."""

    keys: tuple[FrameKey, ...]
    paths: dict[int, str]

    @classmethod
    def of(cls, store: ProjectStore, frame_ids: Sequence[int]) -> "Block":
        """Frames of a project with their files as they are now."""
        paths = {frame.id: frame.path for frame in store.frames.of_ids(frame_ids)}
        return cls(tuple(frame_key(store, frame_id).now() for frame_id in frame_ids), paths)

    def file(self, folder: Path, model: SideModel) -> Path:
        """Its side file."""
        parts = (model.id, model.sha256, *(self.paths[key.frame_id] for key in self.keys))
        return file_named(folder, "proposals-", parts, ENDING)

    def is_done(self, path: Path, scheme: LandmarkScheme, model: SideModel) -> bool:
        """Whether a side file has every frame as its file is now."""
        if not path.is_file():
            return False
        try:
            found = read_side_file(path, scheme)
        except AnnotatorError:
            return False
        has = {(row.path, row.width, row.height, row.nbytes, row.mtime_ns) for row in found.rows}
        wanted = {(self.paths[k.frame_id], k.width, k.height, k.nbytes, k.mtime_ns) for k in self.keys}
        return found.model.sha256 == model.sha256 and wanted <= has

    def rows(
        self, predictor: Proposer, summary: ProposeSummary, progress: Progress = silent, stop: Stop = never
    ) -> list[SideRow]:
        """What a model says of the frames; those that fail go into the summary. Progress is told in frames of the block."""
        rows: list[SideRow] = []
        before = len(summary.failures)
        for batch in proposals_of(self.keys, predictor, summary, stop):
            for key, own in batch:
                path = self.paths[key.frame_id]
                rows.append(SideRow(path, key.width, key.height, key.nbytes, key.mtime_ns, own))
                summary.doubtful += bool(own.message)
            through = len(rows) + len(summary.failures) - before
            progress(through, len(self.keys), batch[-1][0].path if batch else "")
        return rows


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
    for ids in blocks:
        block = Block.of(store, ids)
        path = block.file(folder, model)
        if known.issuperset(ids) or (not again and block.is_done(path, store.scheme, model)):
            summary.skipped += len(ids)
            continue
        before = summary.skipped + summary.finished

        def told(done: int, _: int, text: str, before: int = before) -> None:
            progress(before + done, total, text)

        rows = block.rows(predictor, summary, told, stop)
        if stop():  # a block is whole or not there
            summary.stopped = True
            break
        if rows:
            write_side_file(path, model, store.scheme.id, rows)
        summary.proposed += len(rows)
    summary.notes = list(predictor.notes)
    return summary
