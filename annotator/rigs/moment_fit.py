"""One moment as a least-squares problem: residuals, robust weights and Gauss-Newton steps for all landmarks at once.

It works in normalised coordinates, so that distortion is undone once and not in every step. Landmarks are the last axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.rigs.distortion import inverse_2x2
from annotator.rigs.projection import Lenses
from annotator.rigs.rays import meeting_points
from annotator.rigs.sightings import Sightings
from annotator.rigs.symmetric import inverse_3x3, times

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
DEGREES_OF_FREEDOM = 2.0
"""Of the Student t by which the points that a model proposed are weighed."""
_MOST_STEPS = 15
_SMALL_STEP = 1e-3  # standard deviations, squared
_PRIOR = 4.0  # degrees of freedom by which a landmark's covariances are believed to be as right as those of its moment


def student(squared: Floats) -> Floats:
    """The weight of points [..] that lie so many standard deviations, squared, from where they should be."""
    return (DEGREES_OF_FREEDOM + 2) / (DEGREES_OF_FREEDOM + squared)


@dataclass(frozen=True, eq=False)
class Weights:
    """How points count. `fit`: [V, L], factors of inverse covariances. `told`: the same for the covariance of the answer, where
    no point counts for more than it says. `apart`: as `fit`, for what tells views from each other: an error that all proposals
    share does not. `spread`: [L], by how much the variances of proposals are too small.
    """

    fit: Floats
    told: Floats
    apart: Floats
    spread: Floats


@dataclass(frozen=True, eq=False)
class Misses:
    """Residuals at some points: whitened [2 V, L] with their Jacobian [2 V, 3, L], squared lengths [V, L], and `front`, bool
    [V, L]: what lies before the camera."""

    whitened: Floats
    jacobian: Floats
    squared: Floats
    front: Bools

    def normal(self, weight: Floats) -> tuple[Floats, Floats]:
        """Information [3, 3, L] and gradient [3, L] under weights [V, L]."""
        weighted = np.repeat(weight, 2, axis=0)[:, None] * self.jacobian
        information = np.einsum("ril,rjl->ijl", weighted, self.jacobian)
        return information, np.asarray((weighted * self.whitened[:, None]).sum(0))


@dataclass(frozen=True, eq=False)
class MomentFit:
    """The problem of one moment.

    Attributes:
        seen: [V, 2, L]. whiten: [V, 3, L], the entries (0, 0), (1, 0), (1, 1) of A with A^T A the inverse covariance.
        used, known, trusted: bool [V, L], points that vote, that are there, that vote and come from a person.
        shared: the part of proposals' variance that is the same error in all views, 0..1.
    """

    lenses: Lenses
    seen: Floats
    whiten: Floats
    used: Bools
    known: Bools
    trusted: Bools
    shared: float = 0.0

    @classmethod
    def of(cls, lenses: Lenses, sightings: Sightings, covariance: Floats, shared: float = 0.0) -> MomentFit:
        """The problem of sightings whose covariance [V, L, 2, 2] (pixels squared) was widened."""
        seen, mapped = lenses.normalised_with_covariance(sightings.xy, covariance)
        whiten = np.empty((len(seen), 3, seen.shape[1]))
        with np.errstate(all="ignore"):
            first = 1.0 / np.sqrt(mapped[..., 0, 0])
            cross = mapped[..., 0, 1] * first
            second = 1.0 / np.sqrt(mapped[..., 1, 1] - cross * cross)
            whiten[:, 0], whiten[:, 1], whiten[:, 2] = first, -cross * first * second, second
        known = np.asarray(np.isfinite(whiten).all(1) & np.isfinite(seen).all(-1))
        used = sightings.usable & known
        seen = np.where(known[:, None], seen.swapaxes(-1, -2), 0.0)
        return cls(
            lenses, seen, np.where(known[:, None], whiten, 0.0), used, known, sightings.trusted & used, shared
        )

    def start(self) -> Floats:
        """[3, L] where the rays meet; of the trusted ones alone where there are two."""
        enough = self.trusted.sum(0) >= 2
        used = np.where(enough, self.trusted, self.used)
        certain = np.sqrt(self.whiten[:, 0] * self.whiten[:, 2])
        return meeting_points(self.lenses, self.seen, np.where(used, certain, 0.0))

    def solved(self, points: Floats, spread: Floats | None = None) -> tuple[Floats, Weights]:
        """The points [3, L] and the weights after Gauss-Newton steps from a start."""
        middle = self.lenses.position.mean(0)[:, None]
        spread = np.ones(points.shape[1]) if spread is None else spread
        weights = Weights(spread, spread, spread, spread)
        for _ in range(_MOST_STEPS):
            misses = self.misses(points)
            weights = self.weights(misses, weights.spread)
            information, gradient = misses.normal(weights.fit)
            step = times(inverse_3x3(information), gradient)
            with np.errstate(invalid="ignore", divide="ignore"):
                reach = 0.2 * np.sqrt(((points - middle) ** 2).sum(0) / (step**2).sum(0))
                step = np.where(np.isfinite(step), step * np.minimum(1.0, reach), 0.0)
            points = points + step
            if not ((step * gradient).sum(0) > _SMALL_STEP).any():
                break
        return points, weights

    def misses(self, points: Floats) -> Misses:
        """The residuals at points [3, L]."""
        views, _, landmarks = self.seen.shape
        rotation = self.lenses.rotation
        away = points - self.lenses.position[..., None]
        seen = rotation @ away
        front = seen[:, 2] > 0
        near = 1.0 / np.where(front, seen[:, 2], 1.0)
        image = seen[:, :2] * near[:, None]
        plain = (rotation[:, :2, :, None] - image[:, :, None] * rotation[:, None, 2, :, None]) * near[
            :, None, None
        ]
        first, cross, second = self.whiten.swapaxes(0, 1)
        offset = self.seen - image
        whitened, jacobian = np.empty((views, 2, landmarks)), np.empty((views, 2, 3, landmarks))
        whitened[:, 0] = first * offset[:, 0]
        whitened[:, 1] = cross * offset[:, 0] + second * offset[:, 1]
        jacobian[:, 0] = first[:, None] * plain[:, 0]
        jacobian[:, 1] = cross[:, None] * plain[:, 0] + second[:, None] * plain[:, 1]
        return Misses(
            whitened.reshape(2 * views, landmarks),
            jacobian.reshape(2 * views, 3, landmarks),
            (whitened * whitened).sum(1),
            front,
        )

    def weights(self, misses: Misses, spread: Floats) -> Weights:
        """Student t weights whose width follows the misfit of the moment as a whole, and of each landmark beside it."""
        used = self.used & misses.front & np.isfinite(misses.squared)
        trusted, proposed = self.trusted & used, used & ~self.trusted
        many = trusted.sum(0)
        squared = np.where(used, misses.squared, 0.0)
        sure = np.maximum(1.0, (_PRIOR + (trusted * squared).sum(0)) / (_PRIOR + np.maximum(0, 2 * many - 3)))
        free = np.maximum(0, 2 * proposed.sum(0) - np.maximum(0, 3 - 2 * many))
        factor = student(squared / spread)
        misfit = (proposed * factor * squared).sum(0)
        common = max(1.0, misfit.sum() / max(1, free.sum()))
        spread = np.maximum(1.0, (_PRIOR * common + misfit) / (_PRIOR + free))
        by_person, by_model = trusted / sure, proposed / spread
        together = by_model / (
            1.0 + self.shared * np.maximum(0, proposed.sum(0) - 1)
        )  # n views know less than n models
        return Weights(
            by_person + together * factor,
            by_person + together * np.minimum(1.0, factor),
            by_person + by_model * factor,
            spread,
        )

    def left_out(self, misses: Misses, weight: Floats) -> Floats:
        """[V, L]: standard deviations from what the other views expect, by what leaving a view out does to first order."""
        views, _, landmarks = self.seen.shape
        inverse = inverse_3x3(misses.normal(weight)[0])
        jacobian = misses.jacobian.reshape(views, 2, 3, landmarks)
        leverage = np.einsum("viml,vjml->vlij", np.einsum("vinl,nml->viml", jacobian, inverse), jacobian)
        residual = misses.whitened.reshape(views, 2, landmarks).swapaxes(-1, -2)[..., None]
        with np.errstate(all="ignore"):
            left = inverse_2x2(np.eye(2) - weight[..., None, None] * leverage)
            expected = inverse_2x2(np.eye(2) + leverage @ left)
            against = left @ residual
            found = np.sqrt(np.maximum(0.0, (against * (expected @ against)).sum((-1, -2))))
        # with two views nothing is left of the others: what is known is how far apart the two rays are
        used = self.used & misses.front
        both = np.sqrt(np.where(used, misses.squared, 0.0).sum(0))
        return np.asarray(np.where(used & (used.sum(0) == 2), both, found))
