"""One landmark over many frames, in the order in which it deserves a look: the rows of the contact sheet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation
from annotator.domain.capture import Frame, evenly
from annotator.domain.faces.face_frame import face_size, face_turn
from annotator.domain.layers import displayed
from annotator.domain.proposal import Proposal
from annotator.domain.takes.track import Track
from annotator.domain.uncertainty import OWN_ERROR, mahalanobis
from annotator.services.project.queue.queues import AnyQueue, Queue, read_queue
from annotator.store.project_store import ProjectStore

MOST_FRAMES = 1000
MOST_CELLS = 3000


class SheetOrder(StrEnum):
    """How the cells are sorted."""

    DISAGREEMENT = "disagreement"
    UNCERTAINTY = "uncertainty"
    QUEUE = "queue"
    CAPTURE = "capture"


@dataclass(frozen=True, eq=False)
class SheetCell:
    """One landmark of one frame.

    Attributes:
        xy: float64 [2], where it is shown: a person's place, else the proposed one. state, flags: as in `Annotation`.
        proposed: float64 [2], where the model puts it, NaN without a proposal.
        covariance: float64 [2, 2] of the proposal, frame pixels squared, NaN without one. confidence: 0..1, NaN likewise.
        apart: sigmas between a person's point and the proposal, or between the global and the regional network where nobody set
            it; NaN where neither is known.
        turn: radians of the face's eye line. size: the face's size in frame pixels.
    """

    frame: Frame
    landmark: int
    xy: NDArray[np.float64]
    state: int
    flags: int
    proposed: NDArray[np.float64]
    covariance: NDArray[np.float64]
    confidence: float
    apart: float
    turn: float
    size: float


@dataclass(frozen=True)
class Sheet:
    """The cells in order, and of how many frames they were chosen out of how many."""

    cells: tuple[SheetCell, ...]
    frames: int
    of_frames: int


def read_sheet(
    store: ProjectStore,
    landmarks: Sequence[int],
    order: SheetOrder,
    listed: Sequence[int] | NDArray[np.int64],
    queue: AnyQueue = Queue.UNCERTAIN,
) -> Sheet:
    """The cells of some landmarks over the listed frames (ids in capture order), at most 1,000 frames.

    More frames than that are thinned evenly. `SheetOrder.QUEUE` takes the head of `queue` in place of the listed frames.
    Landmarks that are placed nowhere have no cell.
    """
    if order is SheetOrder.QUEUE:
        page = read_queue(store, queue, MOST_FRAMES)
        ids, total = [item.frame.id for item in page.items], page.total
    else:
        ids, total = [int(listed[i]) for i in evenly(range(len(listed)), MOST_FRAMES)], len(listed)
    cells: list[SheetCell] = []
    for frame, human, proposal, track in _frames(store, ids):
        cells += _cells(store, frame, human, proposal, track, landmarks)
    if order is SheetOrder.DISAGREEMENT:
        cells.sort(key=lambda cell: -np.nan_to_num(cell.apart, nan=-1.0))
    elif order is SheetOrder.UNCERTAINTY:
        cells.sort(key=lambda cell: np.nan_to_num(cell.confidence, nan=2.0))
    return Sheet(tuple(cells[:MOST_CELLS]), len(ids), total)


def _frames(
    store: ProjectStore, ids: Sequence[int]
) -> Iterable[tuple[Frame, Annotation, Proposal | None, Track | None]]:
    active = store.models.active()
    proposals = dict(store.proposals.items(ids, active.id)) if active is not None else {}
    human, tracks = dict(store.annotations.items(ids)), dict(store.tracks.items(ids))
    frames = {frame.id: frame for frame in store.frames.of_ids(ids)}
    empty = Annotation.empty(store.scheme)
    for frame_id in ids:
        yield frames[frame_id], human.get(frame_id, empty), proposals.get(frame_id), tracks.get(frame_id)


def _cells(
    store: ProjectStore,
    frame: Frame,
    human: Annotation,
    proposal: Proposal | None,
    track: Track | None,
    landmarks: Sequence[int],
) -> list[SheetCell]:
    seen = displayed(human, proposal, track)
    shown, mine = seen.xy.astype(np.float64), human.is_human
    apart, nowhere = np.full(len(shown), np.nan), np.full((2, 2), np.nan)
    size = face_size(shown)
    if proposal is not None:
        own = OWN_ERROR * size
        both = proposal.covariance + proposal.global_covariance
        networks = mahalanobis(proposal.global_xy - proposal.xy, both, own)
        apart = np.where(mine, mahalanobis(shown - proposal.xy, proposal.covariance, own), networks)
    turn = face_turn(store.scheme, shown)
    return [
        SheetCell(
            frame,
            landmark,
            shown[landmark].copy(),
            int(seen.state[landmark]),
            int(human.flags[landmark]),
            nowhere[0] if proposal is None else proposal.xy[landmark].astype(np.float64),
            nowhere if proposal is None else proposal.covariance[landmark].astype(np.float64),
            float("nan") if proposal is None else float(proposal.confidence[landmark]),
            float(apart[landmark]),
            turn,
            size,
        )
        for landmark in landmarks
        if np.isfinite(shown[landmark]).all()
    ]
