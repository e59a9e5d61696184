"""What experiments learn from and are measured on: whole frames, or faces cut out of photographs that come with `.pts` files."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine, bounding_box, invert_affine
from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.dataset_folder import ANNOTATIONS
from annotator.imaging.proxy import network_pixels, proxy
from annotator.imaging.sampling import crop
from annotator.services.models.evaluation_sets import EvaluationSet, load_set
from annotator.training.dataset_folder import ZOOM, PictureFolder
from annotator.training.source import Sample, SampleSource

_ROOM = 1.5
"""Side of a cut-out over the longer side of the true landmarks' box, as is usual for 300-W."""
_MEMORY = 4 << 30


@dataclass(frozen=True)
class FrameWindows:
    """Frames with true landmarks and what part of each is shown: a window x0 y0 x1 y1 in frame pixels, or None for all."""

    data: EvaluationSet
    windows: tuple[NDArray[np.float64] | None, ...]

    def __len__(self) -> int:
        return len(self.windows)

    def square(self, number: int, size: int) -> tuple[NDArray[np.uint8], Affine]:
        """A frame as a system sees it: (uint8 [size, size, 3], frame_from_square)."""
        pixels = network_pixels(self.data.picture(number))
        window = self.windows[number]
        return proxy(pixels, size) if window is None else crop(pixels, window, size, size)


def evaluation_frames(folder: Path, scheme: LandmarkScheme, cut_out: bool) -> FrameWindows:
    """Frames of a folder (see `evaluation_sets.load_set`); `cut_out` shows faces alone, by their true landmarks."""
    data = load_set(folder, scheme)
    windows = tuple(_window(xy) if cut_out else None for xy in data.truth.xy)
    return FrameWindows(data, windows)


def training_source(folder: Path, scheme: LandmarkScheme, size: int, cut_out: bool) -> SampleSource:
    """Samples of a folder for pictures of `size`: a dataset folder as it is, anything else as `evaluation_frames` shows it.

    Raises AnnotatorError where there is nothing to learn from.
    """
    longest = round(size * ZOOM)
    lines = folder / ANNOTATIONS.replace(".json", ".jsonl")
    if not cut_out and (lines.is_file() or (folder / ANNOTATIONS).is_file()):
        source: SampleSource = PictureFolder(folder, scheme, longest, _MEMORY)
    else:
        source = FramesSource(evaluation_frames(folder, scheme, cut_out), longest)
    if not len(source):
        raise AnnotatorError(f"{folder} holds no annotated picture to learn from.")
    return source


class FramesSource:
    """Frames as samples of `side` pixels, kept in memory as far as that goes. Safe for threads."""

    def __init__(self, frames: FrameWindows, side: int) -> None:
        self._frames, self._side = frames, side
        self._held: dict[int, Sample] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> Sample:
        with self._lock:
            held = self._held.get(index)
        if held is None:
            held = self._load(index)
            with self._lock:
                if (len(self._held) + 1) * held.image.nbytes <= _MEMORY:
                    self._held[index] = held
        return held

    def refresh(self) -> None:
        """The frames are those that were there at the start."""

    def describe(self) -> dict[str, Any]:
        """Title and counts."""
        data = self._frames.data
        return {"source": data.title, "frames": len(self), "subjects": len(set(data.truth.subjects))}

    def _load(self, index: int) -> Sample:
        truth = self._frames.data.truth
        picture, frame_from_square = self._frames.square(index, self._side)
        xy = apply_affine(invert_affine(frame_from_square), truth.xy[index]).astype(np.float32)
        seen = np.asarray(((xy >= 0) & (xy <= self._side)).all(-1), np.float32)
        return Sample(picture, xy, seen, truth.subjects[index], truth.names[index])


def _window(xy: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The square round a face; None (the whole frame) where fewer than two landmarks are known."""
    known = xy[np.isfinite(xy).all(-1)]
    if len(known) < 2:
        return None
    x0, y0, x1, y1 = bounding_box(known)
    half = _ROOM * max(x1 - x0, y1 - y0) / 2
    centre = np.array([x0 + x1, y0 + y1]) / 2
    return np.concatenate([centre - half, centre + half]) if half > 1 else None
