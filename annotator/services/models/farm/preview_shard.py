"""One machine's share of making previews, as side files: what lists, scrubbing and the contact sheet's patches show at once.

A row a frame: its path below the capture root, its width and height in px, bytes and time (ns) of its file, and the JPEG.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError, FormatError
from annotator.domain.frame_key import FrameKey
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.words import counted
from annotator.files import write_whole
from annotator.imaging.frame_pixels import pixels_of
from annotator.imaging.preview_mark import mark_of, marked
from annotator.imaging.pyramid import decode_preview, preview_jpeg
from annotator.services.models.farm.propose_shard import Shard
from annotator.services.models.farm.side_file import arrow, read_table, table_bytes
from annotator.services.models.farm.summary import MergeShardsSummary
from annotator.store.frame_keys import frame_key
from annotator.store.project_store import ProjectStore

PREVIEWS: Final = ".previews"
_NUMBERS: Final = ("width", "height", "nbytes", "mtime_ns")


@dataclass
class PreviewSummary:
    """Previews that were made, that were there, and frames that could not be read (path: why)."""

    made: int = 0
    known: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    stopped: bool = False

    @property
    def text(self) -> str:
        """One line for people."""
        parts = [f"{counted(self.made, 'preview')} made", f"{self.known} already there"]
        if self.failures:
            parts.append(f"{len(self.failures)} failed")
        return ", ".join(parts) + (" (stopped)" if self.stopped else "")


def preview_shard(
    store: ProjectStore,
    frame_ids: Sequence[int],
    shard: Shard,
    folder: Path,
    progress: Progress = silent,
    stop: Stop = never,
) -> PreviewSummary:
    """Make the previews of a shard of `frame_ids`, the same ones for every shard, and write side files; resumable.

    A block of which the project has all previews, or whose side file is whole and of the present files, is passed over.

    Raises:
        AnnotatorError: pyarrow is not installed. FormatError: the folder cannot be written.
    """
    pa, _ = arrow()
    summary, done = PreviewSummary(), 0
    blocks = list(shard.blocks(frame_ids))
    total = sum(map(len, blocks))
    progress(0, total, "starting")
    for ids in blocks:
        names = {frame.id: frame.path for frame in store.frames.of_ids(ids)}
        keys = [frame_key(store, frame_id).now() for frame_id in ids]
        path = folder / _name([names[i] for i in ids])
        if not store.previews.lacking(ids) or _has(path, keys, names):
            summary.known += len(ids)
            done += len(ids)
            continue
        rows: list[tuple[FrameKey, bytes]] = []
        for key in keys:
            if stop():  # a block is whole or not there
                summary.stopped = True
                return summary
            try:
                rows.append((key, marked(preview_jpeg(pixels_of(key)), (key.nbytes, key.mtime_ns))))
            except (AnnotatorError, OSError, MemoryError) as error:
                summary.failures[names[key.frame_id]] = str(error)
            done += 1
            progress(done, total, names[key.frame_id])
        if rows:
            columns = {"path": pa.array([names[key.frame_id] for key, _ in rows], pa.string())}
            columns |= {
                name: pa.array([getattr(key, name) for key, _ in rows], pa.int64()) for name in _NUMBERS
            }
            columns["jpeg"] = pa.array([jpeg for _, jpeg in rows], pa.binary())
            write_whole(path, table_bytes(columns, {"kind": "previews"}))
        summary.made += len(rows)
    return summary


def merge_previews(
    store: ProjectStore, file: Path, frames: dict[str, Frame], summary: MergeShardsSummary, name: str
) -> None:
    """Take a side file's previews into the project, and count them; what is refused is named. Those that the project has stay."""
    try:
        _, rows = read_table(file, ["path", *_NUMBERS, "jpeg"])
    except FormatError as error:
        summary.refused[name] = str(error)
        return
    lacking = set(store.previews.lacking([frames[row["path"]].id for row in rows if row["path"] in frames]))
    for row in rows:
        frame = frames.get(row["path"])
        if frame is None:
            summary.refused[str(row["path"])] = "the project has no such frame"
        elif frame.id not in lacking:
            summary.known += 1
        elif why := _refusal(frame_key(store, frame.id).now(), row, summary):
            summary.refused[frame.path] = why
        else:
            store.previews.save(frame.id, bytes(row["jpeg"]))
            summary.previews += 1


def _refusal(key: FrameKey, row: dict[str, object], summary: MergeShardsSummary) -> str:
    """Why a preview is not of the frame as it is now; empty where it is. Pictures that are not here are counted."""
    jpeg = row["jpeg"]
    if (key.width, key.height) != (row["width"], row["height"]):
        return "its picture has another size than the frame"
    if not isinstance(jpeg, bytes) or mark_of(jpeg) != (row["nbytes"], row["mtime_ns"]):
        return "its preview is damaged; run its shard again"
    try:
        decode_preview(jpeg)
    except AnnotatorError as error:
        return str(error)
    if not key.has_file:
        summary.unseen += 1
    elif (key.nbytes, key.mtime_ns) != (row["nbytes"], row["mtime_ns"]):
        return "its file is another one (bytes or time) than the preview is of; run its shard again"
    return ""


def _name(paths: Sequence[str]) -> str:
    """By the frames in it."""
    digest = hashlib.sha256("\0".join(paths).encode("utf-8", "surrogatepass")).hexdigest()
    return f"previews-{digest[:24]}{PREVIEWS}"


def _has(path: Path, keys: Sequence[FrameKey], names: dict[int, str]) -> bool:
    """Whether a side file has every frame as its file is now."""
    if not path.is_file():
        return False
    try:
        _, rows = read_table(path, ["path", *_NUMBERS])
    except AnnotatorError:
        return False
    has = {(row["path"], *(row[name] for name in _NUMBERS)) for row in rows}
    return {(names[k.frame_id], k.width, k.height, k.nbytes, k.mtime_ns) for k in keys} <= has
