"""A predictor without a network, also for a real child process (`fake_predictor:make`).

A frame's grey says what happens: below 50 a proposal, `BROKEN` an error, `CRASH` the end of the process, `SLOW` a proposal as
soon as the file that the environment names `ANNOTATOR_TEST_GATE` is there.
"""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Heatmap, Proposal

SIZE = 5


class FakePredictor:
    """Puts landmark i at (10 i + grey, 20 i + 2 grey); two heatmaps."""

    device = "fake"
    batch = 1
    notes: tuple[str, ...] = ("a note from the model",)

    def __init__(self, folder: Path, device: str = "auto", threads: int | None = None) -> None:
        self.card = ModelCard(folder.name, "five@1", {})

    def propose(self, image: NDArray[Any], heatmaps: bool = True) -> Proposal:
        grey = int(image[0, 0, 0])
        self._act(grey)
        step = np.arange(SIZE, dtype=np.float32)
        xy = np.stack([10 * step + grey, 20 * step + 2 * grey], -1).astype(np.float32)
        covariance = np.broadcast_to(np.eye(2, dtype=np.float32), (SIZE, 2, 2)).copy()
        rois = np.array([[0, 0, 8, 8], [8, 8, 16, 16]], np.float32)
        confidence = np.full(SIZE, 0.5, np.float32)
        value = Proposal(self.card.id, "five@1", xy, covariance, confidence, rois, xy, covariance)
        return (
            replace(value, heatmaps=(self._heatmap("global", 5), self._heatmap("eye_l", 2)))
            if heatmaps
            else value
        )

    def propose_many(self, images: list[NDArray[Any]], heatmaps: bool = False) -> list[Proposal]:
        return [self.propose(image, heatmaps) for image in images]

    def rerun_region(
        self, image: NDArray[Any], region: str, box: NDArray[Any], proposal: Proposal, heatmaps: bool = True
    ) -> Proposal:
        rois = proposal.rois.copy()
        rois[0] = box
        return replace(proposal, rois=rois, message=region)

    @staticmethod
    def _heatmap(name: str, count: int) -> Heatmap:
        logits = np.arange(count * 12, dtype=np.float32).reshape(count, 3, 4)
        affine = np.array([[2.0, 0, 1], [0, 2, 3]])
        crop = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
        return Heatmap(name, np.arange(count), logits, affine, crop, affine)

    @staticmethod
    def _act(grey: int) -> None:
        if grey == BROKEN:
            raise AnnotatorError("this face cannot be read")
        if grey == CRASH:
            os.kill(os.getpid(), signal.SIGKILL)
        if grey == SLOW:
            gate = Path(os.environ["ANNOTATOR_TEST_GATE"])
            while not gate.exists():
                time.sleep(0.002)


BROKEN, CRASH, SLOW = 60, 120, 180
make = FakePredictor
