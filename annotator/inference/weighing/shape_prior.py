"""The shape prior: what whole faces look like, to weigh what each heatmap says of its own landmark. It is a mixture of Gaussians
over all points of a face, whose components are views and expressions.

Faces are laid on their mean by shift, turn and scale (a point distribution model: Cootes et al., "Active Shape Models", CVIU
1995). What the networks found is then an observation with its covariance, and the answer is the mean of the faces given both
(as in Saragih et al., "Regularized Landmark Mean-Shift", IJCV 2011): sharp heatmaps keep their place, wide ones follow the rest.
Where it is known how the errors of a model's landmarks go together (a whole jaw too low, a crop read askew), the observation
counts for as much less. What lies where no face has it is not believed (`shape_fit`).

Legend: N faces, L landmarks, K components. Shape units: the root mean square distance of the anchors from their middle is 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from annotator.domain.coords import (
    Affine,
    apply_affine,
    apply_covariance,
    covariance_roots,
    invert_affine,
    similarity,
)
from annotator.domain.errors import ModelError
from annotator.domain.model_card import SHAPES_FILE
from annotator.domain.outside_files import read_outside
from annotator.domain.scheme import LandmarkScheme
from annotator.files import write_whole
from annotator.inference.decode import Points
from annotator.inference.weighing.shape_fit import Belief, Errors, Mixture, believe

Floats = NDArray[np.float64]
_CONVENTION = 0.06  # standard deviation of how far another studio's convention moves a point, shape units
_HUMAN = 0.01  # standard deviation of a corrected point, shape units
_LOST = 0.3  # shape units beyond which a model's points are not on the face that a person marked
_LEAST_VARIANCE = 1e-14  # shape units squared
_MOST_BYTES = 64 << 20


@dataclass(frozen=True, eq=False)
class ShapePrior:
    """A mixture of Gaussians over faces, one a component K: a view with an expression.

    Attributes:
        means: float64[K,L,2], shape units. covariances: float64[K,2L,2L] of the flattened points, shape units squared.
        shares: float64[K], how frequent each component is; they sum to 1.
        anchors: int64[M], the landmarks by which a face is laid. base: float64[M,2], where they are laid, shape units; None: on
            the mean. It stays when the means move to a convention, or what all landmarks move by together would be lost.
        errors: float64[2L,2L], covariance of a model's errors, each landmark's divided by the root of the covariance that
            the model gives it; None: landmarks err each for itself, and just so much.
    """

    means: Floats
    covariances: Floats
    shares: Floats
    anchors: NDArray[np.int64]
    base: Floats | None = None
    errors: Floats | None = None

    @property
    def mean(self) -> Floats:
        """float64[L,2]: the mean of all faces."""
        whole: Floats = np.einsum("k,kli->li", self.shares, self.means)
        return whole

    def fused(self, points: Points, belief: Belief | None = None) -> Points:
        """The mean of the faces that may be behind what was found.

        Args:
            points: all L landmarks with their covariances, any pixels; each covariance counts as that of the point's error.
            belief: how far to believe them (`belief`); None: as they are.

        Returns:
            Points and their remaining covariances, same pixels; `points` themselves where they have no extent.
        """
        seen = self._seen(points, belief)
        if seen is None:
            return points
        at = np.arange(len(points.xy))
        blocks = seen.left.reshape(len(at), 2, len(at), 2)[at, :, at, :]
        back = invert_affine(seen.lay)
        return Points(apply_affine(back, seen.answer.reshape(-1, 2)), apply_covariance(back, blocks))

    def belief(self, points: Points, groups: Sequence[NDArray[np.int64]] = ()) -> Belief | None:
        """How far to believe what was found; `groups` are landmarks that leave a face together, such as regions. None where the
        points have no extent or are no numbers."""
        found = self._laid(points)
        if found is None:
            return None
        lay, laid, errors = found
        belief = believe(self._loose, self.mean, laid, errors, groups)
        return replace(belief, face=apply_affine(invert_affine(lay), belief.face))

    def adapted(self, found: Sequence[Points], faces: Floats) -> "ShapePrior":
        """The same with all means moved alike to how people place points: what `fused` makes of a model's points then comes as
        near to theirs as can be, for the least shift.

        Args:
            found: the model's points on N frames, as for `fused`. faces: what people set there, [N,L,2], NaN elsewhere.
        """
        size = self.means[0].size
        information = np.eye(size) / _CONVENTION**2
        evidence = np.zeros(size)
        for points, face in zip(found, faces, strict=True):
            seen = self._seen(points)
            known = np.isfinite(face).all(axis=-1)
            if seen is None or not known.any():
                continue
            at = np.flatnonzero(np.repeat(known, 2))
            wanted = apply_affine(seen.lay, face[known]).reshape(-1)
            if np.median(np.abs(wanted - seen.laid[at])) > _LOST:
                continue
            follows = (np.eye(size) - seen.gain)[at]  # how the answer moves with the means
            weight = np.linalg.inv(seen.left[np.ix_(at, at)] + _HUMAN**2 * np.eye(len(at)))
            information += follows.T @ weight @ follows
            evidence += follows.T @ weight @ (wanted - seen.answer[at])
        shift = np.linalg.solve(information, evidence).reshape(-1, 2)
        return replace(self, means=self.means + shift, base=self._laid_on)

    def whitened(self, points: Points, face: Floats) -> Floats | None:
        """float64[2L]: the errors of points, laid as a face is and divided by the roots of their covariances; `face` [L,2] is
        the true one. None where one of them is incomplete, or the points lie on something else."""
        lay = similarity(points.xy[self.anchors], self._laid_on)
        if lay is None or not (np.isfinite(points.xy).all() and np.isfinite(face).all()):
            return None
        away = apply_affine(lay, points.xy) - apply_affine(lay, face)
        if np.median(np.abs(away)) > _LOST:
            return None
        _, inverses = covariance_roots(apply_covariance(lay, points.covariance), _LEAST_VARIANCE)
        return np.asarray(inverses @ away[..., None]).reshape(-1)

    def save(self, folder: Path) -> None:
        """Write it into a model folder; a reader sees the old one or the new one. Raises FormatError where that cannot be."""
        floats = {
            "means": self.means,
            "covariances": self.covariances,
            "shares": self.shares,
            "base": self._laid_on,
        }
        if self.errors is not None:
            floats["errors"] = self.errors
        tensors = {name: value.astype(np.float32) for name, value in floats.items()}
        write_whole(folder / SHAPES_FILE, save({**tensors, "anchors": self.anchors}))

    @property
    def _laid_on(self) -> Floats:
        on: Floats = self.mean[self.anchors] if self.base is None else self.base
        return on

    @cached_property
    def _mixture(self) -> Mixture:
        """By torch, whose threads are at hand: those of NumPy's own library would wait for them."""
        means = torch.from_numpy(self.means.reshape(len(self.shares), -1))
        return Mixture(means, torch.from_numpy(self.covariances), torch.from_numpy(self.shares).log())

    @cached_property
    def _loose(self) -> Mixture:
        return self._mixture.lying_anyhow(self.mean)

    def _laid(self, points: Points, like: Floats | None = None) -> tuple[Affine, Floats, Errors] | None:
        """How points are laid, where they then lie [2L], and their errors; `like` [L,2] are the face's points, same pixels, to
        lay them by, where better ones are known. None where they have no extent or are no numbers."""
        lay = similarity((points.xy if like is None else like)[self.anchors], self._laid_on)
        if lay is None or not (np.isfinite(points.xy).all() and np.isfinite(points.covariance).all()):
            return None
        size = points.xy.size
        roots = covariance_roots(apply_covariance(lay, points.covariance), _LEAST_VARIANCE)[0]
        together = np.eye(size) if self.errors is None else self.errors
        errors = Errors(torch.from_numpy(roots), torch.from_numpy(together))
        return lay, apply_affine(lay, points.xy).reshape(-1), errors

    def _seen(self, points: Points, belief: Belief | None = None) -> "_Seen | None":
        """What an observation tells of the face behind it; None where the points have no extent or are no numbers."""
        found = self._laid(points, None if belief is None else belief.face)
        if found is None:
            return None
        lay, laid, errors = found
        spread = errors.spread() if belief is None else errors.spread(belief.widened) + belief.elsewhere
        return _Seen(lay, laid, *(own.numpy() for own in self._mixture.weighed(laid, spread).face()))


