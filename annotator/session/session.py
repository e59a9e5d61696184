"""The one state object of the window: project, frames, annotations, models, jobs and undo.

Views take the session, read from it, call its methods and listen to its signals; they never call each other.
The only way to change an annotation is `Session.submit(edit)` (and what is built on it: undo, redo, `revert_to`).

The class is built up in storeys: `ProjectSession` (open and close), `FrameSession` (frames and pixels), `EditSession`
(annotations, proposals, selection), and here models and jobs.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from annotator.domain.errors import ModelError
from annotator.domain.uncertainty import Question
from annotator.formats.base import PLAIN, WriteOptions
from annotator.services.models.active_model import ensure_active_model
from annotator.services.project.export_filter import ExportFilter
from annotator.services.project.relink import relink
from annotator.session.dismiss_finding import PassCommand
from annotator.session.edit_session import EditSession
from annotator.session.import_command import ImportCommand
from annotator.session.jobs import Job, JobBoard
from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.processes.training_process import Event, TrainingProcess
from annotator.session.reader import Read, Reader
from annotator.session.tasks import Tasks
from annotator.store.change_log import Changes
from annotator.store.errors import StoreWriteError
from annotator.store.models import ModelActivation, ProjectModel
from annotator.store.project_store import ProjectStore

T = TypeVar("T")

_ALL = ExportFilter()


class Session(EditSession):
    """Everything that the views show, and everything that they may ask for. For signals and methods see the bases, too."""

    models_changed = Signal()  # the known models or the active one changed
    job_changed = Signal(object)  # a Job snapshot (new, progressed, ended)
    job_ended = Signal(object)  # a Job, once, at its end
    training_event = Signal(dict)  # one event of the running training
    queues_changed = Signal()  # findings changed by something else than an edit or a proposal

    def __init__(
        self,
        parent: QObject | None = None,
        inference: InferenceProcess | None = None,
        training: TrainingProcess | None = None,
    ) -> None:
        super().__init__(parent, inference)
        self._jobs = JobBoard(self)
        self._training = training or TrainingProcess(parent=self)
        self._tasks = Tasks(self._jobs, self._inference, self._training, self)
        self._jobs.changed.connect(self.job_changed)
        self._jobs.ended.connect(self.job_ended)
        self._training.event_arrived.connect(self._training_told)
        self._tasks.frames_added.connect(self._frames_added)
        self._tasks.annotations_added.connect(self.reload_annotations)
        self._tasks.imported.connect(self._imported)
        self._tasks.models_added.connect(self.models_changed)
        self._tasks.queues_refreshed.connect(self.queues_changed)
        self._frame_count = 0
        self._reader = Reader(self)
        self._reader.failed.connect(self._complain)

    def shutdown(self) -> None:
        """End all threads and processes, before the application quits. Close the project first."""
        self._training.shutdown()
        self._jobs.shutdown()
        self._reader.shutdown()
        super().shutdown()

    def relink(self, new_root: Path) -> str:
        """Say where the captures are now; returns a line for the artist. `ProjectError` if the folder holds none of them."""
        report = relink(self.store, new_root)
        self.keys.forget()
        self._loader.clear()
        self._want_pixels()
        if self.current_id:
            self.frame_changed.emit(self.current_id)
        return f"{report.found} of {report.checked} frames were found in {report.root}."

    # ---- what to do next

    def read_beside(self, key: str, work: Read[T], then: Callable[[T], None]) -> None:
        """Ask something of the project in a thread; `then` gets the answer here, unless a newer question of that key came.

        `work` gets a read-only store of its own. An error becomes a message.
        """
        self._reader.read(self.store, key, work, then)

    def start_refresh_queues(self) -> Job | None:
        """Bring findings and shape statistics up to date in the background; None while that runs already, or cannot."""
        if self.read_only or self._jobs.active("queues", self.store.identity) is not None:
            return None
        return self._tasks.refresh_queues(self.store)

    def pass_finding(self, frame_id: int, question: Question) -> None:
        """A person found a frame to be right: it leaves that queue of the active model, as one undo step."""
        active = self.active_model
        if active is not None:
            self.undo_stack.push(PassCommand(self._set_passed, frame_id, active.id, question))

    # ---- models

    def models(self) -> list[ProjectModel]:
        """The models that the project knows, oldest first."""
        return self.store.models.all()

    @property
    def active_model(self) -> ProjectModel | None:
        """The model whose proposals are shown."""
        return self.store.models.active()

    def set_active_model(self, model_id: str) -> None:
        """Show another model's proposals (going back is the same). Raises `ModelError`, `StoreWriteError`."""
        self.store.models.activate(model_id)
        self._turn_to_active_model()

    def model_history(self) -> list[ModelActivation]:
        """Every change of the active model, oldest first."""
        return self.store.models.history()

    # ---- jobs

    @property
    def jobs(self) -> Sequence[Job]:
        """All jobs of this session, oldest first."""
        return self._jobs.jobs

    def cancel_job(self, job_id: int) -> None:
        """Ask a job to stop as soon as it safely can; what it finished stays."""
        self._jobs.cancel(job_id)

    def start_propose_all(self, frame_ids: Sequence[int] | None = None, again: bool = False) -> Job:
        """Propose all frames (or those given) in the background; the frame that is looked at goes first.

        Raises `ModelError` while the proposals of a file are the active ones.
        """
        active = self.active_model
        if active is not None and active.card.is_imported:
            raise ModelError(
                "These proposals came in a file. Choose a model with a network under Model > Models."
            )
        return self._tasks.propose(self.store, frame_ids, again)

    def start_training(self, options: Mapping[str, Any]) -> Job:
        """Fine-tune the active model; keys: recipe, steps, minutes, device, model, resume (all optional)."""
        return self._tasks.train(self.store, options)

    def start_learning_convention(self, options: Mapping[str, Any] | None = None) -> Job:
        """Teach the active model how people place points here; keys: device, model (both optional)."""
        return self._tasks.learn_convention(self.store, options or {})

    @property
    def training_events(self) -> Sequence[Event]:
        """All events of this project's running, else of its last training; also after the window was restarted."""
        return self._training.events if self._training.project == self.keys.project else ()

    def start_export(
        self,
        path: Path,
        format_name: str | None = None,
        filters: ExportFilter = _ALL,
        options: WriteOptions = PLAIN,
    ) -> Job:
        """Write a dataset and its manifest; see `services.export_dataset`."""
        return self._tasks.export(self.store, Path(path), format_name, filters, options)

    def start_import_captures(self, folder: Path, pattern: str | None = None) -> Job:
        """Add the frames below a folder; `frames_changed` follows."""
        return self._tasks.import_captures(self.store, Path(folder), pattern)

    def start_import_annotations(
        self, path: Path, format_name: str | None = None, as_proposals: bool = False, overwrite: bool = False
    ) -> Job:
        """Read a dataset onto the frames that it names; see `services.import_annotations`. Its end is one undo step."""
        return self._tasks.import_annotations(self.store, Path(path), format_name, as_proposals, overwrite)

    # ---- how the parts play together

    def _turn_to_active_model(self) -> None:
        self._use_active_model()
        self.models_changed.emit()
        self.reload_annotations()
        self._turned_to(self.current_id)

    def _attach(self, store: ProjectStore) -> None:
        if not store.read_only:
            ensure_active_model(store)
        self._tasks.attach(store.identity)
        self._frame_count = store.frames.count()
        super()._attach(store)
        self._tasks.reattach_training(store)

    def _detach(self) -> None:
        self._reader.forget()
        self._tasks.attach("")
        super()._detach()

    def _changed_on_disk(self, changes: Changes) -> None:
        super()._changed_on_disk(changes)
        if not self.is_open:
            return
        if changes.frames is not None and changes.frames != self._frame_count:
            self.keys.forget()
            self._frames_added()
            self.message.emit("info", "Another program changed the list of frames")
        if changes.models:
            active = self.active_model
            if active is not None and active.id != self._proposals.model_id:
                self._turn_to_active_model()
                self.message.emit("info", f"Another program made {active.id} the active model")
            else:
                self.models_changed.emit()
        if changes.findings:
            self.queues_changed.emit()

    def _entries_of_jobs(self) -> Container[int]:
        return self._tasks.written

    def _training_told(self, event: Event) -> None:
        """A training goes on when another project is opened; it is no news of that one."""
        if self.is_open and self._training.project == self.keys.project:
            self.training_event.emit(event)

    def _frames_added(self) -> None:
        self._frame_count = self.store.frames.count()
        self.reload_frames()
        if not self.current_id:
            self.go_to_row(0)

    def _imported(self, title: str, ledger_ids: Sequence[int]) -> None:
        """An import ended, or was stopped, and what it set can be taken back."""
        if ledger_ids and self.is_open:
            self.undo_stack.push(ImportCommand(self._take_back, title, ledger_ids))

    def _take_back(self, ledger_ids: Sequence[int], again: bool) -> None:
        self._tasks.take_back(self.store, ledger_ids, again)

    def _set_passed(self, frame_id: int, model_id: str, question: Question, on: bool) -> bool:
        try:
            self.store.findings.set_dismissed(frame_id, model_id, question, on)
        except StoreWriteError as error:
            self._complain(str(error))
            return False
        self.queues_changed.emit()
        return True
