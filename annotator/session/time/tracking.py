"""Tracking as the window does it: a job beside it, whose end is one undo step over all frames."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QObject, Signal, SignalInstance

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Progress, Stop
from annotator.domain.takes.take import FrameSequence
from annotator.domain.takes.track import Merge, Track
from annotator.domain.words import counted
from annotator.services.takes.sequences import sequences
from annotator.services.takes.take_back import TrackStep, swap_step
from annotator.services.takes.track import TrackSummary, TrackWishes, track_sequence
from annotator.services.takes.track_on import track_on, track_on_in_space
from annotator.services.takes.track_rig import RigOfTake, rig_of, track_in_space
from annotator.session.editing.annotations import Annotations
from annotator.session.editing.safe_command import SafeCommand, Tell
from annotator.session.job.job_board import Job
from annotator.session.job.jobs import Jobs
from annotator.session.job.turns import Turns
from annotator.session.time.take import Take
from annotator.store.project_store import ProjectStore
from annotator.store.rigs import ProjectRig

_KIND, _BACK = "track", "track back"
_UNTOUCHED = "the tracks are as they were; pictures that were compared are not read again."
_Work = Callable[[ProjectStore, list[FrameSequence], ProjectRig | None, Progress, Stop], list[TrackSummary]]


class Tracked(Protocol):
    """What of the session tracking needs."""

    annotations: Annotations
    jobs: Jobs
    message: SignalInstance

    @property
    def is_open(self) -> bool: ...
    @property
    def store(self) -> ProjectStore: ...
    def reload(self) -> None: ...


@dataclass(frozen=True)
class Outcome:
    """How a job of tracking ended: what was done, and what takes it back."""

    summary: TrackSummary
    step: TrackStep | None

    @property
    def text(self) -> str:
        """For people."""
        done = self.summary.text if self.summary.run else f"{self.summary.name}: nothing was tracked"
        return "; ".join([done, *self.summary.notes[:3]])


class Tracking(QObject):
    """Starts tracking in the take that is shown; one at a time."""

    ended = Signal(object)  # TrackSummary

    def __init__(self, session: Tracked, take: Take, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._seen, self._swapping = session, take, Turns()
        session.jobs.ended.connect(self._on_end)

    def rig(self) -> RigOfTake | None:
        """What the take that is shown can be tracked by in space; None where its camera is tracked by itself."""
        state = self._seen.state
        if state is None or not self._session.is_open:
            return None
        found = rig_of(self._session.store, state.sequence.subject, state.sequence.take)
        return found if found is not None and state.sequence.camera in found.cameras else None

    def on_from(
        self, place: int, forward: bool, landmarks: tuple[int, ...] | None = None, in_space: bool = True
    ) -> Job:
        """Track on from a place of the take, each landmark until it stops being sure; in all views of the take's rig where it has
        one and that is wanted. `AnnotatorError` where it cannot be."""
        state = self._seen.state
        if state is None or not 0 <= place < len(state.sequence):
            raise AnnotatorError("This frame is in no take.")
        number = int(state.sequence.numbers[place])
        wishes = TrackWishes(landmarks, state.settings.first, state.settings.last, Merge.REPLACE)

        def work(
            store: ProjectStore,
            views: list[FrameSequence],
            rig: ProjectRig | None,
            progress: Progress,
            stop: Stop,
        ) -> list[TrackSummary]:
            if rig is None:
                return [track_on(store, views[0], number, forward, wishes, progress, stop)]
            return track_on_in_space(store, views, rig, number, forward, wishes, progress, stop)

        return self._start(
            f"Track {'forward' if forward else 'backward'} from frame {number}", work, in_space
        )

    def over_range(self, wishes: TrackWishes, in_space: bool = True) -> Job:
        """Track a range anew, as `on_from` by one camera or by all; raises `AnnotatorError` where that cannot be."""

        def work(
            store: ProjectStore,
            views: list[FrameSequence],
            rig: ProjectRig | None,
            progress: Progress,
            stop: Stop,
        ) -> list[TrackSummary]:
            if rig is None:
                return [track_sequence(store, views[0], wishes, progress, stop)]
            return track_in_space(store, views, rig, wishes, (), progress, stop)

        first, last = (
            ("the start", "the end")[i] if n is None else n for i, n in enumerate((wishes.first, wishes.last))
        )
        return self._start(f"Track from {first} to {last}", work, in_space)

    def swap(self, step: TrackStep, again: bool) -> None:
        """Take a run back, or bring it again, beside the window."""
        store, turn = self._session.store, self._swapping.ask()

        def work(_progress: Progress, _stop: Stop) -> str:
            with self._swapping.wait(turn), store.again() as own:
                changed = swap_step(own, step, again)
            return f"frames that changed: {len(changed):,}"

        self._session.jobs.run(_BACK, "Redo tracking" if again else "Undo tracking", work, store.identity)

    def _start(self, title: str, work: _Work, in_space: bool) -> Job:
        session, state = self._session, self._seen.state
        if state is None:
            raise AnnotatorError("This frame is in no take.")
        if session.store.read_only:
            raise AnnotatorError("This project is read only: tracks cannot be kept in it.")
        if session.jobs.active(_KIND, session.store.identity) is not None:
            raise AnnotatorError("Tracking is on already; stop it first, or wait for its end.")
        store, seen, held = session.store, state.sequence, self.rig() if in_space else None
        if held is not None:
            title = f"{title}, {counted(len(held.cameras), 'camera')}"

        def run(progress: Progress, stop: Stop) -> Outcome:
            with store.again() as own:
                # whatever the in and out are: keys beyond them count
                every = [] if held is None else sequences(own, seen.subject, seen.take, whole=True)
                views = [seen] if held is None else held.views(every)
                before = dict(own.tracks.items(_ids(views)))
                summaries = work(own, views, None if held is None else held.rig, progress, stop)
                whole = summaries[0] if held is None else _summed(_name(views), summaries)
                return Outcome(whole, _step(own, views, summaries, before))

        return session.jobs.run(_KIND, title, run, store.identity, _UNTOUCHED)

    def _on_end(self, job: Job) -> None:
        session = self._session
        if job.kind not in (_KIND, _BACK) or not session.is_open or job.project != session.store.identity:
            return
        session.annotations.tracks.forget()
        session.reload()
        if not isinstance(job.result, Outcome):
            if job.message and job.kind == _KIND:
                session.message.emit("warning" if job.state.name == "FAILED" else "info", job.message)
            return
        outcome: Outcome = job.result
        if outcome.step is not None:
            command = TrackCommand(self.swap, job.title, outcome.step, session.annotations.refuse)
            session.annotations.undo_stack.push(command)
        session.message.emit("info", outcome.text)
        self.ended.emit(outcome.summary)


class TrackCommand(SafeCommand):
    """One undo step over all frames of a run; it is pushed when the run is over, so that pushing it does nothing."""

    def __init__(
        self, swap: Callable[[TrackStep, bool], Any], title: str, step: TrackStep, tell: Tell
    ) -> None:
        super().__init__(f"{title}  ·  {counted(len(step.after), 'frame')}\n{title}", tell)
        self._swap, self._step, self._pushed = swap, step, False

    def _redo(self) -> None:
        if self._pushed:
            self._swap(self._step, True)
        self._pushed = True

    def _undo(self) -> None:
        self._swap(self._step, False)


def _name(views: Sequence[FrameSequence]) -> str:
    name = "/".join(part for part in (views[0].subject, views[0].take) if part)
    return f"{name}, {counted(len(views), 'camera')}"


def _summed(name: str, summaries: Sequence[TrackSummary]) -> TrackSummary:
    """What was done to several sequences, as one; frames and keys are counted in each of them."""
    whole = TrackSummary(name, max(each.run for each in summaries))
    for each in summaries:
        for count in ("frames", "keys", "points", "unsure", "evidence", "kept"):
            setattr(whole, count, getattr(whole, count) + getattr(each, count))
        whole.failures |= each.failures
        whole.notes += [f"{each.name}, {note}" for note in each.notes]
    return whole


def _ids(views: Sequence[FrameSequence]) -> list[int]:
    return [frame_id for view in views for frame_id in view.frame_ids.tolist()]


def _step(
    store: ProjectStore,
    views: Sequence[FrameSequence],
    summaries: Sequence[TrackSummary],
    before: Mapping[int, Track],
) -> TrackStep | None:
    """What the runs changed, None for nothing."""
    runs = tuple(each.run for each in summaries if each.run)
    if not runs:
        return None
    after: dict[int, Track | None] = {
        frame_id: value
        for frame_id, value in store.tracks.items(_ids(views))
        if np.isin(value.run, runs).any()
    }
    was: dict[int, Track | None] = {frame_id: before.get(frame_id) for frame_id in after}
    one = views[0]
    return TrackStep(runs, one.subject, one.take, tuple(view.camera for view in views), was, after)
