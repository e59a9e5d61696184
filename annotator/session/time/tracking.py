"""Tracking as the window does it: a job beside it, whose end is one undo step over all frames."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Progress, Stop
from annotator.domain.takes.take import FrameSequence
from annotator.domain.takes.track import Merge, Track
from annotator.domain.words import counted
from annotator.services.takes.take_back import TrackStep, swap_step
from annotator.services.takes.track import TrackSummary, TrackWishes, track_sequence
from annotator.services.takes.track_on import track_on
from annotator.session.editing.annotations import Annotations
from annotator.session.editing.safe_command import SafeCommand, Tell
from annotator.session.job.job_board import Job
from annotator.session.job.jobs import Jobs
from annotator.session.time.take import Take
from annotator.store.project_store import ProjectStore

_KIND, _BACK = "track", "track back"
_UNTOUCHED = "the tracks are as they were; pictures that were compared are not read again."
_Work = Callable[[ProjectStore, FrameSequence, Progress, Stop], TrackSummary]


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
    """How a job of tracking ended."""

    summary: TrackSummary
    step: TrackStep | None


class Tracking(QObject):
    """Starts tracking in the take that is shown; one at a time."""

    ended = Signal(object)  # TrackSummary

    def __init__(self, session: Tracked, take: Take, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._seen, self._swapping = session, take, Lock()
        session.jobs.ended.connect(self._on_end)

    def on_from(self, place: int, forward: bool, landmarks: tuple[int, ...] | None = None) -> Job:
        """Track on from a place of the take, each landmark until it stops being sure. `AnnotatorError` where that cannot be."""
        state = self._seen.state
        if state is None or not 0 <= place < len(state.sequence):
            raise AnnotatorError("This frame is in no take.")
        number = int(state.sequence.numbers[place])
        wishes = TrackWishes(landmarks, state.settings.first, state.settings.last, Merge.REPLACE)

        def work(
            store: ProjectStore, sequence: FrameSequence, progress: Progress, stop: Stop
        ) -> TrackSummary:
            return track_on(store, sequence, number, forward, wishes, progress, stop)

        return self._start(f"Track {'forward' if forward else 'backward'} from frame {number}", work)

    def over_range(self, wishes: TrackWishes) -> Job:
        """Track a range anew; raises `AnnotatorError` where that cannot be."""

        def work(
            store: ProjectStore, sequence: FrameSequence, progress: Progress, stop: Stop
        ) -> TrackSummary:
            return track_sequence(store, sequence, wishes, progress, stop)

        first, last = (
            ("the start", "the end")[i] if n is None else n for i, n in enumerate((wishes.first, wishes.last))
        )
        return self._start(f"Track from {first} to {last}", work)

    def swap(self, step: TrackStep, again: bool) -> None:
        """Take a run back, or bring it again, beside the window."""
        store = self._session.store

        def work(_progress: Progress, _stop: Stop) -> str:
            with self._swapping, store.again() as own:
                changed = swap_step(own, step, again)
            return f"frames that changed: {len(changed):,}"

        self._session.jobs.run(_BACK, "Redo tracking" if again else "Undo tracking", work, store.identity)

    def _start(self, title: str, work: _Work) -> Job:
        session, state = self._session, self._seen.state
        if state is None:
            raise AnnotatorError("This frame is in no take.")
        if session.store.read_only:
            raise AnnotatorError("This project is read only: tracks cannot be kept in it.")
        if session.jobs.active(_KIND, session.store.identity) is not None:
            raise AnnotatorError("Tracking is on already; stop it first, or wait for its end.")
        store, seen = session.store, state.sequence

        def run(progress: Progress, stop: Stop) -> Outcome:
            with store.again() as own:
                before = dict(own.tracks.items(seen.frame_ids.tolist()))
                summary = work(own, seen, progress, stop)
                return Outcome(summary, _step(own, summary.run, seen, before) if summary.run else None)

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
        text = outcome.summary.text if outcome.summary.run else f"{outcome.summary.name}: nothing was tracked"
        session.message.emit("info", "; ".join([text, *outcome.summary.notes[:3]]))
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


def _step(store: ProjectStore, run: int, sequence: FrameSequence, before: dict[int, Track]) -> TrackStep:
    """What the run changed."""
    after = dict(store.tracks.items(sequence.frame_ids.tolist()))
    mine: dict[int, Track | None] = {i: value for i, value in after.items() if (value.run == run).any()}
    was: dict[int, Track | None] = {frame_id: before.get(frame_id) for frame_id in mine}
    return TrackStep(run, sequence.subject, sequence.take, sequence.camera, was, mine)
