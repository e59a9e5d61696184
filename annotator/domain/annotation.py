"""The human layer: coordinates, per-landmark state and flags, and the review state of a frame."""

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme


class LandmarkState(IntEnum):
    """Where a landmark's coordinates come from."""

    MISSING = 0
    PROPOSED = 1
    CORRECTED = 2
    CONFIRMED = 3
    TRACKED = 4
    """Carried through its take from the frames in which a person set it; nobody looked at it here."""


class Flag(IntFlag):
    """What is known of a landmark beside its place."""

    NONE = 0
    OCCLUDED = 1
    OUT_OF_FRAME = 2


class ReviewState(IntEnum):
    """What a person decided of a whole frame."""

    UNREVIEWED = 0
    NEEDS_WORK = 1
    APPROVED = 2
    REJECTED = 3


FARTHEST = 1e9
"""Pixels from the frame's corner; beyond them a coordinate is damage."""


def is_human(state: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which of some states say that a person set the landmark or agreed with it."""
    return np.asarray((state == LandmarkState.CORRECTED) | (state == LandmarkState.CONFIRMED))


def check_points(xy: NDArray[np.float32], state: NDArray[np.uint8], flags: NDArray[np.uint8]) -> None:
    """Raises ValueError for codes that there are not, and for places that no landmark is at."""
    if (state > max(LandmarkState)).any() or (flags > int(Flag.OCCLUDED | Flag.OUT_OF_FRAME)).any():
        raise ValueError("a landmark has a state or a flag that there is not")
    if (np.abs(xy[np.isfinite(xy)]) > FARTHEST).any() or np.isinf(xy).any():
        raise ValueError("a landmark lies where none can be")


def _frozen(array: NDArray[np.generic]) -> None:
    array.setflags(write=False)


@dataclass(frozen=True, eq=False)
class Annotation:
    """The landmarks of one frame as they stand; a value, never changed in place.

    Attributes:
        scheme_id: such as `studio-89@1`.
        xy: float32 [L, 2], frame pixels, NaN where missing.
        state: uint8 [L] of `LandmarkState`; flags: uint8 [L] of `Flag`.
        review: the frame's review state.
    """

    scheme_id: str
    xy: NDArray[np.float32]
    state: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    review: ReviewState = field(default=ReviewState.UNREVIEWED)

    def __post_init__(self) -> None:
        size = len(self.state)
        if self.xy.shape != (size, 2) or self.flags.shape != (size,):
            raise ValueError(
                f"shapes do not agree: xy {self.xy.shape}, state {self.state.shape}, flags {self.flags.shape}"
            )
        placed = np.isfinite(self.xy).all(-1)
        if (placed != (self.state != LandmarkState.MISSING)).any():
            raise ValueError("exactly the missing landmarks must have NaN coordinates")
        for array in (self.xy, self.state, self.flags):
            _frozen(array)

    @classmethod
    def empty(cls, scheme: LandmarkScheme) -> "Annotation":
        """All landmarks missing."""
        size = scheme.size
        return cls(
            scheme.id,
            np.full((size, 2), np.nan, np.float32),
            np.zeros(size, np.uint8),
            np.zeros(size, np.uint8),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Annotation):
            return NotImplemented
        return (
            (self.scheme_id, self.review) == (other.scheme_id, other.review)
            and np.array_equal(self.xy, other.xy, equal_nan=True)
            and np.array_equal(self.state, other.state)
            and np.array_equal(self.flags, other.flags)
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def is_human(self) -> NDArray[np.bool_]:
        """bool [L]: corrected or confirmed by a person."""
        return is_human(self.state)

    @property
    def is_shown_through(self) -> NDArray[np.bool_]:
        """bool [L]: proposed or tracked: what a machine says where no person set anything."""
        return np.asarray((self.state == LandmarkState.PROPOSED) | (self.state == LandmarkState.TRACKED))

    def to_blob(self) -> bytes:
        """float32 [L, 2] little-endian, then uint8 [L] of state | flags << 4."""
        return self.xy.astype("<f4").tobytes() + (self.state | self.flags << 4).astype(np.uint8).tobytes()

    @classmethod
    def from_blob(cls, blob: bytes, scheme: LandmarkScheme, review: ReviewState) -> "Annotation":
        """The inverse of `to_blob`; raises `ValueError` where the size does not fit the scheme, or a value is damage."""
        size = scheme.size
        if len(blob) != 9 * size:
            raise ValueError(f"an annotation of {scheme.id} takes {9 * size} bytes, not {len(blob)}")
        xy = np.frombuffer(blob, "<f4", 2 * size).reshape(size, 2).astype(np.float32)
        packed = np.frombuffer(blob, np.uint8, size, 8 * size)
        check_points(xy, packed & np.uint8(15), packed >> np.uint8(4))
        return cls(scheme.id, xy, packed & np.uint8(15), packed >> np.uint8(4), review)
