"""Removing each point's constant offset between two markups, so that a model can be judged on points that another
convention placed: a lid point a little further along the lid is not an error of the network.

Two-fold: each half of the frames is corrected by the offsets of the other half, so no frame corrects itself. Offsets live
in face coordinates: origin between the outer eye corners, x from the subject's right corner to the left one, their
distance as the unit.
"""

import numpy as np

from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme
from annotator.evaluation.metrics import Floats, ibug_indices


def eye_axes(truth: Floats, scheme: LandmarkScheme) -> Floats:
    """float64[N,2,2]: per frame the linear map from face coordinates to frame pixels (a rotation times the eye distance)."""
    right = truth[:, ibug_indices(scheme, [36])[0]]
    left = truth[:, ibug_indices(scheme, [45])[0]]
    x = left - right
    return np.stack([np.stack([x[:, 0], -x[:, 1]], axis=-1), np.stack([x[:, 1], x[:, 0]], axis=-1)], axis=1)


def remove_constant_offsets(predicted: Floats, truth: Floats, scheme: LandmarkScheme) -> Floats:
    """Predicted points [N,L,2] with the other half's mean offset of each landmark taken away.

    Halves are the even and the odd frames. A landmark that the other half never shows keeps its place.
    Raises AnnotatorError with fewer than two frames.
    """
    if len(truth) < 2:
        raise AnnotatorError("Removing constant offsets needs at least two frames.")
    axes = eye_axes(truth, scheme)
    usable = np.isfinite(axes).all(axis=(1, 2)) & (np.linalg.det(np.nan_to_num(axes)) > 0)
    inverse = np.full_like(axes, np.nan)
    inverse[usable] = np.linalg.inv(axes[usable])
    errors = np.einsum("nij,nlj->nli", inverse, predicted - truth)
    half = np.arange(len(truth)) % 2
    corrected = predicted.astype(float).copy()
    for fold in (0, 1):
        offset = _nan_mean(errors[half != fold])
        corrected[half == fold] -= np.einsum("nij,lj->nli", axes[half == fold], offset)
    return corrected


def _nan_mean(errors: Floats) -> Floats:
    """Mean over frames [M,L,2] -> [L,2] of what is there; 0 where nothing is."""
    there = np.isfinite(errors)
    count = there.sum(axis=0)
    mean: Floats = np.where(there, errors, 0.0).sum(axis=0) / np.maximum(count, 1)
    return mean
