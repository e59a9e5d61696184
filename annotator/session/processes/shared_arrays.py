"""Arrays from one process to another through shared memory, without pickling their bytes."""

from collections.abc import Sequence
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from numpy.typing import NDArray

Layout = list[tuple[str, tuple[int, ...], int]]
"""Of each array: dtype, shape, offset in bytes."""

_ALIGNMENT = 64


def share(arrays: Sequence[NDArray[Any]]) -> tuple[SharedMemory, Layout]:
    """Copy arrays into a new block; the sender keeps it open until the receiver has taken them."""
    layout: Layout = []
    offset = 0
    for array in arrays:
        layout.append((array.dtype.str, array.shape, offset))
        offset += -(-array.nbytes // _ALIGNMENT) * _ALIGNMENT
    block = SharedMemory(create=True, size=max(1, offset))
    for array, place in zip(arrays, views(block, layout), strict=True):
        place[...] = array
    return block, layout


def views(block: SharedMemory, layout: Layout) -> list[NDArray[Any]]:
    """The arrays where they lie; not to be used once the block is closed."""
    return [
        np.ndarray(shape, np.dtype(dtype), buffer=block.buf, offset=offset) for dtype, shape, offset in layout
    ]


def take(name: str, layout: Layout) -> list[NDArray[Any]]:
    """Copy the arrays out of a block and free it; raises `FileNotFoundError` if it is gone."""
    block = SharedMemory(name)
    try:
        return [array.copy() for array in views(block, layout)]
    finally:
        block.close()
        block.unlink()
