"""Correct one point, and the rest of its region is proposed again given it: the suggestions.

A proposal's errors are a Gaussian field over the landmarks of a region. How far landmark i may be off is its own
covariance C_i (from its latent heatmap); how its error goes with that of landmark j is a correlation R_ij, learned from
corrections (`annotator.domain.faces.error_correlation`) over a smooth kernel along the curves. With S_i the root of C_i,

    cov(e_i, e_j) = R_ij S_i S_j,      E[e_rest | e_known] = K_rest,known (K_known,known + noise)^-1 e_known

which is the conditional mean of a Gaussian (Rasmussen and Williams 2006, eq. 2.23). What people set is known, and never moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.coords import covariance_roots
from annotator.domain.faces.error_correlation import LEAST_VARIANCE, ErrorPrior
from annotator.domain.layers import corrections
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_ALIKE, _NEAR, _ALONG, _OWN = 0.05, 0.3, 0.8, 0.3
"""Shares of the kernel: alike in the whole region, near in the picture, along a curve, each landmark's own."""
_NEAR_LENGTH, _ALONG_LENGTH = 0.3, 1.2  # in sizes of the region; all tuned on training renders
_NOISE = 1e-3  # variance of a person's hand, as a share of the model's
_KERNEL_FRAMES = 100.0  # the kernel weighs as much as so many frames of corrections
LEAST_EXPLAINED = (
    0.1  # share of its variance that a suggested landmark must have in common with the known ones
)
_LEAST_MOVE = 0.004  # of the region's size: less is not worth an artist's look
_LEAST_PIXELS = 0.5


@dataclass(frozen=True, eq=False)
class Suggestions:
    """Where landmarks would go, given what a person corrected.

    Attributes:
        indices: int64 [G], the scheme's landmarks, none of them set by a person. xy: float64 [G, 2], frame pixels.
        explained: float64 [G], 0..1, the share of the landmark's uncertainty that the corrections take away.
    """

    indices: Indices
    xy: Floats
    explained: Floats

    def __len__(self) -> int:
        return len(self.indices)

    def only(self, wanted: Sequence[int]) -> "Suggestions":
        """Those of the wanted landmarks."""
        keep = np.isin(self.indices, np.asarray(wanted, np.int64))
        return Suggestions(self.indices[keep], self.xy[keep], self.explained[keep])


NO_SUGGESTIONS = Suggestions(np.empty(0, np.int64), np.empty((0, 2)), np.empty(0))


def conditional_shift(
    correlation: Floats, covariance: Floats, known: Indices, errors: Floats, noise: float = _NOISE
) -> tuple[Floats, Floats]:
    """The expected errors of all landmarks, given some of them; for B frames at once.

    Args:
        correlation: float64 [B, K, K], positive semi-definite, ones on the diagonal.
        covariance: float64 [B, K, 2, 2], each landmark's own, pixels squared.
        known: int64 [C], which of the K landmarks are known; errors: float64 [B, C, 2], true minus proposed, pixels.
        noise: variance of the known errors, as a share of each landmark's own.

    Returns:
        float64 [B, K, 2] expected errors in pixels; float64 [B, K], 0..1, share of the variance that is explained.
    """
    roots, inverses = covariance_roots(covariance, LEAST_VARIANCE)
    known_to_all = correlation[:, :, known]  # [B, K, C]
    within = known_to_all[:, known] + noise * np.eye(len(known))
    white = np.einsum("bcij,bcj->bci", inverses[:, known], errors)
    shift = np.einsum("bkij,bkj->bki", roots, known_to_all @ np.linalg.solve(within, white))
    solved = np.linalg.solve(within, known_to_all.transpose(0, 2, 1))
    explained = np.einsum("bkc,bck->bk", known_to_all, solved)
    return shift, explained.clip(0.0, 1.0)


