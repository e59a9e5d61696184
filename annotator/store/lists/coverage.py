"""How well people's work is spread over subjects, takes and cameras, and which frame would spread it best."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from annotator.domain.annotation import ReviewState
from annotator.domain.capture import Frame
from annotator.store.file.database import Database
from annotator.store.lists.frame_list import frame_columns, to_listed_frame
from annotator.store.tables import annotation, coverage, frame

# A plan asks both some hundred times: as plain SQL each costs a fifth of what the expression language adds.
_DECIDED = (int(ReviewState.APPROVED), int(ReviewState.REJECTED))


@dataclass(frozen=True, slots=True)
class Covered:
    """Frames of one token: how many there are, and in how many a person set a landmark."""

    facet: str
    token: str
    frames: int
    touched: int


@dataclass(frozen=True, slots=True)
class LeastCovered:
    """A frame that nobody touched, with how well its subject, take and camera are covered so far."""

    frame: Frame
    covered: tuple[Covered, ...]


@dataclass
class _Plan:
    """What was touched so far, the frames chosen in this plan included."""

    takes: dict[str, int]
    cameras: dict[str, int]
    shots: dict[str, dict[str, list[int]]] = field(default_factory=dict)  # subject -> take -> [left, touched]
    untouched: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)


class CoverageTable:
    """The `coverage` table: counted when frames are added, then kept by triggers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(self, facet: str) -> list[Covered]:
        """Every token of `subject`, `take` or `camera`, sorted."""
        with self._database.read() as connection:
            return _rows(connection, facet)

    def least_covered(self, limit: int) -> list[LeastCovered]:
        """Frames to work on so that the work spreads: of the subject with the least frames touched, the take and camera with
        the least; each choice counts as touched for the next one. Of a sequence the middle comes first."""
        with self._database.read() as connection:
            subjects = {row.token: row for row in _rows(connection, "subject")}
            takes = {row.token: row for row in _rows(connection, "take")}
            cameras = {row.token: row for row in _rows(connection, "camera")}
            plan = _Plan(_touched(takes.values()), _touched(cameras.values()))
            heap = [(row.touched, row.token) for row in subjects.values() if row.frames > row.touched]
            heapq.heapify(heap)
            chosen: list[int] = []
            while heap and len(chosen) < limit:
                touched, subject = heap[0]
                frame_id = _choose(connection, plan, subject)
                if frame_id is None:
                    heapq.heappop(heap)
                    continue
                heapq.heapreplace(heap, (touched + 1, subject))
                chosen.append(frame_id)
            rows = connection.execute(frame_columns().where(frame.c.id.in_(chosen)))
            frames = {row[0]: to_listed_frame(row, self._database.left_out) for row in rows}
        found = []
        for item in (frames[frame_id] for frame_id in chosen):
            if not (item.subject in subjects and item.take in takes and item.camera in cameras):
                continue  # its row is damaged, or that of what it belongs to
            counts = (subjects[item.subject], takes[item.take], cameras[item.camera])
            found.append(LeastCovered(item, tuple(row for row in counts if row.token)))
        return found


def _rows(connection: Connection, facet: str) -> list[Covered]:
    c = coverage.c
    statement = select(c.facet, c.token, c.frames, c.touched).where(c.facet == facet, c.parent == "")
    rows = connection.execute(statement.order_by(c.token))
    return [
        Covered(*row) for row in rows if isinstance(row.token, str) and _are_counts(row.frames, row.touched)
    ]


def _are_counts(*values: object) -> bool:
    """Whether a row of the table is sound; a damaged one is counted anew with the next frames."""
    return all(isinstance(value, int) and 0 <= value < 1 << 40 for value in values)


def _touched(rows: Iterable[Covered]) -> dict[str, int]:
    return {row.token: row.touched for row in rows}


def _choose(connection: Connection, plan: _Plan, subject: str) -> int | None:
    """A subject's next frame, and the plan brought up to date; None where none is left."""
    if subject not in plan.shots:
        c = coverage.c
        wanted = select(c.token, c.frames - c.touched, c.touched)
        rows = connection.execute(wanted.where(c.facet == "shot", c.parent == subject))
        plan.shots[subject] = {
            token: [left, touched]
            for token, left, touched in rows
            if token in plan.takes and _are_counts(left, touched)
        }
    shots = plan.shots[subject]
    while True:
        left = [take for take, (count, _) in shots.items() if count > 0]
        if not left:
            return None
        take = min(left, key=lambda name: (shots[name][1], plan.takes[name], name))
        for camera in sorted(plan.cameras, key=lambda name: (plan.cameras[name], name)):
            ids = _untouched(connection, plan, (subject, take, camera))
            if ids:
                shots[take] = [shots[take][0] - 1, shots[take][1] + 1]
                plan.takes[take] += 1
                plan.cameras[camera] += 1
                return ids.pop(len(ids) // 2)
        shots[take][0] = 0  # what is left was decided without a point


def _untouched(connection: Connection, plan: _Plan, shot: tuple[str, str, str]) -> list[int]:
    """Ids of a shot's frames that nobody touched or decided, in capture order; read once a plan."""
    if shot not in plan.untouched:
        a, c = annotation.c, frame.c
        of_shot = (c.subject == shot[0], c.take == shot[1], c.camera == shot[2])
        left = (func.coalesce(a.corrected + a.confirmed, 0) == 0, func.coalesce(a.review, 0).not_in(_DECIDED))
        rows = select(c.id).outerjoin(annotation, a.frame_id == c.id).where(*of_shot, *left)
        plan.untouched[shot] = list(connection.scalars(rows.order_by(c.sort_key)))
    return plan.untouched[shot]
