"""Measures models of a project side by side on its frozen frames."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from annotator.domain.capture import evenly
from annotator.domain.errors import AnnotatorError, ModelError
from annotator.domain.model_card import SHAPES_FILE, read_card
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.evaluation.metrics import frame_nme, point_errors
from annotator.evaluation.truth import region_groups
from annotator.services.models.active_model import pick_model
from annotator.services.models.evaluate import predict
from annotator.services.models.evaluation_sets import EvaluationSet, project_set
from annotator.services.models.known.measured import SETTING, Measured, measured_models
from annotator.services.models.registry import ModelEntry
from annotator.services.models.training.placed_points import placed_by_hand
from annotator.services.models.training.teaching import MEASURED_FRAMES
from annotator.services.models.training.training_source import human_weights
from annotator.services.models.training.training_split import frozen_split
from annotator.services.models.training.training_table import error_lengths
from annotator.store.project_store import ProjectStore
from annotator.store.rows import now


def measure_models(
    store: ProjectStore,
    names: Sequence[str] = (),
    device: str = "auto",
    again: bool = False,
    progress: Progress = silent,
    stop: Stop = never,
) -> dict[str, Measured]:
    """Measure models on the project's frozen frames, and keep that; those that were measured on the very same frames and points
    are not measured again, unless `again`.

    Args:
        names: ids; empty takes all that the project knows and that have a network.

    Returns:
        By id what is known of the wanted models.

    Raises:
        AnnotatorError: nobody placed a point by hand yet. ModelError: a model cannot be used. Cancelled: what was measured stays.
    """
    wanted = list(dict.fromkeys(names)) or [
        model.id for model in store.models.all() if not model.card.is_imported
    ]
    entries = [pick_model(store, name) for name in wanted]
    if not entries:
        raise ModelError("The project knows no model with a network yet.")
    data, placed, held_out = _frozen(store)
    frames = _digest(data, placed)
    kept = store.settings.get(SETTING, {})
    is_same = isinstance(kept, dict) and kept.get("frames") == frames
    known = measured_models(store) if is_same and not again else {}
    for number, entry in enumerate(entries):
        if entry.id not in known or known[entry.id].made_of != _made_of(entry):

            def told(done: int, of: int, text: str, number: int = number) -> None:
                progress(number * of + done, len(entries) * of, text)

            known[entry.id] = _measure(entry, data, placed, held_out, device, told, stop)
            if not store.read_only:
                rows = {model_id: asdict(own) for model_id, own in known.items()}
                store.settings.set(SETTING, {"frames": frames, "models": rows})
    return {entry.id: known[entry.id] for entry in entries}


def _made_of(entry: ModelEntry) -> str:
    """What tells a model from every other: one that learnt a convention has its parent's weights, and another shape prior."""
    found = hashlib.sha256(read_card(entry.folder).to_toml().encode())
    shapes = entry.folder / SHAPES_FILE
    found.update(shapes.read_bytes() if shapes.is_file() else b"")
    return found.hexdigest()


def _measure(
    entry: ModelEntry,
    data: EvaluationSet,
    placed: NDArray[np.bool_],
    held_out: bool,
    device: str,
    progress: Progress,
    stop: Stop,
) -> Measured:
    from annotator.inference.predictor import Predictor

    model = Predictor(entry.folder, device)
    predicted = predict(
        [model], data, lambda done, all_of, text: progress(done, all_of, f"{model.card.id}: {text}"), stop
    )[0]
    lengths, unit = error_lengths(data.truth)
    errors = np.where(placed, point_errors(predicted.xy, data.truth.xy), np.nan)
    regions = {
        name: float(np.nanmean(frame_nme(errors, lengths, indices)))
        for name, indices in region_groups(data.truth.scheme).items()
        if np.isfinite(errors[:, indices]).any()
    }
    points = int(np.isfinite(errors).sum())
    return Measured(entry.id, len(data.paths), points, held_out, unit, regions, now(), _made_of(entry))


def _frozen(store: ProjectStore) -> tuple[EvaluationSet, NDArray[np.bool_], bool]:
    """The frames that no training of the project sees (all where there are too few), which points of them were placed by hand
    (bool [N, L]), and whether they are kept back."""
    touched = [
        store.frames.get(frame_id)
        for frame_id, own in store.annotations.items()
        if (human_weights(own) > 0).any()
    ]
    if not touched:
        raise AnnotatorError("There is nothing to measure on yet: correct landmarks on some frames first.")
    split = frozen_split(store, touched)
    frames = evenly(split.validation or split.training, MEASURED_FRAMES)
    data = project_set(store, store.scheme, frames)
    ids = store.frames.by_path()
    placed = np.stack(
        [placed_by_hand(store, ids[name], store.annotations.get(ids[name])) for name in data.truth.names]
    )
    placed &= data.truth.mask()
    if not placed.any():
        raise AnnotatorError(
            "Nobody moved a point on the frames that models are measured on, so they tell nothing: correct more frames."
        )
    return data, placed, bool(split.validation)


def _digest(data: EvaluationSet, placed: NDArray[np.bool_]) -> str:
    """Changes where the frames or the points that count do."""
    found = hashlib.sha256("\0".join(data.truth.names).encode())
    found.update(np.where(placed[..., None], data.truth.xy, 0.0).astype("<f8").tobytes())
    return found.hexdigest()
