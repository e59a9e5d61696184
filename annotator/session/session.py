"""The one state object of the window: the open project, and as members everything that can be asked of it.

Views take the session, read from its members, call their methods and listen to their signals; they never call each other. The
only way to change an annotation is `session.annotations.submit(frame_id, edit)` (and what is built on it: undo, `revert_to`).
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from annotator.domain.errors import ProjectError
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.services.models.active_model import ensure_active_model
from annotator.services.project.captures.relink import relink
from annotator.session.agreement import Agreement
from annotator.session.editing.annotations import Annotations
from annotator.session.editing.import_command import offer_take_back
from annotator.session.frame_keys import FrameKeys
from annotator.session.frames import Frames
from annotator.session.job.jobs import Jobs
from annotator.session.models import Models
from annotator.session.pixels.memory import Cache, MemoryBudget
from annotator.session.pointer import Pointer, waits_for_hand
from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.processes.training_process import TrainingProcess
from annotator.session.project.left_out import LeftOutMessages
from annotator.session.project.opening import opening_remarks
from annotator.session.project.other_programs import OtherPrograms
from annotator.session.project.project_file import FileKeeper, ProjectFile
from annotator.session.project.project_watch import ProjectWatch
from annotator.session.proposals import Proposals
from annotator.session.queues import Queues
from annotator.session.reader import Read, Reader
from annotator.session.selection import Selection
from annotator.session.shared.merged import Merged
from annotator.session.shared.notes import Notes
from annotator.session.shared.numbering import Numbering
from annotator.session.shared.people import People
from annotator.session.shared.project_steps import ProjectSteps
from annotator.session.time.in_time import InTime
from annotator.store.file.errors import StoreWriteError
from annotator.store.paths import real_path
from annotator.store.project_store import ProjectStore

T = TypeVar("T")
_HEAT_SHARE = 0.2  # of the memory budget


class Session(QObject):
    """At most one open project; its members work on it, and here it is said how they play together.

    Attributes:
        frames: the list, the current frame and its pixels. annotations: what is shown of a frame, edits, undo.
        proposals: what models say. models: which there are, which is active. jobs: long work. queues: what to look at next.
        agreement: what all cameras say. notes: what people say. people: who does what. merged: conflicts of copies. selection: of
        landmarks. pointer: in any view. memory: one budget for all caches. keeper: of the project's file. others: what other
        programs wrote. keys: what requests about a frame carry, and answers are held against. time: the take about the frame.
    """

    project_opened = Signal()
    project_closed = Signal()
    side_files_changed = Signal()  # patches were laid beside the project
    rigs_changed = Signal()  # a rig or a version of one came, or is out of use
    gestures_ending = Signal()  # whoever holds a gesture ends it now, as if the hand let go
    message = Signal(str, str)  # level "info" | "warning" | "error", text for the artist

    def __init__(
        self,
        parent: QObject | None = None,
        inference: InferenceProcess | None = None,
        training: TrainingProcess | None = None,
    ) -> None:
        super().__init__(parent)
        self._file: ProjectFile | None = None
        self._inference = inference or InferenceProcess(parent=self)
        self._watch, self._reader = ProjectWatch(self), Reader(self)
        self.memory, self.keys = MemoryBudget(self), FrameKeys(self)
        self.frames = Frames(self.keys, self.memory, self.end_gestures, self)
        self.proposals = Proposals(self._inference, self.keys, self)
        look, size_of = self._watch.look, self.keys.size_of
        self.annotations = Annotations(self.proposals.get, self.end_gestures, look, size_of, self)
        self.models, training = Models(self), training or TrainingProcess(parent=self)
        self.jobs = Jobs(self._inference, training, self)
        self.queues = Queues(self.jobs, self.models, self.annotations, self)
        steps = (self.annotations.undo_stack, lambda: self._file and self._file.store, self.message, self)
        self.notes, self.people, self.merged = Notes(*steps), People(*steps), Merged(self.annotations, *steps)
        self.numbering = Numbering(*steps)
        self.rows: Sequence[ProjectSteps] = (self.notes, self.people, self.merged, self.numbering)
        self.selection, self.pointer, self.others = Selection(self), Pointer(self), OtherPrograms(self)
        self.agreement, self.left_out = Agreement(self), LeftOutMessages(self)
        self.keeper, self.time, heat = FileKeeper(self, self._watch), InTime(self, self), self.proposals
        self.memory.add(Cache("heatmaps", lambda: heat.nbytes, heat.set_budget, _HEAT_SHARE))
        self._connect()

    def _connect(self) -> None:
        self._watch.changed.connect(self.others.take)
        self._watch.side_files_changed.connect(self.side_files_changed)
        for told in (self.left_out.told, self._inference.note, self.annotations.warned):
            told.connect(lambda text: self.message.emit("warning", text))
        for refused in (self.annotations.refused, self.queues.refused, self._reader.failed):
            refused.connect(lambda text: self.message.emit("error", text))
        self.annotations.pending_changed.connect(self._pending)
        self.annotations.frame_wanted.connect(self.frames.go_to_one_of)
        self.annotations.changed.connect(self._refresh)
        self.frames.current_changed.connect(self._turned_to)
        self.proposals.arrived.connect(self._proposed)
        self.selection.changed.connect(self._selected)
        self.models.activated.connect(self.turn_to_active_model)
        self.jobs.frames_added.connect(self.show_new_frames)
        self.jobs.annotations_added.connect(self.reload)
        self.numbering.changed.connect(self.others.read_pictures_anew)
        self.jobs.ended.connect(lambda job: self.annotations.job_ended(job.id))
        self.jobs.imported.connect(partial(offer_take_back, self))
        self.jobs.models_added.connect(self.models.changed)

    # ---- the project
    def create_project(self, path: Path, scheme: str | Path, capture_root: Path) -> None:
        """Make a new project file (scheme: a shipped one's name, or a file) and open it.

        Raises `ProjectError` and `SchemeError`; what was open stays open then.
        """
        ProjectStore.create(Path(path), load_scheme(scheme), Path(capture_root)).close()
        self.open_project(path)

    def open_project(self, path: Path, read_only: bool = False, take_over: bool = False) -> None:
        """Open a project in place of the one that is open.

        A project that cannot be written opens all the same (`store.read_only` tells, and a message says so); its edits
        then stay pending. `take_over`: also where a window may have it open that nobody can tell to be alive.

        Raises:
            ProjectLockedError: it is open in another window. ProjectError: not a project, damaged, newer; or the open one
                cannot be closed because of edits that are not on disk. What was open stays open then.
        """
        path = real_path(path)
        if self.is_open and path == self.path:
            return
        file = ProjectFile.open(path, read_only, take_over)
        if not self.close_project():
            file.close()
            raise ProjectError("The open project has edits that are not saved. Save or discard them first.")
        self.left_out.watch(file.store.left_out)
        self._attach(file)
        for remark in opening_remarks(file.store, read_only):
            self.message.emit(*remark)

    def close_project(self, discard_pending: bool = False) -> bool:
        """Close the project; False, and nothing closed, if edits that cannot be written, or a project whose file is gone, would
        be lost and may not be discarded."""
        if self._file is None:
            return True
        self.end_gestures()
        if not self.keeper.may_close(discard_pending):
            return False
        self._close()
        return True

    def move_to(self, file: ProjectFile) -> None:
        """Go on in another file; nothing may wait any more."""
        self._detach().close(but=file.lock)
        self.project_closed.emit()
        self._attach(file)

    def shutdown(self) -> None:
        """End all threads and processes, before the application quits; of a project still open nobody is asked anything."""
        self.jobs.shutdown()
        if self._file is not None:
            self._close()
        for member in (self.annotations, self.agreement, self.frames):
            member.shutdown()
        for helper in (self._reader, self._watch, self._inference):
            helper.shutdown()

    @property
    def is_open(self) -> bool:
        """Whether a project is open."""
        return self._file is not None

    @property
    def file(self) -> ProjectFile:
        """The open project's file, `ProjectError` if none is open."""
        if self._file is None:
            raise ProjectError("no project is open")
        return self._file

    @property
    def store(self) -> ProjectStore:
        """The open project's store, for reading in this thread; changes go through the members. `ProjectError` if none."""
        return self.file.store

    @property
    def path(self) -> Path:
        """The project file."""
        return self.store.path

    @property
    def scheme(self) -> LandmarkScheme:
        """The project's landmark scheme."""
        return self.store.scheme

    def end_gestures(self) -> None:
        """End every gesture that is under way where it is, as something else is about to change what it began on.

        Called before another frame, project or page is shown, and before any command. An edit is committed where it began.
        """
        self.gestures_ending.emit()

    def relink(self, new_root: Path) -> str:
        """Say where the captures are now; returns a line for the artist. `ProjectError` if the folder holds none of them."""
        report = relink(self.store, new_root)
        self.others.read_pictures_anew()
        return f"{report.found} of {report.checked} frames were found in {report.root}."

    def read_beside(self, key: str, work: Read[T], then: Callable[[T], None]) -> None:
        """Ask something of the project in a thread; `then` gets the answer here, unless a newer question of that key came.

        `work` gets a read-only store of its own. An error becomes a message.
        """
        self._reader.read(self.store, key, work, then)

    def reload(self) -> None:
        """Read annotations and the list anew, once no hand holds anything: an import or another program changed the project."""
        if not self.is_open or waits_for_hand(self, self.reload):
            return
        self.annotations.forget()
        self.proposals.forget()
        self.frames.reload()
        if self.frames.current_id:
            self.annotations.changed.emit(self.frames.current_id)

    # ---- how the members play together
    def _attach(self, file: ProjectFile) -> None:
        self._file, store = file, file.store
        if not store.read_only:
            try:
                ensure_active_model(store)
            except StoreWriteError as error:  # the next opening brings it
                self.message.emit("warning", str(error))
        self.others.attach(store)
        self.selection.clear()
        for member in (self.keys, self.annotations, self.proposals, self.models, self.jobs, self.queues):
            member.attach(store)
        self.agreement.attach(store)
        self._use_active_model()
        self._watch.attach(store, file.lock)
        self.frames.attach(store)
        self.project_opened.emit()
        self.frames.go_where_left()
        self.annotations.save_state_changed.emit(self.annotations.save_state)
        self.jobs.reattach_training()

    def _close(self) -> None:
        self._detach().close()
        self.project_closed.emit()

    def _detach(self) -> ProjectFile:
        file = self.file
        self._reader.forget()
        self._watch.attach(None)
        self.frames.detach()
        self.agreement.attach(None)
        for member in (self.queues, self.jobs, self.models, self.annotations, self.proposals, self.keys):
            member.attach(None)
        self._file = None
        return file

    def _use_active_model(self) -> None:
        model = self.models.active
        folder = None if model is None or model.card.is_imported else model.folder
        self.proposals.use_model(model.id if model else None, folder)

    def turn_to_active_model(self) -> None:
        """Another model is active: show what it says."""
        self._use_active_model()
        self.reload()
        self._turned_to(self.frames.current_id)

    def _turned_to(self, frame_id: int) -> None:
        self.annotations.stopwatch.reset()
        if frame_id:
            self.proposals.request(frame_id)

    def _selected(self) -> None:
        if len(self.selection):
            self.annotations.stopwatch.start()

    def _proposed(self, frame_id: int) -> None:
        if not self.is_open:
            return
        self.frames.read_row(frame_id)
        self.annotations.changed.emit(frame_id)
        if (ahead := self.frames.ahead_id) and frame_id == self.frames.current_id and self.proposals.is_idle:
            self.proposals.request(ahead)  # nothing else to do: have it ready, heatmaps included

    def _refresh(self, frame_id: int) -> None:
        self.frames.count_anew(frame_id, self.annotations.human(frame_id))

    def show_new_frames(self) -> None:
        """The project got other frames: list them, and show one if none is shown."""
        self.others.attach(self.store)
        self.frames.reload()
        if not self.frames.current_id:
            self.frames.go_to_row(0)

    def _pending(self, count: int) -> None:
        if count:
            self.message.emit("error", self.annotations.save_state)
