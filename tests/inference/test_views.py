"""Where the global network looks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.coords import apply_affine
from annotator.inference.views import face_view_box, search_boxes, view_of_box, whole_frame, worth_refining


def _frame(width: int = 400, height: int = 300) -> np.ndarray:
    frame = np.full((height, width, 3), 40, np.uint8)
    frame[200:240, 300:340] = 255
    return frame


def test_views_map_back_to_the_frame() -> None:
    for view in (
        whole_frame(_frame(), 64),
        view_of_box(_frame(), np.array([250.0, 150.0, 450.0, 350.0]), 64),
    ):
        rows, columns = np.nonzero(view.pixels[..., 0] > 200)
        centre = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
        assert apply_affine(view.frame_from_proxy, centre) == pytest.approx([320.0, 220.0], abs=3.0)
    assert view.pixels[:, -10:].max() == 0
    assert view.box == pytest.approx([250.0, 150.0, 450.0, 350.0])


def test_whole_frame_is_letterboxed() -> None:
    assert whole_frame(_frame(), 64).box == pytest.approx([0.0, -50.0, 400.0, 350.0], abs=7.0)


def test_face_view_is_square_round_the_points() -> None:
    box = face_view_box(np.array([[100.0, 100.0], [160.0, 220.0], [np.nan, np.nan]]), fill=0.6)
    assert box == pytest.approx([30.0, 60.0, 230.0, 260.0])
    assert face_view_box(np.array([[5.0, 5.0], [5.1, 5.2]])) is None
    assert face_view_box(np.full((2, 2), np.nan)) is None


def test_a_small_or_shifted_face_is_worth_a_second_look() -> None:
    view = whole_frame(np.zeros((256, 256, 3), np.uint8), 64)
    assert not worth_refining(view, np.array([10.0, 0.0, 240.0, 230.0]))
    assert worth_refining(view, np.array([100.0, 100.0, 150.0, 150.0]))
    assert not worth_refining(view, np.array([40.0, 0.0, 216.0, 176.0]))
    assert worth_refining(view, np.array([60.0, 0.0, 316.0, 256.0]))
    assert worth_refining(view, np.array([-100.0, -100.0, 356.0, 356.0]))


@given(st.integers(50, 900), st.integers(50, 900), st.sampled_from([0.3, 0.5, 0.9]))
def test_windows_cover_the_frame_and_overlap_by_half(width: int, height: int, share: float) -> None:
    boxes = np.array(search_boxes(width, height, share))
    assert np.allclose(boxes[:, 2] - boxes[:, 0], share * max(width, height))
    for low, high, length in ((0, 2, width), (1, 3, height)):
        starts, ends = np.unique(boxes[:, low]), np.unique(boxes[:, high])
        assert starts[0] <= 1e-6
        assert ends[-1] >= length - 1e-6
        assert len(starts) == 1 or np.diff(starts).max() <= share * max(width, height) / 2 + 1e-6
