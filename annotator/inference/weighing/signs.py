"""Signs of how far a landmark may be off.

A covariance speaks of one map. What else tells of an error is measured here: whether the landmark fits the rest of the face,
whether networks, views and iterations agree on it, and how sharp its map is. `expected_error` says what the signs are worth.

Legend: L landmarks, S signs. Lengths are shares of the face size.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from annotator.domain.faces.confidence import sigma
from annotator.inference.decode import Points
from annotator.inference.expected_error import SIGNS
from annotator.inference.face_search import FoundFace
from annotator.inference.weighing.rescue import Believed

Floats = NDArray[np.float64]
_LEAST = {"deviation": 1e-4, "networks": 3e-3, "iterations": 5e-4, "views": 1e-3}


def measured_signs(
    found: Believed, face: FoundFace, weighed: Points, size: float, groups: Sequence[NDArray[np.int64]]
) -> Floats | None:
    """float64[L,S]: the signs of a face's landmarks, NaN where there is but one view or iteration; None where its points have no
    extent.

    Args:
        found: what the networks found, and how far it was believed. weighed: what became of it. size: the face's, px.
        groups: landmarks that were believed together.
    """
    if found.belief is None or size <= 0:
        return None
    misfit = np.log1p(found.belief.misfit)
    apart = np.linalg.norm(found.points.xy - face.points.xy, axis=-1) / size
    iterations, sharp = np.zeros(len(misfit)), _sharpness(face.maps.logits)
    for reading in found.readings:
        at = list(reading.region.indices)
        iterations[at] = _spread(reading.points, size)
        sharp[at] = _sharpness(reading.maps.logits)
    signs = {
        "deviation": np.log(sigma(weighed.covariance) / size + _LEAST["deviation"]),
        "misfit": misfit,
        "misfit of group": _group_means(misfit, groups),
        "misfit of face": np.full_like(misfit, misfit.mean()),
        "networks apart": np.log(apart + _LEAST["networks"]),
        "iterations apart": np.log(iterations + _LEAST["iterations"]),
        "views apart": np.log(_spread(face.points, size) + _LEAST["views"]),
        "sharpness": sharp,
        "sharpness of group": _group_means(sharp, groups),
        "doubt": np.full_like(misfit, np.log(max(face.doubt, 1e-3))),
    }
    return np.stack([signs[name] for name in SIGNS], axis=1)


def _spread(points: Points, size: float) -> Floats:
    return np.full(len(points.xy), np.nan) if points.apart is None else points.apart / size


def _sharpness(logits: torch.Tensor) -> Floats:
    """float64[K]: the logarithm of the largest probability of each map [K,h,w]."""
    flat = logits.detach().float().flatten(1)
    return (flat.amax(1) - torch.logsumexp(flat, 1)).cpu().numpy().astype(np.float64)


def _group_means(values: Floats, groups: Sequence[NDArray[np.int64]]) -> Floats:
    """float64[L]: for each landmark the mean of its group."""
    means = values.copy()
    for group in groups:
        means[group] = values[group].mean()
    return means
