"""Finding the face: what passes for a face but is doubtful does not end the search; neighbours of small faces."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from annotator.inference.decode import Maps, Points
from annotator.inference.finder import FaceFinder, Look
from annotator.inference.options import InferenceOptions
from annotator.inference.others import other_faces
from annotator.inference.runner import Runner
from annotator.inference.sanity import PRESENT
from annotator.inference.views import FrameViews, View

from .conftest import FACE, SCHEME, build_module

CENTRES = (np.array([220.0, 110.0]), np.array([110.0, 330.0]))
SIZE = 60.0


class ScriptedFinder(FaceFinder):
    """Sees a face clearly in windows of at most 150 pixels round one of `CENTRES`; all else passes for one, with doubt."""

    def _look(self, views: Sequence[View]) -> list[Look]:
        return [self._scripted(view) for view in views]

    def _scripted(self, view: View) -> Look:
        offs = [np.abs(np.array(view.window.centre) - centre).max() for centre in CENTRES]
        clear = view.window.side <= 150 and min(offs) < 0.3 * view.window.side
        centre = CENTRES[int(np.argmin(offs))]
        xy = centre + (FACE - FACE.mean(0)) * (SIZE if clear else 200.0)
        points = Points(xy, np.tile(np.eye(2), (len(xy), 1, 1)))
        maps = Maps(torch.zeros(len(xy), 4, 4), points.xy, points.covariance)
        if clear:
            return Look(view, maps, points, 1.0, 2.0, 0.01, 0.0)
        return Look(view, maps, points, PRESENT + 0.1, 4.7, 0.04, 0.0)


@pytest.fixture
def finder() -> ScriptedFinder:
    options = InferenceOptions.from_card({"mean_shape": FACE.tolist(), "looks": 1}, SCHEME)
    return ScriptedFinder(Runner(build_module(), torch.device("cpu"), 1, True), options, 64, SCHEME.mirror)


@pytest.fixture
def views() -> FrameViews:
    return FrameViews(np.zeros((440, 440, 3), np.uint8))


def test_a_doubtful_look_that_passes_for_a_face_does_not_end_the_search(
    finder: ScriptedFinder, views: FrameViews
) -> None:
    look = finder.find([views])[0]
    assert look.score == 1.0
    assert look.view.window.side <= 150


def test_the_neighbours_of_a_small_face_are_found_though_the_whole_frame_does_not_show_them(
    finder: ScriptedFinder, views: FrameViews
) -> None:
    look = finder.find([views])[0]
    others = other_faces(finder, views, look)
    assert len(others) == 1
    found = np.array(sorted(xy.mean(0).tolist() for xy in (look.points.xy, others[0])))
    assert found == pytest.approx(np.array(sorted(centre.tolist() for centre in CENTRES)))


class UpsideDownFinder(ScriptedFinder):
    """Sees a face sharply, if unlike the mean one, and turned by half a circle one that is more like it and blurred."""

    def _scripted(self, view: View) -> Look:
        points = Points(CENTRES[0] + (FACE - FACE.mean(0)) * 200.0, np.tile(np.eye(2), (len(FACE), 1, 1)))
        maps = Maps(torch.zeros(len(FACE), 4, 4), points.xy, points.covariance)
        if abs(view.window.roll) > 3.0:
            return Look(view, maps, points, 1.0, 2.2, 0.019, np.pi)
        return Look(view, maps, points, 0.93, 2.65, 0.009, 0.0)


def test_a_sharp_face_is_not_given_up_for_a_blurred_one(views: FrameViews) -> None:
    options = InferenceOptions.from_card({"mean_shape": FACE.tolist(), "looks": 1}, SCHEME)
    runner = Runner(build_module(), torch.device("cpu"), 1, True)
    look = UpsideDownFinder(runner, options, 64, SCHEME.mirror).find([views])[0]
    assert look.spread == 0.009
