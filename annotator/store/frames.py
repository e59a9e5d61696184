"""Frames of a project: adding, listing, filtering and counting them, fast for hundreds of thousands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, and_, func, literal, select
from sqlalchemy.dialects import sqlite

from annotator.domain.annotation import Annotation, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import ProjectError
from annotator.store import tables
from annotator.store.database import Database
from annotator.store.frame_filter import FACETS, FrameFilter, conditions
from annotator.store.rows import annotation_counts, sort_key
from annotator.store.tables import COUNT_COVERAGE, coverage, frame, proposal

_CHUNK = 5000


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


class FrameList(Sequence[FrameSummary]):
    """Listed frames in order; the summaries are made when they are asked for, so 100,000 rows cost little."""

    def __init__(self, rows: Sequence[Sequence[Any]], landmarks: int) -> None:
        self._rows, self._landmarks = rows, landmarks

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, row: int) -> FrameSummary: ...
    @overload
    def __getitem__(self, row: slice) -> "FrameList": ...
    def __getitem__(self, row: int | slice) -> "FrameSummary | FrameList":
        if isinstance(row, slice):
            return FrameList(self._rows[row], self._landmarks)
        values = self._rows[row]
        review, corrected, confirmed, missing, flagged, mean, least = values[8:15]
        total = self._landmarks
        counts = FrameCounts(
            corrected or 0, confirmed or 0, total if missing is None else missing, flagged or 0, total
        )
        return FrameSummary(to_frame(values[:8]), ReviewState(review or 0), counts, mean, least)

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """int64 [N]: the frames' ids, in this order."""
        return np.fromiter((row[0] for row in self._rows), np.int64, len(self._rows))

    @cached_property
    def reviews(self) -> NDArray[np.uint8]:
        """uint8 [N] of `ReviewState`."""
        return np.fromiter((row[8] or 0 for row in self._rows), np.uint8, len(self._rows))

    @cached_property
    def human(self) -> NDArray[np.int64]:
        """int64 [N]: landmarks that a person set."""
        return np.fromiter(((row[9] or 0) + (row[10] or 0) for row in self._rows), np.int64, len(self._rows))

    @cached_property
    def confidence(self) -> NDArray[np.float64]:
        """float64 [N]: mean confidence of the active model's proposal, NaN where there is none."""
        values = (np.nan if row[13] is None else row[13] for row in self._rows)
        return np.fromiter(values, np.float64, len(self._rows))


def to_frame(values: Sequence[Any]) -> Frame:
    """A row's first eight columns as a `Frame`; raises `ProjectError` for a path that would leave the capture root."""
    try:
        return Frame(*values)
    except ValueError as error:
        raise ProjectError(f"the project names a frame that it must not: {error}") from error


class FrameTable:
    """The `frame` table."""

    def __init__(self, database: Database, landmarks: int) -> None:
        self._database, self._landmarks = database, landmarks

    def add(self, frames: Iterable[Frame]) -> int:
        """Add frames whose path is new, in one transaction; returns how many were new. Ids are given by the project."""
        added = 0
        with self._database.write() as connection:
            statement = sqlite.insert(frame).on_conflict_do_nothing(index_elements=[frame.c.path])
            for chunk in _chunks(frames, _CHUNK):
                before = connection.scalar(select(func.count()).select_from(frame)) or 0
                connection.execute(statement, [_values(item) for item in chunk])
                added += (connection.scalar(select(func.count()).select_from(frame)) or 0) - before
            for count in COUNT_COVERAGE if added else ():
                connection.exec_driver_sql(count)
        return added

    def count(self) -> int:
        """All frames of the project."""
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(frame)) or 0

    def get(self, frame_id: int) -> Frame:
        """One frame; raises `ProjectError` if there is none of that id."""
        with self._database.read() as connection:
            row = connection.execute(frame_columns().where(frame.c.id == frame_id)).one_or_none()
        if row is None:
            raise ProjectError(f"the project has no frame {frame_id}")
        return to_frame(row)

    def of_ids(self, frame_ids: Sequence[int]) -> Iterator[Frame]:
        """Those frames that there are, in no order."""
        with self._database.read() as connection:
            for start in range(0, len(frame_ids), 500):
                some = [int(i) for i in frame_ids[start : start + 500]]
                for row in connection.execute(frame_columns().where(frame.c.id.in_(some))):
                    yield to_frame(row)

    def by_path(self) -> dict[str, int]:
        """Path -> id of all frames, for imports that match by path."""
        with self._database.read() as connection:
            return dict(connection.execute(select(frame.c.path, frame.c.id)).all())

    def listed(self, wanted: FrameFilter, model_id: str | None, frame_id: int | None = None) -> FrameList:
        """The frames that a filter lets through; confidences are those of `model_id`'s proposals."""
        found = conditions(wanted)
        if frame_id is not None:
            found.append(frame.c.id == frame_id)
        statement = _summaries(model_id).where(*found)
        if wanted.least_certain_first:
            statement = statement.order_by(proposal.c.mean_confidence.is_(None), proposal.c.mean_confidence)
        else:
            statement = statement.order_by(frame.c.sort_key, frame.c.id)
        with self._database.read() as connection:
            rows = connection.execute(statement).cursor
            return FrameList(rows.fetchall() if rows is not None else [], self._landmarks)

    def facets(self) -> dict[str, list[str]]:
        """The tokens that occur, sorted: `{"subject": [...], "take": [...], "camera": [...]}`."""
        c = coverage.c
        tokens = select(c.token).where(c.parent == "").order_by(c.token)
        with self._database.read() as connection:
            return {name: list(connection.scalars(tokens.where(c.facet == name))) for name in FACETS}


def _values(item: Frame) -> dict[str, Any]:
    return {
        "path": item.path,
        "subject": item.subject,
        "take": item.take,
        "camera": item.camera,
        "index": item.index,
        "width": item.width,
        "height": item.height,
        "sort_key": sort_key(item.subject, item.take, item.camera, item.index, item.path),
    }


def frame_columns() -> Select[Any]:
    """What `to_frame` takes."""
    c = frame.c
    return select(c.id, c.path, c.subject, c.take, c.camera, c.index, c.width, c.height)


def _summaries(model_id: str | None) -> Select[Any]:
    a, p = tables.annotation.c, proposal.c
    mine = and_(p.frame_id == frame.c.id, p.model_id == literal(model_id or ""))
    return (
        frame_columns()
        .add_columns(a.review, a.corrected, a.confirmed, a.missing, a.flagged)
        .add_columns(p.mean_confidence, p.least_confidence)
        .select_from(frame.outerjoin(tables.annotation, a.frame_id == frame.c.id).outerjoin(proposal, mine))
    )


def _chunks(items: Iterable[Frame], size: int) -> Iterator[list[Frame]]:
    chunk: list[Frame] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
