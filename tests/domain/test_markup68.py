"""All 68 points of the markup from the landmarks that a scheme has, and from those it derives."""

import numpy as np

from annotator.domain.markup68 import has_markup, markup_points
from annotator.domain.scheme_file import load_scheme

V1, V2, IBUG = (load_scheme(name) for name in ("studio-89@1", "studio-89@2", "ibug-68"))


def test_which_schemes_know_all_68() -> None:
    assert has_markup(V2)
    assert has_markup(IBUG)
    assert not has_markup(V1)


def test_own_landmarks_are_taken_as_they_are_and_the_jaw_is_filled_in_on_its_curve() -> None:
    angle = np.radians(np.linspace(180, 0, 17))  # point 0 at the subject's right ear
    circle = np.stack([np.cos(angle), np.sin(angle)], 1) * 100
    xy = np.zeros((V2.size, 2))
    for place, index in V2.ibug68.items():
        xy[index] = circle[place] if place < 17 else (place, -place)
    points = markup_points(V2, xy)
    np.testing.assert_allclose(points[:17], circle, atol=0.5)
    np.testing.assert_array_equal(points[17:, 0], np.arange(17, 68))


def test_a_missing_landmark_leaves_only_its_own_points_missing() -> None:
    xy = np.ones((V2.size, 2), np.float32)
    xy[V2.index("jaw_left_2")] = np.nan
    missing = np.isnan(markup_points(V2, xy)).any(1)
    assert set(np.flatnonzero(missing)) == {9, 11, 12, 13, 15}
    assert np.isnan(markup_points(V1, np.ones((V1.size, 2))))[[1, 61 - 44]].any()
