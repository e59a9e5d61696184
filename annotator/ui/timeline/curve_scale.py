"""How high values stand in the curves: frame pixels of x or y to pixels of the screen and back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

_LEAST = 4.0  # frame pixels over a lane: less is no movement
_ROOM = 1.35


@dataclass(frozen=True)
class Lane:
    """One coordinate over `top` .. `top + height`.

    Attributes:
        axis: 0 for x, which rises upward; 1 for y, which rises downward as in the picture.
        centre: value in the middle. span: frame pixels over the whole height.
    """

    axis: int
    top: float
    height: float
    centre: float = 0.0
    span: float = 100.0

    @property
    def name(self) -> str:
        """For people."""
        return "xy"[self.axis]

    @property
    def scale(self) -> float:
        """Screen pixels a frame pixel, downward: negative for x."""
        return (1 if self.axis else -1) * self.height / self.span

    def y(self, value: float) -> float:
        """Where a value stands on the screen."""
        return self.top + self.height / 2 + (value - self.centre) * self.scale

    def ys(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """As `y`, of many."""
        return np.asarray(self.top + self.height / 2 + (values - self.centre) * self.scale, np.float64)

    def value(self, y: float) -> float:
        """What stands at a pixel of the screen."""
        return self.centre + (y - self.top - self.height / 2) / self.scale

    def holds(self, y: float) -> bool:
        """Whether a pixel of the screen lies in it."""
        return self.top <= y < self.top + self.height

    def fitted(self, values: NDArray[np.floating]) -> Lane:
        """So that all values (any shape, NaN for none) are seen; as it is where there are none."""
        found = values[np.isfinite(values)]
        if not found.size:
            return self
        low, high = float(found.min()), float(found.max())
        return replace(self, centre=(low + high) / 2, span=max((high - low) * _ROOM, _LEAST))

    def zoomed(self, factor: float, y: float) -> Lane:
        """Closer (factor > 1) or wider about a pixel."""
        about, span = self.value(y), max(self.span / factor, 0.05)
        return replace(self, span=span, centre=about + (self.centre - about) * span / self.span)

    def panned(self, pixels: float) -> Lane:
        """With its values so many pixels farther down."""
        return replace(self, centre=self.centre - pixels / self.scale)
