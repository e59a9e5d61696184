"""A model that answers from the event loop: proposals with heatmaps built from known points, no network, no process."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer

from annotator.domain.coords import bounding_box, compose, invert_affine
from annotator.domain.frame_key import FrameKey
from annotator.domain.proposal import Heatmap, Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.imaging.proxy import network_pixels, proxy
from annotator.imaging.reader import read_frame
from annotator.imaging.sampling import crop
from annotator.session.processes.inference_messages import Ask
from annotator.session.processes.inference_process import InferenceProcess

CELLS = 64
CROP = 256


def make_proposal(
    scheme: LandmarkScheme, xy: NDArray[np.float64], image: NDArray[Any], model_id: str, sigma: float = 6.0
) -> Proposal:
    """A proposal at xy [L, 2] whose heatmaps peak there; landmark 0 is doubtful (confidence 0.2)."""
    size = scheme.size
    pixels = network_pixels(image)
    square, frame_from_proxy = proxy(image, CROP)
    boxes = np.array([_square(bounding_box(xy[list(region.indices)])) for region in scheme.regions])
    heatmaps = [_heatmap("global", np.arange(size), xy, square, frame_from_proxy)]
    for region, box in zip(scheme.regions, boxes, strict=True):
        seen, frame_from_crop = crop(pixels, box, CROP, CROP)
        heatmaps.append(_heatmap(region.name, np.array(region.indices), xy, seen, frame_from_crop))
    covariance = np.tile(np.diag([sigma**2, (sigma / 2) ** 2]), (size, 1, 1)).astype(np.float32)
    confidence = np.full(size, 0.9, np.float32)
    confidence[0] = 0.2
    return Proposal(
        model_id,
        scheme.id,
        xy.astype(np.float32),
        covariance,
        confidence,
        boxes.astype(np.float32),
        (xy + 1).astype(np.float32),
        covariance,
        heatmaps=tuple(heatmaps),
    )


def _square(box: NDArray[np.float64]) -> NDArray[np.float64]:
    centre, half = (box[:2] + box[2:]) / 2, max(box[2] - box[0], box[3] - box[1]) * 0.65
    return np.concatenate([centre - half, centre + half])


def _heatmap(
    name: str, indices: NDArray[np.int64], xy: NDArray[np.float64], seen: Any, frame_from_crop: Any
) -> Heatmap:
    step = CROP / CELLS
    frame_from_heatmap = compose(frame_from_crop, np.array([[step, 0.0, 0.0], [0.0, step, 0.0]]))
    inverse = invert_affine(frame_from_heatmap)
    peaks = xy[indices] @ inverse[:, :2].T + inverse[:, 2]
    rows, columns = np.mgrid[0:CELLS, 0:CELLS] + 0.5
    distance = (columns - peaks[:, 0, None, None]) ** 2 + (rows - peaks[:, 1, None, None]) ** 2
    logits = (-distance / (2 * 1.3**2)).clip(-30).astype(np.float32)
    return Heatmap(name, indices.astype(np.int64), logits, frame_from_heatmap, seen, frame_from_crop)


class FakeInference(InferenceProcess):
    """Answers every request for a frame with points that `places` (file name -> xy) or `default` tell."""

    def __init__(self, scheme: LandmarkScheme, default: NDArray[np.float64]) -> None:
        super().__init__()
        self.scheme, self.default = scheme, default
        self.places: dict[str, NDArray[np.float64]] = {}
        self.asked: list[int] = []
        self.boxes: list[tuple[int, str, NDArray[Any]]] = []
        self._made: dict[tuple[bytes, bytes, str], Proposal] = {}

    def request(self, key: FrameKey, region: str = "", box: NDArray[Any] | None = None) -> None:
        """Answers at the next turn of the event loop."""
        self.asked.append(key.frame_id)
        if box is not None:
            self.boxes.append((key.frame_id, region, box))
        self._answer(key, Path(self._setup[Ask.MODEL][1]).name)

    def request_by(self, folder: Path, key: FrameKey) -> None:
        """The same, as another model."""
        self._answer(key, folder.name)

    def _answer(self, key: FrameKey, model_id: str) -> None:
        path = Path(key.path)
        xy = self.places.get(path.name, self.default)

        def answer() -> None:
            if path.is_file():  # else it was asked by a test that is over
                self.proposed.emit(key, self._proposal(path, xy, model_id))

        QTimer.singleShot(0, self, answer)

    def _proposal(self, path: Path, xy: NDArray[np.float64], model_id: str) -> Proposal:
        """Made once for a picture, points and model: heatmaps of 89 landmarks take longer than most tests."""
        made = (path.read_bytes(), xy.tobytes(), model_id)
        if made not in self._made:
            self._made[made] = make_proposal(self.scheme, xy, read_frame(path), model_id)
        return self._made[made]
