"""Frames of a project: adding, listing, filtering and counting them, fast for hundreds of thousands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, FromClause, Select, and_, func, literal, select, update

from annotator.domain.annotation import ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import ProjectError
from annotator.store import tables
from annotator.store.consensus import ConsensusTable
from annotator.store.dialect import insert_new
from annotator.store.file.database import Database
from annotator.store.file.triggers import COUNT_COVERAGE
from annotator.store.lists.frame_filter import FACETS, Facets, FrameFilter, conditions
from annotator.store.lists.frame_list import (
    FrameColumns,
    FrameList,
    FrameSummary,
    Shot,
    frame_columns,
    to_frame,
    to_listed_frame,
    to_summary,
)
from annotator.store.lists.frame_state import FrameState, frame_state
from annotator.store.models import ModelTable
from annotator.store.paths import located, portable, resolve
from annotator.store.rows import column, sort_key, text
from annotator.store.tables import coverage, frame, proposal

_CHUNK = 5000
_FETCH = 20_000


class FrameTable:
    """The `frame` table, and the folder on disk that the frames lie in.

    Attributes:
        capture_root: folder that frame paths are relative to.
    """

    def __init__(
        self,
        database: Database,
        landmarks: int,
        models: ModelTable,
        together: ConsensusTable,
        capture_root: Path,
    ) -> None:
        self._database, self._landmarks, self._models = database, landmarks, models
        self._together = together
        self.capture_root = capture_root

    def add(self, frames: Iterable[Frame]) -> int:
        """Add frames whose path is new, all or none; returns how many were new. Their `id` is ignored."""
        added = 0
        with self._database.write() as connection:
            statement = insert_new(frame, frame.c.path)
            last = connection.scalar(select(func.max(frame.c.id))) or 0
            for chunk in _chunks(frames, _CHUNK):
                before = connection.scalar(select(func.count()).select_from(frame)) or 0
                connection.execute(statement, [_values(item) for item in chunk])
                added += (connection.scalar(select(func.count()).select_from(frame)) or 0) - before
            for count in COUNT_COVERAGE if added else ():
                connection.exec_driver_sql(count)
            new = connection.scalars(select(frame.c.id).where(frame.c.id > last)).all()
            self._together.outdate(connection, new)
        return added

    def renumber(self, indices: Mapping[int, str]) -> None:
        """Give frames (by id) another index, all or none: they belong to other moments then. `ProjectError` for a damaged row."""
        c, numbered = frame.c, list(indices)
        with self._database.write() as connection:
            self._together.outdate(connection, numbered)
            for start in range(0, len(numbered), 500):
                some = frame_columns().where(c.id.in_(numbered[start : start + 500]))
                for item in map(to_frame, connection.execute(some).all()):
                    values = _values(replace(item, index=indices[item.id]))
                    named = {name: values[name] for name in ("index", "sort_key")}
                    connection.execute(update(frame).where(c.id == item.id).values(named))
            self._together.outdate(connection, numbered)

    def count(self) -> int:
        """All frames of the project."""
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(frame)) or 0

    def get(self, frame_id: int) -> Frame:
        """One frame; raises `ProjectError` if there is none of that id, or its row is damaged."""
        with self._database.read() as connection:
            row = connection.execute(frame_columns().where(frame.c.id == frame_id)).one_or_none()
        if row is None:
            raise ProjectError(f"the project has no frame {frame_id}")
        return to_frame(row)

    def listed(self, frame_id: int) -> Frame:
        """As `get`, but one whose row is damaged leads to no file; `ProjectError` only where there is none of that id."""
        found = next(self.of_ids([frame_id]), None)
        if found is None:
            raise ProjectError(f"the project has no frame {frame_id}")
        return found

    def of_ids(self, frame_ids: Sequence[int]) -> Iterator[Frame]:
        """Those frames that there are, in no order; one whose row is damaged leads to no file."""
        with self._database.read() as connection:
            for start in range(0, len(frame_ids), 500):
                some = [int(i) for i in frame_ids[start : start + 500]]
                for row in connection.execute(frame_columns().where(frame.c.id.in_(some))):
                    yield to_listed_frame(row, self._database.left_out)

    def of_moment(self, subject: str, take: str, index: str) -> Iterator[Frame]:
        """What all cameras took at a moment, in capture order; a frame whose row is damaged leads to no file."""
        c = frame.c
        where = (c.subject == subject, c.take == take, c.index == index)
        with self._database.read() as connection:
            for row in connection.execute(frame_columns().where(*where).order_by(c.sort_key, c.id)):
                yield to_listed_frame(row, self._database.left_out)

    def by_path(self) -> dict[str, int]:
        """Path -> id of all frames, for imports that match by path."""
        with self._database.read() as connection:
            rows = connection.execute(select(frame.c.path, frame.c.id)).all()
        return {path: frame_id for path, frame_id in rows if isinstance(path, str)}

    def path(self, frame_id: int) -> Path:
        """Absolute path of a frame's image (it need not exist: see `relink`)."""
        return located(self.capture_root, self.get(frame_id).path)

    def relink(self, new_root: Path) -> None:
        """Say where the captures are now; the frames' own paths stay. Raises `ProjectError` if there is no such folder."""
        root = Path(new_root).absolute()
        if not root.is_dir():
            raise ProjectError(f"{root} is not a folder; choose the one that holds the captures")
        stored = portable(root, self._database.path.parent)
        with self._database.write() as connection:
            connection.execute(update(tables.project).values(capture_root=stored))
        self.capture_root = root

    def state(self) -> FrameState:
        """What other programs may change of all frames."""
        with self._database.read() as connection:
            return frame_state(connection)

    def follow_root(self) -> bool:
        """Take over where the captures are by now, if another program relinked the project; whether it did."""
        try:
            root = resolve(text(self.state().root), self._database.path.parent)
        except ValueError as error:
            raise ProjectError(f"{self._database.path} is damaged ({error}). Restore a backup.") from error
        before, self.capture_root = self.capture_root, root
        return root != before

    def facets(self) -> Facets:
        """The tokens that occur, sorted."""
        c = coverage.c
        tokens = select(c.token).where(c.parent == "").order_by(c.token)
        with self._database.read() as connection:
            found = {name: connection.scalars(tokens.where(c.facet == name)).all() for name in FACETS}
        return {name: [token for token in own if isinstance(token, str)] for name, own in found.items()}

    def shots(self, subject: str | None = None, take: str | None = None) -> tuple[Shot, ...]:
        """How many frames of which size each camera has in each take, or in one, in capture order."""
        c = frame.c
        group = (c.subject, c.take, c.camera, c.width, c.height)
        statement = select(*group, func.count()).group_by(*group).order_by(func.min(c.sort_key))
        if subject is not None:
            statement = statement.where(c.subject == subject)
        if take is not None:
            statement = statement.where(c.take == take)
        with self._database.read() as connection:
            return tuple(Shot(*row) for row in connection.execute(statement))

    def summary(self, frame_id: int) -> FrameSummary:
        """One frame's row of the list; raises `ProjectError` as `get` does."""
        with self._database.read() as connection:
            wanted = _summaries(self._models.active_id()).where(frame.c.id == frame_id)
            row = connection.execute(wanted).one_or_none()
        if row is None:
            raise ProjectError(f"the project has no frame {frame_id}")
        to_frame(row[:8])  # a damaged one raises
        return to_summary(row, self._landmarks, self._database.left_out)

    def list(
        self,
        *,
        subject: str | None = None,
        take: str | None = None,
        camera: str | None = None,
        review: ReviewState | None = None,
        where: FrameFilter | None = None,
    ) -> FrameList:
        """The frames that match, in capture order; confidences are those of the active model's proposals.

        Args:
            where: every condition at once; it replaces the others.
        """
        wanted = where or FrameFilter(subject=subject, take=take, camera=camera, review=review)
        model_id = self._models.active_id()
        with self._database.read() as connection:
            if replace(wanted, least_certain_first=False) == FrameFilter():
                columns = _all_columns(connection, model_id)
            else:
                columns = _found_columns(connection, wanted, model_id)
        if wanted.least_certain_first:
            columns = columns[columns.confidence.argsort(kind="stable")]  # NaN last
        return FrameList(columns, partial(self._summaries, model_id=model_id))

    def _summaries(self, frame_ids: Sequence[int], model_id: str | None) -> dict[int, FrameSummary]:
        """The summaries of those frames that there are, by id."""
        found = {}
        with self._database.read() as connection:
            for start in range(0, len(frame_ids), 500):
                some = [int(i) for i in frame_ids[start : start + 500]]
                for row in connection.execute(_summaries(model_id).where(frame.c.id.in_(some))):
                    found[row[0]] = to_summary(row, self._landmarks, self._database.left_out)
        return found


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


