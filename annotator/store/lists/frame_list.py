"""The listed frames of a project as a few narrow columns; names and counts are read a page at a time, where they are seen."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray
from sqlalchemy import Select, select

from annotator.domain.annotation import Annotation, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import ProjectError
from annotator.store.file.left_out import LeftOut
from annotator.store.rows import annotation_counts, column, review_of, text, whole
from annotator.store.tables import frame

_PAGE = 256  # rows that are read at once
_PAGES = 32  # that are kept
_MOST_SIDE = 1 << 20  # px


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
    """A row's first eight columns as a `Frame`; raises `ProjectError` for a damaged row, and for a path that would leave the
    capture root."""
    try:
        return _frame(*values)
    except ValueError as error:
        raise ProjectError(
            f"Frame {values[0]} of the project is damaged and left out: {error}. Restore a backup."
        ) from error


@dataclass(frozen=True, slots=True)
class Shot:
    """The frames of one camera in one take that have one size."""

    subject: str
    take: str
    camera: str
    width: int
    height: int
    frames: int


def frame_columns() -> Select[Any]:
    """What `to_frame` takes."""
    c = frame.c
    return select(c.id, c.path, c.subject, c.take, c.camera, c.index, c.width, c.height)


def to_listed_frame(values: Sequence[Any], left_out: LeftOut) -> Frame:
    """As `to_frame`, but a damaged row keeps its place in lists, and leads to no file; that is told."""
    try:
        return to_frame(values)
    except ProjectError as error:
        left_out.add(error)
        frame_id = int(values[0])
        return Frame(frame_id, f"damaged frame {frame_id}", "", "", "", "", 0, 0)


def _frame(
    frame_id: int, path: Any, subject: Any, take: Any, camera: Any, index: Any, width: Any, height: Any
) -> Frame:
    """Raises ValueError for a row that cannot be a frame's, as for a path that would leave the capture root."""
    if "\0" in text(path):
        raise ValueError("its path is none")
    subject, take, camera, index = (text(value) for value in (subject, take, camera, index))
    width, height = whole(width, 0, _MOST_SIDE), whole(height, 0, _MOST_SIDE)
    return Frame(frame_id, path, subject, take, camera, index, width, height)


def to_summary(values: Sequence[Any], landmarks: int, left_out: LeftOut) -> FrameSummary:
    """A row of frame, annotation counts and confidences as a `FrameSummary`; None stands where a frame has none."""
    review, corrected, confirmed, missing, flagged, mean, least = values[8:15]
    numbers = column([corrected, confirmed, flagged, missing], np.int64, -1).tolist()
    placed = [count if 0 <= count <= landmarks else 0 for count in numbers[:3]]
    lacking = numbers[3] if 0 <= numbers[3] <= landmarks else landmarks
    counts = FrameCounts(placed[0], placed[1], lacking, placed[2], landmarks)
    return FrameSummary(
        to_listed_frame(values[:8], left_out),
        review_of(review),
        counts,
        _confidence(mean),
        _confidence(least),
    )


def _confidence(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


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
