"""What a project holds of one camera's frames in one take, frame by frame, in one query: what a timeline shows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, func, literal, select

from annotator.domain.annotation import ReviewState
from annotator.domain.capture import Frame
from annotator.domain.takes.track import TrackState
from annotator.store.file.database import Database
from annotator.store.lists.frame_list import frame_columns, to_listed_frame
from annotator.store.models import ModelTable
from annotator.store.tables import annotation, frame, proposal, track


@dataclass(frozen=True, eq=False)
class SequenceRows:
    """Of N frames in capture order.

    Attributes:
        frames: as the project has them. human: int32 [N], landmarks that people set. review: uint8 [N] of `ReviewState`.
        tracked, unsure: int32 [N], landmarks of the track layer; the unsure ones count as tracked, too.
        confidence: float64 [N], the least of the active model's proposal, NaN where there is none.
    """

    frames: tuple[Frame, ...]
    human: NDArray[np.int32]
    review: NDArray[np.uint8]
    tracked: NDArray[np.int32]
    unsure: NDArray[np.int32]
    confidence: NDArray[np.float64]


class SequenceRowsTable:
    """Reads `SequenceRows`; damaged values count as nothing set."""

    def __init__(self, database: Database, landmarks: int, models: ModelTable) -> None:
        self._database, self._landmarks, self._models = database, landmarks, models

    def of(self, subject: str, take: str, camera: str) -> SequenceRows:
        """The frames of one camera in one take."""
        a, c, mine = annotation.c, frame.c, literal(self._models.active_id() or "")
        joined = (
            frame.outerjoin(annotation, a.frame_id == c.id)
            .outerjoin(proposal, and_(proposal.c.frame_id == c.id, proposal.c.model_id == mine))
            .outerjoin(track, track.c.frame_id == c.id)
        )
        states = func.substr(track.c.arrays, -self._landmarks)  # the layer's blob ends with a byte a landmark
        wanted = (
            frame_columns()
            .add_columns(a.review, a.corrected + a.confirmed, proposal.c.least_confidence, states)
            .select_from(joined)
            .where(c.subject == subject, c.take == take, c.camera == camera)
            .order_by(c.sort_key, c.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        tracked = np.array([_states(row[11], self._landmarks) for row in rows], np.int32).reshape(-1, 2)
        return SequenceRows(
            tuple(to_listed_frame(row[:8], self._database.left_out) for row in rows),
            np.array([_count(row[9], self._landmarks) for row in rows], np.int32),
            np.array([_count(row[8], max(ReviewState)) for row in rows], np.uint8),
            tracked[:, 0],
            tracked[:, 1],
            np.array([row[10] if isinstance(row[10], int | float) else np.nan for row in rows], np.float64),
        )

    def indices_of(self, subject: str, take: str) -> dict[str, list[str]]:
        """Camera -> the index of each of its frames of a take, in capture order; what is damaged is left out."""
        c, found = frame.c, dict[str, list[str]]()
        wanted = select(c.camera, c.index).where(c.subject == subject, c.take == take)
        with self._database.read() as connection:
            for camera, index in connection.execute(wanted.order_by(c.sort_key, c.id)):
                if isinstance(camera, str) and isinstance(index, str):
                    found.setdefault(camera, []).append(index)
        return found

    def camera_of(self, frame_id: int) -> tuple[str, str, str] | None:
        """Subject, take and camera of a frame; None where there is no such frame."""
        c = frame.c
        with self._database.read() as connection:
            row = connection.execute(
                select(c.subject, c.take, c.camera).where(c.id == frame_id)
            ).one_or_none()
        return None if row is None or not all(isinstance(value, str) for value in row) else tuple(row)


def _count(value: Any, most: int) -> int:
    return value if isinstance(value, int) and 0 <= value <= most else 0


def _states(states: Any, landmarks: int) -> tuple[int, int]:
    """How many landmarks are tracked, and unsure."""
    if not isinstance(states, bytes) or len(states) != landmarks:
        return 0, 0
    unsure = states.count(TrackState.UNSURE)
    return unsure + states.count(TrackState.TRACKED), unsure