def kernel(scheme: LandmarkScheme, xy: Floats, indices: Indices) -> Floats:
    """How alike the errors of landmarks are where no corrections tell: float64 [K, K], ones on the diagonal.

    Falls with the distance in the picture, and more slowly along a curve of the scheme; unchanged when the face is moved,
    turned or scaled. Positive semi-definite, as a sum of a constant, a Gaussian of distance, an exponential of the way
    along open and closed curves, and a share of each landmark's own.

    Args:
        xy: float64 [L, 2] frame pixels, finite at `indices`. indices: int64 [K], landmarks of one region.
    """
    places = xy[indices]
    size = region_size(places)
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    total = _ALIKE + _NEAR * np.exp(-0.5 * (apart / (_NEAR_LENGTH * size)) ** 2) + _OWN * np.eye(len(indices))
    row_of = {int(index): row for row, index in enumerate(indices)}
    for curve in scheme.curves:
        here = [index for index in curve.indices if index in row_of]
        if len(here) > 1:
            rows = [row_of[index] for index in here]
            way = _way_along(xy[here], curve.closed and len(here) == len(curve.indices))
            total[np.ix_(rows, rows)] += _ALONG * np.exp(-way / (_ALONG_LENGTH * size))
    root = np.sqrt(np.diag(total))
    return np.asarray(total / root[:, None] / root)


def region_size(places: Floats) -> float:
    """Root mean square distance of points [K, 2] from their middle, in pixels; at least 1e-6."""
    return max(float(np.sqrt(((places - places.mean(0)) ** 2).sum(-1).mean())), 1e-6)


def suggest_region(
    scheme: LandmarkScheme,
    proposal: Proposal,
    annotation: Annotation,
    members: Indices,
    prior: ErrorPrior | None,
) -> Suggestions:
    """The suggestions for one region's landmarks (`members`), given what people set of them; none where nobody corrected any."""
    usable = np.isfinite(proposal.xy[members]).all(-1) & np.isfinite(proposal.covariance[members]).all((1, 2))
    members = members[usable]
    human = annotation.is_human[members]
    if human.all() or not (annotation.state[members] == LandmarkState.CORRECTED).any():
        return NO_SUGGESTIONS
    proposed = proposal.xy.astype(np.float64)
    known = np.flatnonzero(human)
    errors = corrections(annotation, proposal)[members[known]]
    correlation = kernel(scheme, proposed, members)
    if prior is not None:
        weight = prior.frames / (prior.frames + _KERNEL_FRAMES)
        learned = prior.correlation[np.ix_(members, members)].astype(np.float64)
        correlation = weight * learned + (1 - weight) * correlation
    covariance = proposal.covariance[members].astype(np.float64)
    shift, explained = (
        part[0] for part in conditional_shift(correlation[None], covariance[None], known, errors[None])
    )
    least = max(_LEAST_PIXELS, _LEAST_MOVE * region_size(proposed[members]))
    wanted = ~human & (explained >= LEAST_EXPLAINED) & (np.linalg.norm(shift, axis=-1) >= least)
    at = members[wanted]
    return Suggestions(at, proposed[at] + shift[wanted], explained[wanted])


def suggest(
    scheme: LandmarkScheme,
    proposal: Proposal,
    annotation: Annotation,
    prior: ErrorPrior | None = None,
    regions: Sequence[int] | None = None,
) -> Suggestions:
    """Where the landmarks that nobody set would go, given those that people corrected, region by region.

    Args:
        proposal: what the model said. annotation: what people set (and perhaps proposed points, which are not looked at).
        prior: learned correlations, None for the kernel alone.
        regions: numbers of the scheme's regions, -1 for the landmarks outside all; None for every one.
    """
    region_of = scheme.region_of
    wanted = range(-1, len(scheme.regions)) if regions is None else regions
    parts = [
        suggest_region(scheme, proposal, annotation, np.flatnonzero(region_of == number), prior)
        for number in wanted
    ]
    return Suggestions(
        np.concatenate([NO_SUGGESTIONS.indices, *(part.indices for part in parts)]),
        np.concatenate([NO_SUGGESTIONS.xy, *(part.xy for part in parts)]),
        np.concatenate([NO_SUGGESTIONS.explained, *(part.explained for part in parts)]),
    )


def _way_along(places: Floats, closed: bool) -> Floats:
    """The way along a polyline between each two of its points [K, 2]: float64 [K, K] pixels; round a closed one, the shorter."""
    steps = np.linalg.norm(np.roll(places, -1, 0) - places, axis=-1)
    at = np.concatenate([[0.0], np.cumsum(steps[:-1])])
    way = np.abs(at[:, None] - at[None])
    return np.asarray(np.minimum(way, steps.sum() - way) if closed else way)
