"""A side file of image evidence: how landmarks moved between neighbouring frames, as Parquet (extra `farm`).

A row a pair of frames: `path` of the later one and `before` of the earlier, both below the capture root, `files` (bytes and time
of both), and flat float32 start [L, 2], step [L, 2], covariance [L, 2, 2] in frame pixels, as `domain.takes.motion` says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from annotator.domain.annotation import FARTHEST
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.takes.motion import Motion
from annotator.files import write_whole
from annotator.services.models.farm.side_file import arrow, read_table, table_bytes

EVIDENCE: Final = ".evidence"
_ARRAYS: Final = ("start", "step", "covariance")


@dataclass(frozen=True, eq=False)
class EvidenceRow:
    """A pair: the later frame's path, the earlier one's, what tells both files, and how the landmarks came there."""

    path: str
    before: str
    files: str
    motion: Motion


def write_evidence(path: Path, scheme: LandmarkScheme, rows: Sequence[EvidenceRow]) -> None:
    """Write a side file, whole or not at all; raises as `write_side_file`."""
    pa, _ = arrow()
    columns = {
        name: pa.array([getattr(row, name) for row in rows], pa.string())
        for name in ("path", "before", "files")
    }
    for name in _ARRAYS:
        flat = [np.ravel(getattr(row.motion, name)) for row in rows]
        columns[name] = pa.array(flat, pa.list_(pa.float32()))
    write_whole(path, table_bytes(columns, {"scheme": scheme.id}))


def read_evidence(path: Path, scheme: LandmarkScheme) -> tuple[list[EvidenceRow], dict[str, str]]:
    """Its rows, and those that are damaged (path: why); raises as `read_side_file`."""
    _, rows = read_table(path, ["path", "before", "files", *_ARRAYS], scheme)
    good, damaged = [], {}
    for number, row in enumerate(rows):
        try:
            good.append(
                EvidenceRow(
                    str(row["path"]), str(row["before"]), str(row["files"]), _motion(row, scheme.size)
                )
            )
        except (ValueError, TypeError) as error:
            damaged[str(row.get("path") or f"{path.name}, row {number}")] = str(error)
    return good, damaged


def _motion(row: dict[str, Any], size: int) -> Motion:
    shapes = {"start": (size, 2), "step": (size, 2), "covariance": (size, 2, 2)}
    arrays = {name: np.array(row[name], np.float32).reshape(shapes[name]) for name in _ARRAYS}
    if any((np.abs(array[~np.isnan(array)]) > FARTHEST**2).any() for array in arrays.values()):
        raise ValueError("it holds values that cannot be")
    return Motion(**arrays)