def _summaries(model_id: str | None) -> Select[Any]:
    a, p = tables.annotation.c, proposal.c
    return (
        frame_columns()
        .add_columns(a.review, a.corrected, a.confirmed, a.missing, a.flagged)
        .add_columns(p.mean_confidence, p.least_confidence)
        .select_from(_joined(model_id))
    )


def _joined(model_id: str | None) -> FromClause:
    mine = and_(proposal.c.frame_id == frame.c.id, proposal.c.model_id == literal(model_id or ""))
    counts = frame.outerjoin(tables.annotation, tables.annotation.c.frame_id == frame.c.id)
    return counts.outerjoin(proposal, mine)


def _all_columns(connection: Connection, model_id: str | None) -> FrameColumns:
    """All frames in capture order: each table is read once through its narrow index, and put together here."""
    a, p = tables.annotation.c, proposal.c
    (ids,) = _fetch(connection, select(frame.c.id).order_by(frame.c.sort_key, frame.c.id), np.int64)
    order = ids.argsort()
    in_order = ids[order]
    touched, review, human = _fetch(
        connection, select(a.frame_id, a.review, a.corrected + a.confirmed), np.int64, np.uint8, np.int32
    )
    proposed, confidence = _fetch(
        connection,
        select(p.frame_id, p.mean_confidence).where(p.model_id == (model_id or "")),
        np.int64,
        np.float64,
    )
    columns = FrameColumns(
        ids, np.zeros(len(ids), np.uint8), np.zeros(len(ids), np.int32), np.full(len(ids), np.nan)
    )
    known = np.isin(touched, in_order)  # a damaged file may hold rows of frames that it lacks
    rows = order[np.searchsorted(in_order, touched[known])]
    columns.reviews[rows], columns.human[rows] = _reviews(review[known]), human[known]
    known = np.isin(proposed, in_order)
    rows = order[np.searchsorted(in_order, proposed[known])]
    columns.confidence[rows] = confidence[known]
    return columns


