"""Retraining on a project: its corrected and confirmed landmarks teach the current model, measured on frozen frames.

Recipes train its networks for minutes; `placement` leaves them as they are and learns in seconds how people place points.

The result is a new model folder beside the project, known to it but not active: whether it is better is for the user to say,
and the table of before and after is there to help.
"""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.capture import evenly
from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled, Progress, Stop, never
from annotator.inference.predictor import Predictor
from annotator.nn.checkpoint import read_card
from annotator.services.models.active_model import choose_model
from annotator.services.models.calibrate import calibrate_model, write_card
from annotator.services.models.evaluate import predict
from annotator.services.models.evaluation_sets import EvaluationSet, project_set
from annotator.services.models.finished_model import adapted_shapes, carry_over, learn_placement
from annotator.services.models.training_device import configured
from annotator.services.models.training_faces import known_faces
from annotator.services.models.training_run import (
    EventWriter,
    OnEvent,
    RunSettings,
    TrainingRun,
    last_unfinished_run,
    new_model_id,
    new_run,
    remember_run,
)
from annotator.services.models.training_source import ProjectSource, human_weights
from annotator.services.models.training_split import Split, frozen_split
from annotator.services.models.training_table import BeforeAfter, before_and_after
from annotator.store.project_store import ProjectStore
from annotator.training.job import Job
from annotator.training.loop import train
from annotator.training.recipes import recipe

_MEASURED_FRAMES = 60  # at most so many frozen frames are measured before and after
_SHAPE_FRAMES = 40  # at most so many frames of training tell how people place points
_CALIBRATION_FRAMES = 4  # fewer frames than this do not tell how far to trust a model
_PLACING = "Learning how you place points"


@dataclass(frozen=True)
class TrainOptions:
    """How to retrain.

    Attributes:
        recipe: name of a recipe. model: id or folder of the model to start from; None takes the active one.
        minutes, steps: budgets in place of the recipe's. device: "auto", "cuda", "mps" or "cpu". seed: of everything random.
        resume: go on with the run that was stopped or broken off last, with the settings that it had.
    """

    recipe: str = "finetune"
    model: str | None = None
    minutes: float | None = None
    steps: int | None = None
    device: str = "auto"
    seed: int = 1
    resume: bool = False


@dataclass(frozen=True)
class TrainOutcome:
    """What came of it: the new model's card and folder, the run's folder, the table, and whether it was stopped early."""

    card: ModelCard
    folder: Path
    run_folder: Path
    table: BeforeAfter
    stopped: bool


def train_project(
    store: ProjectStore, options: TrainOptions, on_event: OnEvent, stop: Stop = never
) -> TrainOutcome:
    """Retrain on a project.

    Events (dicts; also in the run folder's `events.jsonl`): `start` (with `folder`), `prepare`, `step`, `validation`, `saved`,
    and at the end `done` or `stopped` with `model`, `before` and `after` (NME in % by region) and `table`, or `error`
    with `message`. A stopped run leaves a usable model, too, and can be resumed.

    Raises:
        AnnotatorError: nothing to learn from, the model cannot be used, nothing to resume. StoreWriteError: the
        project cannot take the new model; its folder is there nevertheless. Cancelled: stopped before the first step.
    """
    _check_writable(store)
    if options.resume:
        run = last_unfinished_run(store.path)
    else:
        parent = choose_model(store, options.model)
        recipe(options.recipe)  # an unknown one is refused before a folder is made
        budget = (options.recipe, options.steps, options.minutes, options.seed)
        run = new_run(store.path, RunSettings(new_model_id(store.path), str(parent.folder), *budget))
    remember_run(store, run)
    with EventWriter(run, on_event) as emit:
        try:
            return _Training(store, run, options.device, emit).execute(stop)
        except Cancelled:
            emit({"event": "stopped", "message": "Stopped before the training began; nothing was changed."})
            raise
        except Exception as error:
            emit({"event": "error", "message": str(error)})
            raise


