"""Where a frame's landmarks were tracked to from other frames of their take: a layer between people's points and proposals."""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme


class TrackState(IntEnum):
    """What tracking says of a landmark; numbers are stored, and never change."""

    NONE = 0
    TRACKED = 1
    UNSURE = 2
    """Tracked, but what was seen on the way does not fit together: a person should look."""


class Merge(IntEnum):
    """What becomes of an older track where a new one reaches; people's points stay in any case."""

    FILL = 0
    """The new one stands where there was none, or an unsure one."""
    REPLACE = 1
    """The new one stands."""
    KEEP = 2
    """The older one stands."""


@dataclass(frozen=True, eq=False)
class Track:
    """The tracked landmarks of one frame; a value.

    Attributes:
        scheme_id: such as `studio-89@1`.
        xy: float32 [L, 2], frame pixels, NaN where nothing was tracked. covariance: float32 [L, 2, 2], pixels squared.
        state: uint8 [L] of `TrackState`. run: int32 [L], the number of the run that made each, 0 where there is none.
    """

    scheme_id: str
    xy: NDArray[np.float32]
    covariance: NDArray[np.float32]
    state: NDArray[np.uint8]
    run: NDArray[np.int32]

    def __post_init__(self) -> None:
        size = len(self.state)
        shapes = (self.xy.shape, self.covariance.shape, self.run.shape)
        if shapes != ((size, 2), (size, 2, 2), (size,)):
            raise ValueError(f"shapes do not agree: {shapes} of {size} landmarks")
        if (self.state > max(TrackState)).any():
            raise ValueError("a track has a state that there is not")
        if (np.isfinite(self.xy).all(-1) != (self.state != TrackState.NONE)).any():
            raise ValueError("exactly what was not tracked must have NaN coordinates")
        for array in (self.xy, self.covariance, self.state, self.run):
            array.setflags(write=False)

    @classmethod
    def empty(cls, scheme: LandmarkScheme) -> "Track":
        """Nothing tracked."""
        size = scheme.size
        nowhere = np.full((size, 2), np.nan, np.float32)
        covariance = np.full((size, 2, 2), np.nan, np.float32)
        return cls(scheme.id, nowhere, covariance, np.zeros(size, np.uint8), np.zeros(size, np.int32))

    @property
    def is_placed(self) -> NDArray[np.bool_]:
        """bool [L]: tracked, surely or not."""
        return np.asarray(self.state != TrackState.NONE)

    def merged(self, new: "Track", mode: Merge) -> "Track":
        """This track with a newer one laid into it."""
        take = new.is_placed
        if mode is Merge.FILL:
            take &= self.state != TrackState.TRACKED
        elif mode is Merge.KEEP:
            take &= ~self.is_placed
        return self._with(new, take)

    def without(self, landmarks: NDArray[np.int64]) -> "Track":
        """This track with some landmarks taken out."""
        take = np.zeros(len(self.state), np.bool_)
        take[landmarks] = True
        nothing = replace(
            self,
            xy=np.full_like(self.xy, np.nan),
            covariance=np.full_like(self.covariance, np.nan),
            state=np.zeros_like(self.state),
            run=np.zeros_like(self.run),
        )
        return self._with(nothing, take)

    def _with(self, other: "Track", take: NDArray[np.bool_]) -> "Track":
        return replace(
            self,
            xy=np.where(take[:, None], other.xy, self.xy),
            covariance=np.where(take[:, None, None], other.covariance, self.covariance),
            state=np.where(take, other.state, self.state),
            run=np.where(take, other.run, self.run),
        )
