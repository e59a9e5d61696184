"""The moment of the frame that is shown, and what its views say together, kept up to date beside the window."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from annotator.domain.annotation import Annotation
from annotator.domain.proposal import Proposal
from annotator.services.rigs.apart import cameras_apart
from annotator.services.rigs.moments import Moment, moment_of
from annotator.services.rigs.taken import TakenPlaces, taken_places, without_taken
from annotator.session.rigs.outlook import Outlook
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore

_HELD_MS = 40  # between two looks at what is dragged, at least
_PATIENCE = 8  # so many times as long as a look took: on a busy machine the hand goes first


class Alone(Enum):
    """Why a frame has no other views; the value is what people read."""

    NO_PROJECT = "No project is open"
    NO_FRAME = "No frame is shown"
    NO_RIG = "No rig is known for this take.\nImport the calibration of its cameras, and the other views stand here."
    OTHER_CAMERA = "The rig of this take has no camera of this name"
    NO_OTHER = "No other calibrated camera saw this moment"
    APART = (
        "This camera shares no moment with the others of its rig.\n"
        "Where it counts otherwise, Time ▸ Number the frames… gives its frames their numbers."
    )


@dataclass(frozen=True, eq=False)
class _Found:
    """What the thread answers: the moment, or why there is none; what was taken and proposed in its frames."""

    frame_id: int
    moment: Moment | None
    why: Alone | None
    taken: Mapping[int, TakenPlaces]
    proposed: Mapping[int, Proposal]


class Rigs(QObject):
    """Follows the current frame. What is worked out waits until a frame was shown, an edit written, a drag painted."""

    changed = Signal()  # another moment, another frame of it, or another `outlook`
    held = Signal(object)  # landmarks, a set, whose part of the `outlook` changed as they are dragged

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._moment: Moment | None = None
        self._outlook: Outlook | None = None  # at rest
        self._live: Outlook | None = None  # while points are held
        self._why: Alone | None = Alone.NO_PROJECT
        self._asked: set[int] = set()  # frames whose proposal was asked for here
        self._holding: tuple[int, NDArray[np.int64], NDArray[np.float64]] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_HELD_MS)
        self._timer.timeout.connect(self._look_at_held)
        session.frames.current_changed.connect(self._turned_to)
        session.frames.list_changed.connect(self.look)
        session.annotations.changed.connect(self._on_frame)
        session.proposals.arrived.connect(self._on_frame)
        session.models.changed.connect(self.look)
        session.rigs_changed.connect(self.look)
        session.project_closed.connect(self._forget)

    @property
    def moment(self) -> Moment | None:
        """Of the current frame; None while that is not known, or where it has none."""
        return self._moment

    @property
    def outlook(self) -> Outlook | None:
        """What its views say, with what is held just now; None while that is not known."""
        return self._live or self._outlook

    @property
    def row(self) -> int:
        """The place of the current frame among the views, -1 where there is none."""
        seen = self.outlook
        return -1 if seen is None else seen.row(self._session.frames.current_id)

    @property
    def why_alone(self) -> Alone | None:
        """Why there are no other views; None where there are, or it is not known yet."""
        return self._why

    def frame_ids(self) -> list[int]:
        """The frames of the moment in the rig's order, the current one among them."""
        return [] if self._moment is None else [frame.id for frame in self._moment.frames.values()]

    def look(self) -> None:
        """Read the moment anew: a rig was imported, or the project changed."""
        frame = self._session.frames.current if self._session.is_open else None
        if frame is None:
            self._why = Alone.NO_FRAME if self._session.is_open else Alone.NO_PROJECT
            return

        model_id = self._session.proposals.model_id

        def read(store: ProjectStore) -> _Found:
            moment = moment_of(store, store.frames.listed(frame.id))
            why = None if moment is not None else _why(store, frame.id)
            ids = _ids(moment)
            proposed = {} if model_id is None else dict(store.proposals.own_items(ids, model_id))
            return _Found(frame.id, moment, why, taken_places(store, ids), proposed)

        self._session.read_beside("moment", read, self._take)

    def _take(self, found: _Found) -> None:
        """The moment is known; what its views say is worked out in the thread, too."""
        if found.frame_id not in (self._session.frames.current_id, *_ids(found.moment)):
            return
        moment, session = found.moment, self._session
        self._moment, self._why = moment, found.why
        if moment is None:
            self._outlook = None
            self.changed.emit()
            return
        annotations: dict[int, Annotation] = {}
        proposals: dict[int, Proposal] = {}
        for frame_id in self.frame_ids():
            human = session.annotations.human(frame_id)
            annotations[frame_id] = without_taken(human, found.taken.get(frame_id, ()))
            # a project that cannot be written has none of those that were made just now
            proposal = found.proposed.get(frame_id) or session.proposals.get(frame_id)
            if proposal is not None:
                proposals[frame_id] = proposal.without_heatmaps()
        scheme = session.scheme
        session.read_beside(
            "outlook", lambda _store: Outlook.of(moment, scheme, annotations, proposals), self._show
        )

    def _show(self, outlook: Outlook) -> None:
        if outlook.moment is self._moment:
            self._outlook = outlook
            if self._holding is not None:
                self._look_at_held()
            self.changed.emit()
            self._propose()

    def _propose(self) -> None:
        """Have the views proposed that are not, while nothing else is asked for."""
        proposals = self._session.proposals
        wanted = (frame_id for frame_id in self.frame_ids() if frame_id not in self._asked)
        missing = next((frame_id for frame_id in wanted if proposals.get(frame_id) is None), 0)
        if missing and proposals.is_idle:
            self._asked.add(missing)
            proposals.request(missing)

    # ---- while points are held
    def hold(self, indices: Sequence[int], xy: NDArray[np.float64]) -> None:
        """Points of the current frame are dragged, and are at xy [K, 2] just now; none: they rest again."""
        if not len(indices):
            self._let_go()
        elif self.row >= 0:
            self._holding = (self._session.frames.current_id, np.array(indices, np.int64), np.array(xy))
            if not self._timer.isActive():
                self._timer.start()

    def _look_at_held(self) -> None:
        if self._holding is None or self._outlook is None:
            return
        begun = time.perf_counter()
        frame_id, at, xy = self._holding
        view = self._outlook.row(frame_id)
        if view >= 0 and self._outlook.fits[view]:
            self._live = self._outlook.with_held(view, at, xy)
            self.held.emit(frozenset(at.tolist()))
        took = 1000 * (time.perf_counter() - begun)
        self._timer.setInterval(max(_HELD_MS, round(_PATIENCE * took)))

    def _let_go(self) -> None:
        """What is at rest shows again, until what became of the drag is known."""
        self._timer.stop()
        at, self._holding = self._holding, None
        if self._live is not None and at is not None:
            self._outlook, self._live = self._live, None
            self.look()  # where the drag was given up there is no edit that would say so

    # ---- following the session
    def _turned_to(self, frame_id: int) -> None:
        self._let_go()
        if frame_id not in self.frame_ids():
            self._moment = self._outlook = self._why = None
        self.look()
        self.changed.emit()

    def _on_frame(self, frame_id: int) -> None:
        if frame_id in self.frame_ids():
            self.look()

    def _forget(self) -> None:
        self._let_go()
        self._moment = self._outlook = None
        self._asked.clear()
        self._why = Alone.NO_PROJECT
        self.changed.emit()


def _ids(moment: Moment | None) -> list[int]:
    return [] if moment is None else [frame.id for frame in moment.frames.values()]


def _why(store: ProjectStore, frame_id: int) -> Alone:
    frame = store.frames.listed(frame_id)
    rig = store.rigs.of_take(frame.subject, frame.take)
    if rig is None:
        return Alone.NO_RIG
    if frame.camera not in rig.rig.cameras:
        return Alone.OTHER_CAMERA
    apart = cameras_apart(store, frame.subject, frame.take, rig.rig.cameras)
    return Alone.APART if frame.camera in apart else Alone.NO_OTHER
