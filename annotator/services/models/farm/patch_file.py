"""Patches of landmarks cut ahead for the contact sheet: side files, and what the window finds of them beside the project.

A row a patch: the frame's path below the capture root, bytes and time (ns) of its file, the landmark's name, `affine` (six
numbers: patch pixels to frame pixels), and a JPEG of `SIDE` px. It shows more than the sheet does at first, so that another span,
or a point that moved a little, is cut from it, too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine, compose, invert_affine
from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme
from annotator.files import write_whole
from annotator.imaging.proxy import network_pixels
from annotator.imaging.pyramid import decode_preview, preview_jpeg
from annotator.imaging.sampling import sample
from annotator.services.models.farm.side_file import arrow, read_table, table_bytes
from annotator.staging import is_staged

PATCHES: Final = ".patches"
SIDE: Final = 320
_QUALITY: Final = 92
_NUMBERS: Final = ("nbytes", "mtime_ns")
_HELD: Final = 8  # side files in memory


def patches_folder(project: Path) -> Path:
    """Where a project's merged patches lie: `shots.annotator` -> `shots.patches`."""
    return project.with_suffix(".patches")


@dataclass(frozen=True, eq=False)
class PatchRow:
    """A patch as a side file has it."""

    path: str
    nbytes: int
    mtime_ns: int
    landmark: str
    affine: Affine
    jpeg: bytes = b""


def cut(pixels: NDArray[Any], affine: Affine) -> bytes:
    """A patch of a frame's pixels, as a JPEG."""
    return preview_jpeg(network_pixels(sample(pixels, affine, SIDE, SIDE)), SIDE, _QUALITY)


def write_patches(path: Path, scheme: LandmarkScheme, rows: Sequence[PatchRow]) -> None:
    """Write a side file, whole or not at all; raises as `write_side_file`."""
    pa, _ = arrow()
    columns = {
        name: pa.array([getattr(row, name) for row in rows], pa.string()) for name in ("path", "landmark")
    }
    columns |= {name: pa.array([getattr(row, name) for row in rows], pa.int64()) for name in _NUMBERS}
    columns["affine"] = pa.array([np.ravel(row.affine) for row in rows], pa.list_(pa.float64()))
    columns["jpeg"] = pa.array([row.jpeg for row in rows], pa.binary())
    write_whole(path, table_bytes(columns, {"scheme": scheme.id}))


def read_patches(path: Path, scheme: LandmarkScheme, pixels: bool = True) -> list[PatchRow]:
    """The rows of a side file, `pixels`: with their JPEGs.

    Raises:
        AnnotatorError: pyarrow is not installed. FormatError: it is no side file, damaged, or of another scheme.
    """
    columns = ["path", *_NUMBERS, "landmark", "affine", *(["jpeg"] if pixels else [])]
    _, rows = read_table(path, columns, scheme)
    found = []
    for row in rows:
        affine = np.array(row["affine"], np.float64)
        if affine.shape == (6,) and np.isfinite(affine).all():
            name, jpeg = str(row["landmark"]), bytes(row.get("jpeg") or b"")
            found.append(
                PatchRow(
                    str(row["path"]),
                    int(row["nbytes"]),
                    int(row["mtime_ns"]),
                    name,
                    affine.reshape(2, 3),
                    jpeg,
                )
            )
    return found


class KeptPatches:
    """The merged patches of a project; nothing where there are none, or no pyarrow. For one thread."""

    def __init__(self, project: Path, scheme: LandmarkScheme) -> None:
        self._scheme, self._folder = scheme, patches_folder(project)
        self._seen: int | None = None
        self._files: dict[Path, int] = {}
        self._where: dict[tuple[str, str], tuple[Path, int]] = {}
        self._held: LRUCache[Path, list[PatchRow]] = LRUCache(_HELD)
        self.follow()

    def follow(self) -> None:
        """Take in what was merged since; one question to the folder where nothing was."""
        now = folder_state(self._folder)
        if now == self._seen:
            return
        self._seen = now  # asked before its files are: what comes meanwhile is found the next time
        files = {file: _changed_at(file) for file in _files(self._folder)} if now else {}
        others = {file for file, at in self._files.items() if files.get(file) != at}
        self._where = {key: place for key, place in self._where.items() if place[0] not in others}
        for file in others:
            self._held.pop(file, None)
        for file, at in files.items():
            if self._files.get(file) != at:
                for number, row in enumerate(self._read(file, False)):
                    self._where[row.path, row.landmark] = file, number
        self._files = files

    def find(
        self, path: str, landmark: int, identity: tuple[int, int], frame_from_target: Affine, side: int
    ) -> tuple[NDArray[np.uint8], Affine] | None:
        """Pixels of a kept patch that shows a wanted square of `side` px, of the present file (its bytes and time), and the
        affine from the square's pixels to the kept patch's; None where there is none."""
        place = self._where.get((path, self._scheme.names[landmark]))
        rows = self._rows(place[0]) if place is not None else []
        if place is None or place[1] >= len(rows):
            return None
        row = rows[place[1]]
        kept_from_target = compose(invert_affine(row.affine), frame_from_target)
        corners = apply_affine(
            kept_from_target, np.array([[0, 0], [side, 0], [0, side], [side, side]], np.float64)
        )
        if (row.path, row.nbytes, row.mtime_ns) != (path, *identity) or not (
            (corners >= 0) & (corners <= SIDE)
        ).all():
            return None
        try:
            return decode_preview(row.jpeg), kept_from_target
        except AnnotatorError:
            return None

    def _rows(self, file: Path) -> list[PatchRow]:
        if file not in self._held:
            self._held[file] = self._read(file, True)
        return self._held[file]

    def _read(self, file: Path, pixels: bool) -> list[PatchRow]:
        try:
            return read_patches(file, self._scheme, pixels)
        except AnnotatorError:  # it shows frames sooner, and nothing else hangs on it
            return []


def folder_state(folder: Path) -> int:
    """Another number whenever a file came into a folder or went; 0 where there is no folder."""
    return _changed_at(folder) if folder.is_dir() else 0


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _files(folder: Path) -> Iterable[Path]:
    return (file for file in sorted(folder.glob(f"*{PATCHES}")) if not is_staged(file.relative_to(folder)))
