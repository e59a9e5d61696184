"""The error that a model expects of a landmark, by the signs that are measured of it (`signs`).

`annotator calibrate` learns from known frames what the signs are worth, and writes it into the model's card.

Legend: L landmarks, S signs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import ModelError

Floats = NDArray[np.float64]
SIGNS = (
    *("deviation", "misfit", "misfit of group", "misfit of face", "networks apart", "iterations apart"),
    *("views apart", "sharpness", "sharpness of group", "doubt"),
)
"""Their names: the standard deviation that is left; how far the landmark, its region and the whole face are from what faces look
like; the distance of global and regional point, and the spread over refinement iterations and over test-time views; the largest
value of the landmark's map, and the mean of its region's; how unlike a face clearly seen the view is. All are logarithms."""
_REACH = 4.0  # deviations up to which a sign counts


@dataclass(frozen=True, eq=False)
class ExpectedError:
    """What signs are worth: the logarithm of the factor on a landmark's covariance is the sum of `weights` float64[S] times the
    signs, taken from their `middle` [S] in units of their `spread` [S], plus `landmarks` float64[L]."""

    middle: Floats
    spread: Floats
    weights: Floats
    landmarks: Floats

    def factors(self, signs: Floats | None) -> Floats:
        """float64[...,L]: factors on the covariances of landmarks with signs [...,L,S]; None: with those of an ordinary one."""
        if signs is None:
            return np.exp(self.landmarks)
        return np.asarray(
            np.exp(scaled_signs(signs, self.middle, self.spread) @ self.weights + self.landmarks)
        )

    def to_card(self) -> dict[str, Any]:
        """Plain values for a model's card."""
        values = {name: [round(float(own), 5) for own in value] for name, value in vars(self).items()}
        return {"signs": list(SIGNS), **values}

    @classmethod
    def from_card(cls, preprocessing: Mapping[str, Any], landmarks: int) -> "ExpectedError | None":
        """What a card holds (`expected_error`); None where it holds nothing, or other signs than this version measures.

        Raises ModelError for values that cannot be used.
        """
        values = preprocessing.get("expected_error")
        if values is None:
            return None
        try:
            if tuple(values["signs"]) != SIGNS:
                return None
            middle, spread, weights, single = (
                np.asarray(values[name], np.float64) for name in ("middle", "spread", "weights", "landmarks")
            )
        except (TypeError, ValueError, KeyError) as error:
            raise ModelError(f"model.toml: expected_error cannot be used: {error}") from error
        if any(own.shape != (len(SIGNS),) for own in (middle, spread, weights)) or (spread <= 0).any():
            raise ModelError(
                f"model.toml: expected_error must hold {len(SIGNS)} values a list, spreads above 0"
            )
        if single.shape != (landmarks,):
            raise ModelError(f"model.toml: expected_error must hold {landmarks} landmarks")
        return cls(middle, spread, weights, single)


def scaled_signs(signs: Floats, middle: Floats, spread: Floats) -> Floats:
    """Signs [...,S] from their middle [S] in units of their spread [S], as far as they count; one that is not known (NaN) says
    nothing."""
    return np.asarray(np.nan_to_num(np.clip((signs - middle) / spread, -_REACH, _REACH)))
