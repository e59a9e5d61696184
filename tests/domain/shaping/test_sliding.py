"""Across and along curves, by hand: what of an error counts for landmarks that slide, and what for anchors."""

import numpy as np
import pytest

from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import parse_scheme
from annotator.domain.shaping.sliding import across_variance, directions, slid, to_touch

SCHEME = """
schema = 1
name = "rail"
version = 1
landmarks = [
  { name = "a", mirror = "a" },
  { name = "b", mirror = "b", kind = "sliding", curve = "open" },
  { name = "c", mirror = "c" },
  { name = "p", mirror = "p", kind = "sliding", curve = "ring" },
  { name = "q", mirror = "q" },
  { name = "r", mirror = "r", kind = "sliding", curve = "ring" },
  { name = "s", mirror = "s" },
]
curves = [
  { name = "open", closed = false, landmarks = ["a", "b", "c"] },
  { name = "ring", closed = true, landmarks = ["p", "q", "r", "s"] },
]
regions = []
"""
XY = np.array([[0, 0], [10, 0], [20, 0], [0, 10], [10, 20], [20, 10], [10, 0]], float)
A, B, C, P, Q, R, S = range(7)


@pytest.fixture(scope="module")
def scheme() -> LandmarkScheme:
    return parse_scheme(SCHEME)


def face(**places: tuple[float, float]) -> np.ndarray:
    xy = XY.copy()
    for name, place in places.items():
        xy["abcpqrs".index(name)] = place
    return xy


def offsets(x: float, y: float) -> np.ndarray:
    return np.tile([x, y], (7, 1)).astype(float)


def test_across_counts_for_what_slides_and_all_for_anchors(scheme: LandmarkScheme) -> None:
    touch, along = to_touch(scheme, offsets(3, 4), XY), slid(scheme, offsets(3, 4), XY)
    assert touch[[A, B, C]] == pytest.approx([5, 4, 5])  # the open curve runs along x
    assert along[B] == pytest.approx(3)
    assert np.isnan(along[[A, C, Q, S]]).all()


def test_a_closed_curve_has_neighbours_all_the_way_round(scheme: LandmarkScheme) -> None:
    # p lies between s (10, 0) and q (10, 20): the ring passes it along y, as it passes r on the other side
    assert np.abs(directions(scheme, XY)[[P, R]]) == pytest.approx(np.array([[0, 1], [0, 1]]))
    assert to_touch(scheme, offsets(3, 4), XY)[[P, R]] == pytest.approx([3, 3])


def test_uneven_neighbours_count_as_in_the_drawn_line(scheme: LandmarkScheme) -> None:
    # steps (1, 0) and (0, 4), roots of their lengths 1 and 2: (1, 0) / 1 * 2 + (0, 4) / 2 * 1 = (2, 2)
    bent = face(a=(9, 0), c=(10, 4))
    assert directions(scheme, bent)[B] == pytest.approx(np.array([1, 1]) / np.sqrt(2))
    assert to_touch(scheme, offsets(1, 1), bent)[B] == pytest.approx(0, abs=1e-9)
    assert slid(scheme, offsets(1, 1), bent)[B] == pytest.approx(np.sqrt(2))


def test_missing_neighbours_leave_one_side_or_none(scheme: LandmarkScheme) -> None:
    nowhere = (np.nan, np.nan)
    one = face(a=nowhere, c=(11, 2))  # the way to c alone: (1, 2)
    assert directions(scheme, one)[B] == pytest.approx(np.array([1, 2]) / np.sqrt(5))
    none = face(a=nowhere, c=nowhere)
    assert to_touch(scheme, offsets(3, 4), none)[B] == pytest.approx(5)
    assert np.isnan(slid(scheme, offsets(3, 4), none)[B])
    gap = face(q=nowhere)  # r then has p behind it, round the ring, and s before it
    assert directions(scheme, gap)[R] == pytest.approx(_between(XY[P], XY[R], XY[S]))


def _between(before: np.ndarray, here: np.ndarray, after: np.ndarray) -> np.ndarray:
    first, second = (np.sqrt(np.linalg.norm(step)) for step in (here - before, after - here))
    way = (here - before) / first * second + (after - here) / second * first
    return np.asarray(way / np.linalg.norm(way))


def test_anchors_have_a_direction_where_it_is_asked_for(scheme: LandmarkScheme) -> None:
    along = directions(scheme, XY, anchors=True)
    assert np.abs(along[A]) == pytest.approx([1, 0])
    assert along[B] == pytest.approx(directions(scheme, XY)[B])
    assert np.isfinite(along[[Q, S]]).all()


def test_many_faces_at_once_are_as_one_by_one(scheme: LandmarkScheme) -> None:
    faces = np.stack([XY, face(c=(10, 10)), face(a=(np.nan, np.nan))])
    together = to_touch(scheme, np.stack([offsets(3, 4)] * 3), faces)
    for number in range(3):
        np.testing.assert_allclose(together[number], to_touch(scheme, offsets(3, 4), faces[number]))


def test_the_variance_across_is_that_of_the_normal(scheme: LandmarkScheme) -> None:
    covariance = np.tile(np.diag([9.0, 4.0]), (7, 1, 1))
    across = across_variance(scheme, covariance, XY)
    assert across[[B, P]] == pytest.approx([4, 9])
    assert np.isnan(across[A])
