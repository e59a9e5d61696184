"""Retraining on a project: its corrected and confirmed landmarks teach the current model's networks, measured on frozen frames;
where asked for, what the cameras of a rig agree on teaches, too.

The result is a new model folder beside the project, known to it but not active: whether it is better is for the user to say,
and the table of before and after is there to help.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.progress import Stop, never
from annotator.services.models.active_model import choose_model
from annotator.services.models.calibrate import calibrate_model
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.services.models.training.finished_model import carry_over
from annotator.services.models.training.learn_convention import LEARNING, adapted_shapes
from annotator.services.models.training.teaching import (
    MEASURED_FRAMES,
    Teaching,
    TrainOutcome,
    check_writable,
    reported,
)
from annotator.services.models.training.training_run import (
    RunSettings,
    last_unfinished_run,
    new_model_id,
    new_run,
)
from annotator.services.models.training.training_source import (
    Labels,
    ProjectSource,
    human_labels,
    known_faces,
)
from annotator.services.models.training.training_split import Split
from annotator.store.project_store import ProjectStore
from annotator.training.config import TrainingConfig
from annotator.training.events import Event, OnEvent
from annotator.training.job import TrainingJob
from annotator.training.loop import train
from annotator.training.recipes import recipe
from annotator.training.source import Mixture

_CALIBRATION_FRAMES = 4  # fewer frames than this do not tell how far to trust a model


@dataclass(frozen=True)
class TrainOptions:
    """How to retrain.

    Attributes:
        recipe: name of a recipe. model: id or folder of the model to start from; None takes the active one.
        minutes, steps: budgets in place of the recipe's (`TrainingConfig.with_budget`), of the whole run where one is resumed.
        device: "auto", "cuda", "mps" or "cpu". seed: of everything random.
        resume: go on with the run that was stopped or broken off last, with the settings that it had but for budgets given anew.
        recipes: a folder of the studio's own recipes; None takes the one in the user's settings.
        from_consensus: learn also from frames that nobody touched, where the cameras of a rig agree.
    """

    recipe: str = "finetune"
    model: str | None = None
    minutes: float | None = None
    steps: int | None = None
    device: str = "auto"
    seed: int = 1
    resume: bool = False
    recipes: Path | None = None
    from_consensus: bool = False


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
    check_writable(store)
    if options.resume:
        run = last_unfinished_run(store.path).with_budget(options.steps, options.minutes)
        config = run_config(run.settings)
    else:
        parent = choose_model(store, options.model)
        settings = RunSettings(
            new_model_id(store.path),
            str(parent.folder),
            options.recipe,
            options.steps,
            options.minutes,
            options.seed,
            str(options.recipes.resolve()) if options.recipes else "",
            options.from_consensus,
        )
        config = run_config(settings)  # an unknown recipe is refused before a folder is made
        run = new_run(store.path, settings)
    with reported(store, run, on_event) as log:
        return _Training(Teaching(store, run, options.device, log), config).execute(stop)


def run_config(settings: RunSettings) -> TrainingConfig:
    """The recipe with the run's budgets."""
    own = Path(settings.recipes) if settings.recipes else None
    config = replace(recipe(settings.recipe, own), seed=settings.seed)
    return config.with_budget(settings.steps, settings.minutes)


class _Training:
    """One call of `train_project`."""

    def __init__(self, teaching: Teaching, config: TrainingConfig) -> None:
        self._teaching, self._config = teaching, config
        self._end: Event = {}

    def execute(self, stop: Stop) -> TrainOutcome:
        """Everything from the split to the table."""
        teaching = self._teaching
        about: Event = {"steps": self._config.steps, "minutes": self._config.minutes}
        split = teaching.begin(about, teaching.run.settings.from_consensus, stop)
        measured, model = teaching.measure(split, stop)
        names, data = measured.data.truth.names, measured.data
        ids = teaching.store.frames.by_path()
        wanted = dict.fromkeys((*split.training, *split.untouched[0], *(ids[name] for name in names)))
        found = dict(zip(names, measured.before.xy, strict=True))
        progress = teaching.progress("Finding the faces")
        faces = known_faces(teaching.store, model, tuple(wanted), found, progress)
        counted = {ids[name]: own for name, own in zip(names, measured.placed, strict=True)}
        job = self._job(split, faces, counted)
        del model  # its memory is needed for training
        shutil.rmtree(teaching.run.draft, ignore_errors=True)  # of a run that was killed
        # the frames of the curves are those of the table
        frames = max(self._config.validation_frames, MEASURED_FRAMES)
        train(replace(self._config, validation_frames=frames), job, self._take, stop)
        enough = bool(split.validation) and len(data.paths) >= _CALIBRATION_FRAMES
        self._settle(split, data if enough else None)
        return teaching.conclude(measured, _held_out(split), self._end)

    def _job(
        self,
        split: Split,
        faces: dict[int, NDArray[np.floating]],
        counted: Mapping[int, NDArray[np.bool_]],
    ) -> TrainingJob:
        store, run, agreed = self._teaching.store, self._teaching.run, self._teaching.agreed
        people = human_labels(store, split.training)
        sources = [
            ProjectSource(store, own, faces) for own in (people, _some(agreed, split.untouched[0])) if own
        ]
        measured = human_labels(store, tuple(counted)) or _some(agreed, tuple(counted))
        return TrainingJob(
            scheme=store.scheme,
            # people's frames are drawn as often as the many that nobody touched
            source=sources[0] if len(sources) == 1 else Mixture([(source, 1.0) for source in sources]),
            validation=ProjectSource(store, measured, faces, counted) if _held_out(split) else None,
            run_folder=run.work,
            model_folder=run.draft,
            model_id=run.settings.model_id,
            parent=self._teaching.parent,
            device=self._teaching.device,
        )

    def _take(self, event: Event) -> None:
        """Pass the loop's events on; its own start and end are reported by this service, with more in them."""
        if event["event"] in ("done", "stopped"):
            self._end = event
        elif event["event"] != "start":
            self._teaching.log(event)

    def _settle(self, split: Split, held_out: EvaluationSet | None) -> None:
        """Carry over what the parent knew, and move what the model knows of faces to how people place points.

        What shapes weigh depends on the networks' uncertainty, and theirs on where shapes lie: hence calibrated before and after.
        """
        teaching = self._teaching
        folder, device = teaching.run.draft, teaching.device
        carry_over(teaching.parent, folder, teaching.store.scheme)

        def calibrate() -> None:
            if held_out is not None:
                progress = teaching.progress("Calibrating the uncertainty")
                calibrate_model(folder, held_out, device, progress, harder=False)

        calibrate()
        if not split.training:
            return
        frames = teaching.convention_frames(split)
        shapes = adapted_shapes(folder, frames, device, teaching.progress(LEARNING), never, teaching.doubted)
        if shapes is not None:
            shapes.save(folder)
            calibrate()


def _held_out(split: Split) -> bool:
    """Whether what measures takes no part in the training: people's frames, or untouched ones where there are none of them."""
    return bool(split.validation) or (not split.training and bool(split.untouched[1]))


def _some(agreed: Mapping[int, Labels], frame_ids: Sequence[int]) -> dict[int, Labels]:
    return {frame_id: agreed[frame_id] for frame_id in frame_ids if frame_id in agreed}
