"""A rendered or exported dataset folder as a source: pictures beside `annotations.json`,
or beside `annotations.jsonl` while they are being written.

Pictures are read when first drawn and kept as uint8 while memory allows; larger ones are first reduced by exact area average.
Frames of which only what training reads was rendered (`annotator render --crops`) count as one frame each: they are put together
again from the small picture of the whole and the windows round the regions, which are as fine as networks can use.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.capture import is_confined
from annotator.domain.errors import FormatError
from annotator.domain.outside_files import parse_json
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import bounded_text, check_version
from annotator.formats.coco import Coco
from annotator.formats.coco_reader import MAX_BYTES
from annotator.formats.dataset_folder import annotations_of
from annotator.imaging.proxy import area_resize, network_pixels
from annotator.imaging.reader import read_frame
from annotator.imaging.sampling import Box, pasted
from annotator.training.source import Sample
from annotator.training.takes import TakeIndex

LONGEST = 1536
"""Pixels to which pictures are reduced, unless a recipe draws larger ones."""
ZOOM = 1.25
"""Augmentation may enlarge a frame by about so much: pictures are kept that much larger than they are drawn."""
_MOST_PIXELS = 8192  # a side, the most that is rendered


@dataclass(frozen=True)
class Window:
    """A rendered part of a frame: its file below the folder, and its place `x0 y0 x1 y1` in whole frame pixels."""

    path: str
    box: Box


@dataclass(frozen=True)
class CropFrame:
    """A frame of `size` (width, height) pixels; `whole` is the file of its small picture."""

    whole: str
    size: tuple[int, int]
    windows: tuple[Window, ...]

    def picture(self, folder: Path) -> NDArray[np.uint8]:
        """uint8 [H,W,3]: sharp in the windows, enlarged elsewhere. Raises FormatError for a window of another size."""
        parts = [(window.box, self._read(folder / window.path)) for window in self.windows]
        try:
            return pasted(self._read(folder / self.whole), self.size, parts)
        except ValueError as error:
            raise FormatError(f"{folder / self.whole}: a window's {error}; render the set anew") from error

    @staticmethod
    def _read(path: Path) -> NDArray[np.uint8]:
        return network_pixels(read_frame(path))


@dataclass(frozen=True, eq=False)
class _Entry:
    path: str
    subject: str
    xy: NDArray[np.float32]
    crops: CropFrame | None = None

    def picture(self, folder: Path) -> NDArray[np.uint8]:
        return (
            network_pixels(read_frame(folder / self.path))
            if self.crops is None
            else self.crops.picture(folder)
        )


class PictureCache:
    """Decoded pictures up to a number of bytes; the ones that do not fit are decoded again. Safe for threads."""

    def __init__(self, longest: int, limit: int) -> None:
        self._longest, self._limit, self._used = longest, limit, 0
        self._held: dict[str, tuple[NDArray[np.uint8], NDArray[np.float32]]] = {}
        self._lock = threading.Lock()

    def get(
        self, name: str, read: Callable[[], NDArray[np.uint8]]
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """The picture, at most `longest` pixels wide and high, and its scale; see `reduced`."""
        with self._lock:
            if name in self._held:
                return self._held[name]
        picture, scale = reduced(read(), self._longest)
        with self._lock:
            if name not in self._held and self._used + picture.nbytes <= self._limit:
                self._held[name] = picture, scale
                self._used += picture.nbytes
        return picture, scale


def reduced(picture: NDArray[np.uint8], longest: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A picture by area average so that no side exceeds `longest`, and its scale in x and y; small ones stay as they are."""
    height, width = picture.shape[:2]
    scale = longest / max(width, height)
    if scale >= 1:
        return picture, np.ones(2, np.float32)
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    return area_resize(picture, wide, high), np.array([wide / width, high / height], np.float32)


