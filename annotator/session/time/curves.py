"""Landmarks over time: where each is in the frames of the take that are looked at, and what is known of it there."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from annotator.domain.annotation import Annotation
from annotator.domain.layers import displayed, tracked, unsurely_tracked
from annotator.domain.proposal import Proposal
from annotator.domain.takes.take import FrameSequence
from annotator.domain.takes.track import Track
from annotator.session.proposals import Proposals
from annotator.session.time.take import Take, Watched
from annotator.store.project_store import ProjectStore

MOST = 1200
"""Frames that are read; of more that are looked at, those at even steps and the keys."""
_BESIDE = 0.25  # of what is looked at, read on either side of it


@dataclass(frozen=True, eq=False)
class CurveData:
    """N frames of a take with L landmarks.

    Attributes:
        places: int64 [N], rising, in the take's sequence. xy: float32 [N, L, 2] frame px as displayed, NaN where nothing is.
        state: uint8 [N, L] of `LandmarkState`. unsure: bool [N, L], tracked and unsure.
        sigma: float32 [N, L, 2], standard deviation in x and y, px; NaN where nothing is tracked.
        proposed: float32 [N, L, 2], NaN where the active model proposed nothing.
        step: places from one frame to the next; keys lie between as well.
    """

    places: NDArray[np.int64]
    xy: NDArray[np.float32]
    state: NDArray[np.uint8]
    unsure: NDArray[np.bool_]
    sigma: NDArray[np.float32]
    proposed: NDArray[np.float32]
    step: int

    def row(self, place: int) -> int:
        """Where a place of the take stands here, -1 where it was not read."""
        at = int(np.searchsorted(self.places, place))
        return at if at < len(self.places) and self.places[at] == place else -1

    def put(self, row: int, human: Annotation, track: Track | None, proposal: Proposal | None) -> None:
        """What is known of one of the frames."""
        shown = displayed(human, proposal, track)
        self.xy[row], self.state[row] = shown.xy, shown.state
        self.unsure[row], self.sigma[row] = unsurely_tracked(human, track), np.nan
        self.proposed[row] = np.nan if proposal is None else proposal.xy
        if track is not None:
            seen = tracked(human, track)
            variance = np.diagonal(track.covariance, axis1=-2, axis2=-1)
            self.sigma[row, seen] = np.sqrt(np.maximum(variance, 0))[seen]


class Drawn(Watched, Protocol):
    """What of the session curves are read from."""

    proposals: Proposals


class Curves(QObject):
    """Reads what `want` asks for beside the window, and keeps what edits change of it true."""

    changed = Signal()  # re-read `data`

    def __init__(self, session: Drawn, take: Take, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._take = session, take
        self._asked: tuple[int, int, int] | None = None  # first, last and step of what was asked for
        self._edited: set[int] = set()  # places that changed since
        self._of: FrameSequence | None = None
        self.data: CurveData | None = None
        take.changed.connect(self._forget)
        take.frame_changed.connect(self._update)

    def want(self, first: int, last: int) -> None:
        """See that the frames from one place to another are there; `changed` tells when they are."""
        state = self._take.state
        if state is None or not len(state.sequence):
            return
        step = max(-(-(last + 1 - first) // MOST), 1)
        asked = self._asked
        if asked is not None and asked[0] <= first and last <= asked[1] and asked[2] <= step:
            return
        more = round((last - first) * _BESIDE)
        low, high = max(first - more, 0), min(last + more, len(state.sequence) - 1)
        self._asked = low, high, step
        self._edited.clear()
        places = np.arange(low, high + 1, step)
        if step > 1:
            keys = low + np.flatnonzero(state.is_key[low : high + 1])
            places = np.union1d(places, keys[:: -(-len(keys) // MOST) or 1])
        ids = state.sequence.frame_ids[places].tolist()
        work = partial(read_curves, places=places, frame_ids=ids, step=step)
        self._session.read_beside("curves", work, partial(self._arrive, state.sequence))

    def _arrive(self, sequence: FrameSequence, data: CurveData) -> None:
        if self._of is not sequence:
            return
        self.data = data
        waiting = {change.frame_id for change in self._session.annotations.pending.waiting}
        for row, place in enumerate(data.places.tolist()):
            if place in self._edited or int(sequence.frame_ids[place]) in waiting:
                self._put(row, int(sequence.frame_ids[place]))
        self.changed.emit()

    def _forget(self) -> None:
        """Another take, or much of it is new; what is shown of the same one stays until it is read."""
        state = self._take.state
        sequence = None if state is None else state.sequence
        if sequence is None or self._of is None or not np.array_equal(sequence.frame_ids, self._of.frame_ids):
            self.data = None
        self._of, self._asked = sequence, None
        self.changed.emit()

    def _update(self, place: int) -> None:
        self._edited.add(place)
        if self.data is None or self._of is None:
            return
        row = self.data.row(place)
        if row >= 0:
            self._put(row, int(self._of.frame_ids[place]))
        elif self.data.places[0] <= place <= self.data.places[-1]:
            self._asked = None  # one that was passed over may be a key now
        self.changed.emit()

    def _put(self, row: int, frame_id: int) -> None:
        annotations = self._session.annotations
        if self.data is not None:
            track, proposal = annotations.tracks.get(frame_id), self._session.proposals.get(frame_id)
            self.data.put(row, annotations.human(frame_id), track, proposal)


def read_curves(
    store: ProjectStore, places: NDArray[np.int64], frame_ids: Sequence[int], step: int
) -> CurveData:
    """The landmarks of some frames, as the project has them."""
    size, scheme = len(places), store.scheme
    active = store.models.active()
    data = CurveData(
        places,
        np.full((size, scheme.size, 2), np.nan, np.float32),
        np.zeros((size, scheme.size), np.uint8),
        np.zeros((size, scheme.size), np.bool_),
        np.full((size, scheme.size, 2), np.nan, np.float32),
        np.full((size, scheme.size, 2), np.nan, np.float32),
        step,
    )
    human, tracks = dict(store.annotations.items(frame_ids)), dict(store.tracks.items(frame_ids))
    proposals = {} if active is None else dict(store.proposals.items(frame_ids, active.id))
    nobody = Annotation.empty(scheme)
    for row, frame_id in enumerate(frame_ids):
        data.put(row, human.get(frame_id, nobody), tracks.get(frame_id), proposals.get(frame_id))
    return data
