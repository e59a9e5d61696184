"""A side file: what a model says of a few frames, as Parquet (extra `farm`), so that many machines never write one project.

A row a frame: its path below the capture root, the picture's width and height in px, its bytes and time (ns), the model's
message, and the proposal's arrays, flat: xy [L, 2], covariance [L, 2, 2], confidence [L], rois [R, 4], global_xy,
global_covariance; all float32 in frame pixels. The schema's metadata `annotator` is JSON: layout, scheme, and the model's id,
sha256 and folder.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from annotator.domain.errors import AnnotatorError, FormatError
from annotator.domain.outside_files import open_regular, parse_json
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.files import write_whole
from annotator.store.rows import proposal_from_blob, proposal_to_blob

ENDING: Final = ".parquet"
_KEY: Final = b"annotator"
_LAYOUT: Final = 1
_MOST_BYTES: Final = 256 * 2**20
_MOST_ROWS: Final = 10_000
_IDENTITY: Final = ("width", "height", "nbytes", "mtime_ns")
_ARRAYS: Final = ("xy", "covariance", "confidence", "rois", "global_xy", "global_covariance")


@dataclass(frozen=True)
class SideModel:
    """Which model made a side file: its id, the hash of its weights, and where its folder was."""

    id: str
    sha256: str
    folder: str


@dataclass(frozen=True, eq=False)
class SideRow:
    """One frame: path as the project has it, width, height (px), bytes and time (ns) of its file, and what the model said."""

    path: str
    width: int
    height: int
    nbytes: int
    mtime_ns: int
    proposal: Proposal


@dataclass(frozen=True, eq=False)
class SideFile:
    """A side file: its model, its scheme's id, its rows, and rows that are damaged (path or number: why)."""

    model: SideModel
    scheme_id: str
    rows: tuple[SideRow, ...]
    damaged: dict[str, str]


def write_side_file(path: Path, model: SideModel, scheme_id: str, rows: Sequence[SideRow]) -> None:
    """Write a side file, whole or not at all; one that is there is replaced.

    Raises:
        AnnotatorError: pyarrow is not installed. FormatError: disk or permissions do not allow it.
    """
    write_whole(path, side_bytes(model, scheme_id, rows))


def file_named(folder: Path, kind: str, parts: Iterable[str], ending: str) -> Path:
    """A side file called by what is in it (`parts`), so that no two blocks share one, however the work is cut."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return folder / f"{kind}{digest[:24]}{ending}"


def side_bytes(model: SideModel, scheme_id: str, rows: Sequence[SideRow]) -> bytes:
    """What a side file of these rows holds; raises `AnnotatorError` where pyarrow is not installed."""
    pa, _ = arrow()
    columns: dict[str, Any] = {"path": pa.array([row.path for row in rows], pa.string())}
    for name in _IDENTITY:
        columns[name] = pa.array([getattr(row, name) for row in rows], pa.int64())
    columns["message"] = pa.array([row.proposal.message for row in rows], pa.string())
    for name in _ARRAYS:
        flat = [np.ravel(getattr(row.proposal, name)).astype(np.float32) for row in rows]
        columns[name] = pa.array(flat, pa.list_(pa.float32()))
    return table_bytes(columns, {"scheme": scheme_id, "model": asdict(model)})


def read_side_file(path: Path, scheme: LandmarkScheme) -> SideFile:
    """Read a side file; damaged rows are told apart.

    Raises:
        AnnotatorError: pyarrow is not installed. FormatError: it is no side file, or of another scheme.
    """
    about, rows = read_table(path, ["path", *_IDENTITY, "message", *_ARRAYS], scheme)
    try:
        model = SideModel(*(str(about["model"][name]) for name in ("id", "sha256", "folder")))
    except (KeyError, TypeError) as error:
        raise _unreadable(path, error) from error
    good, damaged = [], {}
    for number, row in enumerate(rows):
        try:
            good.append(_row(row, model, scheme))
        except (AnnotatorError, ValueError, TypeError) as error:
            damaged[str(row.get("path") or f"{path.name}, row {number}")] = str(error)
    return SideFile(model, scheme.id, tuple(good), damaged)


def table_bytes(columns: dict[str, Any], about: dict[str, Any]) -> bytes:
    """A side file of columns (pyarrow's arrays by name), which says `about` (JSON types) of itself."""
    pa, parquet = arrow()
    told = json.dumps({"layout": _LAYOUT, **about}).encode()
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table(columns).replace_schema_metadata({_KEY: told}), sink, compression="zstd")
    return bytes(sink.getvalue())


def read_table(
    path: Path, columns: list[str], scheme: LandmarkScheme | None = None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a side file says of itself, and its rows as Python values.

    Raises `FormatError` where it is none, or of another scheme than the one that it must be of.
    """
    pa, parquet = arrow()
    try:
        with open_regular(path) as file:
            if file.seek(0, 2) > _MOST_BYTES:
                raise ValueError("it is too large")
            file.seek(0)
            source = parquet.ParquetFile(file)
            if source.metadata.num_rows > _MOST_ROWS:
                raise ValueError("it has too many rows")
            about = parse_json((source.schema_arrow.metadata or {}).get(_KEY, b"{}"))
            if not isinstance(about, dict) or about.get("layout") != _LAYOUT:
                raise ValueError("it was not written by a shard of Annotator, or by a newer version")
            rows = source.read(columns=columns).to_pylist()
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(path, error) from error
    if scheme is not None and about.get("scheme") != scheme.id:
        raise FormatError(f"{path} places {about.get('scheme')}, the project {scheme.id}.")
    return about, rows


def _unreadable(path: Path, error: Exception) -> FormatError:
    return FormatError(f"{path} is no side file that can be read: {error}. Run its shard again.")


def arrow() -> tuple[Any, Any]:
    """pyarrow and its Parquet; raises `AnnotatorError` where it is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise AnnotatorError(
            "Side files are Parquet, by pyarrow, which is not installed: pip install 'annotator-landmarks[farm]'."
        ) from error
    return pyarrow, pyarrow.parquet


def _row(row: dict[str, Any], model: SideModel, scheme: LandmarkScheme) -> SideRow:
    size = scheme.size
    shapes = {"xy": (size, 2), "covariance": (size, 2, 2), "confidence": (size,), "rois": (-1, 4)}
    shapes |= {"global_xy": (size, 2), "global_covariance": (size, 2, 2)}
    arrays: Any = {name: np.array(row[name], np.float32).reshape(shapes[name]) for name in _ARRAYS}
    identity = {name: int(row[name]) for name in _IDENTITY}
    made = Proposal(model.id, scheme.id, **arrays, message=str(row["message"]))
    # what would be damage in a project is damage here
    proposal = proposal_from_blob(proposal_to_blob(made), model.id, scheme, made.message)
    sized = replace(proposal, width=identity["width"], height=identity["height"])
    return SideRow(str(row["path"]), proposal=sized, **identity)
