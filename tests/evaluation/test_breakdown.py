"""Scores by kind of frame."""

import numpy as np
import pytest

from annotator.evaluation.breakdown import breakdown, groups_of
from annotator.evaluation.calibration import error_by_sigma

FRAMES = [
    {"look": "studio-b", "melanin": 0.1, "yaw": -50.0, "glasses": True},
    {"look": "studio-b", "melanin": 0.9, "yaw": 10.0, "glasses": False},
    {},
    {"look": "beauty", "melanin": 0.95, "yaw": 15.0},
]


def test_numbers_fall_into_bands_and_words_stand_for_themselves() -> None:
    groups = groups_of(FRAMES)
    assert groups[("look", "studio-b")] == [0, 1]
    assert groups[("skin tone", "light")] == [0]
    assert groups[("skin tone", "dark")] == [1, 3]
    assert groups[("pose (turned by)", "over 40°")] == [0]
    assert groups[("pose (turned by)", "15 to 40°")] == [3]
    assert groups[("glasses", "yes")] == [0]
    assert groups[("glasses", "no")] == [1]
    assert not any(title == "age" for title, _ in groups)


def test_rows_count_only_marked_points() -> None:
    errors = np.array([[1.0, np.nan], [2.0, 4.0], [100.0, 100.0], [np.nan, np.nan]])
    rows = {(row.attribute, row.value): row for row in breakdown(errors, np.full(4, 200.0), FRAMES)}
    both = rows["look", "studio-b"]
    assert (both.frames, both.median_px) == (2, 2.0)
    assert both.nme == pytest.approx((0.005 + 0.015) / 2)
    assert both.pck == pytest.approx(2 / 3)
    assert ("look", "beauty") not in rows
    assert rows["skin tone", "dark"].frames == 1


def test_calibrated_sigmas_lie_on_the_diagonal() -> None:
    rng = np.random.default_rng(0)
    claimed = rng.uniform(1.0, 10.0, 20_000)
    errors = rng.normal(0, 1.0, (20_000, 2)) * claimed[:, None]
    predicted, real = error_by_sigma(errors, np.eye(2) * claimed[:, None, None] ** 2, bins=5)
    assert len(predicted) == 5
    assert np.all(np.diff(predicted) > 0)
    assert real == pytest.approx(predicted, rel=0.1)
    assert error_by_sigma(errors * np.nan, np.eye(2) * claimed[:, None, None]) == ([], [])
