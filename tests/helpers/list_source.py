"""Samples in memory, for tests that train."""

from collections.abc import Sequence
from typing import Any

from annotator.training.source import Sample


class ListSource:
    """Samples held in memory."""

    def __init__(self, samples: Sequence[Sample], name: str = "list") -> None:
        self._samples = list(samples)
        self._name = name

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> Sample:
        return self._samples[index]

    def refresh(self) -> None:
        """Nothing comes later."""

    def describe(self) -> dict[str, Any]:
        """Name, count and subjects."""
        subjects = {sample.subject for sample in self._samples}
        return {"source": self._name, "frames": len(self), "subjects": len(subjects)}