class PictureFolder:
    """Every annotated picture of a folder.

    Args:
        folder: holds `annotations.json` (COCO keypoints) or `annotations.jsonl` (the studio's, a line a picture: `file`,
            `xy` in our convention, `state` 0 missing, 1 occluded, 2 visible), or both.
        scheme: landmarks are matched by name; those the file lacks are missing.
        longest: pictures are reduced to this. memory: bytes of pictures to keep.
    """

    def __init__(
        self, folder: Path, scheme: LandmarkScheme, longest: int = LONGEST, memory: int = 2 << 30
    ) -> None:
        self._folder, self._scheme = folder, scheme
        self._entries: list[_Entry] = []
        self._seen: set[str] = set()
        self._takes = TakeIndex()
        self._pictures = PictureCache(longest, memory)
        self.refresh()

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> Sample:
        entry = self._entries[index]
        picture, scale = self._pictures.get(entry.path, lambda: entry.picture(self._folder))
        xy = (entry.xy * scale).astype(np.float32)
        # a render lists landmarks beyond its border, too; no network can see them
        seen = (xy >= 0).all(-1) & (xy <= picture.shape[1::-1]).all(-1)
        return Sample(picture, xy, np.asarray(seen, np.float32), entry.subject, entry.path)

    def clip(self, index: int, count: int) -> list[Sample]:
        """Sample `index` and those that follow it in its rendered take; see `TakeSource`."""
        return [self[number] for number in self._takes.following(index, count)]

    @property
    def subjects(self) -> list[str]:
        """The subject of every sample, by its number."""
        return [entry.subject for entry in self._entries]

    def refresh(self) -> None:
        """Adds pictures that were annotated since; raises `FormatError` where the folder holds no annotations at all."""
        whole, lines = annotations_of(self._folder, self._scheme), self._folder / "annotations.jsonl"
        if not whole.is_file() and not lines.is_file():
            raise FormatError(
                f"{self._folder} holds no annotations.json; choose a rendered or exported folder"
            )
        if lines.is_file():
            self._add(_read_lines(lines, self._scheme))
        if whole.is_file():
            frames = Coco().read(whole, self._scheme)
            self._add(_Entry(f.path, f.subject or f.path.partition("/")[0], f.xy) for f in frames)

    def describe(self) -> dict[str, Any]:
        """Folder name, counts, and the studio's manifest where there is one."""
        subjects = {entry.subject for entry in self._entries}
        return {"source": self._folder.name, "frames": len(self), "subjects": len(subjects)}

    def _add(self, entries: Iterable[_Entry]) -> None:
        for entry in entries:
            if (
                entry.path not in self._seen
                and is_confined(entry.path)
                and (self._folder / entry.path).is_file()
            ):
                self._seen.add(entry.path)
                if entry.crops is not None:  # the table of pictures lists windows, too: they are no frames
                    self._seen.update(window.path for window in entry.crops.windows)
                self._entries.append(entry)
                self._takes.add([entry.path])


def _read_lines(path: Path, scheme: LandmarkScheme) -> list[_Entry]:
    """Entries of a file that may still grow: an unfinished last line is left for the next time."""
    text = bounded_text(path, MAX_BYTES)
    entries = []
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if not line.strip() or not line.endswith("\n"):
            continue
        try:
            entries.append(_entry(_in_scheme(parse_json(line), path, scheme), scheme))
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError(f"{path}, line {number}: {error}") from error
    return entries


def _in_scheme(record: dict[str, Any], path: Path, scheme: LandmarkScheme) -> dict[str, Any]:
    """The record with the points of this scheme, where it holds those of several; refuses another version's."""
    also: dict[str, Any] = record.get("also", {})
    if scheme.id in also:
        return {**record, **also[scheme.id]}
    check_version(path, record.get("scheme", f"{scheme.name}@1"), scheme)
    return record


def _entry(record: dict[str, Any], scheme: LandmarkScheme) -> _Entry:
    xy = np.asarray(record["xy"], np.float32)
    state = np.asarray(record["state"])
    if xy.shape != (scheme.size, 2) or state.shape != (scheme.size,):
        raise ValueError(f"xy {xy.shape} and state {state.shape} do not fit {scheme.id} with {scheme.size}")
    xy[state == 0] = np.nan
    name = str(record["file"])
    return _Entry(name, str(record.get("subject") or name.partition("/")[0]), xy, _crop_frame(record))


def _crop_frame(record: Mapping[str, Any]) -> CropFrame | None:
    """What a line of `annotations.jsonl` says of a frame rendered in crops; None for a whole frame.

    Raises ValueError, KeyError or TypeError where its windows are none of the frame's.
    """
    whole, *parts = record.get("crops") or [None]
    if whole is None:
        return None
    width, height = int(record["width"]), int(record["height"])
    if not (0 < width <= _MOST_PIXELS and 0 < height <= _MOST_PIXELS and is_confined(str(whole["file"]))):
        raise ValueError(f"{whole['file']} is no frame of {width} x {height} pixels in this folder")
    windows = []
    for part in parts:
        x0, y0, x1, y1 = (round(float(value)) for value in part["window"])
        if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height and is_confined(str(part["file"]))):
            raise ValueError(f"the window {part['file']} does not lie in its frame")
        windows.append(Window(str(part["file"]), (x0, y0, x1, y1)))
    return CropFrame(str(whole["file"]), (width, height), tuple(windows))
