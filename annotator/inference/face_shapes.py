"""What whole faces look like, to weigh what each heatmap says of its own landmark: a Gaussian over all points of a face.

Faces are laid on their mean by shift, turn and scale (a point distribution model: Cootes et al., "Active Shape Models", CVIU
1995). What the networks found is then an observation with its covariance, and the answer is the most probable face given both
(as in Saragih et al., "Regularized Landmark Mean-Shift", IJCV 2011): sharp heatmaps keep their place, wide ones follow the rest.

Legend: N faces, L landmarks. Shape units: the root mean square distance of the anchors from their middle is 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from annotator.domain.coords import Affine, apply_affine, apply_covariance, invert_affine, similarity
from annotator.domain.errors import ModelError
from annotator.domain.model_card import SHAPES_FILE
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.atomic import atomic_folder
from annotator.inference.decode import Points

Floats = NDArray[np.float64]
LEAST_FACES = 50
"""Complete faces that it takes to learn from."""
_REST = 0.012  # standard deviation of what no Gaussian over faces explains, shape units
_CONVENTION = 0.06  # standard deviation of how far another studio's convention moves a point, shape units
_HUMAN = 0.01  # standard deviation of a corrected point, shape units
_LOST = 0.3  # shape units beyond which a model's points are not on the face that a person marked
_ROUNDS = 3
_MOST_BYTES = 64 << 20


@dataclass(frozen=True, eq=False)
class FaceShapes:
    """A Gaussian over faces.

    Attributes:
        mean: float64[L,2], shape units. covariance: float64[2L,2L] of the flattened points, shape units squared.
        anchors: int64[M], the landmarks by which a face is laid. base: float64[M,2], where they are laid, shape units; None: on
            the mean. It stays when the mean moves to a convention, or what all landmarks move by together would be lost.
    """

    mean: Floats
    covariance: Floats
    anchors: NDArray[np.int64]
    base: Floats | None = None

    def fused(self, points: Points) -> Points:
        """The most probable face given what was found.

        Args:
            points: all L landmarks with their covariances, any pixels; each covariance counts as that of the point's error.

        Returns:
            Points and their remaining covariances, same pixels; `points` themselves where they have no extent.
        """
        seen = self._seen(points)
        if seen is None:
            return points
        lay, found, gain, left = seen
        at = np.arange(len(self.mean))
        blocks = left.reshape(len(at), 2, len(at), 2)[at, :, at, :]
        back = invert_affine(lay)
        xy = apply_affine(back, self.mean + (gain @ found).reshape(-1, 2))
        return Points(xy, apply_covariance(back, blocks))

    def adapted(self, found: Sequence[Points], faces: Floats) -> "FaceShapes":
        """The same with the mean moved to how people place points: what `fused` makes of a model's points then comes as near to
        theirs as can be, for the least shift of the mean.

        Args:
            found: the model's points on N frames, as for `fused`. faces: what people set there, [N,L,2], NaN elsewhere.
        """
        size = self.mean.size
        information = np.eye(size) / _CONVENTION**2
        evidence = np.zeros(size)
        for points, face in zip(found, faces, strict=True):
            seen = self._seen(points)
            known = np.isfinite(face).all(axis=-1)
            if seen is None or not known.any():
                continue
            lay, away, gain, left = seen
            at = np.flatnonzero(np.repeat(known, 2))
            wanted = (apply_affine(lay, face[known]) - self.mean[known]).reshape(-1)
            if np.median(np.abs(wanted - away[at])) > _LOST:
                continue
            follows = (np.eye(size) - gain)[at]  # how the answer moves with the mean
            weight = np.linalg.inv(left[np.ix_(at, at)] + _HUMAN**2 * np.eye(len(at)))
            information += follows.T @ weight @ follows
            evidence += follows.T @ weight @ (wanted - (gain @ away)[at])
        mean = self.mean + np.linalg.solve(information, evidence).reshape(-1, 2)
        return replace(self, mean=mean, base=self._laid_on)

    def save(self, folder: Path) -> None:
        """Write it into a model folder; a reader sees the old one or the new one. Raises FormatError where that cannot be."""
        floats = {"mean": self.mean, "covariance": self.covariance, "base": self._laid_on}
        tensors = {name: value.astype(np.float32) for name, value in floats.items()}
        with atomic_folder(folder) as written:
            (written / SHAPES_FILE).write_bytes(save({**tensors, "anchors": self.anchors}))

    @property
    def _laid_on(self) -> Floats:
        on: Floats = self.mean[self.anchors] if self.base is None else self.base
        return on

    def _seen(self, points: Points) -> tuple[Affine, Floats, Floats, Floats] | None:
        """How points are laid on the mean, their distances from it [2L], and what an observation with their covariances is worth:
        the gain and the remaining covariance [2L,2L]. None where they have no extent or are no numbers."""
        lay = similarity(points.xy[self.anchors], self._laid_on)
        if lay is None or not (np.isfinite(points.xy).all() and np.isfinite(points.covariance).all()):
            return None
        spread = np.zeros_like(self.covariance)
        for number, own in enumerate(apply_covariance(lay, points.covariance)):
            spread[2 * number : 2 * number + 2, 2 * number : 2 * number + 2] = own
        # by torch, whose threads are at hand: those of NumPy's own library would wait for them
        known = torch.from_numpy(self.covariance)
        gain = torch.linalg.solve(known + torch.from_numpy(spread), known).T.contiguous()
        away: Floats = (apply_affine(lay, points.xy) - self.mean).reshape(-1)
        left = known - gain @ known
        return lay, away, np.asarray(gain.numpy(), np.float64), np.asarray(left.numpy(), np.float64)


def load_shapes(folder: Path, scheme: LandmarkScheme) -> FaceShapes | None:
    """A model's shapes; None where it has none. Raises ModelError for a damaged file or another scheme's."""
    path = folder / SHAPES_FILE
    if not path.is_file():
        return None
    if path.stat().st_size > _MOST_BYTES:
        raise ModelError(f"{path} is too large to be the shapes of faces; copy the model again")
    try:
        stored = load(path.read_bytes())
        mean, covariance = stored["mean"].astype(np.float64), stored["covariance"].astype(np.float64)
        anchors = stored["anchors"].astype(np.int64)
        base = stored["base"].astype(np.float64) if "base" in stored else None  # older files have none
    except (SafetensorError, KeyError, ValueError) as error:
        raise ModelError(f"{path} is damaged: {error}. Copy the model again, or delete the file.") from error
    size = scheme.size
    fits = mean.shape == (size, 2) and covariance.shape == (2 * size, 2 * size) and anchors.ndim == 1
    fits = fits and (base is None or base.shape == (len(anchors), 2))
    if not fits or not len(anchors) or not (0 <= anchors.min() <= anchors.max() < size):
        raise ModelError(
            f"{path} does not fit {scheme.id}: delete it, or learn it again (annotator calibrate)"
        )
    if not all(np.isfinite(values).all() for values in (mean, covariance, base) if values is not None):
        raise ModelError(f"{path} holds values that are no numbers: delete it, or learn it again")
    return FaceShapes(mean, covariance, anchors, base)


def learn_shapes(faces: Floats, scheme: LandmarkScheme) -> FaceShapes:
    """A Gaussian from true faces [N,L,2] and their mirror images; incomplete ones (NaN) are left out.

    Raises:
        ModelError: fewer than 50 faces are complete.
    """
    whole = faces[np.isfinite(faces).all(axis=(1, 2))]
    if len(whole) < LEAST_FACES:
        raise ModelError(
            f"{len(whole)} faces have all landmarks; it takes {LEAST_FACES} to learn the shape of faces"
        )
    whole = np.concatenate([whole, whole[:, scheme.mirror] * [-1.0, 1.0]])
    anchors = np.array(
        [i for region in scheme.regions for i in region.indices] or range(scheme.size), np.int64
    )
    mean = _unit(whole[0], anchors)
    for _ in range(_ROUNDS):
        laid = np.stack([_laid(face, mean, anchors) for face in whole])
        mean = _unit(laid.mean(axis=0), anchors)
    laid = np.stack([_laid(face, mean, anchors) for face in whole]).reshape(len(whole), -1)
    covariance = np.cov(laid.T) + _REST**2 * np.eye(laid.shape[1])
    return FaceShapes(mean, covariance, anchors)


def _unit(face: Floats, anchors: NDArray[np.int64]) -> Floats:
    centred = face - face[anchors].mean(axis=0)
    size = float(np.sqrt((centred[anchors] ** 2).sum(axis=-1).mean()))
    scaled: Floats = centred / max(size, 1e-9)
    return scaled


def _laid(face: Floats, mean: Floats, anchors: NDArray[np.int64]) -> Floats:
    lay = similarity(face[anchors], mean[anchors])
    return face if lay is None else apply_affine(lay, face)
