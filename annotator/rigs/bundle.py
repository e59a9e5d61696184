"""Bundle adjustment: cameras and points together, until every point projects to where it was seen.

A Levenberg-Marquardt loop on the cameras alone: for given cameras each point has three unknowns of its own, which are eliminated
by formula (Schur complement). So a rig of eight cameras is a system of 48 unknowns, however many moments there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.rigs.distortion import by_terms
from annotator.rigs.moment_fit import DEGREES_OF_FREEDOM, student
from annotator.rigs.projection import Lenses
from annotator.rigs.rotations import rotation_of, vector_of
from annotator.rigs.symmetric import inverse_3x3

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_TERMS = 4  # k1, k2, p1, p2
_FIRST_DAMPING, _MOST_DAMPING = 1e-4, 1e8
_SETTLED = 1e-6  # relative fall of the cost


@dataclass(frozen=True)
class Moving:
    """What of the cameras may move: how they are turned, where they stand, focal length (both axes alike), k1 k2 p1 p2."""

    rotation: bool = True
    position: bool = True
    focal: bool = False
    distortion: bool = False

    @property
    def columns(self) -> Bools:
        """bool [11]: which unknowns of a camera these are, in the order above."""
        parts = (self.rotation, 3), (self.position, 3), (self.focal, 1), (self.distortion, _TERMS)
        return np.repeat([part for part, _ in parts], [size for _, size in parts])


@dataclass(frozen=True, eq=False)
class Observed:
    """N points in V views: xy [V, N, 2] pixels, whiten [V, N, 2, 2] (A with A^T A the inverse covariance), used and trusted
    bool [V, N]."""

    xy: Floats
    whiten: Floats
    used: Bools
    trusted: Bools

    @classmethod
    def of(cls, xy: Floats, covariance: Floats, used: Bools, trusted: Bools) -> Observed:
        """From covariances [V, N, 2, 2]; points that are not used may have any."""
        safe = np.where(used[..., None, None], covariance, np.eye(2))
        whiten = np.asarray(np.linalg.inv(np.linalg.cholesky(safe)), np.float64)
        return cls(np.where(used[..., None], xy, 0.0), whiten, used, trusted & used)


@dataclass(frozen=True, eq=False)
class At:
    """The problem at one set of cameras and points: residuals [V, N, 2], Jacobians by the points [V, N, 2, 3] and the cameras
    [V, N, 2, C], what is used, and squared lengths [V, N]; all whitened."""

    residual: Floats
    by_point: Floats
    by_camera: Floats
    used: Bools
    squared: Floats


@dataclass(eq=False)
class Bundle:
    """One adjustment. `sigma`: [V, 11], how far each unknown of a camera is expected to have moved from where it was.

    Attributes:
        spread: by how much the variances of proposals are too small, as all residuals tell.
    """

    observed: Observed
    first: Lenses
    moving: Moving
    sigma: Floats
    spread: float = 1.0

    def adjusted(
        self, lenses: Lenses, points: Floats, steps: int, each: Callable[[int, float], None]
    ) -> tuple[Lenses, Floats]:
        """Cameras and points [N, 3] of least cost, from a start. `each` is told the step and the cost; it may raise to stop."""
        damping = _FIRST_DAMPING
        at = self.at(lenses, points)
        for step in range(steps):
            self.spread = self._spread(at)
            cost = self.cost_of(lenses, at)
            each(step, cost)
            solve, _ = self._normal(lenses, at)
            while damping < _MOST_DAMPING:
                cameras, shift = solve(damping)
                moved, there = self._moved(lenses, cameras), points + shift
                new = self.at(moved, there)
                fell = cost - self.cost_of(moved, new)
                if fell > 0 and new.used.sum() >= at.used.sum():
                    lenses, points, at, damping = moved, there, new, max(1e-10, damping / 10)
                    break
                damping *= 10
            else:
                break
            if fell < _SETTLED * cost:
                break
        return lenses, points

    def at(self, lenses: Lenses, points: Floats) -> At:
        """The problem at some cameras and points [N, 3]."""
        xy, by_seen = lenses.project_with_jacobian(points)
        used = self.observed.used & np.isfinite(xy).all(-1)
        whiten = np.where(used[..., None, None], self.observed.whiten, 0.0)
        by_seen = np.where(used[..., None, None], by_seen, 0.0)
        offset = np.where(used[..., None], self.observed.xy - xy, 0.0)
        seen = lenses.seen(points)
        by_world = by_seen @ lenses.rotation[:, None]
        columns = [np.cross(seen[..., None, :], by_seen), -by_world]
        columns.append(np.where(used[..., None], xy - lenses.centre[:, None], 0.0)[..., None])
        if self.moving.distortion:
            bend = by_terms(
                seen[..., :2] / np.where(used, seen[..., 2], 1.0)[..., None], lenses.terms, lenses.tilt
            )
            columns.append(np.where(used[..., None, None], bend, 0.0) * lenses.focal[:, None, :, None])
        else:
            columns.append(np.zeros((*used.shape, 2, _TERMS)))
        by_camera = whiten @ np.concatenate(columns, -1)[..., self.moving.columns]
        residual = (whiten @ offset[..., None])[..., 0]
        return At(residual, whiten @ by_world, by_camera, used, (residual * residual).sum(-1))

    def _spread(self, at: At) -> float:
        proposed = at.squared[at.used & ~self.observed.trusted]
        # half of the squared lengths of standard normal pairs are below 2 ln 2
        return max(1.0, float(np.median(proposed)) / (2 * np.log(2))) if proposed.size else 1.0

    def cost_of(self, lenses: Lenses, at: At) -> float:
        """What adjustment makes least: robust squared residuals, and how far the cameras moved by what was expected."""
        nu = DEGREES_OF_FREEDOM
        robust = (nu + 2) * np.log1p(at.squared / (self.spread * nu))
        cost = np.where(self.observed.trusted, at.squared, robust)[at.used].sum()
        return float(cost + ((self._away(lenses) / self.sigma)[:, self.moving.columns] ** 2).sum())

    def _away(self, lenses: Lenses) -> Floats:
        """[V, 11]: how far the cameras are from where they were, in their unknowns."""
        turned = vector_of(lenses.rotation @ self.first.rotation.swapaxes(-1, -2))
        longer = np.log(lenses.focal[:, :1] / self.first.focal[:, :1])
        bent = (lenses.terms - self.first.terms)[:, :_TERMS]
        return np.concatenate([turned, lenses.position - self.first.position, longer, bent], 1)

    def _moved(self, lenses: Lenses, change: Floats) -> Lenses:
        """The cameras after a step [V, C]."""
        whole = np.zeros((len(change), len(self.moving.columns)))
        whole[:, self.moving.columns] = change
        terms = lenses.terms.copy()
        terms[:, :_TERMS] += whole[:, 7:]
        return replace(
            lenses,
            rotation=rotation_of(whole[:, :3]) @ lenses.rotation,
            position=lenses.position + whole[:, 3:6],
            focal=lenses.focal * np.exp(whole[:, 6:7]),
            terms=terms,
        )

    def sigmas(self, lenses: Lenses, points: Floats) -> Floats:
        """[V, 11]: how well each unknown is known at the solution (one standard deviation); 0 for what does not move."""
        information = self._normal(lenses, self.at(lenses, points))[1]()
        found = np.zeros((len(lenses.focal), len(self.moving.columns)))
        variance = np.diagonal(np.linalg.inv(information)).reshape(len(found), -1)
        found[:, self.moving.columns] = np.sqrt(np.maximum(0.0, variance))
        return found

    def _normal(
        self, lenses: Lenses, at: At
    ) -> tuple[Callable[[float], tuple[Floats, Floats]], Callable[[], Floats]]:
        """The normal equations: a function from damping to steps of cameras [V, C] and points [N, 3], and one that gives the
        information about the cameras alone, [V C, V C]."""
        views, landmarks, _, unknowns = at.by_camera.shape
        robust = student(at.squared / self.spread) / self.spread
        weight = np.where(at.used, np.where(self.observed.trusted, 1.0, robust), 0.0)[..., None, None]
        weighted = at.by_camera * weight
        own = np.einsum("vnki,vnkj->vij", weighted, at.by_camera, optimize=True)
        shared = weighted.swapaxes(-1, -2) @ at.by_point
        rows = (at.by_point * weight).transpose(1, 0, 2, 3).reshape(landmarks, -1, 3)
        plain = at.by_point.transpose(1, 0, 2, 3).reshape(landmarks, -1, 3)
        of_points = rows.swapaxes(-1, -2) @ plain
        residual = at.residual.transpose(1, 0, 2).reshape(landmarks, -1, 1)
        down_points = (rows.swapaxes(-1, -2) @ residual)[..., 0]
        columns = self.moving.columns
        prior = 1 / self.sigma[:, columns] ** 2
        down = np.einsum("vnki,vnk->vi", weighted, at.residual) - prior * self._away(lenses)[:, columns]
        whole = np.zeros((views, unknowns, views, unknowns))
        each = np.arange(views)
        whole[each, :, each] = own + prior[:, :, None] * np.eye(unknowns)
        scale = np.einsum("vivi->vi", whole).ravel()

        def eliminated(damping: float) -> tuple[Floats, Floats, Floats, Floats]:
            damped = of_points * (1 + damping * np.eye(3))
            inverse = np.nan_to_num(inverse_3x3(damped.transpose(1, 2, 0)).transpose(2, 0, 1))
            left = (shared @ inverse).transpose(0, 2, 1, 3).reshape(views * unknowns, -1)
            right = shared.transpose(0, 2, 1, 3).reshape(views * unknowns, -1)
            reduced = whole.reshape(views * unknowns, -1) - left @ right.T
            reduced[np.diag_indices(len(reduced))] += damping * scale
            return reduced, left, right, inverse

        def solve(damping: float) -> tuple[Floats, Floats]:
            reduced, left, right, inverse = eliminated(damping)
            cameras = np.linalg.solve(reduced, down.ravel() - left @ down_points.ravel())
            free = down_points - (right.T @ cameras).reshape(landmarks, 3)
            return cameras.reshape(views, unknowns), (inverse @ free[..., None])[..., 0]

        return solve, lambda: eliminated(1e-12)[0]
