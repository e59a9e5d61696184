"""How the pixels round landmarks moved from one frame to the next: what image evidence says, with how sure it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Motion:
    """Between two neighbouring frames of a sequence.

    Attributes:
        start: float32 [L, 2], the places in the earlier frame whose surroundings were looked for, NaN where none were.
        step: float32 [L, 2], how far they moved, px; NaN where they were not found again. covariance: float32 [L, 2, 2] of the
        step, px squared.
    """

    start: NDArray[np.float32]
    step: NDArray[np.float32]
    covariance: NDArray[np.float32]

    def __post_init__(self) -> None:
        size = len(self.start)
        shapes = (self.start.shape, self.step.shape, self.covariance.shape)
        if shapes != ((size, 2), (size, 2), (size, 2, 2)):
            raise ValueError(f"shapes do not agree: {shapes}")

    @classmethod
    def unseen(cls, size: int) -> "Motion":
        """Of landmarks of which nothing is known."""
        nowhere = np.full((size, 2), np.nan, np.float32)
        return cls(nowhere, nowhere.copy(), np.full((size, 2, 2), np.nan, np.float32))

    @property
    def is_seen(self) -> NDArray[np.bool_]:
        """bool [L]: found again in the later frame."""
        return np.asarray(np.isfinite(self.step).all(-1))
