"""What the errors of proposals on known frames say about a model: entries of its card, and how its errors go together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.faces.face_frame import face_size
from annotator.domain.proposal import Proposal
from annotator.evaluation.calibration import (
    Calibration,
    fit_calibration,
    fit_covariance_scale,
    landmark_factors,
)
from annotator.inference.decode import Points
from annotator.inference.no_face import is_no_face
from annotator.inference.options import GLOBAL
from annotator.inference.predictor import Predictor
from annotator.inference.sanity import UsualValues, check_face, mean_shape_of
from annotator.inference.weighing.learn_shape_prior import learn_errors
from annotator.inference.weighing.shape_prior import ShapePrior

_SHAPE_FACES = 3  # fewer complete faces than this make no mean shape
_MANY_FACES = 24
"""From so many faces on, the face checks are what they show; fewer may loosen what the card has, never tighten it: a few
like faces would have every other one taken for none."""
_CHECKS = {
    "spread": (95.0, 1.3, 0.03),
    "layout": (95.0, 1.1, 0.16),
    "agreement": (95.0, 1.3, 0.03),
    "clear_spread": (75.0, 1.1, 0.015),
    "clear_layout": (75.0, 1.1, 0.2),
}
"""Of each face check: the percentile that still counts as usual (or as clear), the slack on it, and the least limit."""
_FOUND = 0.1  # median error over the face size below which a face counts as found
_ROUND = 5


@dataclass(frozen=True)
class Known:
    """Proposals of frames, made without what the model knows of whole faces, and true points float64[N,L,2] (NaN where not
    marked)."""

    proposals: Sequence[Proposal]
    truth: NDArray[np.float64]


def measure(
    predictor: Predictor, known: Known, taught: Known | None = None
) -> tuple[dict[str, Any], ShapePrior | None]:
    """Entries of `preprocessing`, and the predictor's shape prior, which learns on `taught` how errors go together."""
    proposals, truth = known.proposals, known.truth
    shape = _shape(predictor, truth)
    networks = _networks(predictor, proposals, truth)
    factors, spread = _single(predictor, known, networks)
    prior = predictor.shape_prior
    if prior is not None and taught is not None:
        _, wide = _single(predictor, taught, networks, factors)
        sure = [number for number, own in enumerate(taught.proposals) if not is_no_face(own.message)]
        found = [Points(taught.proposals[number].xy.astype(float), wide[number]) for number in sure]
        prior = learn_errors(prior, found, taught.truth[sure], predictor.scheme.mirror)
    result: dict[str, Any] = {
        "covariance_scale": {name: round(own.factor, _ROUND) for name, own in networks.items()},
        "covariance_floor": {name: round(own.floor, _ROUND) for name, own in networks.items()},
        "landmark_scale": _rounded(factors),
        "sanity": _sanity(predictor, proposals, truth, networks[GLOBAL], shape),
    }
    if prior is not None:
        result["shape_scale"] = _rounded(_left(prior, proposals, truth, spread))
    if shape is not None:
        result["mean_shape"] = [[round(float(x), _ROUND), round(float(y), _ROUND)] for x, y in shape]
    return result, prior


@dataclass(frozen=True)
class _Group:
    """What a network placed: error vectors [N,K,2] and covariances [N,K,2,2] as its maps and views gave them, with no
    calibration but its present factor."""

    errors: NDArray[np.float64]
    covariance: NDArray[np.float64]


def _groups(
    predictor: Predictor, proposals: Sequence[Proposal], truth: NDArray[np.float64]
) -> dict[str, _Group]:
    """The answers by network: "global", then every region."""
    old = predictor.card.preprocessing
    floors, factors = old.get("covariance_floor", {}), old.get("landmark_scale")
    single = np.ones(truth.shape[1]) if factors is None else np.asarray(factors, float)
    sizes = _sizes(proposals)

    def bare(covariance: NDArray[np.float64], name: str, at: list[int]) -> NDArray[np.float64]:
        added = np.eye(2) * np.square(float(floors.get(name, 0.0)) * sizes)[:, None, None, None]
        return covariance[:, at] / single[at][:, None, None] - added

    everything = list(range(truth.shape[1]))
    xy = np.stack([own.global_xy for own in proposals]).astype(float)
    spread = np.stack([own.global_covariance for own in proposals]).astype(float)
    groups = {GLOBAL: _Group(xy - truth, bare(spread, GLOBAL, everything))}
    if len(proposals[0].rois):
        xy = np.stack([own.xy for own in proposals]).astype(float)
        spread = np.stack([own.covariance for own in proposals]).astype(float)
        for region in predictor.scheme.regions:
            at = list(region.indices)
            groups[region.name] = _Group((xy - truth)[:, at], bare(spread, region.name, at))
    return groups


