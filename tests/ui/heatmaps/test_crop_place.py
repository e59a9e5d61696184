"""Where a crop of 256 x 256 pixels of a frame of 1024 x 1024 stands in its pane."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSize

from annotator.ui.heatmaps.crop_place import CropPlace

CROP = QSize(256, 256)
FROM_CROP = np.array([[4.0, 0, 0], [0, 4, 0]])


def fitted(widget: QSize, about: np.ndarray | None) -> CropPlace:
    place = CropPlace()
    place.set_crop(FROM_CROP, CROP, about)
    place.fit(widget)
    return place


def picture_in(place: CropPlace) -> QRectF:
    return place.transform().mapRect(QRectF(QPointF(0, 0), CROP))


def test_without_places_all_of_it_is_in_the_middle() -> None:
    assert picture_in(fitted(QSize(300, 128), None)) == QRectF(86, 0, 128, 128)


def test_a_face_is_shown_as_large_as_it_can_be_with_room_round_it() -> None:
    face = np.array([[400.0, 400], [560, 600], [np.nan, np.nan]])  # 40 x 50 crop pixels, 12.5 round them
    place = fitted(QSize(65, 150), face)
    assert place.zoom == pytest.approx(1.0)
    corner = place.widget_at(400, 400)
    assert (corner.x(), corner.y()) == pytest.approx((12.5, 150 / 2 - 25))


def test_the_picture_fills_the_pane_where_it_is_large_enough() -> None:
    at_the_edge = np.array([[0.0, 0], [160, 200]])
    assert picture_in(fitted(QSize(100, 100), at_the_edge)).topLeft() == QPointF(0, 0)


@pytest.mark.parametrize("places", [np.empty((0, 2)), np.full((3, 2), np.nan), np.full((2, 2), 9e3)])
def test_places_that_are_not_in_it_leave_all_of_it(places: np.ndarray) -> None:
    assert picture_in(fitted(QSize(128, 128), places)) == QRectF(0, 0, 128, 128)


@given(
    *[st.integers(20, 900)] * 2,
    st.lists(st.tuples(st.floats(-200, 1200), st.floats(-200, 1200)), min_size=2, max_size=5),
)
def test_it_is_never_smaller_than_all_of_it_and_leaves_no_room_that_it_could_fill(
    wide: int, high: int, places: list[tuple[float, float]]
) -> None:
    whole = picture_in(fitted(QSize(wide, high), None))
    picture = picture_in(fitted(QSize(wide, high), np.array(places)))
    assert picture.width() >= min(whole.width(), 256 * 32) - 1e-6
    for begin, length, room in (
        (picture.left(), picture.width(), wide),
        (picture.top(), picture.height(), high),
    ):
        if length >= room:
            assert begin <= 1e-6
            assert begin + length >= room - 1e-6
        else:
            assert begin == pytest.approx((room - length) / 2)
