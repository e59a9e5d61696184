"""How much work a model leaves: which points need touching, and errors across and along the curves they lie on.

A point needs touching when somebody who corrects it would move it: farther off than `NEEDS_TOUCHING` of the normaliser, across
its curve for sliding landmarks, in any direction for anchors (`annotator.domain.shaping.sliding`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.domain.shaping.sliding import slid, to_touch
from annotator.evaluation.metrics import Floats, pck

NEEDS_TOUCHING = 0.005
"""Of the normaliser: a point that is nearer may stay."""


@dataclass(frozen=True, eq=False)
class TouchErrors:
    """Errors float64 [N, L] in pixels, NaN where nothing counts: `whole` is what would have to be put right; `across` and `along`
    are the two parts for sliding landmarks, NaN for anchors."""

    whole: Floats
    across: Floats
    along: Floats


def touch_errors(
    predicted: Floats, truth: Floats, scheme: LandmarkScheme, mask: NDArray[np.bool_] | None = None
) -> TouchErrors:
    """Errors of points [N, L, 2] by the curves through the true ones; NaN where either is missing or `mask` is False."""
    offset = np.asarray(predicted, float) - np.asarray(truth, float)
    if mask is not None:
        offset = np.where(mask[..., None], offset, np.nan)
    whole, along = to_touch(scheme, offset, truth), slid(scheme, offset, truth)
    return TouchErrors(whole, np.where(np.isfinite(along), whole, np.nan), along)


def needs_touching(errors: Floats, lengths: Floats, limit: float = NEEDS_TOUCHING) -> float:
    """Share of the counted `whole` errors [N, L] of `TouchErrors` beyond `limit` of the frames' normalisers [N]; NaN for none."""
    return 1.0 - pck(errors / lengths[:, None], limit)