@dataclass(frozen=True, eq=False)
class _Seen:
    """What an observation tells, in shape units: how its points were laid, where [2L]; the face behind it [2L], how that moves
    with them [2L,2L], and its remaining covariance [2L,2L]."""

    lay: Affine
    laid: Floats
    answer: Floats
    gain: Floats
    left: Floats


def load_shape_prior(folder: Path, scheme: LandmarkScheme) -> ShapePrior | None:
    """A model's shape prior; None where it has none. Raises ModelError for a damaged file or another scheme's."""
    path = folder / SHAPES_FILE
    if not path.is_file():
        return None
    try:
        stored = load(read_outside(path, _MOST_BYTES))
        if "mean" in stored:  # files of older versions hold a single Gaussian
            stored |= {"means": stored["mean"][None], "covariances": stored["covariance"][None]}
            stored["shares"] = np.ones(1, np.float32)
        means, covariances, shares = (
            stored[name].astype(np.float64) for name in ("means", "covariances", "shares")
        )
        anchors = stored["anchors"].astype(np.int64)
        base, errors = (
            stored[name].astype(np.float64) if name in stored else None for name in ("base", "errors")
        )
    except (SafetensorError, OSError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise ModelError(f"{path} is damaged: {error}. Copy the model again, or delete the file.") from error
    size, count = scheme.size, len(shares)
    fits = means.shape == (count, size, 2) and covariances.shape == (count, 2 * size, 2 * size)
    fits = fits and (errors is None or errors.shape == (2 * size, 2 * size))
    fits = fits and count > 0 and anchors.ndim == 1 and (base is None or base.shape == (len(anchors), 2))
    if not fits or not len(anchors) or not (0 <= anchors.min() <= anchors.max() < size):
        raise ModelError(
            f"{path} does not fit {scheme.id}: delete it, or learn it again (annotator calibrate)"
        )
    values = (means, covariances, shares, base, errors)
    if not all(np.isfinite(own).all() for own in values if own is not None):
        raise ModelError(f"{path} holds values that are no numbers: delete it, or learn it again")
    try:
        np.linalg.cholesky(covariances)
        if errors is not None:
            np.linalg.cholesky(errors)
        possible = bool(shares.min() > 0)
    except np.linalg.LinAlgError:
        possible = False
    if not possible:
        raise ModelError(f"{path} holds no possible faces: delete it, or learn it again")
    return ShapePrior(means, covariances, shares / shares.sum(), anchors, base, errors)
