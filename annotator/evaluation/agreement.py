"""How far two people are apart on the same landmarks: per landmark, along and across the curves that landmarks lie on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.evaluation.metrics import Floats


@dataclass(frozen=True)
class Spread:
    """How far two people are apart, over some pairs of points.

    Attributes:
        points: pairs of points. median, mean: distance. along, across: median distance along and across the curve, None where no
            point lies on one. Shares of the normaliser, such as 0.01; `px` is the median distance in frame pixels.
    """

    points: int
    median: float
    mean: float
    px: float
    along: float | None
    across: float | None


def spread(
    apart: Floats, directions: Floats, lengths: Floats, chosen: NDArray[np.bool_] | None = None
) -> Spread | None:
    """How far two people are apart; None where no pair counts.

    Args:
        apart: float64 [N, L, 2] frame pixels from one's point to the other's, NaN where either is missing.
        directions: float64 [N, L, 2], along the curves (`annotator.domain.shaping.sliding`). lengths: float64 [N], the
            normaliser. chosen: bool [L].
    """
    if chosen is not None:
        apart, directions = apart[:, chosen], directions[:, chosen]
    distance = np.linalg.norm(apart, axis=-1)
    shares = distance / lengths[:, None]
    counted = np.isfinite(shares)
    if not counted.any():
        return None
    along = (apart * directions).sum(-1)
    across = apart[..., 0] * directions[..., 1] - apart[..., 1] * directions[..., 0]
    on_curve = counted & np.isfinite(along)
    sides = [
        float(np.median((np.abs(part) / lengths[:, None])[on_curve])) if on_curve.any() else None
        for part in (along, across)
    ]
    return Spread(
        int(counted.sum()),
        float(np.median(shares[counted])),
        float(shares[counted].mean()),
        float(np.median(distance[counted])),
        *sides,
    )
