"""The listed frames of the window: by row, by id, and the next one in a state."""

from collections.abc import Sequence
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

from annotator.services.next_frame import WorkColumns, next_row
from annotator.store.frames import FrameList, FrameSummary


class FrameIndex(Sequence[FrameSummary]):
    """A `FrameList` whose rows are brought up to date one by one as the artist works; 100,000 rows are fine."""

    def __init__(self, listed: FrameList, landmarks: int) -> None:
        self._listed, self._landmarks = listed, landmarks
        self._fresh: dict[int, FrameSummary] = {}

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
    def _rows(self) -> dict[int, int]:
        return {int(frame_id): row for row, frame_id in enumerate(self.ids)}

    @cached_property
    def _columns(self) -> WorkColumns:
        """Review, human count and mean confidence by row, kept up to date by `update`."""
        return WorkColumns.of(self._listed, self._landmarks)

    def row_of(self, frame_id: int) -> int:
        """Row of a frame, -1 where it is not listed."""
        return self._rows.get(frame_id, -1)

    def update(self, summary: FrameSummary) -> int:
        """Take over a frame's new summary; returns its row, -1 where it is not listed."""
        row = self.row_of(summary.frame.id)
        if row >= 0:
            self._fresh[row] = summary
            columns = self._columns
            columns.review[row] = summary.review
            columns.human[row] = summary.counts.human
            columns.confidence[row] = np.nan if summary.mean_confidence is None else summary.mean_confidence
        return row

    def next_by_state(self, state: str, start: int, backwards: bool = False) -> int:
        """Row of the next frame in a state, -1 where there is none; see `services.next_frame`."""
        return next_row(self._columns, state, start, backwards)
