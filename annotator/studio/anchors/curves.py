"""Curves of the face as lines of points in 3D, and the places at shares of their length.

Lengths are those seen from the front of the face: steps in depth do not count. So the shares look even in a portrait, as
people place them, and still each is one place of the head for all cameras.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Floats = NDArray[np.float64]
STEPS = 24
"""Pieces of a smooth line between two of its points."""


@dataclass(frozen=True)
class FaceCurve:
    """A line through `points` (n, 3) mm; `piece` (n,) is the place in the sequence that the curve was made of, with its
    fraction."""

    points: Floats
    piece: Floats

    def at(self, share: float) -> tuple[Floats, float]:
        """The point (3,) at a share 0..1 of the length, and where it lies in the sequence."""
        steps = np.linalg.norm(np.diff(self.points[:, :2], axis=0), axis=1)
        length = np.concatenate([[0.0], np.cumsum(steps)])
        wanted = share * length[-1]
        point = np.array([np.interp(wanted, length, self.points[:, axis]) for axis in range(3)])
        return point, float(np.interp(wanted, length, self.piece))


def straight(points: Floats) -> FaceCurve:
    """The line with corners at `points`, which are dense."""
    return FaceCurve(points, np.arange(len(points), dtype=np.float64))


def smooth(points: Sequence[Floats]) -> FaceCurve:
    """The smooth line through a few points, so that what lies between them is on the border as they are."""
    through = np.stack(points)
    steps = np.maximum(np.linalg.norm(np.diff(through, axis=0), axis=1), 1e-6)
    knots = np.concatenate([[0.0], np.cumsum(np.sqrt(steps))])  # centripetal: no loops where points crowd
    piece = np.linspace(0, len(through) - 1, STEPS * (len(through) - 1) + 1)
    spline = CubicSpline(knots, through, bc_type="natural")
    return FaceCurve(np.asarray(spline(np.interp(piece, np.arange(len(through)), knots))), piece)
