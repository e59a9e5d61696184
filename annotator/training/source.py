"""Where training samples come from: a protocol, and a mixture of several sources by weight."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Sample:
    """One picture with what is known of its landmarks.

    Attributes:
        image: uint8 [H, W, 3] RGB, any size. xy: float32 [L, 2], its pixels, NaN where missing.
        weight: float32 [L]; 0 masks a landmark out of the loss. subject: for splits and reports. name: for reports.
    """

    image: NDArray[np.uint8]
    xy: NDArray[np.float32]
    weight: NDArray[np.float32]
    subject: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        size = len(self.weight)
        if self.image.dtype != np.uint8 or self.image.ndim != 3 or self.image.shape[2] != 3:
            raise ValueError(
                f"a sample's image is uint8 [H, W, 3], not {self.image.dtype} {self.image.shape}"
            )
        if self.xy.shape != (size, 2):
            raise ValueError(f"xy {self.xy.shape} and weight {self.weight.shape} do not agree")

    @property
    def known(self) -> NDArray[np.bool_]:
        """bool [L]: landmarks with a place and a weight."""
        known: NDArray[np.bool_] = np.isfinite(self.xy).all(-1) & (self.weight > 0)
        return known


class SampleSource(Protocol):
    """A collection of samples. It may be read from several threads at once."""

    def __len__(self) -> int:
        """How many samples there are now."""
        ...

    def __getitem__(self, index: int) -> Sample:
        """Sample `index`, 0 <= index < len."""
        ...

    def refresh(self) -> None:
        """Looks for samples that came since; existing numbers stay as they are."""
        ...

    def describe(self) -> dict[str, Any]:
        """What a model card says of this data: plain values."""
        ...


@runtime_checkable
class TakeSource(Protocol):
    """A collection whose samples may be frames of takes."""

    def clip(self, index: int, count: int) -> list[Sample]:
        """Sample `index` and those that follow it in its take, `count` of them; fewer where the take ends."""
        ...


class Mixture:
    """Several sources, drawn from by weight: `pick` turns a uniform number pair into a sample."""

    def __init__(self, parts: Sequence[tuple[SampleSource, float]]) -> None:
        if not parts or any(weight <= 0 for _, weight in parts):
            raise ValueError("a mixture needs sources with positive weights")
        self._parts = list(parts)

    def __len__(self) -> int:
        return sum(len(source) for source, _ in self._parts)

    def __getitem__(self, index: int) -> Sample:
        """Sample by its number, source after source."""
        for source, _ in self._parts:
            if index < len(source):
                return source[index]
            index -= len(source)
        raise IndexError(index)

    def refresh(self) -> None:
        """Refreshes every source."""
        for source, _ in self._parts:
            source.refresh()

    def describe(self) -> dict[str, Any]:
        """Every source with its weight."""
        return {"mixture": [{**source.describe(), "weight": weight} for source, weight in self._parts]}

    def pick(self, rng: np.random.Generator) -> Sample:
        """A random sample: first its source by weight (empty ones are passed over), then one of its samples evenly."""
        source, index = self.draw(rng)
        return source[index]

    def draw(self, rng: np.random.Generator) -> tuple[SampleSource, int]:
        """The same as a source and a number in it."""
        filled = [(source, weight) for source, weight in self._parts if len(source)]
        if not filled:
            raise IndexError("there is no sample to draw")
        weights = np.array([weight for _, weight in filled])
        source = filled[int(rng.choice(len(filled), p=weights / weights.sum()))][0]
        return source, int(rng.integers(len(source)))


def pick(source: SampleSource, rng: np.random.Generator) -> Sample:
    """A random sample of any source."""
    if isinstance(source, Mixture):
        return source.pick(rng)
    return source[int(rng.integers(len(source)))]


def pick_clip(source: SampleSource, rng: np.random.Generator, count: int) -> list[Sample]:
    """A random run of `count` consecutive frames of any source; a single sample where no take goes on so far."""
    if isinstance(source, Mixture):
        source, index = source.draw(rng)
    else:
        index = int(rng.integers(len(source)))
    found = source.clip(index, count) if isinstance(source, TakeSource) else []
    return found if len(found) == count else [source[index]]
