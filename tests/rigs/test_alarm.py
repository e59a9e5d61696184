"""The alarm rings for a camera that is off everywhere, names it, and is silent otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from rig_worlds import bumped, dome, face, seen_by, sighted

from annotator.domain.rigs.rig import Rig
from annotator.rigs.alarm import calibration_alarm, judged
from annotator.rigs.sightings import Sightings


def moments(rig: Rig, count: int, rng: np.random.Generator, bias: float = 0.0) -> list[Sightings]:
    found = []
    for _ in range(count):
        moment = sighted(seen_by(rig, face(rng)), 8.0, rng)
        moment.xy[:] += rng.normal(0, bias, (len(rig.cameras), 1, 2)) if bias else 0.0
        found.append(moment)
    return found


@pytest.mark.parametrize("which", [0, 3, 7])
@pytest.mark.parametrize(("degrees", "pixels"), [(0.01, 3.84), (0.1, 38.4)])
def test_a_bumped_camera_is_named_with_its_pixels(which: int, degrees: float, pixels: float) -> None:
    rng = np.random.default_rng(which)
    true = dome(8)
    cameras = list(true.cameras.values())
    cameras[which] = bumped(cameras[which], np.array([degrees, 0, 0]))
    alarm = calibration_alarm(cameras, moments(true, 10, rng))
    assert alarm
    assert [camera.name for camera in alarm.off] == [f"cam_{which:02d}"]
    assert alarm.off[0].pixels == pytest.approx(pixels, rel=0.25)
    assert abs(alarm.off[0].x) < 0.3 * pixels
    assert f"cam_{which:02d} is" in alarm.text
    assert "pixels off in 10 moments" in alarm.text


def test_it_is_silent_where_the_rig_is_right() -> None:
    true = dome(8)
    cameras = list(true.cameras.values())
    for seed in range(5):
        rng = np.random.default_rng(seed)
        alarm = calibration_alarm(cameras, moments(true, 10, rng, bias=3.0))
        assert not alarm
        assert alarm.text == "In 10 moments no camera is off everywhere."


def test_a_single_wild_moment_is_no_alarm_and_two_moments_say_nothing() -> None:
    rng = np.random.default_rng(1)
    true = dome(6)
    seen = moments(true, 8, rng)
    seen[2].xy[4] += 80
    cameras = list(true.cameras.values())
    assert not calibration_alarm(cameras, seen)
    few = calibration_alarm(cameras, seen[:2])
    assert not few
    assert few.text == ""


def test_a_rig_that_is_off_as_a_whole_names_the_worst() -> None:
    rng = np.random.default_rng(2)
    true = dome(8)
    cameras = [bumped(c, rng.normal(0, 0.05, 3)) for c in true.cameras.values()]
    alarm = calibration_alarm(cameras, moments(true, 6, rng))
    assert len(alarm.off) > 3
    assert [c.pixels for c in alarm.off] == sorted((c.pixels for c in alarm.off), reverse=True)
    assert f"{len(alarm.off)} of 8 cameras" in alarm.text
    assert f"and {len(alarm.off) - 3} more" in alarm.text


def test_offsets_are_judged_as_they_are() -> None:
    cameras = list(dome(2).cameras.values())
    offsets = [np.stack([np.full((9, 2), [3.0, 4.0]), np.full((9, 2), np.nan)]) for _ in range(3)]
    alarm = judged(cameras, offsets)
    assert [(c.name, c.pixels) for c in alarm.off] == [("cam_00", 5.0)]


@pytest.mark.parametrize("count", [3, 5, 8])
def test_noise_that_agrees_by_chance_in_a_few_moments_is_no_alarm(count: int) -> None:
    rng = np.random.default_rng(count)
    cameras = list(dome(8).cameras.values())
    rung = 0
    for _ in range(100):  # of each moment a camera sees all of a face wrongly alike
        wrong = rng.normal(0, 4.0, (count, len(cameras), 1, 2))
        offsets = [one + rng.normal(0, 0.5, (len(cameras), 20, 2)) for one in wrong]
        rung += len(judged(cameras, offsets).off)
    assert rung < 8  # of 800 cameras
    steady = [one + [0.0, 100.0] for one in offsets]
    assert len(judged(cameras, steady).off) == len(cameras)
