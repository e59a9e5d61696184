"""Making a model's uncertainty honest: what its errors on known frames say is written into its card.

Three things are measured: the factor on the covariances of each network, the mean shape of the faces, and how large the
face checks usually are. The weights stay as they are.
"""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.proposal import Proposal
from annotator.evaluation.calibration import fit_covariance_scale
from annotator.imaging.reader import read_frame
from annotator.inference.options import GLOBAL
from annotator.inference.predictor import Predictor
from annotator.inference.sanity import Limits, check_face, face_size, mean_shape_of
from annotator.services.evaluation_sets import EvaluationSet
from annotator.services.models import CARD_NAME

_SHAPE_FACES = 3  # fewer complete faces than this make no mean shape
_USUAL = 95.0  # percentile of the face checks that still counts as usual
_FOUND = 0.1  # median error over the face size below which a face counts as found
_ROUND = 5


def calibrate_model(
    folder: Path, data: EvaluationSet, device: str = "auto", progress: Progress = silent, stop: Stop = never
) -> ModelCard:
    """Measure a model on frames with true landmarks and write what was found into its `model.toml`; returns the new card.

    Networks with fewer than ten counted landmarks keep the factor that they had. Raises AnnotatorError when no
    frame can be read; the card is then as it was.
    """
    predictor = Predictor(folder, device)
    proposals: list[Proposal] = []
    truth: list[NDArray[np.float64]] = []
    for number, path in enumerate(data.paths):
        if stop():
            raise Cancelled("Calibration was stopped; the model is as it was.")
        try:
            proposals.append(predictor.propose(read_frame(path), heatmaps=False))
        except AnnotatorError:
            continue
        truth.append(data.truth.xy[number])
        progress(number + 1, len(data.paths), path.name)
    if not proposals:
        raise AnnotatorError("None of the frames can be read: there is nothing to calibrate on.")
    measured = measure(predictor, proposals, np.stack(truth))
    card = replace(predictor.card, preprocessing={**predictor.card.preprocessing, **measured})
    write_card(folder, card)
    return card


def measure(
    predictor: Predictor, proposals: Sequence[Proposal], truth: NDArray[np.float64]
) -> dict[str, Any]:
    """Entries of `preprocessing` from proposals and true points [N,L,2] (NaN where not marked)."""
    had = {k: float(v) for k, v in predictor.card.preprocessing.get("covariance_scale", {}).items()}
    shape = _shape(predictor, truth)
    scales = _scales(predictor, proposals, truth, had)
    growth = scales[GLOBAL] / had.get(GLOBAL, 1.0)
    result: dict[str, Any] = {
        "covariance_scale": scales,
        "sanity": _sanity(predictor, proposals, truth, growth, shape),
    }
    if shape is not None:
        result["mean_shape"] = [[round(float(x), _ROUND), round(float(y), _ROUND)] for x, y in shape]
    return result


def write_card(folder: Path, card: ModelCard) -> None:
    """Put a new card beside unchanged weights; a reader sees the old one or the new one."""
    handle, name = tempfile.mkstemp(prefix=f".{CARD_NAME}-", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(card.to_toml())
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(0o644)
    Path(name).replace(folder / CARD_NAME)


def _scales(
    predictor: Predictor, proposals: Sequence[Proposal], truth: NDArray[np.float64], had: dict[str, float]
) -> dict[str, float]:
    """The factor of each network: the one it had times the one that its errors ask for."""
    errors = np.stack([own.global_xy for own in proposals]) - truth
    spread = np.stack([own.global_covariance for own in proposals]).astype(float)
    scales = {GLOBAL: _refit(had.get(GLOBAL, 1.0), errors, spread)}
    if not len(proposals[0].rois):
        return scales
    errors = np.stack([own.xy for own in proposals]) - truth
    spread = np.stack([own.covariance for own in proposals]).astype(float)
    for region in predictor.scheme.regions:
        at = list(region.indices)
        scales[region.name] = _refit(had.get(region.name, 1.0), errors[:, at], spread[:, at])
    return scales


def _refit(had: float, errors: NDArray[np.float64], covariance: NDArray[np.float64]) -> float:
    try:
        return round(had * fit_covariance_scale(errors, covariance), _ROUND)
    except AnnotatorError:
        return had


def _shape(predictor: Predictor, truth: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The mean shape of the complete faces, else the one that the card has."""
    whole = truth[np.isfinite(truth).all(axis=(1, 2))]
    if len(whole) >= _SHAPE_FACES:
        return mean_shape_of(whole)
    known = predictor.card.preprocessing.get("mean_shape")
    return None if known is None else np.asarray(known, np.float64)


def _sanity(
    predictor: Predictor,
    proposals: Sequence[Proposal],
    truth: NDArray[np.float64],
    growth: float,
    shape: NDArray[np.float64] | None,
) -> dict[str, float]:
    """Usual values of the face checks: the 95th percentile over the faces that were found, never stricter than the defaults.

    `growth` is what the global covariances are multiplied by from now on.
    """
    outside = list(predictor.scheme.global_only)
    checks = []
    for own, true in zip(proposals, truth, strict=True):
        overview = own.global_xy.astype(float)
        error = np.linalg.norm(overview - true, axis=-1)
        if not np.nanmedian(error) < _FOUND * face_size(overview):
            continue
        regional = own.xy.astype(float)
        regional[outside] = np.nan
        spread = own.global_covariance.astype(float) * growth
        checks.append(check_face(overview, spread, shape, regional if len(own.rois) else None))
    usual = {}
    for name, least in vars(Limits()).items():
        values = [value for check in checks if (value := getattr(check, name)) is not None]
        usual[name] = round(max(float(np.percentile(values, _USUAL)) if values else least, least), _ROUND)
    return usual
