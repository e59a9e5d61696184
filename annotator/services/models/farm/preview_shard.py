"""One machine's share of making previews, as side files: what lists, scrubbing and the contact sheet's patches show at once.

A row a frame: its path below the capture root, its width and height in px, bytes and time (ns) of its file, and the JPEG.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from annotator.domain.capture import Frame
from annotator.domain.coords import Affine
from annotator.domain.errors import AnnotatorError, FormatError
from annotator.domain.frame_key import FrameKey
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.words import counted
from annotator.files import write_whole
from annotator.imaging.frame_pixels import pixels_of
from annotator.imaging.preview_mark import mark_of, marked
from annotator.imaging.pyramid import decode_preview, preview_jpeg
from annotator.services.models.farm.patch_file import (
    PATCHES,
    PatchRow,
    cut,
    patches_folder,
    read_patches,
    write_patches,
)
from annotator.services.models.farm.propose_shard import Shard
from annotator.services.models.farm.side_file import arrow, file_named, read_table, table_bytes
from annotator.services.models.farm.summary import MergeShardsSummary
from annotator.store.frame_keys import frame_key
from annotator.store.project_store import ProjectStore

PREVIEWS: Final = ".previews"
WantedPatches = Callable[[Sequence[int]], Mapping[int, Mapping[str, Affine]]]
"""Ids of frames -> of each the names of landmarks and where their patches lie."""
_NUMBERS: Final = ("width", "height", "nbytes", "mtime_ns")


@dataclass
class PreviewSummary:
    """Frames whose previews were made, that were there, and that could not be read (path: why); patches that were cut."""

    made: int = 0
    known: int = 0
    patches: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    stopped: bool = False

    @property
    def text(self) -> str:
        """One line for people."""
        parts = [f"{counted(self.made, 'preview')} made", f"{self.known} already there"]
        if self.patches:
            parts.insert(1, f"{self.patches:,} patches cut")
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
    wanted: WantedPatches | None = None,
) -> PreviewSummary:
    """Make the previews of a shard of `frame_ids`, the same ones for every shard, and write side files; resumable.

    With `wanted` patches for the contact sheet are cut, too, in files of their own: a frame is read once for both. A block is
    passed over where its patches are cut and the project has all previews, or its side file is whole and of the present files.

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
        path = file_named(folder, "previews-", [names[i] for i in ids], PREVIEWS)
        patches = wanted(ids) if wanted is not None else {}
        is_cut = not patches or _has_patches(path.with_suffix(PATCHES), store.scheme, keys, names, patches)
        if is_cut and (not store.previews.lacking(ids) or _has(path, keys, names)):
            summary.known += len(ids)
            done += len(ids)
            continue
        rows: list[tuple[FrameKey, bytes]] = []
        cuts: list[PatchRow] = []
        for key in keys:
            if stop():  # a block is whole or not there
                summary.stopped = True
                return summary
            try:
                pixels = pixels_of(key)
                rows.append((key, marked(preview_jpeg(pixels), (key.nbytes, key.mtime_ns))))
                for landmark, affine in patches.get(key.frame_id, {}).items():
                    place = names[key.frame_id], key.nbytes, key.mtime_ns, landmark, affine
                    cuts.append(PatchRow(*place, cut(pixels, affine)))
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
        if cuts:
            write_patches(path.with_suffix(PATCHES), store.scheme, cuts)
        summary.made += len(rows)
        summary.patches += len(cuts)
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


def merge_patches(store: ProjectStore, file: Path, summary: MergeShardsSummary, name: str) -> None:
    """Lay a side file of patches beside the project, where the window finds them; each counts for the picture that it is of."""
    try:
        rows = read_patches(file, store.scheme)
    except AnnotatorError as error:
        summary.refused[name] = str(error)
        return
    target, content = patches_folder(store.path) / file.name, file.read_bytes()
    if target.is_file() and target.read_bytes() == content:
        summary.known += len(rows)
        return
    write_whole(target, content)
    summary.patches += len(rows)


def _has_patches(
    path: Path,
    scheme: LandmarkScheme,
    keys: Sequence[FrameKey],
    names: dict[int, str],
    wanted: Mapping[int, Mapping[str, Affine]],
) -> bool:
    """Whether a side file has every patch, of the present files and at the present places."""
    if not path.is_file():
        return False
    try:
        rows = read_patches(path, scheme, pixels=False)
    except AnnotatorError:
        return False
    has = {(row.path, row.nbytes, row.mtime_ns, row.landmark): row.affine for row in rows}
    for key in keys:
        for name, affine in wanted.get(key.frame_id, {}).items():
            there = has.get((names[key.frame_id], key.nbytes, key.mtime_ns, name))
            if there is None or not np.allclose(there, affine, atol=0.5):
                return False
    return True


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
