"""Are the uncertainties calibrated? Coverage of the sigma ellipses, and the factor on the covariances that makes it right.

For a true 2D Gaussian error the squared Mahalanobis distance d2 is exponential with mean 2: P(d2 <= k^2) = 1 - exp(-k^2 / 2),
39.3 % inside one sigma, 86.5 % inside two.
"""

import math
from dataclasses import dataclass

import numpy as np

from annotator.domain.errors import AnnotatorError
from annotator.domain.uncertainty import mahalanobis_squared
from annotator.evaluation.metrics import Floats

_MEDIAN = 2.0 * math.log(2.0)
_WORTH = 0.02  # by how much (log of the share inside two sigma) a larger floor must help to be taken
_FLOORS = (0.0, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01, 0.013, 0.016, 0.02)


def expected_coverage(sigmas: float) -> float:
    """Share of errors that calibrated ellipses of this size hold."""
    return 1.0 - math.exp(-0.5 * sigmas * sigmas)


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


@dataclass(frozen=True)
class Calibration:
    """What calibrates a network's covariances: a `factor` on them, and a `floor` that is added as a standard deviation in
    shares of the face size, for errors that no map tells of."""

    factor: float
    floor: float


def fit_calibration(errors: Floats, covariance: Floats, sizes: Floats) -> Calibration:
    """The factor and floor that put half of the errors inside the 50 % ellipse and, as nearly as can be, 86.5 % inside two
    sigma, where errors have heavier tails than one factor can follow.

    Args:
        errors: vectors [N,K,2] in pixels, NaN where not marked. covariance: [N,K,2,2] px^2 without any floor.
        sizes: [N] face sizes in pixels.

    Raises AnnotatorError when fewer than ten errors count.
    """
    best, least = Calibration(fit_covariance_scale(errors, covariance), 0.0), math.inf
    for floor in _FLOORS:
        added = np.eye(2) * np.square(floor * sizes)[:, None, None, None]
        factor = _factor_beside(errors, covariance, added)
        if factor is None:
            break
        distance = mahalanobis_squared(errors, factor * covariance + added)
        tail = abs(math.log(max(coverage(distance, 2.0), 1e-3) / expected_coverage(2.0)))
        if tail < least - _WORTH:
            best, least = Calibration(factor, floor), tail
    return best


def _factor_beside(errors: Floats, covariance: Floats, added: Floats) -> float | None:
    """The factor on the covariances that puts half of the errors inside the 50 % ellipse when `added` is there too; None
    where what is added is more than enough alone."""
    low, high = math.log(1e-3), math.log(1e4)
    for _ in range(40):
        middle = (low + high) / 2
        distance = mahalanobis_squared(errors, math.exp(middle) * covariance + added)
        if np.nanmedian(distance) > _MEDIAN:
            low = middle
        else:
            high = middle
    return None if high < math.log(2e-3) else math.exp((low + high) / 2)


def landmark_factors(errors: Floats, covariance: Floats, prior: float = 30.0) -> Floats:
    """float64[L]: the factor on each landmark's covariance that its own errors [N,L,2] ask for, drawn towards 1 as if `prior`
    frames had said so; 1 for a landmark that was never marked."""
    distance = mahalanobis_squared(errors, covariance)
    factors = np.ones(distance.shape[1])
    for number in range(len(factors)):
        kept = distance[:, number][np.isfinite(distance[:, number])]
        if kept.size:
            asked = math.log(max(float(np.median(kept)) / _MEDIAN, 1e-3))
            factors[number] = math.exp(asked * kept.size / (kept.size + prior))
    return factors


def rank_correlation(errors: Floats, confidence: Floats) -> float:
    """Spearman's correlation of errors with what is missing to full confidence: 1 where the least sure point is always the one
    that is off most. NaN where fewer than two points count; ties have their mean rank."""
    kept = np.isfinite(errors) & np.isfinite(confidence)
    if kept.sum() < 2:
        return float("nan")
    first, second = _ranks(errors[kept]), _ranks(-confidence[kept])
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def _ranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    ranks: Floats = (last - (count - 1) / 2)[place]
    return ranks


def far_and_unsure(errors: Floats, confidence: Floats, beyond: float, below: float) -> float:
    """Of the points with an error beyond a limit, the share of which the confidence is below another; NaN for none."""
    far = np.isfinite(confidence) & (np.nan_to_num(errors) > beyond)
    return float(np.mean(confidence[far] < below)) if far.any() else float("nan")


def error_by_sigma(errors: Floats, covariance: Floats, bins: int = 10) -> tuple[list[float], list[float]]:
    """Predicted against real error: points sorted by their predicted RMS error (sqrt of the trace) and cut into `bins` of
    equal size; in each bin the predicted RMS error and the real one (from medians, so that a lost face does not count for
    all), in the errors' unit. Calibrated uncertainties lie on the diagonal."""
    predicted = np.trace(covariance, axis1=-2, axis2=-1)
    real = np.square(errors).sum(axis=-1)
    kept = np.isfinite(predicted) & np.isfinite(real)
    if not kept.any():
        return [], []
    order = np.argsort(predicted[kept])
    parts = [part for part in np.array_split(order, bins) if part.size]
    claimed = [float(np.sqrt(np.median(predicted[kept][part]))) for part in parts]
    return claimed, [float(np.sqrt(np.median(real[kept][part]) / _MEDIAN * 2.0)) for part in parts]
