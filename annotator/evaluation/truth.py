"""True landmarks of a set of frames and what models predicted there: the arrays that every metric reads.

Legend: N frames, L landmarks of the scheme, R regions. Points are (x, y) in frame pixels, pixel centres at +0.5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme

ALL = "all"
GLOBAL_ONLY = "global_only"


@dataclass(frozen=True)
class GroundTruth:
    """True landmarks of N frames.

    `xy` is float64[N,L,2] with NaN where a landmark was not marked; `occluded` is bool[N,L]. `subjects` are the clusters
    that the bootstrap resamples; a frame of an unknown subject carries its own name there.
    """

    scheme: LandmarkScheme
    names: tuple[str, ...]
    subjects: tuple[str, ...]
    xy: NDArray[np.float64]
    occluded: NDArray[np.bool_]

    def __post_init__(self) -> None:
        count = len(self.names)
        if self.xy.shape != (count, self.scheme.size, 2):
            raise AnnotatorError(
                f"True points of {count} frames in {self.scheme.id} must have shape "
                f"{(count, self.scheme.size, 2)}, not {self.xy.shape}."
            )
        if self.occluded.shape != (count, self.scheme.size) or len(self.subjects) != count:
            raise AnnotatorError("Occlusion flags and subjects must be given for every frame.")

    def mask(self, include_occluded: bool = True) -> NDArray[np.bool_]:
        """bool[N,L]: the landmarks that count; missing ones never do, occluded ones only if asked for."""
        marked = np.asarray(np.isfinite(self.xy).all(axis=-1))
        return marked if include_occluded else marked & ~self.occluded

    def subset(self, frames: Sequence[int]) -> "GroundTruth":
        """The same truth for some of the frames, in the given order."""
        keep = list(frames)
        names = tuple(self.names[i] for i in keep)
        subjects = tuple(self.subjects[i] for i in keep)
        return GroundTruth(self.scheme, names, subjects, self.xy[keep], self.occluded[keep])


@dataclass(frozen=True)
class Predictions:
    """One model's points on the frames of a `GroundTruth`, in the same order.

    `xy` float64[N,L,2] (NaN where the model gave nothing), `covariance` float64[N,L,2,2] px^2 or None,
    `seconds` float64[N] per frame or None, `notes` what the model said (fallbacks, doubts), `left_out` why frames could
    not be shown to it (name: reason), `confidence` float64[N,L], 0..1, or None.
    """

    model_id: str
    xy: NDArray[np.float64]
    covariance: NDArray[np.float64] | None = None
    seconds: NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    confidence: NDArray[np.float64] | None = None


def region_groups(scheme: LandmarkScheme) -> dict[str, NDArray[np.int64]]:
    """Landmark indices by group: "all", then each region, then "global_only" (where the scheme has such landmarks)."""
    groups = {ALL: np.arange(scheme.size, dtype=np.int64)}
    for region in scheme.regions:
        groups[region.name] = np.asarray(region.indices, dtype=np.int64)
    outside = np.asarray(scheme.global_only, dtype=np.int64)
    if outside.size:
        groups[GLOBAL_ONLY] = outside
    return groups
