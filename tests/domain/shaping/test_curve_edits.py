"""Curves evened out and pulled: what stays, who moves by how much, and that the order is kept."""

import numpy as np
import pytest

from annotator.domain.scheme import Curve, Landmark, LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.domain.shaping.curve_edits import evened_out, fixed_points, grip
from annotator.domain.shaping.curve_line import line_through

ALL = np.arange(6)


def scheme_of(curve: Curve, sliding: tuple[int, ...] = (), size: int = 6) -> LandmarkScheme:
    """Landmarks a, b, c ... without a region; each is the mirror of another, so that none is on the mid-line."""
    names = "abcdefghijkl"[:size]
    marks = [
        Landmark(name, None, names[i ^ 1], curve="line" if i in sliding else None)
        for i, name in enumerate(names)
    ]
    return LandmarkScheme("made", 1, "Made", tuple(marks), (), (curve,))


OPEN = Curve("line", (0, 1, 2, 3, 4, 5), closed=False)
RING = Curve("line", (0, 1, 2, 3, 4, 5), closed=True)


def straight(*x: float) -> np.ndarray:
    return np.array([[value, 20.0] for value in x])


def test_points_on_a_straight_line_come_to_equal_distances() -> None:
    indices, xy = evened_out(scheme_of(OPEN), straight(0, 3, 10, 60, 70, 100), np.array([2]))
    assert indices.tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(xy, straight(20, 40, 60, 80), atol=1e-3)


def test_anchors_between_sliding_points_stay() -> None:
    made = scheme_of(OPEN, sliding=(1, 3, 4))
    indices, xy = evened_out(made, straight(0, 8, 20, 30, 31, 80), ALL)
    assert fixed_points(made, OPEN, straight(*ALL)) == {0, 2, 5}
    assert indices.tolist() == [1, 3, 4]
    np.testing.assert_allclose(xy, straight(10, 40, 60), atol=1e-3)


def test_three_selected_points_bound_what_is_evened_and_a_missing_one_keeps_its_room() -> None:
    line = straight(0, 10, 11, 12, 50, 100)
    indices, xy = evened_out(scheme_of(OPEN), line, np.array([1, 2, 3, 4]))
    assert indices.tolist() == [2, 3]
    np.testing.assert_allclose(xy, straight(10 + 40 / 3, 10 + 80 / 3), atol=1e-3)
    line[2] = np.nan
    indices, xy = evened_out(scheme_of(OPEN), line, np.array([3]))
    assert indices.tolist() == [1, 3, 4]
    np.testing.assert_allclose(xy, straight(20, 60, 80), atol=1e-3)


def test_the_farthest_two_of_a_ring_stay() -> None:
    ring = np.array([[0, 0], [10, -8], [50, -10], [100, 0], [70, 9], [60, 10]], float)
    assert fixed_points(scheme_of(RING), RING, ring) == {0, 3}
    indices, xy = evened_out(scheme_of(RING), ring, np.array([4]))
    assert indices.tolist() == [4, 5], "the upper half is another stretch"
    line = line_through(ring[[3, 4, 5, 0]], closed=False)
    arcs = [line.nearest(place)[0] for place in xy]
    np.testing.assert_allclose(arcs, np.array([1, 2]) / 3 * line.length, rtol=1e-6)
    assert np.abs([line.nearest(place)[1] for place in xy]).max() < 1e-6


def test_nothing_to_even_out_is_no_edit() -> None:
    indices, xy = evened_out(scheme_of(OPEN), straight(0, 1, 2, 3, 4, 5), np.array([0, 5]))
    assert len(indices) == len(xy) == 0


def test_the_length_of_a_half_circle_is_found() -> None:
    angle = np.linspace(0, np.pi, 33)
    line = line_through(100 * np.stack([np.cos(angle), np.sin(angle)], -1), closed=False)
    assert line.length == pytest.approx(100 * np.pi, rel=1e-3)


def test_a_pull_half_way_between_two_points_carries_the_curve_with_the_hand() -> None:
    line = straight(0, 20, 40, 60, 80, 100)
    found = grip(scheme_of(OPEN), OPEN, line, np.array([50.0, 24.0]))
    assert found is not None
    held, away = found
    assert away == pytest.approx(4)
    assert held.segment == (2, 3)
    assert held.indices.tolist() == [1, 2, 3, 4], "the ends stay"
    moved = held.pulled(np.array([0.0, 12.0]))
    np.testing.assert_allclose(moved[1:3], [[40, 32], [60, 32]], atol=1e-2)
    assert 20 < moved[0, 1] < 32
    assert moved[0, 1] == pytest.approx(moved[3, 1])


def test_a_pull_along_the_curve_keeps_the_order() -> None:
    line = straight(0, 20, 40, 60, 80, 100)
    held, _ = grip(scheme_of(OPEN), OPEN, line, np.array([50.0, 20.0]))  # type: ignore[misc]
    moved = held.pulled(np.array([500.0, 0.0]))
    everything = np.concatenate([[[0, 20.0]], moved, [[100, 20.0]]])
    assert (np.diff(everything[:, 0]) > 0).all()
    assert moved[1, 0] > 40, "it goes as far as there is room"


def test_a_piece_between_two_that_stay_takes_both_along() -> None:
    made = scheme_of(OPEN, sliding=(5,))
    held, _ = grip(made, OPEN, straight(0, 20, 40, 60, 80, 100), np.array([30.0, 20.0]))  # type: ignore[misc]
    assert held.indices.tolist() == [1, 2]
    np.testing.assert_allclose(held.pulled(np.array([0, 5.0])), [[20, 25], [40, 25]], atol=1e-6)


def test_a_ring_is_gripped_over_its_seam() -> None:
    angle = np.arange(6) * np.pi / 3
    ring = 50 * np.stack([np.cos(angle), np.sin(angle)], -1)
    held, away = grip(
        scheme_of(RING, sliding=(0, 1, 2, 4, 5)), RING, ring, 50 * np.array([np.cos(-0.5), np.sin(-0.5)])
    )  # type: ignore[misc]
    assert away < 3
    assert held.segment == (5, 0)
    assert held.indices.tolist().index(5) < held.indices.tolist().index(0), "in the ring's order"
    assert 3 not in held.indices


def test_eye_corners_of_the_shipped_scheme_stay() -> None:
    scheme = load_scheme("studio-89")
    eye = next(curve for curve in scheme.curves if curve.name == "eye_left")
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    xy = np.full((scheme.size, 2), np.nan)
    xy[list(eye.indices)] = np.stack([80 * np.cos(angle), 25 * np.sin(angle)], -1)
    assert fixed_points(scheme, eye, xy) == {eye.indices[0], eye.indices[6]}
