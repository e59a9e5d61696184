"""The take of the frame that is shown: its frames in time, with what is known of each."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from annotator.domain.annotation import ReviewState
from annotator.domain.errors import ProjectError
from annotator.domain.takes.take import FrameSequence, TakeSettings, sequence_of
from annotator.domain.takes.track import TrackState
from annotator.session.editing.annotations import Annotations
from annotator.session.frames import Frames
from annotator.session.reader import Read
from annotator.store.project_store import ProjectStore

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class TakeState:
    """What is known of the N frames of one camera in one take; all arrays follow `sequence`, which has all of its frames.

    Attributes:
        settings: of the take, whose first and last frame are the in and out. human: int32 [N], landmarks that people set: a key
        is where there is one. review: uint8 [N]. tracked, unsure: int32 [N], the unsure among the tracked.
        confidence: float64 [N], the least of the model's proposal, NaN without one. landmarks: of the scheme.
    """

    sequence: FrameSequence
    settings: TakeSettings
    human: NDArray[np.int32]
    review: NDArray[np.uint8]
    tracked: NDArray[np.int32]
    unsure: NDArray[np.int32]
    confidence: NDArray[np.float64]
    landmarks: int
    places: dict[int, int] = field(default_factory=dict)

    @property
    def is_key(self) -> NDArray[np.bool_]:
        """bool [N]: frames with landmarks that a person set."""
        return self.human > 0

    @property
    def span(self) -> tuple[int, int]:
        """Places of the first and the last frame between in and out; all frames where none lies there."""
        wanted = [
            at for at, number in enumerate(self.sequence.numbers.tolist()) if self.settings.wants(number)
        ]
        return (wanted[0], wanted[-1]) if wanted else (0, len(self.sequence) - 1)


class Watched(Protocol):
    """What of the session a take is read from."""

    frames: Frames
    annotations: Annotations

    @property
    def is_open(self) -> bool: ...
    @property
    def store(self) -> ProjectStore: ...
    def read_beside(self, key: str, work: Read[T], then: Callable[[T], None]) -> None: ...


class Take(QObject):
    """Reads the take beside the window, and keeps what edits change of it true."""

    changed = Signal()  # another take, or much of it: re-read `state`
    frame_changed = Signal(int)  # the place of one frame that has other values in `state`
    moved = Signal(int)  # the place of the frame that is seen, -1 where it is in no take
    glanced = Signal(
        int
    )  # a frame passes by (its id), whose preview is enough; 0: at rest on the current one
    refused = Signal(str)

    def __init__(self, session: Watched, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted = 0  # the frame whose take is being read
        self._glance = 0
        self._since: set[int] = set()  # frames that were edited since it was asked for
        self.state: TakeState | None = None
        session.frames.current_changed.connect(self._turned_to)
        session.frames.list_changed.connect(self.read)
        session.annotations.changed.connect(self._edited)

    @property
    def glance(self) -> int:
        """The frame that passes by, 0 at rest."""
        return self._glance

    @property
    def seen_id(self) -> int:
        """The frame that is seen, passing by or at rest."""
        return self._glance or self._session.frames.current_id

    @property
    def place(self) -> int:
        """The place of the frame that is seen, -1 where it is in no take."""
        return -1 if self.state is None else self.state.places.get(self.seen_id, -1)

    def read(self) -> None:
        """Read the take of the current frame anew, beside the window."""
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        if not frame_id:
            self._take(0, None)
            return
        self._wanted = frame_id
        self._since.clear()
        self._session.read_beside(
            "take", partial(read_take, frame_id=frame_id), partial(self._take, frame_id)
        )

    def pass_by(self, place: int) -> None:
        """See a frame of the take for a moment, as a preview; `rest` makes it the current one."""
        if self.state is None or not len(self.state.sequence):
            return
        place = min(max(place, 0), len(self.state.sequence) - 1)
        frame_id = int(self.state.sequence.frame_ids[place])
        if frame_id != self.seen_id:
            self._glance = frame_id
            self.glanced.emit(frame_id)
            self.moved.emit(place)

    def rest(self) -> None:
        """What passed by last is the current frame now, in full."""
        frame_id, self._glance = self._glance, 0
        if frame_id and self._session.is_open:
            self._session.frames.go_to(frame_id)
            self.glanced.emit(0)

    def go_to(self, place: int) -> bool:
        """Make the frame of a place the current one; False where there is none."""
        self.rest()
        if self.state is None or not 0 <= place < len(self.state.sequence):
            return False
        self._session.frames.go_to(int(self.state.sequence.frame_ids[place]))
        return True

    def next_key(self, backwards: bool = False) -> bool:
        """Go to the next frame that a person set something in; False where there is none."""
        if self.state is None:
            return False
        keys, here = np.flatnonzero(self.state.is_key), self.place
        found = keys[keys < here][-1:] if backwards else keys[keys > here][:1]
        return bool(len(found)) and self.go_to(int(found[0]))

    def set_range(self, first: int | None, last: int | None) -> None:
        """Say where the take begins and ends (frame numbers, None for its own); an end beyond the other one takes its place."""
        state = self.state
        if state is None:
            return
        sequence, takes, seen = state.sequence, self._session.store.takes, state.settings
        try:
            held = takes.get(sequence.subject, sequence.take)  # another program's by now, perhaps
            is_first = first != seen.first
            first, last = first if is_first else held.first, last if last != seen.last else held.last
            if first is not None and last is not None and first > last:
                first, last = (first, None) if is_first else (None, last)
            settings = replace(held, first=first, last=last)
            takes.set(sequence.subject, sequence.take, settings)
        except ProjectError as error:
            self.refused.emit(str(error))
            return
        self.state = replace(state, settings=settings)
        self.changed.emit()
        self.read()  # an answer that is on its way was read before this

    def _turned_to(self, frame_id: int) -> None:
        if self.state is not None and frame_id in self.state.places:
            self.moved.emit(self.place)
        else:
            self.read()

    def _take(self, frame_id: int, state: TakeState | None) -> None:
        if frame_id and frame_id != self._wanted:
            return
        self.state = state
        # the answer may be older than an edit, and knows none that waits for the disk
        for each in self._since.union(
            change.frame_id for change in self._session.annotations.pending.waiting
        ):
            self._update(each)
        self.changed.emit()
        self.moved.emit(self.place)
        if frame_id and self._session.frames.current_id not in (state.places if state else (frame_id,)):
            self.read()  # somebody went on meanwhile

    def _edited(self, frame_id: int) -> None:
        self._since.add(frame_id)
        place = self._update(frame_id)
        if place >= 0:
            self.frame_changed.emit(place)

    def _update(self, frame_id: int) -> int:
        """What people set and what is tracked of a frame, as it is now; its place, -1 where it is not in the take."""
        state = self.state
        place = -1 if state is None else state.places.get(frame_id, -1)
        if state is None or place < 0:
            return -1
        human, track = (
            self._session.annotations.human(frame_id),
            self._session.annotations.tracks.get(frame_id),
        )
        state.human[place], state.review[place] = human.is_human.sum(), human.review
        states = np.zeros(0) if track is None else track.state
        state.tracked[place] = (states != TrackState.NONE).sum()
        state.unsure[place] = (states == TrackState.UNSURE).sum()
        return place


def read_take(store: ProjectStore, frame_id: int) -> TakeState | None:
    """The take of a frame, None where the project has no such frame; a frame of no take is with its camera's others."""
    key = store.sequences.camera_of(frame_id)
    if key is None:
        return None
    rows, settings = store.sequences.of(*key), store.takes.get(*key[:2])
    sequence = sequence_of(rows.frames, replace(settings, first=None, last=None, handles=0))
    row_of = {frame.id: row for row, frame in enumerate(rows.frames)}
    at = np.array([row_of[frame_id] for frame_id in sequence.frame_ids.tolist()], np.int64)
    places = {frame_id: place for place, frame_id in enumerate(sequence.frame_ids.tolist())}
    review = np.where(rows.review <= max(ReviewState), rows.review, 0).astype(np.uint8)[at]
    return TakeState(
        sequence,
        settings,
        rows.human[at],
        review,
        rows.tracked[at],
        rows.unsure[at],
        rows.confidence[at],
        store.scheme.size,
        places,
    )
