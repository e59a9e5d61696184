"""Frames with true landmarks as training samples: whole, or faces cut out of pictures with `.pts` files."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine, invert_affine
from annotator.domain.scheme import LandmarkScheme
from annotator.imaging.proxy import network_pixels, proxy
from annotator.imaging.sampling import crop
from annotator.services.models.evaluation_sets import EvaluationSet, face_square, load_set
from annotator.services.models.protocols.sets import holds_videos, training_videos
from annotator.training.source import Sample
from annotator.training.takes import TakeIndex

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
    """Frames of a folder (see `evaluation_sets.load_set`), or of the training videos of 300-VW's; `cut_out` shows faces alone, by
    their true landmarks."""
    data = training_videos(folder, scheme) if holds_videos(folder) else load_set(folder, scheme)
    windows = tuple(face_square(xy) if cut_out else None for xy in data.truth.xy)
    return FrameWindows(data, windows)


class FramesSource:
    """Frames as samples of `side` pixels, kept in memory as far as that goes. Safe for threads."""

    def __init__(self, frames: FrameWindows, side: int) -> None:
        self._frames, self._side = frames, side
        self._held: dict[int, Sample] = {}
        self._takes = TakeIndex()
        self._takes.add(frames.data.truth.names)
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

    def clip(self, index: int, count: int) -> list[Sample]:
        """See `TakeSource`: the frames of a video of 300-VW follow one another."""
        return [self[number] for number in self._takes.following(index, count)]

    def refresh(self) -> None:
        """The frames are those that were there at the start."""

    @property
    def subjects(self) -> list[str]:
        """The subject of every sample, by its number."""
        return list(self._frames.data.truth.subjects)

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
