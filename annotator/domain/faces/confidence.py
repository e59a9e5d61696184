"""How sure one can be of a landmark: the chance that it lies where it is proposed to be."""

from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TOLERANCE = 0.02
"""Confidence is the chance that the true point lies within this share of the face size of the proposed one."""
_ABOUT = 0.05  # the face's size was taken from the global network's points, which lie a little elsewhere
_UNSEEN = 0.2  # what a point keeps that lies outside the picture: nothing there can be seen


def sigma(covariance: NDArray[np.floating]) -> Floats:
    """One standard deviation [...] of covariances [...,2,2], averaged over directions: sqrt(trace / 2)."""
    variance: Floats = np.trace(covariance, axis1=-2, axis2=-1).astype(np.float64) / 2.0
    return np.sqrt(np.maximum(variance, 0.0))


def confidence_across(confidence: Floats, covariance: Floats, across: Floats, size: float) -> Floats:
    """float64[L]: of sliding landmarks the chance to lie within `TOLERANCE` of the face `size` across their curves.

    `confidence` [L] is that of any direction, `covariance` [L,2,2] what it comes from, `across` [L] its variance across the
    curves, NaN for other landmarks: they keep theirs, as does one whose confidence comes from elsewhere and is higher than that.
    """
    reach = TOLERANCE * max(size, 1e-6)
    everywhere = 1.0 - np.exp(-0.5 * (reach / np.maximum(sigma(covariance), 1e-9)) ** 2)
    deviations = np.sqrt(np.maximum(across, 1e-18))
    there = np.array([erf(reach / (sqrt(2.0) * float(own))) for own in deviations])
    face = confidence / np.maximum(
        everywhere, 1e-9
    )  # what the landmark's confidence owes to the face as a whole
    follows = np.isfinite(there) & (face <= 1.0 + _ABOUT)
    return np.where(follows, np.maximum(confidence, np.minimum(face, 1.0) * there), confidence)


def landmark_confidence(covariance: Floats, size: float, score: float, inside: NDArray[np.bool_]) -> Floats:
    """float64[L] in 0..1: the chance to lie within `TOLERANCE` of the face `size` (pixels), times the face score.

    Points outside the picture (`inside` False) keep a fifth: nothing there can be seen.
    """
    reach = TOLERANCE * max(size, 1e-6)
    chance = 1.0 - np.exp(-0.5 * (reach / np.maximum(sigma(covariance), 1e-9)) ** 2)
    confidence: Floats = np.clip(chance * score * np.where(inside, 1.0, _UNSEEN), 0.0, 1.0)
    return confidence