def _found_columns(connection: Connection, wanted: FrameFilter, model_id: str | None) -> FrameColumns:
    """The frames that a filter lets through, in capture order."""
    a, p = tables.annotation.c, proposal.c
    statement = (
        select(
            frame.c.id,
            func.coalesce(a.review, 0),
            func.coalesce(a.corrected + a.confirmed, 0),
            p.mean_confidence,
        )
        .select_from(_joined(model_id))
        .where(*conditions(wanted))
        .order_by(frame.c.sort_key, frame.c.id)
    )
    ids, reviews, human, confidence = _fetch(connection, statement, np.int64, np.uint8, np.int32, np.float64)
    return FrameColumns(ids, _reviews(reviews), human, confidence)


def _reviews(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Those states that there are; what is none counts as unreviewed."""
    return np.where(values <= max(ReviewState), values, 0).astype(np.uint8)


def _fetch(connection: Connection, statement: Select[Any], *dtypes: type[np.generic]) -> list[NDArray[Any]]:
    """The columns of an answer as arrays, NULL as NaN; never more than a few thousand rows as Python objects."""
    parts: list[list[NDArray[Any]]] = [[np.empty(0, dtype)] for dtype in dtypes]
    cursor = connection.execute(statement).cursor
    while cursor is not None and (rows := cursor.fetchmany(_FETCH)):
        for part, values, dtype in zip(parts, zip(*rows, strict=True), dtypes, strict=True):
            part.append(column(values, dtype, np.nan if dtype is np.float64 else 0))
    return [np.concatenate(part) for part in parts]


def _chunks(items: Iterable[Frame], size: int) -> Iterator[list[Frame]]:
    left = iter(items)
    return iter(lambda: list(islice(left, size)), [])
