"""A smooth (centripetal Catmull-Rom) line through the landmarks of a curve, by arc length: the same that the frame view draws."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import FloatArray

_STEPS = 64  # samples a piece: their chords are shorter than the line by less than a ten-thousandth


@dataclass(frozen=True, eq=False)
class CurveLine:
    """Attributes:
    dense: float64 [N, 2], samples of the line. arc: float64 [N], the length up to each. knots: float64 [K], where the points lie.
    """

    dense: NDArray[np.float64]
    arc: NDArray[np.float64]
    knots: NDArray[np.float64]

    @property
    def length(self) -> float:
        """Of the whole line; of a closed one, all the way round."""
        return float(self.arc[-1])

    def at(self, arc: FloatArray) -> NDArray[np.float64]:
        """The places [K, 2] at lengths [K] from the start."""
        wanted = np.asarray(arc, np.float64)
        return np.stack([np.interp(wanted, self.arc, self.dense[:, axis]) for axis in (0, 1)], -1)

    def nearest(self, place: FloatArray) -> tuple[float, float]:
        """The length at the place of the line that is nearest to a point [2], and how far that is."""
        start, step = self.dense[:-1], np.diff(self.dense, axis=0)
        square = np.maximum((step * step).sum(-1), 1e-18)
        share = np.clip(((np.asarray(place, np.float64) - start) * step).sum(-1) / square, 0.0, 1.0)
        away = np.hypot(*(start + share[:, None] * step - place).T)
        best = int(away.argmin())
        return float(self.arc[best] + share[best] * (self.arc[best + 1] - self.arc[best])), float(away[best])


def bezier_pieces(xy: FloatArray, closed: bool) -> NDArray[np.float64]:
    """The pieces of the line through points [K, 2] as cubic Beziers: float64 [N, 4, 2], start, two handles, end.

    None may be missing, and there are two at least. The line is centripetal: it makes no loops where points lie unevenly.
    """
    points = np.asarray(xy, np.float64)
    around = [points[-1], points[0], points[1]] if closed else [points[0], points[-1]]
    knots = np.vstack([around[0][None], points, np.array(around[1:])])
    start, end = knots[1:-2], knots[2:-1]
    gaps = np.sqrt(np.hypot(*np.diff(knots, axis=0).T))[:, None]
    before, gap, after = gaps[:-2], gaps[1:-1], gaps[2:]
    handle_a = _handle(knots[:-3], start, end, before, gap)
    handle_b = _handle(knots[3:], end, start, after, gap)
    return np.stack([start, handle_a, handle_b, end], 1)


def line_through(xy: FloatArray, closed: bool) -> CurveLine:
    """The line through points [K, 2], none missing, at least two; a closed one needs three and ends where it began."""
    pieces = bezier_pieces(xy, closed)
    t = (np.arange(_STEPS) / _STEPS)[None, :, None]
    start, handle_a, handle_b, end = (pieces[:, None, part] for part in range(4))
    inner = (
        (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * handle_a + 3 * (1 - t) * t**2 * handle_b + t**3 * end
    )
    dense = np.vstack([inner.reshape(-1, 2), pieces[-1, 3][None]])
    arc = np.concatenate([[0.0], np.hypot(*np.diff(dense, axis=0).T).cumsum()])
    return CurveLine(dense, arc, arc[::_STEPS][: len(xy)])


def _handle(
    beyond: NDArray[np.float64],
    near: NDArray[np.float64],
    far: NDArray[np.float64],
    outer: NDArray[np.float64],
    inner: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The handle at `near` of the pieces from `near` to `far`; where nothing lies beyond, a third of the way to `far`."""
    blend = outer**2 * far - inner**2 * beyond + (2 * outer**2 + 3 * outer * inner + inner**2) * near
    with np.errstate(divide="ignore", invalid="ignore"):
        handle = blend / (3 * outer * (outer + inner))
    return np.where(outer > 0, handle, near + (far - near) / 3)
