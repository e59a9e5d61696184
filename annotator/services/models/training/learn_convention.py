"""Learning a project's annotation convention, how its people place points: seconds in which no network is trained.

What the model knows of whole faces moves to where the corrected points lie; its networks stay as they are. The result is a new
model folder beside the project, as a training makes it.
"""

from dataclasses import dataclass
from pathlib import Path

from annotator.domain.errors import ModelError
from annotator.domain.model_card import read_card
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.inference.decode import Points
from annotator.inference.options import OptionChanges
from annotator.inference.predictor import Predictor
from annotator.inference.weighing.shape_prior import ShapePrior, load_shape_prior
from annotator.services.models.active_model import choose_model
from annotator.services.models.evaluate import predict
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.services.models.training.finished_model import copy_model
from annotator.services.models.training.stray_labels import without_strays
from annotator.services.models.training.teaching import Teaching, TrainOutcome, check_writable, reported
from annotator.services.models.training.training_run import RunSettings, new_model_id, new_run
from annotator.store.project_store import ProjectStore
from annotator.training.events import OnEvent

LEARNING = "Learning how you place points"
_NAME = "annotation convention"


@dataclass(frozen=True)
class ConventionOptions:
    """`model`: id or folder of the model to start from, None takes the active one. `device`: "auto", "cuda", "mps" or "cpu"."""

    model: str | None = None
    device: str = "auto"


def learn_convention(
    store: ProjectStore, options: ConventionOptions, on_event: OnEvent, stop: Stop = never
) -> TrainOutcome:
    """Make a model with its parent's networks that knows how people place points in this project.

    Events are those of `train_project`, without `step`, `validation` and `saved`.

    Raises:
        ModelError: the parent knows no shapes of faces, or cannot be used. AnnotatorError: nothing to learn from.
        StoreWriteError: the project cannot take the new model; its folder is there nevertheless. Cancelled: stopped; no
        model was made.
    """
    check_writable(store)
    parent = choose_model(store, options.model)
    settings = RunSettings(new_model_id(store.path), str(parent.folder), _NAME, None, None, 0)
    run = new_run(store.path, settings)
    with reported(store, run, on_event) as log:
        teaching = Teaching(store, run, options.device, log)
        split = teaching.begin({})
        measured, _ = teaching.measure(split, stop)
        frames = teaching.convention_frames(split)
        shapes = adapted_shapes(
            parent.folder, frames, options.device, teaching.progress(LEARNING), stop, teaching.doubted
        )
        if shapes is None:
            raise ModelError(
                f"{read_card(parent.folder).id} knows no shapes of whole faces, which is what learns an annotation "
                "convention. Train its networks instead: annotator train PROJECT."
            )
        learnt = {"convention": {"set": frames.title, "frames": len(frames.paths)}}
        copy_model(parent.folder, run.draft, settings.model_id, learnt)
        shapes.save(run.draft)
        return teaching.conclude(measured, bool(split.validation), {"event": "done"})


def adapted_shapes(
    folder: Path,
    data: EvaluationSet,
    device: str,
    progress: Progress = silent,
    stop: Stop = never,
    doubted: dict[str, str] | None = None,
) -> ShapePrior | None:
    """A model's knowledge of whole faces, moved to how people place points on `data`; None where it has none.

    A label that lies far from the model's point and from what the other frames have alike is left out, and named in
    `doubted` (frame and landmark: why).

    Raises:
        ModelError: the model cannot be used. AnnotatorError: no picture can be used. Cancelled: asked to stop.
    """
    shapes = load_shape_prior(folder, data.truth.scheme)
    if shapes is None:
        return None
    made = predict(
        [Predictor(folder, device, changes=OptionChanges(shape_prior=False))], data, progress, stop
    )[0]
    assert made.covariance is not None
    found = [Points(xy, spread) for xy, spread in zip(made.xy, made.covariance, strict=True)]
    known = without_strays(data, made, {} if doubted is None else doubted)
    return shapes.adapted(found, known.truth.xy)
