"""Proposals of a take, settled by the face as a whole: where one landmark is tells where others are.

A face of some ninety landmarks moves in a few ways at once: it turns, the mouth opens, lids close. Ways in which proposals go
together, more than a model's errors do, are kept; what each landmark does for itself within a model's error is mostly error.
"""

import numpy as np
from numpy.typing import NDArray

from annotator.takes.likeness import upright_shapes

Floats = NDArray[np.float64]


def settled(faces: Floats, variance: Floats, alone: float) -> Floats:
    """Faces with less of what their landmarks do by themselves.

    Principal components of all frames, landmarks weighed by how sure they are; each component is kept by its variance's share of
    itself and `alone`.

    Args:
        faces: float64 [N, F, 2], upright, NaN where nothing was proposed, which stays so. variance: [F], of the model's error, px
        squared. alone: 0 keeps all; the share of a model's variance by which landmarks are believed to flutter by themselves.
    """
    shapes = upright_shapes(faces)
    weights = 1 / np.sqrt(variance)[:, None]
    # about a middle that unsure landmarks do not move
    shapes = shapes - np.average(shapes, axis=1, weights=1 / variance)[:, None]
    flat = (shapes * weights).reshape(len(shapes), -1)
    usual = flat.mean(0)
    scores, lengths, ways = np.linalg.svd(flat - usual, full_matrices=False)
    spread = lengths**2 / len(faces)
    kept = spread / np.maximum(spread + alone, 1e-12)
    calm = ((scores * lengths * kept) @ ways + usual).reshape(shapes.shape) / weights
    return np.asarray(faces + (calm - shapes))
