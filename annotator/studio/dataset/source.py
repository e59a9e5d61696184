"""Samples rendered while they are read: endless training data without files."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme_file import load_scheme
from annotator.imaging.sampling import pasted
from annotator.studio.dataset.jobs import RenderedFrame, RenderOptions, camera_names, capture_jobs, frames_of

HIDDEN_WEIGHT = 0.5
"""Weight of landmarks that the camera does not see but whose place is known."""
KEPT_CAPTURES = 8


@dataclass(frozen=True)
class RenderedSample:
    """A picture with its landmarks: `image` uint8 (H, W, 3), `xy` float32 (L, 2) its pixels, `weight` float32 (L,)."""

    image: NDArray[np.uint8]
    xy: NDArray[np.float32]
    weight: NDArray[np.float32]
    subject: str
    name: str

    @property
    def known(self) -> NDArray[np.bool_]:
        """bool (L,): landmarks with a place and a weight."""
        return np.asarray(np.isfinite(self.xy).all(-1) & (self.weight > 0))


class SyntheticSource:
    """A fixed, numbered collection of frames that are rendered when asked for; the last few captures are kept.

    Has the shape of a training sample source. One OpenGL context, so that threads take turns; for more speed use one
    source a process.
    """

    def __init__(self, options: RenderOptions) -> None:
        self._options = options
        self._scheme = load_scheme(options.scheme)
        self._jobs = capture_jobs(options)
        self._cameras = camera_names(options)
        self._kept: OrderedDict[int, list[RenderedSample]] = OrderedDict()
        self._renderer: Any = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._jobs) * len(self._cameras)

    def __getitem__(self, index: int) -> RenderedSample:
        """Frame `index`; renders all cameras of its capture at once."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        number, camera = divmod(index, len(self._cameras))
        with self._lock:
            if number not in self._kept:
                self._kept[number] = self._render(number)
                while len(self._kept) > KEPT_CAPTURES:
                    self._kept.popitem(last=False)
            return self._kept[number][camera]

    def refresh(self) -> None:
        """The collection never changes."""

    def describe(self) -> dict[str, Any]:
        """What a model card says of this data."""
        return {
            "source": "synthetic, rendered while training", "frames": len(self), "subjects": len(self._options.subjects),
            "looks": sorted(set(self._options.looks)), "size": self._options.size,
        }  # fmt: skip

    def _render(self, number: int) -> list[RenderedSample]:
        from annotator.studio.draw.renderer import Renderer

        self._renderer = self._renderer or Renderer()
        job = self._jobs[number]
        frames = frames_of(job, self._options, self._scheme, self._renderer)
        return [self._sample(frame, f"subject_{job.subject:05d}", job.take) for frame in frames]

    def _sample(self, frame: RenderedFrame, subject: str, take: str) -> RenderedSample:
        weight = np.array([0.0, HIDDEN_WEIGHT, 1.0], np.float32)[frame.state]
        name = f"{subject}/{take}/{frame.camera.name}"
        return RenderedSample(_whole(frame), frame.xy.astype(np.float32), weight, subject, name)


def _whole(frame: RenderedFrame) -> NDArray[np.uint8]:
    """The picture of a frame; of one rendered in crops these at their places, the rest enlarged."""
    picture = np.asarray(frame.pixels, np.uint8)
    if not frame.crops:
        return picture
    parts = [
        ((int(x0), int(y0), int(x1), int(y1)), np.asarray(crop.image, np.uint8))
        for crop in frame.crops[1:]
        for x0, y0, x1, y1 in (crop.plan.window,)
    ]
    return pasted(picture, (frame.camera.size, frame.camera.size), parts)
