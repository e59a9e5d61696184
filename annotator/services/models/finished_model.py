"""What a project's new model gets besides its networks: its parent's knowledge, and how people place points."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from annotator.domain.errors import ModelError
from annotator.domain.model_card import SHAPES_FILE
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.scheme_file import available_schemes, write_scheme
from annotator.inference.decode import Points
from annotator.inference.inputs import SCHEME_FILE
from annotator.inference.options import Changes
from annotator.inference.predictor import Predictor
from annotator.inference.shape_prior import FaceShapes, load_shapes
from annotator.nn.checkpoint import CARD, WEIGHTS, read_card
from annotator.services.models.calibrate import write_card
from annotator.services.models.evaluate import predict
from annotator.services.models.evaluation_sets import EvaluationSet

_CARRIED = (
    *("refine_face", "face_fill", "search", "looks", "flip", "mean_shape", "sanity"),
    *("covariance_scale", "covariance_floor", "landmark_scale", "shapes", "shape_scale"),
)


def carry_over(parent_folder: Path, folder: Path, scheme: LandmarkScheme) -> None:
    """Give a trained model what its parent's card says of looking and trusting, its licence, and a studio's own scheme."""
    card, parent = read_card(folder), read_card(parent_folder)
    carried = {key: parent.preprocessing[key] for key in _CARRIED if key in parent.preprocessing}
    write_card(folder, replace(card, preprocessing={**carried, **card.preprocessing}, licence=parent.licence))
    if scheme.id not in available_schemes():
        (folder / SCHEME_FILE).write_text(write_scheme(scheme), encoding="utf-8")


def copy_model(parent_folder: Path, folder: Path, model_id: str, data: dict[str, Any]) -> None:
    """Make a model of its parent's networks, under a name of its own; `data` tells in its card what it learnt from."""
    folder.mkdir(parents=True)
    for name in (WEIGHTS, CARD, SHAPES_FILE, SCHEME_FILE):
        if (parent_folder / name).is_file():
            shutil.copyfile(parent_folder / name, folder / name)
    parent = read_card(parent_folder)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    card = replace(
        parent, id=model_id, title=model_id, parent=parent.id, created=created, data=data, metrics={}
    )
    write_card(folder, card)


def adapted_shapes(
    folder: Path, data: EvaluationSet, device: str, progress: Progress = silent, stop: Stop = never
) -> FaceShapes | None:
    """A model's knowledge of whole faces, moved to how people place points on `data`; None where it has none.

    Raises:
        ModelError: the model cannot be used. Cancelled: asked to stop.
    """
    shapes = load_shapes(folder, data.truth.scheme)
    if shapes is None:
        return None
    made = predict([Predictor(folder, device, changes=Changes(shapes=False))], data, progress, stop)[0]
    assert made.covariance is not None
    found = [Points(xy, spread) for xy, spread in zip(made.xy, made.covariance, strict=True)]
    return shapes.adapted(found, data.truth.xy)


def learn_placement(
    parent_folder: Path,
    folder: Path,
    model_id: str,
    data: EvaluationSet,
    device: str,
    progress: Progress = silent,
    stop: Stop = never,
) -> None:
    """Make a model with its parent's networks that knows how people place points on `data`; nothing is made when stopped.

    Raises:
        ModelError: the parent knows no shapes of faces, or cannot be used. Cancelled: asked to stop.
    """
    shapes = adapted_shapes(parent_folder, data, device, progress, stop)
    if shapes is None:
        raise ModelError(
            f"{read_card(parent_folder).id} knows no shapes of whole faces, which is what learns the placing of points. "
            "Train its networks instead (recipe finetune)."
        )
    copy_model(parent_folder, folder, model_id, {"placement": {"set": data.title, "frames": len(data.paths)}})
    shapes.save(folder)
