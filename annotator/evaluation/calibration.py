"""Are the uncertainties honest? Coverage of the sigma ellipses, and the factor on the covariances that makes it right.

For a true 2D Gaussian error the squared Mahalanobis distance d2 is exponential with mean 2: P(d2 <= k^2) = 1 - exp(-k^2 / 2),
39.3 % inside one sigma, 86.5 % inside two.
"""

import math

import numpy as np

from annotator.domain.errors import AnnotatorError
from annotator.evaluation.metrics import Floats

_MEDIAN = 2.0 * math.log(2.0)


def expected_coverage(sigmas: float) -> float:
    """Share of errors that honest ellipses of this size hold."""
    return 1.0 - math.exp(-0.5 * sigmas * sigmas)


def mahalanobis_squared(errors: Floats, covariance: Floats) -> Floats:
    """d2 of shape [...] from error vectors [...,2] and covariances [...,2,2]; NaN where either is missing or singular."""
    a, b = covariance[..., 0, 0], covariance[..., 0, 1]
    c = covariance[..., 1, 1]
    determinant = a * c - b * b
    x, y = errors[..., 0], errors[..., 1]
    usable = np.isfinite(determinant) & (determinant > 0)
    safe = np.where(usable, determinant, 1.0)
    distance: Floats = np.where(usable, (c * x * x - 2.0 * b * x * y + a * y * y) / safe, np.nan)
    return distance


def coverage(distance_squared: Floats, sigmas: float) -> float:
    """Share of the counted errors inside the ellipse of `sigmas`."""
    kept = distance_squared[np.isfinite(distance_squared)]
    return float(np.mean(kept <= sigmas * sigmas)) if kept.size else float("nan")


def reliability(distance_squared: Floats, levels: Floats) -> Floats:
    """For each nominal share in `levels` (0..1), the share of errors really inside the ellipse of that level."""
    kept = distance_squared[np.isfinite(distance_squared)]
    if not kept.size:
        return np.full(len(levels), np.nan)
    radius_squared = -2.0 * np.log1p(-np.clip(levels, 0.0, 1.0 - 1e-12))
    shares: Floats = np.searchsorted(np.sort(kept), radius_squared, side="right") / kept.size
    return shares


def fit_covariance_scale(errors: Floats, covariance: Floats) -> float:
    """The factor on all covariances that puts half of the errors inside the 50 % ellipse.

    Median rather than likelihood: one frame without a face would otherwise blow up every ellipse.
    Raises AnnotatorError when fewer than ten errors count.
    """
    distance = mahalanobis_squared(errors, covariance)
    kept = distance[np.isfinite(distance)]
    if kept.size < 10:
        raise AnnotatorError("Calibrating the uncertainty needs at least ten counted landmarks.")
    return float(max(np.median(kept) / _MEDIAN, 1e-6))
