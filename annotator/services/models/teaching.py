"""What every teaching of a project's model has around the learning itself: a run that reports its events, frames kept back from
it, and the table of before and after.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from annotator.domain.capture import evenly
from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard, read_card
from annotator.domain.progress import Cancelled, Progress, Stop
from annotator.evaluation.truth import Predictions
from annotator.files import publish_folder
from annotator.inference.predictor import Predictor
from annotator.services.models.calibrate import write_card
from annotator.services.models.evaluate import predict
from annotator.services.models.evaluation_sets import EvaluationSet, project_set
from annotator.services.models.training_run import TrainingRun, remember_run
from annotator.services.models.training_source import human_weights
from annotator.services.models.training_split import Split, frozen_split
from annotator.services.models.training_table import BeforeAfter, before_and_after
from annotator.store.project_store import ProjectStore
from annotator.training.events import Event, EventLog, OnEvent

_MEASURED_FRAMES = 60  # at most so many frozen frames are measured before and after
_CONVENTION_FRAMES = 40  # at most so many frames of training tell how people place points


@dataclass(frozen=True)
class TrainOutcome:
    """What came of it: the new model's card and folder, the run's folder, the table, and whether it was stopped early."""

    card: ModelCard
    folder: Path
    run_folder: Path
    table: BeforeAfter
    stopped: bool


@dataclass(frozen=True, eq=False)
class Measured:
    """The frames that measure, and what the present model answered on them; `model` is that model, loaded."""

    data: EvaluationSet
    before: Predictions
    model: Predictor


@contextmanager
def reported(store: ProjectStore, run: TrainingRun, on_event: OnEvent) -> Iterator[EventLog]:
    """The log of a run that the project remembers; how the block fails or is cancelled is an event, too."""
    remember_run(store, run)
    with EventLog(run.folder, on_event) as log:
        try:
            yield log
        except Cancelled:
            log({"event": "stopped", "message": "Stopped before the training began; nothing was changed."})
            raise
        except Exception as error:
            log({"event": "error", "message": str(error)})
            raise


class Teaching:
    """One teaching of a model: `begin`, `measure`, then the learning itself, then `conclude`."""

    def __init__(self, store: ProjectStore, run: TrainingRun, device: str, log: EventLog) -> None:
        self.store, self.run, self.device, self.log = store, run, device, log
        self.parent = Path(run.settings.parent)

    def begin(self, about: Event) -> Split:
        """The frames that teach and those that measure; reports the start, with `about`.

        Raises AnnotatorError where nobody set a landmark yet.
        """
        usable = [
            self.store.frames.get(frame_id)
            for frame_id, own in self.store.annotations.items()
            if (human_weights(own) > 0).any()
        ]
        if not usable:
            raise AnnotatorError(
                "There is nothing to learn from yet: correct or confirm landmarks on some frames first."
            )
        split = frozen_split(self.store, usable)
        self.log(
            {
                "event": "start",
                "folder": str(self.run.folder),
                "model": self.run.settings.model_id,
                "parent": str(self.parent),
                "recipe": self.run.settings.recipe,
                **about,
                "frames": len(split.training),
                "validation_frames": len(split.validation),
            }
        )
        return split

    def measure(self, split: Split, stop: Stop) -> Measured:
        """The present model on the frames kept back, or on those of the training where there are too few."""
        model = Predictor(self.parent, self.device)
        frames = evenly(split.validation or split.training, _MEASURED_FRAMES)
        data = project_set(self.store, self.store.scheme, frames)
        before = predict([model], data, self.progress("Measuring the present model"), stop)[0]
        return Measured(data, before, model)

    def convention_frames(self, split: Split) -> EvaluationSet:
        """Frames that tell how people place points."""
        return project_set(self.store, self.store.scheme, evenly(split.training, _CONVENTION_FRAMES))

    def conclude(self, data: EvaluationSet, before: Predictions, held_out: bool, end: Event) -> TrainOutcome:
        """Measure the new model, write the table into its card, give it its place, tell the project, report the `end`."""
        folder, draft = self.run.model_folder, self.run.draft
        after = Predictor(draft, self.device)
        table = before_and_after(data, before, after, held_out, self.progress("Measuring the new model"))
        card = read_card(draft)
        card = replace(card, metrics={**card.metrics, "project": _without_none(table.to_json())})
        write_card(draft, card)
        publish_folder(draft, folder)
        stopped = end["event"] == "stopped"
        if not stopped:
            shutil.rmtree(self.run.work, ignore_errors=True)
        self.store.models.add(card, folder)
        self.log(
            {
                **end,
                "model": str(folder),
                "id": card.id,
                "before": table.column("before"),
                "after": table.column("after"),
                "table": table.to_json(),
            }
        )
        return TrainOutcome(card, folder, self.run.folder, table, stopped)

    def progress(self, message: str) -> Progress:
        """Progress as `prepare` events under this message."""

        def tell(done: int, total: int, _: str) -> None:
            self.log({"event": "prepare", "message": message, "done": done, "total": total})

        return tell


def check_writable(store: ProjectStore) -> None:
    """Raises AnnotatorError for a project that cannot take a new model."""
    if store.read_only:
        raise AnnotatorError(f"{store.path} is open for reading only, so it cannot take a new model.")


def _without_none(value: Any) -> Any:
    """The same for TOML, which has no null: such entries are left out."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value if item is not None]
    return value