def _networks(
    predictor: Predictor, proposals: Sequence[Proposal], truth: NDArray[np.float64]
) -> dict[str, Calibration]:
    """Factor and floor of each network; those that it had where too few landmarks count."""
    old = predictor.card.preprocessing
    result = {}
    for name, group in _groups(predictor, proposals, truth).items():
        had = float(old.get("covariance_scale", {}).get(name, 1.0))
        try:
            found = fit_calibration(group.errors, group.covariance, _sizes(proposals))
            result[name] = Calibration(had * found.factor, found.floor)
        except AnnotatorError:
            result[name] = Calibration(had, float(old.get("covariance_floor", {}).get(name, 0.0)))
    return result


def _single(
    predictor: Predictor,
    known: Known,
    networks: dict[str, Calibration],
    given: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The factor [L] of each landmark on top of its network's (those `given`, if any), and the covariances [N,L,2,2] with
    everything in them."""
    old = predictor.card.preprocessing.get("covariance_scale", {})
    sizes = _sizes(known.proposals)
    factors = np.ones(known.truth.shape[1]) if given is None else given
    whole = np.empty((*known.truth.shape, 2))
    for name, group in _groups(predictor, known.proposals, known.truth).items():
        own = networks[name]
        added = np.eye(2) * np.square(own.floor * sizes)[:, None, None, None]
        spread = group.covariance * own.factor / float(old.get(name, 1.0)) + added
        at = slice(None) if name == GLOBAL else list(predictor.scheme.region(name).indices)
        if given is None:
            factors[at] = landmark_factors(group.errors, spread)
        whole[:, at] = spread * factors[at][:, None, None]
    return factors, whole


def _left(
    prior: ShapePrior, proposals: Sequence[Proposal], truth: NDArray[np.float64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The factor [L] on what whole faces leave of the covariances [N,L,2,2]: the networks' errors go together, and faces are
    no Gaussian, so that it is more than the arithmetic says."""
    weighed = [
        prior.fused(Points(own.xy.astype(float), cov)) for own, cov in zip(proposals, spread, strict=True)
    ]
    errors = np.stack([own.xy for own in weighed]) - truth
    left = np.stack([own.covariance for own in weighed])
    try:
        common = fit_covariance_scale(errors, left)
    except AnnotatorError:  # too few landmarks to tell
        return np.ones(truth.shape[1])
    return common * landmark_factors(errors, left * common)


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), _ROUND) for value in values]


def _sizes(proposals: Sequence[Proposal]) -> NDArray[np.float64]:
    return np.array([face_size(own.global_xy.astype(float)) for own in proposals])


def _shape(predictor: Predictor, truth: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The mean shape of the complete faces; the one that the card has where they are few."""
    whole = truth[np.isfinite(truth).all(axis=(1, 2))]
    known = predictor.card.preprocessing.get("mean_shape")
    if len(whole) >= (_SHAPE_FACES if known is None else _MANY_FACES):
        return mean_shape_of(whole)
    return None if known is None else np.asarray(known, np.float64)


def _sanity(
    predictor: Predictor,
    proposals: Sequence[Proposal],
    truth: NDArray[np.float64],
    calibration: Calibration,
    shape: NDArray[np.float64] | None,
) -> dict[str, float]:
    """Usual values of the face checks: percentiles over the faces that were found, with some slack and never absurdly strict."""
    outside = list(predictor.scheme.global_only)
    had = float(predictor.card.preprocessing.get("covariance_scale", {}).get(GLOBAL, 1.0))
    spreads = _groups(predictor, proposals, truth)[GLOBAL].covariance * calibration.factor / had
    checks = []
    for own, true, spread in zip(proposals, truth, spreads, strict=True):
        points = own.global_xy.astype(float)
        error = np.linalg.norm(points - true, axis=-1)
        if not np.nanmedian(error) < _FOUND * face_size(points):
            continue
        regional = own.xy.astype(float)
        regional[outside] = np.nan
        checks.append(check_face(points, spread, shape, regional if len(own.rois) else None))
    had_limits = {} if len(checks) >= _MANY_FACES else predictor.card.preprocessing.get("sanity", {})
    usual = {}
    for name, (percentile, slack, least) in _CHECKS.items():
        values = [
            value for check in checks if (value := getattr(check, name.removeprefix("clear_"))) is not None
        ]
        default = getattr(UsualValues(), name)
        found = max(slack * float(np.percentile(values, percentile)), least) if values else default
        usual[name] = round(max(found, float(had_limits.get(name, 0.0))), _ROUND)
    return usual