class _Training:
    """One call of `train_project`."""

    def __init__(self, store: ProjectStore, run: TrainingRun, device: str, emit: EventWriter) -> None:
        self._store, self._run, self._device, self._emit = store, run, device, emit
        self._config = configured(run.settings, device)
        self._parent = Path(run.settings.parent)
        self._end: dict[str, Any] = {}

    def execute(self, stop: Stop) -> TrainOutcome:
        """Everything from the split to the table."""
        split = self._split()
        self._emit(
            {
                "event": "start",
                "folder": str(self._run.folder),
                "model": self._run.settings.model_id,
                "parent": str(self._parent),
                "recipe": self._config.name,
                "steps": self._config.steps,
                "minutes": self._config.minutes,
                "frames": len(split.training),
                "validation_frames": len(split.validation),
            }
        )
        held_out = bool(split.validation)
        measured = evenly(split.validation or split.training, _MEASURED_FRAMES)
        old = Predictor(self._parent, self._device)
        data = project_set(self._store, self._store.scheme, measured)
        before = predict([old], data, self._progress("Measuring the present model"), stop)[0]
        if self._config.parts == "shapes":
            self._teach_placement(split, stop)
        else:
            wanted = (*split.training, *split.validation)
            found = dict(zip(data.truth.names, before.xy, strict=True))
            faces = known_faces(self._store, old, wanted, found, self._progress("Finding the faces"))
            job = self._job(split, faces)
            del old  # its memory is needed for training
            train(self._config, job, self._take, stop)
            self._settle(split, data if held_out and len(data.paths) >= _CALIBRATION_FRAMES else None)
        after = Predictor(self._run.model_folder, self._device)
        table = before_and_after(data, before, after, held_out, self._progress("Measuring the new model"))
        return self._conclude(table)

    def _split(self) -> Split:
        usable = [
            self._store.frames.get(frame_id)
            for frame_id, own in self._store.annotations.items()
            if (human_weights(own) > 0).any()
        ]
        if not usable:
            raise AnnotatorError(
                "There is nothing to learn from yet: correct or confirm landmarks on some frames first."
            )
        return frozen_split(self._store, usable)

    def _job(self, split: Split, faces: dict[int, NDArray[np.floating]]) -> Job:
        validation = ProjectSource(self._store, split.validation, faces) if split.validation else None
        return Job(
            scheme=self._store.scheme,
            source=ProjectSource(self._store, split.training, faces),
            validation=validation,
            run_folder=self._run.work,
            model_folder=self._run.model_folder,
            model_id=self._run.settings.model_id,
            parent=self._parent,
            accelerator=self._device.partition(":")[0],
            devices=f"{index}," if (index := self._device.partition(":")[2]) else 1,
        )

    def _take(self, event: dict[str, Any]) -> None:
        """Pass the loop's events on; its own start and end are told of by this service, with more in them."""
        if event["event"] in ("done", "stopped"):
            self._end = event
        elif event["event"] != "start":
            self._emit(event)

    def _settle(self, split: Split, held_out: EvaluationSet | None) -> None:
        """Carry over what the parent knew, and move what the model knows of faces to how people place points.

        What shapes weigh depends on the networks' uncertainty, and theirs on where shapes lie: hence calibrated before and after.
        """
        folder, device = self._run.model_folder, self._device
        carry_over(self._parent, folder, self._store.scheme)

        def calibrate() -> None:
            if held_out is not None:
                progress = self._progress("Calibrating the uncertainty")
                calibrate_model(folder, held_out, device, progress, harder=False)

        calibrate()
        shapes = adapted_shapes(folder, self._placed(split), device, self._progress(_PLACING))
        if shapes is not None:
            shapes.save(folder)
            calibrate()

    def _teach_placement(self, split: Split, stop: Stop) -> None:
        """The parent's networks with only the latter: seconds in place of minutes."""
        run, progress = self._run, self._progress(_PLACING)
        learn_placement(
            self._parent,
            run.model_folder,
            run.settings.model_id,
            self._placed(split),
            self._device,
            progress,
            stop,
        )
        self._end = {"event": "done"}

    def _placed(self, split: Split) -> EvaluationSet:
        """Frames that tell how people place points."""
        return project_set(self._store, self._store.scheme, evenly(split.training, _SHAPE_FRAMES))

    def _conclude(self, table: BeforeAfter) -> TrainOutcome:
        """Write the table into the card, make the model known to the project, tell of the end."""
        folder = self._run.model_folder
        card = read_card(folder)
        card = replace(card, metrics={**card.metrics, "project": _without_none(table.to_json())})
        write_card(folder, card)
        stopped = self._end.get("event") == "stopped"
        if not stopped:
            shutil.rmtree(self._run.work, ignore_errors=True)
        self._store.models.add(card, folder)
        self._emit(
            {
                **self._end,
                "model": str(folder),
                "id": card.id,
                "before": table.column("before"),
                "after": table.column("after"),
                "table": table.to_json(),
            }
        )
        return TrainOutcome(card, folder, self._run.folder, table, stopped)

    def _progress(self, message: str) -> Progress:
        def tell(done: int, total: int, _: str) -> None:
            self._emit({"event": "prepare", "message": message, "done": done, "total": total})

        return tell


def _check_writable(store: ProjectStore) -> None:
    if store.read_only:
        raise AnnotatorError(f"{store.path} is open for reading only, so it cannot take a new model.")


def _without_none(value: Any) -> Any:
    """The same for TOML, which has no null: such entries are left out."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value if item is not None]
    return value
