"""What the global network is shown."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.coords import apply_affine
from annotator.imaging.proxy import proxy
from annotator.inference.test_time_views import (
    FrameViews,
    ViewWindow,
    angle_between,
    face_window,
    search_windows,
    turned,
    turned_windows,
    worth_refining,
)


def _frame(width: int = 400, height: int = 300) -> np.ndarray:
    frame = np.full((height, width, 3), 40, np.uint8)
    frame[200:240, 300:340] = 255
    return frame


@pytest.mark.parametrize("times", [1, 7])
def test_views_map_back_to_the_frame(times: int) -> None:
    frame = np.repeat(np.repeat(_frame(), times, 0), times, 1)
    views = FrameViews(frame)
    upright = ViewWindow((350.0 * times, 250.0 * times), 200.0 * times)
    for view in (
        views.whole(64),
        views.view(upright, 64),
        views.view(turned_windows(upright, (35.0,))[0], 64),
        views.view(upright.moved(1.1, 0.05, -0.03, 0.4, True), 64),
    ):
        rows, columns = np.nonzero(view.pixels[..., 0] > 200)
        centre = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
        assert apply_affine(view.frame_from_proxy, centre) / times == pytest.approx([320.0, 220.0], abs=3.0)
    black = views.view(upright, 64).pixels[:, -10:]
    assert black.max() == 0
    assert np.array_equal(views.pixels, frame)


@pytest.mark.parametrize("size", [(1024, 1024), (1024, 768), (1350, 1800), (901, 603)])
def test_the_view_of_a_large_frame_is_its_proxy(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    exact, frame_from_proxy = proxy(noise, 64)
    whole = FrameViews(noise).whole(64)
    assert np.abs(whole.pixels.astype(int) - exact).max() <= 3  # each halving rounds
    assert whole.frame_from_proxy == pytest.approx(frame_from_proxy)


def test_a_windows_unit_square_is_turned_clockwise_and_mirrored() -> None:
    window = ViewWindow((10.0, 20.0), 4.0, np.pi / 2)
    assert apply_affine(window.frame_from_unit, np.array([[0.0, 0.0], [1.0, 0.0]])) == pytest.approx(
        np.array([[12.0, 18.0], [12.0, 22.0]])
    )
    mirrored = ViewWindow((10.0, 20.0), 4.0, 0.0, True)
    assert apply_affine(mirrored.frame_from_unit, np.array([0.0, 0.0])) == pytest.approx([12.0, 18.0])


def test_moving_a_window_goes_along_its_own_axes() -> None:
    moved = ViewWindow((10.0, 20.0), 4.0, np.pi / 2).moved(0.5, 0.25, 0.0, 0.1, True)
    assert moved.centre == pytest.approx((10.0, 21.0))
    assert (moved.side, moved.mirrored) == (2.0, True)
    assert moved.roll == pytest.approx(np.pi / 2 + 0.1)


def test_whole_frame_is_letterboxed() -> None:
    whole = FrameViews(_frame()).whole(64)
    corners = apply_affine(whole.frame_from_unit, np.array([[0.0, 0.0], [1.0, 1.0]]))
    assert corners.ravel() == pytest.approx([0.0, -50.0, 400.0, 350.0], abs=7.0)


def test_face_window_is_square_round_the_points() -> None:
    points = np.array([[100.0, 100.0], [160.0, 220.0], [np.nan, np.nan]])
    window = face_window(points, fill=0.6)
    assert window is not None
    assert window.centre == pytest.approx((130.0, 160.0))
    assert window.side == pytest.approx(200.0)
    assert face_window(np.array([[5.0, 5.0], [5.1, 5.2]])) is None
    assert face_window(np.full((2, 2), np.nan)) is None


@given(st.floats(-3.1, 3.1))
def test_a_turned_face_gets_a_window_turned_with_it(roll: float) -> None:
    points = np.array([[100.0, 100.0], [160.0, 220.0], [130.0, 300.0]])
    upright, rolled = face_window(points), face_window(turned(points, roll), roll=roll)
    assert upright is not None
    assert rolled is not None
    assert rolled.side == pytest.approx(upright.side)
    assert rolled.centre == pytest.approx(turned(np.array(upright.centre), roll).tolist(), abs=1e-6)


def test_a_small_shifted_or_rolled_face_is_worth_a_second_view() -> None:
    now = ViewWindow((128.0, 128.0), 256.0)
    assert not worth_refining(now, ViewWindow((125.0, 115.0), 230.0))
    assert worth_refining(now, ViewWindow((125.0, 125.0), 50.0))
    assert worth_refining(now, ViewWindow((188.0, 128.0), 256.0))
    assert worth_refining(now, ViewWindow((128.0, 128.0), 456.0))
    assert worth_refining(now, ViewWindow((128.0, 128.0), 256.0, np.deg2rad(-9.0)))
    assert not worth_refining(now, ViewWindow((128.0, 128.0), 256.0, np.deg2rad(357.0)))


def test_angles_are_compared_round_the_circle() -> None:
    assert angle_between(np.deg2rad(-170), np.deg2rad(170)) == pytest.approx(np.deg2rad(20))


@given(st.integers(50, 900), st.integers(50, 900), st.sampled_from([0.3, 0.5, 0.9]))
def test_windows_cover_the_frame_and_overlap_by_half(width: int, height: int, share: float) -> None:
    windows = search_windows(width, height, share)
    boxes = np.array([[*np.subtract(w.centre, w.side / 2), *np.add(w.centre, w.side / 2)] for w in windows])
    assert np.allclose(boxes[:, 2] - boxes[:, 0], share * max(width, height))
    for low, high, length in ((0, 2, width), (1, 3, height)):
        starts, ends = np.unique(boxes[:, low]), np.unique(boxes[:, high])
        assert starts[0] <= 1e-6
        assert ends[-1] >= length - 1e-6
        assert len(starts) == 1 or np.diff(starts).max() <= share * max(width, height) / 2 + 1e-6
