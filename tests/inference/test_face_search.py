"""Face search: what passes for a face but is doubtful does not end the search; neighbours of small faces."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from annotator.inference.decode import Maps, Points
from annotator.inference.face_search import FaceSearch, FoundFace
from annotator.inference.options import InferenceOptions
from annotator.inference.other_faces import other_faces
from annotator.inference.regions import Reading, RegionReader
from annotator.inference.runner import Runner
from annotator.inference.sanity import PRESENT
from annotator.inference.test_time_views import FrameViews, View, ViewWindow

from .conftest import FACE, SCHEME, build_module

CENTRES = (np.array([220.0, 110.0]), np.array([110.0, 330.0]))
SIZE = 60.0


class ScriptedSearch(FaceSearch):
    """Sees a face clearly in windows of at most 150 pixels round one of `CENTRES`; all else passes for one, with doubt."""

    def _see(self, views: Sequence[View]) -> list[FoundFace]:
        return [self.scripted(view) for view in views]

    def scripted(self, view: View) -> FoundFace:
        offs = [np.abs(np.array(view.window.centre) - centre).max() for centre in CENTRES]
        clear = view.window.side <= 150 and min(offs) < 0.3 * view.window.side
        centre = CENTRES[int(np.argmin(offs))]
        xy = centre + (FACE - FACE.mean(0)) * (SIZE if clear else 200.0)
        points = Points(xy, np.tile(np.eye(2), (len(xy), 1, 1)))
        maps = Maps(torch.zeros(len(xy), 4, 4), points.xy, points.covariance)
        if clear:
            return FoundFace(view, maps, points, 1.0, 2.0, 0.01, 0.0)
        return FoundFace(view, maps, points, PRESENT + 0.1, 4.7, 0.04, 0.0)


@pytest.fixture
def search() -> ScriptedSearch:
    options = InferenceOptions.from_card({"mean_shape": FACE.tolist(), "looks": 1, "effort": "full"}, SCHEME)
    return ScriptedSearch(Runner(build_module(), torch.device("cpu"), 1, True), options, 64, SCHEME.mirror)


@pytest.fixture
def views() -> FrameViews:
    return FrameViews(np.zeros((440, 440, 3), np.uint8))


def test_a_doubtful_view_that_passes_for_a_face_does_not_end_the_search(
    search: ScriptedSearch, views: FrameViews
) -> None:
    face = search.find([views])[0]
    assert face.score == 1.0
    assert face.view.window.side <= 150


def test_the_neighbours_of_a_small_face_are_found_though_the_whole_frame_does_not_show_them(
    search: ScriptedSearch, views: FrameViews
) -> None:
    face = search.find([views])[0]
    others = other_faces(search, views, face)
    assert len(others) == 1
    found = np.array(sorted(xy.mean(0).tolist() for xy in (face.points.xy, others[0])))
    assert found == pytest.approx(np.array(sorted(centre.tolist() for centre in CENTRES)))


class UpsideDownSearch(ScriptedSearch):
    """Sees a face sharply, if unlike the mean one, and turned by half a circle one that is more like it and blurred."""

    def scripted(self, view: View) -> FoundFace:
        points = Points(CENTRES[0] + (FACE - FACE.mean(0)) * 200.0, np.tile(np.eye(2), (len(FACE), 1, 1)))
        maps = Maps(torch.zeros(len(FACE), 4, 4), points.xy, points.covariance)
        if abs(view.window.roll) > 3.0:
            return FoundFace(view, maps, points, 1.0, 2.2, 0.019, np.pi)
        return FoundFace(view, maps, points, 0.93, 2.65, 0.009, 0.0)


def test_a_sharp_face_is_not_given_up_for_a_blurred_one(views: FrameViews) -> None:
    options = InferenceOptions.from_card({"mean_shape": FACE.tolist(), "looks": 1}, SCHEME)
    runner = Runner(build_module(), torch.device("cpu"), 1, True)
    face = UpsideDownSearch(runner, options, 64, SCHEME.mirror).find([views])[0]
    assert face.spread == 0.009


class MistakenSearch(ScriptedSearch):
    """Takes the turned frame for a face, with less doubt than ends a search; the real face is hardly less doubtful."""

    def scripted(self, view: View) -> FoundFace:
        seen = super().scripted(view)
        if seen.score == 1.0:
            return replace(seen, doubt=2.3, spread=0.02)
        return replace(seen, score=1.0, doubt=2.4, spread=0.01) if view.window.roll else seen


class Reader(RegionReader):
    """The regional networks see the mouth where the global network does round `CENTRES`, and far away from it elsewhere."""

    def __init__(self) -> None:
        pass

    def glance(self, frame: NDArray[np.uint8], global_points: Points, roll: float) -> list[Reading]:
        """The mouth."""
        mouth = SCHEME.regions[2]
        own = Points(global_points.xy[list(mouth.indices)], np.tile(1e-4 * np.eye(2), (2, 1, 1)))
        if np.ptp(global_points.xy[:, 0]) > 1.5 * SIZE:
            own = replace(own, xy=own.xy + 100.0)
        maps = Maps(torch.zeros(2, 4, 4), own.xy, own.covariance)
        return [Reading(mouth, np.eye(2, 3), maps, own, torch.zeros(3, 8, 8))]


def test_what_the_regions_do_not_take_for_a_face_does_not_end_the_search(views: FrameViews) -> None:
    options = InferenceOptions.from_card({"mean_shape": FACE.tolist(), "looks": 1, "effort": "full"}, SCHEME)
    runner = Runner(build_module(), torch.device("cpu"), 1, True)
    face = MistakenSearch(runner, options, 64, SCHEME.mirror, Reader()).find([views])[0]
    assert face.view.window.side <= 150
    assert face.score >= PRESENT
    unread = MistakenSearch(runner, options, 64, SCHEME.mirror).find([views])[0]
    assert unread.view.window.roll != 0.0


class SecondBestSearch(ScriptedSearch):
    """Sees most in the frame turned one way, which the regions do not take for a face; the real one in the frame upside down."""

    there = True

    def scripted(self, view: View) -> FoundFace:
        upside_down = abs(view.window.roll) > 3.0
        xy = CENTRES[0] + (FACE - FACE.mean(0)) * (SIZE if upside_down else 200.0)
        points = Points(xy, np.tile(np.eye(2), (len(xy), 1, 1)))
        maps = Maps(torch.zeros(len(xy), 4, 4), points.xy, points.covariance)
        if upside_down and self.there:
            return FoundFace(view, maps, points, 1.0, 2.1, 0.01, np.pi)
        if 1.5 < view.window.roll < 3.0:
            return FoundFace(view, maps, points, 1.0, 2.0, 0.01, view.window.roll)
        return FoundFace(view, maps, points, 0.0, 4.0, 0.05, 0.0)


@pytest.fixture
def second_best() -> SecondBestSearch:
    options = InferenceOptions.from_card({"mean_shape": FACE.tolist(), "looks": 1}, SCHEME)
    runner = Runner(build_module(), torch.device("cpu"), 1, True)
    return SecondBestSearch(runner, options, 64, SCHEME.mirror, Reader())


def test_the_next_view_is_followed_where_the_regions_disbelieve_the_first(
    second_best: SecondBestSearch, views: FrameViews
) -> None:
    face = second_best.find([views])[0]
    assert face.roll == np.pi
    assert face.score >= PRESENT


def test_a_clear_view_that_the_regions_disbelieve_is_looked_for_elsewhere(
    second_best: SecondBestSearch, views: FrameViews
) -> None:
    mistaken = second_best.scripted(views.view(ViewWindow((220.0, 220.0), 440.0, 2.0), 64))
    assert second_best.find_elsewhere(views, mistaken).roll == np.pi
    second_best.there = False
    assert second_best.find_elsewhere(views, mistaken) is mistaken
