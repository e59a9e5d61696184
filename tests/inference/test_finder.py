"""Finding the face: what passes for a face but is doubtful does not end the search."""

from collections.abc import Sequence

import numpy as np
import torch

from annotator.inference.decode import Maps, Points
from annotator.inference.finder import FaceFinder, Look
from annotator.inference.options import InferenceOptions
from annotator.inference.runner import Runner
from annotator.inference.sanity import PRESENT
from annotator.inference.views import FrameViews, View

from .conftest import FACE, SCHEME, build_module

CENTRE = np.array([220.0, 110.0])


class ScriptedFinder(FaceFinder):
    """Sees a face clearly in windows of at most 150 pixels round `CENTRE`; everything else passes for one, with doubt."""

    def _look(self, views: Sequence[View]) -> list[Look]:
        return [self._scripted(view) for view in views]

    def _scripted(self, view: View) -> Look:
        off = np.abs(np.array(view.window.centre) - CENTRE).max()
        clear = view.window.side <= 150 and off < 0.3 * view.window.side
        xy = CENTRE + (FACE - FACE.mean(0)) * (60.0 if clear else 200.0)
        points = Points(xy, np.tile(np.eye(2), (len(xy), 1, 1)))
        maps = Maps(torch.zeros(len(xy), 4, 4), points.xy, points.covariance)
        return Look(view, maps, points, 1.0 if clear else PRESENT + 0.1, 2.0 if clear else 4.7, 0.0)


def test_a_doubtful_look_that_passes_for_a_face_does_not_end_the_search() -> None:
    options = InferenceOptions.from_card({"mean_shape": FACE.tolist(), "looks": 1}, SCHEME)
    finder = ScriptedFinder(Runner(build_module(), torch.device("cpu"), 1, True), options, 64, SCHEME.mirror)
    look = finder.find([FrameViews(np.zeros((400, 400, 3), np.uint8))])[0]
    assert look.score == 1.0
    assert look.view.window.side <= 150
