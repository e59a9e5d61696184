"""The listed frames of the window: by row, by id, and the next one in a state."""

from collections.abc import Sequence
from functools import cached_property
from typing import overload

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from annotator.services.project.next_frame import WorkColumns, next_row
from annotator.store.lists.frame_list import FrameList, FrameSummary

_FRESH = 4096


class FrameIndex(Sequence[FrameSummary]):
    """A `FrameList` whose rows are brought up to date one by one as the artist works; a million rows are fine."""

    def __init__(self, listed: FrameList, landmarks: int) -> None:
        self._listed, self._landmarks = listed, landmarks
        self._fresh: LRUCache[int, FrameSummary] = LRUCache(_FRESH)  # by row; some are not on disk yet

    def __len__(self) -> int:
        return len(self._listed)

    @overload
    def __getitem__(self, row: int) -> FrameSummary: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[FrameSummary]: ...
    def __getitem__(self, row: int | slice) -> FrameSummary | Sequence[FrameSummary]:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        fresh = self._fresh.get(row if row >= 0 else len(self) + row)
        return fresh if fresh is not None else self._listed[row]

    @property
    def ids(self) -> NDArray[np.int64]:
        """int64 [N]: the frames' ids by row."""
        return self._listed.ids

    @cached_property
    def _by_id(self) -> NDArray[np.intp]:
        """Rows in the order of the frames' ids: 8 bytes a frame, where a dictionary takes a hundred."""
        return self.ids.argsort()

    @cached_property
    def _columns(self) -> WorkColumns:
        """Review and human count by row, kept up to date by `update`."""
        return WorkColumns.of(self._listed, self._landmarks)

    def row_of(self, frame_id: int) -> int:
        """Row of a frame, -1 where it is not listed."""
        if not len(self):
            return -1
        place = int(np.searchsorted(self.ids, frame_id, sorter=self._by_id))
        row = int(self._by_id[min(place, len(self) - 1)])
        return row if self.ids[row] == frame_id else -1

    def update(self, summary: FrameSummary) -> int:
        """Take over a frame's new summary; returns its row, -1 where it is not listed."""
        row = self.row_of(summary.frame.id)
        if row >= 0:
            self._listed.replace(row, summary)
            self._fresh[row] = summary
            columns = self._columns
            columns.review[row] = summary.review
            columns.human[row] = summary.counts.human
        return row

    def next_by_state(self, state: str, start: int, backwards: bool = False) -> int:
        """Row of the next frame in a state, -1 where there is none; see `services.next_frame`."""
        return next_row(self._columns, state, start, backwards)
