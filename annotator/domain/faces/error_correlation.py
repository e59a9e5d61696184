"""What corrections teach of a model's errors: which landmarks are wrong together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import covariance_roots

LEAST_VARIANCE = 1e-6
"""A direction without spread gets a thousandth pixel."""
_LIMIT = 6.0  # sigmas: one wild point must not decide


@dataclass(frozen=True, eq=False)
class ErrorPrior:
    """Correlations between the errors of a scheme's landmarks.

    Attributes:
        scheme_id: such as `studio-89@1`.
        correlation: float32 [L, L], -1..1, positive semi-definite, ones on the diagonal.
        frames: how many frames taught it; what it weighs against other knowledge.
    """

    scheme_id: str
    correlation: NDArray[np.float32]
    frames: float

    def with_more(self, other: "ErrorPrior") -> "ErrorPrior":
        """Both together, weighed by their frames; raises ValueError where they speak of different schemes."""
        if other.scheme_id != self.scheme_id:
            raise ValueError(f"{other.scheme_id} cannot be joined to {self.scheme_id}")
        total = self.frames + other.frames
        share = self.frames / total if total else 0.5
        mixed = share * self.correlation + (1 - share) * other.correlation
        return ErrorPrior(self.scheme_id, mixed.astype(np.float32), total)


def measure(scheme_id: str, errors: NDArray[np.floating], covariance: NDArray[np.floating]) -> ErrorPrior:
    """The prior of B frames.

    Args:
        errors: [B, L, 2] pixels, true minus proposed, NaN where nobody set the landmark.
        covariance: [B, L, 2, 2] pixels squared, of the proposals, finite where the error is.

    Each error is measured in its own sigmas (and clipped at six), so that frames of all sizes count alike; a landmark
    that is not known counts as without error, which makes the correlations smaller, never larger. Frames: those with an error.
    """
    known = np.isfinite(errors).all(-1) & np.isfinite(covariance).all((2, 3))
    safe = np.where(known[..., None, None], covariance, np.eye(2))
    inverse = covariance_roots(safe, LEAST_VARIANCE)[1]
    white = np.einsum("blij,blj->bli", inverse, np.where(known[..., None], errors, 0.0))
    white = white.clip(-_LIMIT, _LIMIT)
    products = np.einsum("bid,bjd->ij", white, white)
    root = np.sqrt(np.diag(products))
    root[root == 0] = np.inf  # never seen wrong: goes with nothing but itself
    correlation = products / root[:, None] / root
    np.fill_diagonal(correlation, 1.0)
    frames = float((white != 0).any((1, 2)).sum())
    return ErrorPrior(scheme_id, correlation.astype(np.float32), frames)
