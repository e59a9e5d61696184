"""Learning a shape prior from true faces (see `shape_prior`).

Legend: N faces, L landmarks.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import apply_affine, similarity
from annotator.domain.errors import ModelError
from annotator.domain.scheme import LandmarkScheme
from annotator.imaging.opencv import cv2
from annotator.inference.decode import Points
from annotator.inference.weighing.shape_prior import ShapePrior

Floats = NDArray[np.float64]
LEAST_FACES = 50
"""Complete faces that it takes to learn from."""
_REST = 0.006  # standard deviation of what no Gaussian over faces explains, shape units
_ROUNDS = 3
_FACES_A_COMPONENT, _MOST_COMPONENTS, _AXES = 400, 10, 4
_STEADY = 100  # faces that what all components share counts as, beside a component's own
_ALONE = 100  # faces that landmarks which err each for itself count as, beside those seen
_FAR = 3.0  # standard deviations up to which an error counts in full


def learn_shape_prior(faces: Floats, scheme: LandmarkScheme) -> ShapePrior:
    """A mixture of Gaussians from true faces [N,L,2] and their mirror images; incomplete ones (NaN) are left out.

    Faces are sorted into components by what differs most among them, which is how the head is turned and the mouth open; the more
    faces, the more components, ten at most. What all of them share steadies the covariance of each.

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
    flat = np.stack([_laid(face, mean, anchors) for face in whole]).reshape(len(whole), -1)
    component = _components(flat, int(np.clip(len(flat) // _FACES_A_COMPONENT, 1, _MOST_COMPONENTS)))
    parts = [flat[component == number] for number in np.unique(component)]
    common = np.cov(np.concatenate([part - part.mean(axis=0) for part in parts]).T)
    rest = _REST**2 * np.eye(flat.shape[1])
    covariances = []
    for part in parts:
        away = part - part.mean(axis=0)
        covariances.append((away.T @ away + _STEADY * common) / (len(part) + _STEADY) + rest)
    means = np.stack([part.mean(axis=0) for part in parts]).reshape(len(parts), -1, 2)
    shares = np.array([len(part) for part in parts]) / len(flat)
    return ShapePrior(means, np.stack(covariances), shares, anchors, mean[anchors])


def learn_errors(
    prior: ShapePrior, found: Sequence[Points], faces: Floats, mirror: NDArray[np.int64]
) -> ShapePrior:
    """The same with how the errors of a model go together; as they were where the model finds fewer than 50 of the faces.

    Args:
        prior: the model's. found: its points on N frames, weighed by no prior, with calibrated covariances.
        faces: the true ones, [N,L,2]. mirror: int64[L], the landmark that each becomes in a mirror.
    """
    seen = [prior.whitened(points, face) for points, face in zip(found, faces, strict=True)]
    errors = np.array([np.clip(own, -_FAR, _FAR) for own in seen if own is not None])
    if len(errors) < LEAST_FACES:
        return prior
    mirrored = errors.reshape(len(errors), -1, 2)[:, mirror] * [-1.0, 1.0]
    errors = np.concatenate([errors, mirrored.reshape(errors.shape)])
    together = errors.T @ errors / len(errors)
    alone = np.diag(np.diag(together) + 1e-4)
    share = _ALONE / (_ALONE + len(errors) / 2)
    return replace(prior, errors=(1 - share) * together + share * alone)


def _components(flat: Floats, count: int) -> NDArray[np.int64]:
    """int64[N]: the component of each face [N,2L], by k-means on its first principal axes."""
    away = flat - flat.mean(axis=0)
    _, axes = np.linalg.eigh(away.T @ away)
    seen = (away @ axes[:, -_AXES:]).astype(np.float32)
    cv2.setRNGSeed(1)
    until = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 100, 1e-4)
    labels = cv2.kmeans(seen, count, np.empty(0, np.int32), until, 3, cv2.KMEANS_PP_CENTERS)[1]
    return np.asarray(labels[:, 0], np.int64)


def _unit(face: Floats, anchors: NDArray[np.int64]) -> Floats:
    centred = face - face[anchors].mean(axis=0)
    size = float(np.sqrt((centred[anchors] ** 2).sum(axis=-1).mean()))
    scaled: Floats = centred / max(size, 1e-9)
    return scaled


def _laid(face: Floats, mean: Floats, anchors: NDArray[np.int64]) -> Floats:
    lay = similarity(face[anchors], mean[anchors])
    return face if lay is None else apply_affine(lay, face)
