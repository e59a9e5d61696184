"""Breaks in motion: a landmark that jumps is found where it does, and what faces do is none."""

import numpy as np
import pytest

from annotator.domain.takes.breaks import BEYOND, breaks

FRAMES, LANDMARKS, SIZE = 40, 30, 200.0
OWN = 0.003 * SIZE
RNG = np.random.default_rng(7)
FACE = RNG.uniform(0, SIZE, (LANDMARKS, 2))
NUMBERS = np.arange(101, 101 + FRAMES)


def walk(noise: float = 0.3) -> np.ndarray:
    """A face that turns, sways and trembles a little."""
    time = np.arange(FRAMES)[:, None, None]
    sway = 30 * np.sin(time / 5 + np.array([0, 1.0]))
    turn = 1 + 0.1 * np.sin(time / 7)
    return FACE * turn + sway + np.random.default_rng(3).normal(0, noise, (FRAMES, LANDMARKS, 2))


def found(xy: np.ndarray, numbers: np.ndarray = NUMBERS) -> list[tuple[int, int]]:
    return [(int(t), int(i)) for t, i in np.argwhere(np.nan_to_num(breaks(numbers, xy, OWN)) > BEYOND)]


def test_a_face_that_moves_has_none() -> None:
    assert found(walk()) == []
    assert found(walk(noise=1.5)) == []


@pytest.mark.parametrize("jump", [15.0, -30.0])
def test_a_landmark_that_jumps_for_a_frame_is_found_there_alone(jump: float) -> None:
    xy = walk()
    xy[20, 5] += (jump, 3)
    assert found(xy) == [(20, 5)]


def test_a_landmark_that_goes_elsewhere_is_found_where_it_leaves() -> None:
    xy = walk()
    xy[25:, 9, 1] += 25
    assert {t for t, _ in found(xy)} <= {24, 25}
    assert {i for _, i in found(xy)} == {9}


def test_what_a_whole_face_or_a_lid_does_is_no_break() -> None:
    shaken = walk()
    shaken[20] += (12, -9)  # the camera is knocked
    assert found(shaken) == []
    blink = walk()
    lid = np.argsort(np.hypot(*(FACE - FACE[0]).T))[:6]
    for t, share in ((15, 0.5), (16, 1.0), (17, 0.9), (18, 0.4)):
        blink[t, lid, 1] += 5 * share
    assert found(blink) == []


def test_beside_a_gap_and_without_points_nothing_is_known() -> None:
    xy, numbers = walk(), NUMBERS.copy()
    numbers[20:] += 3
    xy[20:] += 40
    values = breaks(numbers, xy, OWN)
    assert np.isnan(values[[0, 19, 20, -1]]).all()
    assert found(xy, numbers) == []
    xy[:, 4] = np.nan
    assert np.isnan(breaks(numbers, xy, OWN)[:, 4]).all()
    assert np.isnan(breaks(numbers[:2], xy[:2], OWN)).all()
