"""Follows the face through a take, frame by frame: a predictor that keeps the state of a tracker's network.

The face is searched where a shot begins; then a window goes with it, and the network looks back at the frame before. A cut, a
face that is lost or one that turned away from its window begins a new shot. Every frame's answer is points with covariances.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import compose, invert_affine
from annotator.domain.errors import ModelError
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.imaging.proxy import area_resize
from annotator.inference.inputs import frame_pixels
from annotator.inference.no_face import is_no_face
from annotator.inference.options import OptionChanges
from annotator.inference.predictor import Predictor
from annotator.inference.test_time_views import ViewWindow, worth_refining
from annotator.nn.heatmap_tracker import TrackState

_GLANCE = 32  # cells a side of the small picture by which cuts are told
_ALIKE = 0.6  # least correlation of the glances of neighbouring frames; a cut between two shots of one room has about .3
_ROOM = 1.5  # of a box that a person or a detector gives, over its longer side


class TakeTracker:
    """A tracker on one take at a time: `begin`, then `propose` for each frame in order."""

    def __init__(
        self,
        folder: Path,
        device: str = "auto",
        changes: OptionChanges | None = None,
        precise: bool = False,
        looking_back: bool = True,
    ) -> None:
        """Load a tracker's model; arguments as for `Predictor`. Without `looking_back` each frame stands for itself in the same
        windows: the tracker's own detector, to be measured beside it.

        Raises:
            ModelError: the folder cannot be used, or its network is no tracker. AnnotatorError: the device is not there.
        """
        self._finder = Predictor(folder, device, precise=precise, changes=changes)
        if not self._finder.looks_back:
            raise ModelError(f"{self._finder.card.id} is no tracker: its network does not look back.")
        self._looking_back = looking_back
        self.shots = 0
        """How many shots were begun."""
        self.begin()

    @property
    def card(self) -> ModelCard:
        """The model's card."""
        return self._finder.card

    @property
    def scheme(self) -> LandmarkScheme:
        """Its landmarks."""
        return self._finder.scheme

    @property
    def notes(self) -> tuple[str, ...]:
        """What went otherwise than asked for."""
        return self._finder.notes

    def begin(self, box: NDArray[np.floating] | None = None) -> None:
        """Forget what was seen: the next frame begins a take. `box` x0 y0 x1 y1 (frame pixels) says where its face is."""
        self._window: ViewWindow | None = None
        self._state: TrackState | None = None
        self._glance: NDArray[np.float32] | None = None
        self._box = None if box is None else np.asarray(box, np.float64)

    def propose(self, image: NDArray[Any], heatmaps: bool = False) -> Proposal:
        """Landmarks of the take's next frame.

        Args:
            image: as for `Predictor.propose`. heatmaps: keep those of the frame that begins a shot; later ones have none.

        Raises:
            AnnotatorError: the pixels cannot be used, or memory ran out even on the CPU.
        """
        pixels = frame_pixels(image)
        glance = _glance(pixels)
        cut = self._glance is not None and _correlation(self._glance, glance) < _ALIKE
        self._glance = glance
        if self._window is not None and not cut:
            found, state = self._finder.follow(pixels, self._window, self._state)
            if not is_no_face(found.message) and self._go_on(found, state):
                return found
        return self._new_shot(pixels, heatmaps)

    def _go_on(self, found: Proposal, state: TrackState) -> bool:
        """Keep the state for the next frame, in a window that goes with the face; False where it cannot be carried over."""
        assert self._window is not None
        wanted = self._finder.window_round(found.xy)
        if wanted is None:
            return False
        if worth_refining(self._window, wanted):
            if wanted.roll != self._window.roll:
                return False
            now_from_wanted = compose(invert_affine(self._window.frame_from_unit), wanted.frame_from_unit)
            x, y = (float(value) for value in now_from_wanted[:, 2])
            state = state.seen_from(float(now_from_wanted[0, 0]), x, y)
            self._window = wanted
        self._state = state if self._looking_back else None
        return True

    def _new_shot(self, pixels: NDArray[np.uint8], heatmaps: bool) -> Proposal:
        """Find the face, and see it in its own window for the first time."""
        box, self._box = self._box, None
        self._window = self._state = None
        self.shots += 1
        found = None
        window = None if box is None else _window_of_box(box)
        if window is None:
            found = self._finder.propose(pixels, heatmaps)
            window = None if is_no_face(found.message) else self._finder.window_round(found.xy)
        if window is None:
            assert found is not None
            return found
        self._window = window
        seen, state = self._finder.follow(pixels, window, None)
        if is_no_face(seen.message):
            self._window = None
            return seen if found is None else found
        if not self._go_on(seen, state):
            self._window = None
        return seen if found is None else replace(seen, heatmaps=found.heatmaps)


def _window_of_box(box: NDArray[np.float64]) -> ViewWindow | None:
    side = _ROOM * float(max(box[2] - box[0], box[3] - box[1]))
    x, y = (float(value) for value in (box[:2] + box[2:]) / 2)
    return ViewWindow((x, y), side) if np.isfinite(side) and side >= 2.0 else None


def _glance(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A small grey picture."""
    height, width = pixels.shape[:2]
    small = area_resize(pixels, min(_GLANCE, width), min(_GLANCE, height))
    return np.asarray(small.mean(axis=-1), np.float32)


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """-1..1; 0 for frames of different sizes, 1 for two flat ones."""
    if a.shape != b.shape:
        return 0.0
    a, b = a - a.mean(), b - b.mean()
    power = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return 1.0 if power < 1e-3 else float((a * b).sum()) / power
