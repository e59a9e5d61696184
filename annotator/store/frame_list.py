"""The listed frames of a project as a few narrow columns; names and counts are read a page at a time, where they are seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import ProjectError
from annotator.store.rows import annotation_counts

_PAGE = 256  # rows that are read at once
_PAGES = 32  # that are kept


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """Landmarks of a frame by state, of the human layer: `corrected + confirmed + missing` is at most `total`."""

    corrected: int
    confirmed: int
    missing: int
    flagged: int
    total: int

    @property
    def human(self) -> int:
        """Landmarks that a person set or confirmed."""
        return self.corrected + self.confirmed


@dataclass(frozen=True, slots=True)
class FrameSummary:
    """What a frame list shows of a frame.

    `mean_confidence` and `least_confidence` (0..1) are of the active model's proposal, None where there is none.
    """

    frame: Frame
    review: ReviewState
    counts: FrameCounts
    mean_confidence: float | None = None
    least_confidence: float | None = None


def summarise(summary: FrameSummary, annotation: Annotation) -> FrameSummary:
    """A frame's summary with the review state and counts of another annotation (one that is not on disk yet)."""
    counts = annotation_counts(annotation)
    review = ReviewState(counts.pop("review"))
    return replace(summary, review=review, counts=FrameCounts(**counts, total=len(annotation.state)))


def to_frame(values: Sequence[Any]) -> Frame:
    """A row's first eight columns as a `Frame`; raises `ProjectError` for a path that would leave the capture root."""
    try:
        return Frame(*values)
    except ValueError as error:
        raise ProjectError(f"the project names a frame that it must not: {error}") from error


@dataclass(frozen=True, slots=True)
class Shot:
    """The frames of one camera in one take that have one size."""

    subject: str
    take: str
    camera: str
    width: int
    height: int
    frames: int


def to_summary(values: Sequence[Any], landmarks: int) -> FrameSummary:
    """A row of frame, annotation counts and confidences as a `FrameSummary`; None stands where a frame has none."""
    review, corrected, confirmed, missing, flagged, mean, least = values[8:15]
    counts = FrameCounts(
        corrected or 0, confirmed or 0, landmarks if missing is None else missing, flagged or 0, landmarks
    )
    return FrameSummary(to_frame(values[:8]), ReviewState(review or 0), counts, mean, least)


@dataclass(frozen=True, eq=False)
class FrameColumns:
    """Of N listed frames in order, 21 bytes a frame.

    Attributes:
        ids: int64 [N]. reviews: uint8 [N] of `ReviewState`. human: int32 [N], landmarks that a person set.
        confidence: float64 [N], mean confidence of the active model's proposal, NaN where there is none.
    """

    ids: NDArray[np.int64]
    reviews: NDArray[np.uint8]
    human: NDArray[np.int32]
    confidence: NDArray[np.float64]

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> "FrameColumns":
        return FrameColumns(self.ids[rows], self.reviews[rows], self.human[rows], self.confidence[rows])


ReadRows = Callable[[Sequence[int]], dict[int, FrameSummary]]
"""Reads the summaries of some frames by their ids; a frame that is gone is left out."""


class FrameList(Sequence[FrameSummary]):
    """Listed frames in order: columns in memory, summaries as the project holds them when their page is first looked at."""

    def __init__(self, columns: FrameColumns, read: ReadRows) -> None:
        self._columns, self._read = columns, read
        self._pages: LRUCache[int, dict[int, FrameSummary]] = LRUCache(_PAGES)

    def __len__(self) -> int:
        return len(self._columns.ids)

    @overload
    def __getitem__(self, row: int) -> FrameSummary: ...
    @overload
    def __getitem__(self, row: slice) -> "FrameList": ...
    def __getitem__(self, row: int | slice) -> "FrameSummary | FrameList":
        if isinstance(row, slice):
            return FrameList(self._columns[row], self._read)
        frame_id = int(self.ids[row])  # raises IndexError beyond the end
        page = self._page((row if row >= 0 else len(self) + row) // _PAGE)
        if frame_id not in page:
            raise ProjectError(f"the project has no frame {frame_id} any more")
        return page[frame_id]

    def _page(self, number: int) -> dict[int, FrameSummary]:
        page = self._pages.get(number)
        if page is None:
            ids = self.ids[number * _PAGE : (number + 1) * _PAGE]
            page = self._pages[number] = self._read(ids.tolist())
        return page

    def replace(self, row: int, summary: FrameSummary) -> None:
        """A frame's summary is another one now; where its page is not in memory it is read when it is looked at."""
        page = self._pages.get(row // _PAGE)
        if page is not None:
            page[summary.frame.id] = summary

    @property
    def ids(self) -> NDArray[np.int64]:
        """int64 [N]: the frames' ids, in this order."""
        return self._columns.ids

    @property
    def reviews(self) -> NDArray[np.uint8]:
        """uint8 [N] of `ReviewState`."""
        return self._columns.reviews

    @property
    def human(self) -> NDArray[np.int32]:
        """int32 [N]: landmarks that a person set."""
        return self._columns.human

    @property
    def confidence(self) -> NDArray[np.float64]:
        """float64 [N]: mean confidence of the active model's proposal, NaN where there is none."""
        return self._columns.confidence
