"""What every teaching of a project's model has around the learning itself: a run that reports its events, frames kept back from
it, and the table of before and after.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from annotator.domain.capture import evenly
from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard, read_card
from annotator.domain.progress import Cancelled, Progress, Stop, never
from annotator.domain.words import counted
from annotator.files import publish_folder
from annotator.inference.predictor import Predictor
from annotator.services.models.evaluate import predict
from annotator.services.models.evaluation_sets import EvaluationSet, labelled_set, project_set
from annotator.services.models.frame_pictures import unusable
from annotator.services.models.registry import write_card
from annotator.services.models.training.consensus_labels import consensus_labels
from annotator.services.models.training.placed_points import placed_by_hand
from annotator.services.models.training.stray_labels import without_far
from annotator.services.models.training.training_run import TrainingRun, remember_run
from annotator.services.models.training.training_source import Labels, human_weights
from annotator.services.models.training.training_split import Split, frozen_split
from annotator.services.models.training.training_table import BeforeAfter, MeasuredFrames, before_and_after
from annotator.services.rigs.moments import moments
from annotator.store.paths import model_of_scheme
from annotator.store.project_store import ProjectStore
from annotator.training.events import Event, EventLog, OnEvent

MEASURED_FRAMES = 60
"""At most so many frozen frames are measured before, while and after a model learns."""
_NO_CONSENSUS = (
    "There is no frame on which three cameras agree: import the rig (annotator rig import), propose all its frames by the model "
    "that is to be taught (annotator propose --all), and see whether the rig still holds (docs: rigs)."
)
_CONVENTION_FRAMES = 40  # at most so many frames of training tell how people place points


@dataclass(frozen=True)
class TrainOutcome:
    """What came of it: the new model's card and folder, the run's folder, the table, and whether it was stopped early.

    `left_out` are frames that could not take part (path: why), `doubted` labels that were left out as they lie far from
    everything (frame and landmark: why).
    """

    card: ModelCard
    folder: Path
    run_folder: Path
    table: BeforeAfter
    stopped: bool
    left_out: Mapping[str, str] = field(default_factory=dict)
    doubted: Mapping[str, str] = field(default_factory=dict)


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
        self.agreed: dict[int, Labels] = {}
        self.parent = model_of_scheme(Path(run.settings.parent), store.scheme.id)
        self.left_out: dict[str, str] = {}
        self.doubted: dict[str, str] = {}

    def begin(self, about: Event, from_consensus: bool = False, stop: Stop = never) -> Split:
        """The frames that teach and those that measure; reports the start, with `about`.

        Frames whose picture cannot be read or has another size than the project knows are left out, and told. Raises
        AnnotatorError where nobody set a landmark yet, and where no frame is left.

        Args:
            from_consensus: frames that nobody touched take part where the cameras of a rig agree on them (`agreed`).
        """
        touched = [
            self.store.frames.get(frame_id)
            for frame_id, own in self.store.annotations.items()
            if (human_weights(own) > 0).any()
        ]
        seen = list(moments(self.store)) if from_consensus else []
        if from_consensus:
            progress = self.progress("Asking what the cameras agree on")
            self.agreed = consensus_labels(self.store, read_card(self.parent).id, seen, progress, stop)
            if not self.agreed:
                raise AnnotatorError(_NO_CONSENSUS)
        elif not touched:
            raise AnnotatorError(
                "There is nothing to learn from yet: correct or confirm landmarks on some frames first."
            )
        usable = [*touched, *self.store.frames.of_ids(list(self.agreed))]
        refused = unusable(self.store, usable)
        self.left_out = {frame.path: refused[frame.id] for frame in usable if frame.id in refused}
        self.agreed = {frame_id: own for frame_id, own in self.agreed.items() if frame_id not in refused}
        if len(refused) == len(usable):
            raise AnnotatorError(
                f"None of the {len(usable)} frames with landmarks can be used, so there is nothing to learn from. For example "
                f"{next(iter(self.left_out.values()))}"
            )
        together = [tuple(moment.frames.values()) for moment in seen]
        sound = [frame for frame in touched if frame.id not in refused]
        split = frozen_split(self.store, sound, moments=together)
        learnt, measured = (tuple(i for i in side if i in self.agreed) for side in split.untouched)
        split = replace(split, untouched=(learnt, measured))
        if not split.training and not learnt:
            raise AnnotatorError(
                "All frames that can be used are kept back to measure with: there is nothing to learn from. "
                "Bring the other pictures back (annotator relink), or correct more frames."
            )
        self.log(
            {
                "event": "start",
                "folder": str(self.run.folder),
                "model": self.run.settings.model_id,
                "parent": str(self.parent),
                "recipe": self.run.settings.recipe,
                **about,
                "frames": len(split.training) + len(learnt),
                "validation_frames": len(split.validation or measured),
                "left_out": self.left_out,
            }
        )
        return split

    def measure(self, split: Split, stop: Stop) -> tuple[MeasuredFrames, Predictor]:
        """The present model on the frames kept back, or on those of the training where there are too few; and that model."""
        model = Predictor(self.parent, self.device)
        if not split.validation and not split.training:
            return self._measure_agreed(split, model, stop), model
        frames = evenly(split.validation or split.training, MEASURED_FRAMES)
        data = without_far(project_set(self.store, self.store.scheme, frames), self.doubted)
        ids = self.store.frames.by_path()
        placed = [
            placed_by_hand(self.store, ids[name], self.store.annotations.get(ids[name]))
            for name in data.truth.names
        ]
        before = predict([model], data, self.progress("Measuring the present model"), stop)[0]
        return MeasuredFrames(data, np.stack(placed), before), model

    def _measure_agreed(self, split: Split, model: Predictor, stop: Stop) -> MeasuredFrames:
        """Where nobody set a point, what the cameras agree on has to do."""
        learnt, kept_out = split.untouched
        frames = evenly(kept_out or learnt, MEASURED_FRAMES)
        data = labelled_set(self.store, {frame_id: self.agreed[frame_id].xy for frame_id in frames})
        before = predict([model], data, self.progress("Measuring the present model"), stop)[0]
        return MeasuredFrames(data, data.truth.mask(), before, by_people=False)

    def convention_frames(self, split: Split) -> EvaluationSet:
        """Frames that tell how people place points."""
        frames = evenly(split.training, _CONVENTION_FRAMES)
        return without_far(project_set(self.store, self.store.scheme, frames), self.doubted)

    def conclude(self, measured: MeasuredFrames, held_out: bool, end: Event) -> TrainOutcome:
        """Measure the new model, write the table into its card, put it in its place, tell the project, report the `end`."""
        folder, draft = self.run.model_folder, self.run.draft
        after = Predictor(draft, self.device)
        table = before_and_after(measured, after, held_out, self.progress("Measuring the new model"))
        card = read_card(draft)
        card = replace(card, metrics={**card.metrics, "project": _without_none(table.to_json())})
        write_card(draft, card)
        publish_folder(draft, folder)
        stopped = end["event"] == "stopped"
        if not stopped:
            shutil.rmtree(self.run.work, ignore_errors=True)
        self.store.models.add(card, folder)
        told = _told(self.left_out, self.doubted)
        self.log(
            {
                **({"message": told} if told else {}),
                **end,
                "model": str(folder),
                "id": card.id,
                "before": table.column("before"),
                "after": table.column("after"),
                "table": table.to_json(),
                "left_out": self.left_out,
                "doubted": self.doubted,
            }
        )
        return TrainOutcome(card, folder, self.run.folder, table, stopped, self.left_out, self.doubted)

    def progress(self, message: str) -> Progress:
        """Progress as `prepare` events under this message."""

        def tell(done: int, total: int, _: str) -> None:
            self.log({"event": "prepare", "message": message, "done": done, "total": total})

        return tell


def _told(left_out: Mapping[str, str], doubted: Mapping[str, str]) -> str:
    """One line on what took no part; "" where everything did."""
    parts = []
    if left_out:
        path, reason = next(iter(left_out.items()))
        parts.append(f"{counted(len(left_out), 'frame')} took no part: {path}: {reason}")
    if doubted:
        label, reason = next(iter(doubted.items()))
        parts.append(f"{counted(len(doubted), 'label')} took no part: {label} {reason}")
    return ". ".join(parts)


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
