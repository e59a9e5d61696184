"""A shard in a process of its own: `farm_worker.py PROJECT 2/4 OUT [KILL_AFTER]`, with a model that answers from the pixels."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.services.models.farm.propose_shard import Shard, propose_shard
from annotator.store.project_store import ProjectStore


class PixelModel:
    """Every answer follows from the frame's pixels alone. `kill_after`: so many frames, then the process dies."""

    batch = 2
    notes: Sequence[str] = ()

    def __init__(self, store: ProjectStore, kill_after: int = -1, sha256: str = "ab" * 32) -> None:
        self.card = ModelCard("pixels", store.scheme.id, {}, sha256=sha256)
        self._scheme, self._left = store.scheme, kill_after

    def propose_many(self, images: Sequence[NDArray[Any]], heatmaps: bool = False) -> list[Proposal]:
        return [self._propose(image) for image in images]

    def _propose(self, image: NDArray[Any]) -> Proposal:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
        random = np.random.default_rng(int(image.astype(np.int64).sum()))
        size, regions = self._scheme.size, len(self._scheme.regions)

        def some(*shape: int) -> NDArray[np.float32]:
            return random.normal(20, 5, shape).astype(np.float32)

        xy = some(size, 2)
        xy[0] = np.nan
        sure = random.uniform(0, 1, size).astype(np.float32)
        return Proposal(
            "pixels",
            self._scheme.id,
            xy,
            some(size, 2, 2),
            sure,
            some(regions, 4),
            some(size, 2),
            some(size, 2, 2),
        )


if __name__ == "__main__":
    path, shard, out, *kill = sys.argv[1:]
    with ProjectStore.open(Path(path), read_only=True) as opened:
        model = PixelModel(opened, int(kill[0]) if kill else -1)
        propose_shard(opened, model, opened.frames.list().ids.tolist(), Shard.parse(shard), Path(out))
