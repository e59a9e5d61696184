"""What is known of a sequence's landmarks before they are tracked: proposals, people's points, and motion seen in the pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Observations:
    """Of N frames of one camera, in order, and L landmarks.

    Attributes:
        numbers: int64 [N], rising; gaps are where they rise by more than one.
        proposed: float64 [N, L, 2], frame pixels, NaN where no model placed the landmark.
        proposed_covariance: float64 [N, L, 2, 2], pixels squared.
        keys: float64 [N, L, 2], where a person set the landmark, NaN elsewhere; they are exact.
        step: float64 [N, L, 2], how far the pixels round the landmark moved from the frame before, NaN where that was not seen.
        step_covariance: float64 [N, L, 2, 2].
    """

    numbers: NDArray[np.int64]
    proposed: NDArray[np.float64]
    proposed_covariance: NDArray[np.float64]
    keys: NDArray[np.float64]
    step: NDArray[np.float64]
    step_covariance: NDArray[np.float64]

    def __post_init__(self) -> None:
        frames, landmarks = self.proposed.shape[:2]
        for name, shape in {
            "numbers": (frames,),
            "proposed": (frames, landmarks, 2),
            "proposed_covariance": (frames, landmarks, 2, 2),
            "keys": (frames, landmarks, 2),
            "step": (frames, landmarks, 2),
            "step_covariance": (frames, landmarks, 2, 2),
        }.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} must be {shape}, not {getattr(self, name).shape}")
        if (np.diff(self.numbers) <= 0).any():
            raise ValueError("frame numbers must rise")

    @classmethod
    def of_proposals(
        cls,
        numbers: NDArray[np.int64],
        proposed: NDArray[np.float64],
        covariance: NDArray[np.float64],
        keys: NDArray[np.float64],
    ) -> "Observations":
        """Without image evidence."""
        unseen = np.full_like(proposed, np.nan)
        return cls(numbers, proposed, covariance, keys, unseen, np.full_like(covariance, np.nan))

    @property
    def is_key(self) -> NDArray[np.bool_]:
        """bool [N, L]: a person set it."""
        return np.asarray(np.isfinite(self.keys).all(-1))

    @property
    def is_proposed(self) -> NDArray[np.bool_]:
        """bool [N, L]: a model placed it."""
        return np.asarray(np.isfinite(self.proposed).all(-1))

    def landmarks(self, at: NDArray[np.int64]) -> "Observations":
        """Of some landmarks alone."""
        return Observations(
            self.numbers,
            self.proposed[:, at],
            self.proposed_covariance[:, at],
            self.keys[:, at],
            self.step[:, at],
            self.step_covariance[:, at],
        )
