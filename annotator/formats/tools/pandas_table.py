"""A table that pandas wrote into an HDF5 file, read by h5py (extra `hdf5`) without pandas: nothing in a file is run.

Pandas keeps the names of rows and columns as numbers of values (`fixed`), or the columns as pickled lists (`table`); of a pickle
only lists, tuples, texts and numbers are read.
"""

import io
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import FormatError
from annotator.domain.outside_files import check_regular

_MAX_BYTES: Final = 512 << 20
_MOST_CELLS: Final = 64 << 20
_MOST_PICKLED: Final = 16 << 20


def read_pandas_table(path: Path) -> tuple[dict[str, list[str]], Iterator[list[str]]]:
    """The names of the columns by level (such as `bodyparts`), and a row a line: the name (parts joined by `/`), then its values
    as text, empty where there is none.

    Raises:
        FormatError: h5py is not installed, or the file cannot be used.
    """
    try:
        import h5py
    except ImportError:
        raise FormatError(
            'HDF5 is read by h5py, which is not installed: pip install "annotator-landmarks[hdf5]"'
        ) from None
    try:
        if check_regular(path).st_size > _MAX_BYTES:
            raise FormatError(f"{path} has more than {_MAX_BYTES >> 20} MiB, which are too many; split it")
        with h5py.File(path, "r") as file:
            groups = [_child(h5py, file, name) for name in file]
            group = next((each for each in groups if "pandas_type" in each.attrs), None)
            if group is None:
                raise FormatError(f"{path} has no table of pandas; is it DeepLabCut's?")
            whole = _of_table if _text(group.attrs["pandas_type"]) == "frame_table" else _of_frame
            levels, columns, index, values = whole(h5py, group)
    except FormatError:
        raise
    except Exception as error:  # what is not as pandas writes it fails in any way
        raise FormatError(f"{path} cannot be read: {type(error).__name__}: {error}") from error
    if values.shape != (len(index), len(columns)) or any(len(column) != len(levels) for column in columns):
        raise FormatError(f"{path} is damaged: its values and their names do not agree")
    headers = {level: [column[at] for column in columns] for at, level in enumerate(levels)}
    return headers, ([name, *map(_cell, row)] for name, row in zip(index, values.tolist(), strict=True))


_Table = tuple[list[str], list[tuple[str, ...]], list[str], NDArray[np.float64]]
"""Levels of the columns, their names, names of the rows, values [rows, columns]."""


def _of_frame(h5py: Any, group: Any) -> _Table:
    """A `fixed` one: blocks of columns of one type, each with names of its own."""
    columns: list[tuple[str, ...]] = []
    parts = []
    levels = [
        _text(_child(h5py, group, f"axis0_level{n}").attrs["name"]) for n in range(_levels(group, "axis0"))
    ]
    for block in range(int(group.attrs["nblocks"])):
        columns += _names(h5py, group, f"block{block}_items")
        parts.append(_array(h5py, group, f"block{block}_values"))
    index = ["/".join(name) for name in _names(h5py, group, "axis1")]
    return levels, columns, index, np.concatenate(parts, 1).astype(np.float64)


def _of_table(h5py: Any, group: Any) -> _Table:
    """An `appendable` one: a record a row."""
    records = _array(h5py, group, "table")
    columns: list[tuple[str, ...]] = []
    parts = []
    for name in records.dtype.names or ():
        if name.startswith("values_block_"):
            columns += [
                tuple(map(str, each)) for each in _plain(_child(h5py, group, "table").attrs[f"{name}_kind"])
            ]
            parts.append(records[name].reshape(len(records), -1))
    levels = [str(name) for name in _plain(group.attrs["info"])[1]["names"]]
    index = [_text(value) for value in records["index"].tolist()]
    return levels, columns, index, np.concatenate(parts, 1).astype(np.float64)


def _levels(group: Any, axis: str) -> int:
    return int(group.attrs.get(f"{axis}_nlevels", 1))


def _names(h5py: Any, group: Any, axis: str) -> list[tuple[str, ...]]:
    """The names along an axis, a part a level."""
    if _text(group.attrs[f"{axis}_variety"]) != "multi":
        return [(_text(value),) for value in _array(h5py, group, axis).tolist()]
    levels = []
    for number in range(_levels(group, axis)):
        values = [_text(value) for value in _array(h5py, group, f"{axis}_level{number}").tolist()]
        levels.append(
            [values[at] if at >= 0 else "" for at in _array(h5py, group, f"{axis}_label{number}").tolist()]
        )
    return list(zip(*levels, strict=True))


def _child(h5py: Any, group: Any, name: str) -> Any:
    """What lies in a group under a name, in this file itself."""
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"{name} leads out of the file")
    return group[name]


def _array(h5py: Any, group: Any, name: str) -> NDArray[Any]:
    found = _child(h5py, group, name)
    if found.external or found.is_virtual or found.size > _MOST_CELLS:
        raise ValueError(f"{name} lies elsewhere, or is too large")
    if found.dtype.hasobject:
        raise ValueError(f"{name} holds objects")
    return np.asarray(found[()])


class _Plain(pickle.Unpickler):
    """Reads no more than lists, tuples, dictionaries, texts and numbers."""

    def find_class(self, module: str, name: str) -> Any:
        raise ValueError(f"it names {module}.{name}, which is not read")


def _plain(value: Any) -> Any:
    content = bytes(value)
    if len(content) > _MOST_PICKLED:
        raise ValueError("a list of names is too long")
    return _Plain(io.BytesIO(content)).load()


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _cell(value: float) -> str:
    return repr(value) if value == value else ""
