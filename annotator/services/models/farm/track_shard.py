"""One machine's share of tracking: the pixels' motion between neighbouring frames of a take, as side files.

Only that is divided: a path goes through all frames of its take at once, so the smoother runs where the project is, on the
evidence that `merge` brought, and comes to what one process comes to. Pictures are read by the shards alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.frame_key import FrameKey
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.takes.take import FrameSequence
from annotator.domain.words import counted
from annotator.services.models.farm.evidence_file import EVIDENCE, EvidenceRow, read_evidence, write_evidence
from annotator.services.models.farm.propose_shard import BLOCK, Shard
from annotator.services.models.farm.side_file import arrow, file_named
from annotator.services.takes.evidence import (
    both_files,
    covers,
    file_keys,
    kept_motions,
    neighbours,
    pair_motions,
)
from annotator.store.project_store import ProjectStore


@dataclass
class TrackShardSummary:
    """What a shard did: pairs of pictures that were compared now, and before; frame id -> why its picture could not be used."""

    compared: int = 0
    known: int = 0
    failures: dict[int, str] = field(default_factory=dict)
    stopped: bool = False

    @property
    def text(self) -> str:
        """One line for people."""
        parts = [f"{counted(self.compared, 'pair')} of pictures compared", f"{self.known} compared before"]
        if self.failures:
            parts.append(f"{counted(len(self.failures), 'picture')} not used")
        return ", ".join(parts) + (" (stopped)" if self.stopped else "")


@dataclass(frozen=True, eq=False)
class _Pairs:
    """A block: places in a sequence whose motion from the frame before is wanted."""

    sequence: FrameSequence
    places: NDArray[np.float64]
    keys: list[FrameKey]
    names: dict[int, str]
    at: list[int]
    kept: bool
    """Whether the project has all of them."""

    def row(self, at: int) -> tuple[str, str, str]:
        """The later frame's path, the earlier one's, and what tells both files."""
        later, earlier = (self.names[int(self.sequence.frame_ids[i])] for i in (at, at - 1))
        return later, earlier, both_files(self.keys[at - 1], self.keys[at])

    def file(self, folder: Path, scheme: LandmarkScheme) -> Path:
        """Its side file."""
        parts = (scheme.id, *(part for at in self.at for part in self.row(at)[:2]))
        return file_named(folder, "evidence-", parts, EVIDENCE)

    def is_done(self, path: Path, scheme: LandmarkScheme) -> bool:
        """Whether a side file has every pair, of the present files and at the present places."""
        if not path.is_file():
            return False
        try:
            rows, _ = read_evidence(path, scheme)
        except AnnotatorError:
            return False
        has = {(row.path, row.before, row.files): row.motion for row in rows}
        found = [(has.get(self.row(at)), self.places[at - 1]) for at in self.at]
        return all(motion is not None and covers(motion, places) for motion, places in found)


def track_shard(
    store: ProjectStore,
    work: Sequence[tuple[FrameSequence, NDArray[np.float64]]],
    shard: Shard,
    folder: Path,
    progress: Progress = silent,
    stop: Stop = never,
) -> TrackShardSummary:
    """Compare a shard's pairs of neighbouring pictures and write side files; resumable, and nothing else is written.

    Args:
        work: sequences with the places [N, L, 2] to look at, as `where_to_look` gives them: the same ones for every shard. Blocks
            of 16 pairs of all of them are numbered through.

    Raises:
        AnnotatorError: pyarrow is not installed. FormatError: the folder cannot be written.
    """
    arrow()  # before any work
    summary = TrackShardSummary()
    blocks = list(_blocks(store, work, shard))
    total, done = sum(len(block.at) for block in blocks), 0
    progress(0, total, "reading pictures")
    for block in blocks:
        path = block.file(folder, store.scheme)
        if block.kept or block.is_done(path, store.scheme):
            summary.known += len(block.at)
            done += len(block.at)
            continue
        rows = []
        for at, motion in pair_motions(block.keys, block.places, block.at, summary.failures):
            if stop():  # a block is whole or not there
                summary.stopped = True
                return summary
            if motion is not None:
                rows.append(EvidenceRow(*block.row(at), motion))
            done += 1
            progress(done, total, block.keys[at].path)
        if rows:
            write_evidence(path, store.scheme, rows)
        summary.compared += len(rows)
    return summary


def _blocks(
    store: ProjectStore, work: Sequence[tuple[FrameSequence, NDArray[np.float64]]], shard: Shard
) -> Iterator[_Pairs]:
    number = 0
    for sequence, places in work:
        keys = file_keys(store, sequence)
        names = {frame.id: frame.path for frame in store.frames.of_ids(sequence.frame_ids.tolist())}
        pairs, kept = neighbours(sequence), kept_motions(store, sequence, keys, places)
        for start in range(0, len(pairs), BLOCK):
            if number % shard.count == shard.number - 1:
                block = pairs[start : start + BLOCK]
                yield _Pairs(sequence, places, keys, names, block, kept.keys() >= set(block))
            number += 1
