"""Long work that the artist starts: each opens its own store where it runs, and ends as a job."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from annotator.domain.errors import AnnotatorError, ModelError, ProjectError
from annotator.domain.progress import Progress, Stop
from annotator.formats.base import PLAIN, WriteOptions
from annotator.services.models.training.training_run import remembered_run, run_events
from annotator.services.project.captures.import_captures import import_captures
from annotator.services.project.copies.copy_project import copy_project
from annotator.services.project.export_dataset import export_dataset
from annotator.services.project.export_filter import ExportFilter
from annotator.services.project.import_annotations import import_annotations
from annotator.services.project.landmark_names import left_out_text
from annotator.services.project.queue.refresh_queues import refresh_queues
from annotator.services.project.take_back import take_back
from annotator.session.job.job_board import Job, JobBoard, JobState
from annotator.session.job.job_ends import ADDED, NOT_LEARNT, NOT_WRITTEN, PROPOSED, SET, TRAINED
from annotator.session.job.turns import Turns
from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.processes.training_process import Event, TrainingProcess, is_training
from annotator.store.project_store import ProjectStore

_OPTIONS = {
    "train": frozenset({"recipe", "steps", "minutes", "device", "model", "resume"}),
    "learn-convention": frozenset({"device", "model"}),
}
_ALL = ExportFilter()
_END_STATES = {"done": JobState.DONE, "failed": JobState.FAILED, "cancelled": JobState.CANCELLED}


class Jobs(JobBoard):
    """Starts jobs for the open project and takes their results back into it.

    A job belongs to the project that was open when it began, and goes on when another one is opened; its result is then no
    news of that one, and is dropped.
    """

    frames_added = Signal()
    annotations_added = Signal()
    imported = Signal(str, object)  # title, ids of the ledger's entries
    models_added = Signal()
    queues_refreshed = Signal()

    training_event = Signal(dict)  # one event of this project's running training

    def __init__(
        self,
        inference: InferenceProcess,
        training: TrainingProcess,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._inference, self._training = inference, training
        self._store: ProjectStore | None = None
        self._train_job = 0
        # of the last run here, while another project's is followed
        self._earlier_events: tuple[Event, ...] = ()
        self._imports: dict[int, tuple[str, list[int]]] = {}  # by job
        self._written: list[list[int]] = []  # of each job of the open project, filled as it goes on
        self._taking = Turns()
        inference.bulk_progress.connect(self.progress)
        inference.bulk_ended.connect(self._bulk_ended)
        training.event_arrived.connect(self._training_event)
        training.ended.connect(self._training_ended)
        self.ended.connect(self._ended)

    def shutdown(self) -> None:
        """End the training and all threads."""
        self._training.shutdown()
        super().shutdown()

    def attach(self, store: ProjectStore | None) -> None:
        """Work for another project (None: none)."""
        self._store = store
        self._written.clear()
        self._earlier_events = ()

    @property
    def training_events(self) -> Sequence[Event]:
        """All events of this project's running, else of its last training; also after the window was restarted."""
        return self._training.events if self._training.project == self._project else self._earlier_events

    @property
    def written(self) -> set[int]:
        """Ids of the ledger's entries that jobs of the open project made."""
        return {entry for entries in self._written for entry in list(entries)}

    def wrote(self, entries: list[int]) -> None:
        """A list that a job of the open project fills with the ids of the ledger's entries that it makes."""
        self._written.append(entries)

    def start_propose_all(self, frame_ids: Sequence[int] | None = None, again: bool = False) -> Job:
        """Propose all frames (or those given) in the inference process; the frame that is looked at goes first.

        Raises `ModelError` while the proposals of a file are the active ones.
        """
        store = self._open_store()
        active = store.models.active()
        if active is not None and active.card.is_imported:
            raise ModelError(
                "These proposals came in a file. Choose a model with a network under Model > Models."
            )
        count = store.frames.count() if frame_ids is None else len(frame_ids)
        job = self.add(
            "propose",
            f"Propose {count} frames",
            lambda: self._inference.cancel_bulk(job.id),
            store.identity,
            PROPOSED,
            None if again else {"frames": None if frame_ids is None else [int(i) for i in frame_ids]},
        )
        self._inference.start_bulk(job.id, frame_ids, again)
        return job

    def start_training(self, options: Mapping[str, Any]) -> Job:
        """Run `annotator train` beside the window; keys: recipe, steps, minutes, device, model, resume (all optional).

        Raises `AnnotatorError` if a training is on already.
        """
        return self._teach("train", "Retrain", options)

    def start_learning_convention(self, options: Mapping[str, Any] | None = None) -> Job:
        """Run `annotator learn-convention` beside the window; keys: device, model. Raises as `start_training` does."""
        return self._teach("learn-convention", "Learn how you place points", options or {})

    def _teach(self, command: str, title: str, options: Mapping[str, Any]) -> Job:
        store = self._open_store()
        if self._training.is_running:
            whose = "" if self._training.project == store.identity else " of another project"
            raise AnnotatorError(f"A training{whose} is running already; stop it first, or wait for its end.")
        arguments = training_arguments(command, store.path, options)
        self._training.clear(store.identity)  # what the run before told is not news of this one
        kept = TRAINED if command == "train" else NOT_LEARNT
        job = self.add(
            "train", title, self._training.stop, store.identity, kept, {} if kept is TRAINED else None
        )
        self._train_job = job.id
        self._training.start(arguments, store.identity)
        return job

    def reattach_training(self) -> None:
        """Show the project's last training again, and follow it if it outlived the window that started it."""
        store = self._open_store()
        run = remembered_run(store)
        if run is None:
            return
        # this project's own is followed already; another's hides what this one's last came to
        if self._training.is_running:
            if self._training.project != store.identity and not is_training(run[1]):
                self._earlier_events = run_events(run[0])
                for event in self._earlier_events:
                    self.training_event.emit(event)
            return
        if self._training.attach(*run, store.identity):
            self._train_job = self.add("train", "Retrain", self._training.stop, store.identity).id
            for event in self._training.events[-1:]:
                self._training_event(event)

    def start_import_captures(
        self, folder: Path, pattern: str | None = None, only: Collection[str] = ()
    ) -> Job:
        """Add the frames below a folder (`only`: these paths), in a thread; `frames_added` follows."""
        store = self._open_store()

        def work(progress: Progress, stop: Stop) -> str:
            with store.again() as own:
                summary = import_captures(own, folder, pattern, progress, stop, only)
            failed = f", {len(summary.failures)} could not be used" if summary.failures else ""
            notes = "".join(f"; {name} {text}" for name, text in list(summary.notes.items())[:1])
            return f"{summary.added} frames added, {summary.known} known{failed}{notes}"

        return self.run("import", f"Import {folder.name}", work, store.identity, ADDED)

    def start_import_annotations(
        self,
        file: Path,
        format_name: str | None = None,
        as_proposals: bool = False,
        overwrite: bool = False,
        names: Mapping[str, str] | None = None,
    ) -> Job:
        """Read a dataset onto the frames that it names, in a thread; its end is one undo step. `names`: the map of names."""
        store = self._open_store()
        title = f"Import {file.name}"
        written: list[int] = []
        self._written.append(written)

        def work(progress: Progress, stop: Stop) -> str:
            wanted = format_name, as_proposals, overwrite, None
            with store.again() as own:
                report = import_annotations(own, file, *wanted, progress, stop, written, names)
            return "; ".join(filter(None, (report.text, left_out_text(names or {}))))

        job = self.run("import annotations", title, work, store.identity, SET)
        self._imports[job.id] = title, written
        return job

    def start_take_back(self, ledger_ids: Sequence[int], again: bool) -> Job:
        """Undo an import of annotations, or redo it (`again`), in a thread; one after the other."""
        store, turn = self._open_store(), self._taking.ask()
        written: list[int] = []
        self._written.append(written)

        def work(progress: Progress, stop: Stop) -> str:
            with self._taking.wait(turn), store.again() as own:
                changed = take_back(own, ledger_ids, again, progress, stop, written)
            return f"frames that changed: {changed:,}"

        title = "Redo the import" if again else "Undo the import"
        return self.run("take back", title, work, store.identity, SET)

    def start_export(
        self,
        file: Path,
        format_name: str | None = None,
        filters: ExportFilter = _ALL,
        options: WriteOptions = PLAIN,
    ) -> Job:
        """Write a dataset and its manifest, in a thread; see `services.project.export_dataset`."""
        store = self._open_store()

        def work(progress: Progress, stop: Stop) -> str:
            with store.again(read_only=True) as own:
                return export_dataset(own, file, format_name, filters, options, progress, stop).text

        return self.run("export", f"Export {file.name}", work, store.identity, NOT_WRITTEN)

    def start_copy(self, path: Path) -> Job:
        """Save a whole copy of the project under another name, in a thread; a file that is there is replaced."""
        store = self._open_store()

        def work(_progress: Progress, _stop: Stop) -> str:
            with store.again(read_only=True) as own:
                return copy_project(own, path, overwrite=True).text

        return self.run("copy", f"Save {path.name}", work, store.identity)

    def start_refresh_queues(self) -> Job:
        """Bring findings and shape statistics up to date, in a thread."""
        store = self._open_store()

        def work(progress: Progress, stop: Stop) -> str:
            with store.again() as own:
                return refresh_queues(own, progress, stop).text

        return self.run("queues", "Look for doubts", work, store.identity)

    def _bulk_ended(self, job_id: int, state: str, text: str) -> None:
        self.end(job_id, _END_STATES[state], text)

    def _training_event(self, event: Event) -> None:
        if self._store is not None and self._training.project == self._project:
            self.training_event.emit(
                event
            )  # it goes on when another project is opened, and is no news of that one
        kind = event["event"]
        if not self._train_job:
            return  # history of a run that is over
        if kind == "step":
            text = f"loss {event['loss']:.4g}" if "loss" in event else ""
            step, share = int(event["step"]), float(event.get("progress", 0.0))
            # A run that is bound by the clock does fewer steps than its recipe allows.
            steps = round(step / share) if share > 0 else int(event.get("steps", 0))
            self.progress(self._train_job, step, steps, text)
        elif kind == "prepare":
            self.progress(self._train_job, event["done"], event["total"], event["message"])

    def _training_ended(self, state: str, text: str) -> None:
        last = self._training.events[-1] if self._training.events else {}
        if "model" in last and self._training.project == self._project:
            # a stopped run leaves one, too; the service has added it to the project
            self.models_added.emit()
        job_id, self._train_job = self._train_job, 0
        if job_id:
            self.end(job_id, _END_STATES[state], text, last)

    def _ended(self, job: Job) -> None:
        """Frames and annotations that came in before an import failed or was stopped stay, so show them in any case."""
        title, written = self._imports.pop(job.id, ("", []))
        if job.project != self._project:
            return
        if job.kind == "import":
            self.frames_added.emit()
        elif job.kind in ("import annotations", "take back"):
            self.annotations_added.emit()
            self.models_added.emit()
            if written:
                self.imported.emit(title, written)
        elif job.kind == "queues":
            self.queues_refreshed.emit()

    @property
    def _project(self) -> str:
        return "" if self._store is None else self._store.identity

    def _open_store(self) -> ProjectStore:
        if self._store is None:
            raise ProjectError("no project is open")
        return self._store


def training_arguments(command: str, project: Path, options: Mapping[str, Any]) -> list[str]:
    """A command of `annotator` for a window's options; raises `AnnotatorError` for one that it has not."""
    unknown = options.keys() - _OPTIONS[command]
    if unknown:
        raise AnnotatorError(f"{command} has no option {', '.join(sorted(unknown))}")
    arguments = [command, str(project), "--events"]
    for name, value in options.items():
        if value is True:
            arguments.append(f"--{name}")
        elif value not in (None, False, ""):
            arguments += [f"--{name}", str(value)]
    return arguments
