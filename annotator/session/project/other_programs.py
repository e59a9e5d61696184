"""What other programs wrote to the open project, shown in the window."""

from contextlib import suppress
from typing import Protocol

from PySide6.QtCore import SignalInstance

from annotator.domain.errors import ProjectError
from annotator.domain.words import counted
from annotator.services.project.copies.merge_record import merge_conflicts, merge_count
from annotator.session.editing.annotations import Annotations
from annotator.session.frame_keys import FrameKeys
from annotator.session.frames import Frames
from annotator.session.job.job_board import TAKE_SIZES
from annotator.session.job.jobs import Jobs
from annotator.session.models import Models
from annotator.session.proposals import Proposals
from annotator.session.queues import Queues
from annotator.session.shared.merged import Merged
from annotator.session.shared.notes import Notes
from annotator.session.shared.people import People
from annotator.session.time.in_time import InTime
from annotator.store.change_log import Changes
from annotator.store.lists.frame_state import FrameState
from annotator.store.project_store import ProjectStore
from annotator.store.rigs import RigState

_MANY = 200  # frames that changed, beyond which the list is read anew


class Shown(Protocol):
    """What of the session is brought up to date."""

    keys: FrameKeys
    annotations: Annotations
    proposals: Proposals
    models: Models
    jobs: Jobs
    queues: Queues
    frames: Frames
    people: People
    merged: Merged
    notes: Notes
    time: InTime
    message: SignalInstance
    rigs_changed: SignalInstance

    @property
    def is_open(self) -> bool:
        """Whether a project is open."""

    @property
    def store(self) -> ProjectStore:
        """The open project's store."""

    def reload(self) -> None:
        """Read annotations and the list anew."""

    def show_new_frames(self) -> None:
        """The project got other frames."""

    def turn_to_active_model(self) -> None:
        """Another model is active."""


class OtherPrograms:
    """Holds what was seen on disk against what this window wrote itself; the rest is somebody else's, and is told."""

    def __init__(self, session: Shown) -> None:
        self._session = session
        self._known: FrameState | None = None  # of the frames
        self._merges = 0
        self._rigs: RigState = (0, 0)
        session.rigs_changed.connect(self._know_rigs)

    def attach(self, store: ProjectStore) -> None:
        """The frames that the project has now, their sizes and their folder are known."""
        self._known, self._merges = store.frames.state(), merge_count(store)
        self._rigs = store.rigs.state()

    def _know_rigs(self) -> None:
        """They were changed here, or it was told."""
        with suppress(ProjectError):  # whoever reads next tells of it
            self._rigs = self._session.store.rigs.state()

    def take(self, changes: Changes) -> None:
        """Somebody wrote to the project: show what is new there, and say so where it was another program."""
        session = self._session
        if not session.is_open:
            return
        is_taking = (
            session.jobs.active(TAKE_SIZES, session.store.identity) is not None
        )  # and tells of it at its end
        if (
            changes.frames is not None
            and self._known is not None
            and changes.frames != self._known
            and not is_taking
        ):
            self._take_frames(changes.frames, self._known)
        self._take_edits(changes)
        if changes.models:
            self._take_models()
        if changes.tracks:  # a run of tracking, whoever began it
            session.annotations.tracks.forget()
            session.reload()
        session.frames.look_for_previews()
        if changes.findings:
            session.queues.changed.emit()
        if changes.people:
            session.people.changed.emit()
            session.merged.changed.emit()
        if changes.notes:
            session.notes.changed.emit()
        if changes.takes:
            session.time.take.read()
        if changes.rigs is not None and changes.rigs != self._rigs:
            session.rigs_changed.emit()
            session.message.emit("info", "Another program changed the rigs")

    def _take_edits(self, changes: Changes) -> None:
        session = self._session
        mine = session.annotations.written
        new = {entry: frame_id for entry, frame_id in changes.entries if entry not in mine}
        session.annotations.forget(new.values())
        news = session.proposals.forget_saved(changes.proposed).union(new.values())
        if len(news) > _MANY:
            session.reload()
        else:
            for frame_id in sorted(news):
                session.annotations.changed.emit(frame_id)
        of_jobs = session.jobs.written
        foreign = {frame_id for entry, frame_id in new.items() if entry not in of_jobs}
        if foreign:
            session.merged.changed.emit()  # perhaps a copy was merged
            text = f"Another program changed {counted(len(foreign), 'frame')}{self._conflicts()}"
            session.message.emit("info", text)

    def _conflicts(self) -> str:
        """What a copy that was merged just now left to be decided, in words; empty: nothing."""
        store = self._session.store
        before, self._merges = self._merges, merge_count(store)
        count = len(merge_conflicts(store)) if self._merges > before else 0
        return (
            f"; {counted(count, 'conflict')} of copies to decide: Frame > Conflicts of copies"
            if count
            else ""
        )

    def _take_frames(self, now: FrameState, before: FrameState) -> None:
        """Frames came or have other numbers, their pictures lie elsewhere or have other sizes: nothing that was read of them
        is shown any more."""
        session, frames = self._session, self._session.store.frames
        moved = now.root != before.root and frames.follow_root()
        if now.count != before.count:
            session.show_new_frames()
            session.message.emit("info", "Another program changed the list of frames")
        elif now.numbers != before.numbers:
            self.read_pictures_anew()
            session.message.emit("info", "Another program numbered frames anew")
        if moved or now.sizes != before.sizes:
            self.read_pictures_anew(have_other_sizes=now.sizes != before.sizes)
        if moved:
            session.message.emit(
                "warning", f"Another program says that the captures are in {frames.capture_root}"
            )
        elif now.sizes != before.sizes and now.count == before.count:
            session.message.emit("info", "Another program took new sizes of pictures")

    def read_pictures_anew(self, have_other_sizes: bool = False) -> None:
        """Pictures lie elsewhere or have other sizes, by whomever: nothing that was read of them is shown any more, and no
        step is undone to a place that was seen in another size."""
        session = self._session
        if have_other_sizes:
            session.annotations.undo_stack.clear()
        self.attach(session.store)
        session.keys.forget()
        session.reload()
        session.frames.forget_pixels()

    def _take_models(self) -> None:
        session = self._session
        active = session.models.active
        if active is not None and active.id != session.proposals.model_id:
            session.turn_to_active_model()
            session.message.emit("info", f"Another program made {active.id} the active model")
        session.models.changed.emit()
