"""What a report says of a model's uncertainty: coverage, how well confidence tells of errors, and curves."""

import numpy as np

from annotator.domain.uncertainty import mahalanobis_squared
from annotator.evaluation.aggregate import Scoring
from annotator.evaluation.calibration import (
    coverage,
    error_by_sigma,
    far_and_unsure,
    rank_correlation,
    reliability,
)
from annotator.evaluation.metrics import Floats, normaliser_lengths, point_errors
from annotator.evaluation.truth import GroundTruth, Predictions

_LEVELS = np.linspace(0.05, 0.95, 19)
_FAR, _UNSURE = 0.05, 0.5
"""An error (share of the normaliser) that confidence should tell of by being below the other."""


def _distances(truth: GroundTruth, own: Predictions) -> Floats:
    errors = np.where(truth.mask()[..., None], own.xy - truth.xy, np.nan)
    covariance = np.full((*errors.shape, 2), np.nan) if own.covariance is None else own.covariance
    return mahalanobis_squared(errors, covariance)


def told_coverage(truth: GroundTruth, own: Predictions) -> dict[str, float]:
    """Share of the true points inside one and two sigma, in %."""
    distance = _distances(truth, own)
    return {
        "inside 1 sigma (39.3 %)": 100 * coverage(distance, 1),
        "inside 2 sigma (86.5 %)": 100 * coverage(distance, 2),
    }


def told_confidence(truth: GroundTruth, own: Predictions, scoring: Scoring) -> dict[str, float]:
    """How well confidence tells of errors; nothing where a model has none."""
    if own.confidence is None:
        return {}
    errors = point_errors(own.xy, truth.xy, truth.mask(scoring.include_occluded))
    shares = errors / normaliser_lengths(truth.xy, truth.scheme, scoring.normaliser)[:, None]
    return {
        "rank correlation of error and confidence": rank_correlation(shares, own.confidence),
        f"below confidence {_UNSURE} of those beyond {100 * _FAR:g} %": 100
        * far_and_unsure(shares, own.confidence, _FAR, _UNSURE),
    }


def reliability_curve(truth: GroundTruth, own: Predictions) -> tuple[list[float], list[float]]:
    """Nominal shares inside of ellipses, and the shares that are."""
    return _LEVELS.tolist(), reliability(_distances(truth, own), _LEVELS).tolist()


def sigma_curve(truth: GroundTruth, own: Predictions) -> tuple[list[float], list[float]]:
    """Predicted and real errors, px; empty where a model tells no uncertainty."""
    errors = np.where(truth.mask()[..., None], own.xy - truth.xy, np.nan)
    return ([], []) if own.covariance is None else error_by_sigma(errors, own.covariance)
