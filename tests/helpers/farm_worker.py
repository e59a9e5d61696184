"""A shard in a process of its own: `farm_worker.py PROJECT 2/4 OUT [KILL_AFTER]`, with a model that answers from the pixels."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from project_files import IBUG

from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.services.models.farm.propose_shard import Shard, propose_shard
from annotator.store.project_store import ProjectStore
from annotator.store.rows import proposal_to_blob

SIDE = 24


class PixelModel:
    """Every answer follows from the frame's pixels alone. `kill_after`: so many frames, then the process dies."""

    batch = 2
    notes: Sequence[str] = ()

    def __init__(self, scheme: LandmarkScheme, kill_after: int = -1, sha256: str = "ab" * 32) -> None:
        self.card = ModelCard("pixels", scheme.id, {}, sha256=sha256)
        self._scheme, self._left = scheme, kill_after

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


def load_pixels(scheme: LandmarkScheme, kill_after: int, killed: Path, device: str) -> PixelModel:
    """The model on a worker of Ray: the first one that loads it dies after so many frames, unless the file `killed` is there."""
    assert device == "cpu"
    try:
        killed.touch(exist_ok=False)
    except FileExistsError:
        return PixelModel(scheme)
    return PixelModel(scheme, kill_after)


def load_nothing(device: str) -> PixelModel:
    raise AnnotatorError("no such model here")


class Deadly(PixelModel):
    """Black pictures end its process."""

    def _propose(self, image: NDArray[Any]) -> Proposal:
        if not image.any():
            os.kill(os.getpid(), signal.SIGKILL)
        return super()._propose(image)


def load_deadly(scheme: LandmarkScheme, device: str) -> PixelModel:
    return Deadly(scheme)


def make(folder: Path, count: int, name: str = "p") -> Path:
    """A project of so many pictures; its model is known."""
    names = [f"anna/{number:04}.jpg" for number in range(count)]
    random = np.random.default_rng(0)
    for frame in names:
        file = folder / frame
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            pixels = random.integers(0, 255, (SIDE, SIDE, 3), np.uint8)
            file.write_bytes(simplejpeg.encode_jpeg(pixels, colorspace="RGB"))
    with ProjectStore.create(folder / f"{name}.annotator", IBUG, folder) as store:
        store.frames.add(
            Frame(0, frame, "anna", "t", "c", str(at), SIDE, SIDE) for at, frame in enumerate(names)
        )
        store.models.add(PixelModel(IBUG).card, folder / "pixels")
        store.models.activate("pixels")
    return folder / f"{name}.annotator"


def held(store: ProjectStore, model_id: str = "pixels") -> dict[int, bytes]:
    ids = store.frames.list().ids.tolist()
    return {i: proposal_to_blob(value) for i, value in store.proposals.items(ids, model_id)}


if __name__ == "__main__":
    path, shard, out, *kill = sys.argv[1:]
    with ProjectStore.open(Path(path), read_only=True) as opened:
        model = PixelModel(opened.scheme, int(kill[0]) if kill else -1)
        propose_shard(opened, model, opened.frames.list().ids.tolist(), Shard.parse(shard), Path(out))
