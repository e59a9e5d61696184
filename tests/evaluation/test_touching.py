"""What needs touching: half a percent of the eyes' distance, across its curve for a landmark that slides."""

import numpy as np
import pytest

from annotator.domain.schemes.scheme_file import load_scheme
from annotator.evaluation.aggregate import score_model
from annotator.evaluation.touching import needs_touching, touch_errors
from annotator.evaluation.truth import GroundTruth, Predictions

SCHEME = load_scheme("studio-89@2")
JAW = [SCHEME.index(name) for name in ("jaw_left_1", "jaw_left_2", "jaw_left_3")]
CHIN = SCHEME.index("chin")


def truth() -> GroundTruth:
    """A jaw along x and the eyes 1000 px apart; nothing else is known."""
    xy = np.full((1, SCHEME.size, 2), np.nan)
    xy[0, SCHEME.ibug68[36]], xy[0, SCHEME.ibug68[45]] = (0, 0), (1000, 0)
    xy[0, CHIN] = (500, 900)
    for number, index in enumerate(JAW, 1):
        xy[0, index] = (500 + 100 * number, 900)
    return GroundTruth(SCHEME, ("f",), ("s",), xy, np.zeros((1, SCHEME.size), bool))


def moved(**steps: tuple[float, float]) -> np.ndarray:
    xy = truth().xy.copy()
    for name, step in steps.items():
        xy[0, SCHEME.index(name)] += step
    return xy


def test_a_point_that_slid_along_its_curve_needs_no_touch() -> None:
    lengths = np.array([1000.0])
    # of six known points: an anchor 6 off, a sliding one 40 along and 4 across, one 40 along and 6 across
    predicted = moved(chin=(6, 0), jaw_left_1=(40, 4), jaw_left_2=(-40, -6))
    errors = touch_errors(predicted, truth().xy, SCHEME)
    assert errors.whole[0, [CHIN, *JAW]] == pytest.approx([6, 4, 6, 0])
    assert errors.across[0, JAW] == pytest.approx([4, 6, 0])
    assert errors.along[0, JAW] == pytest.approx([40, 40, 0])
    assert np.isnan(errors.across[0, CHIN])
    assert needs_touching(errors.whole, lengths) == pytest.approx(2 / 6)
    masked = touch_errors(predicted, truth().xy, SCHEME, np.arange(SCHEME.size)[None] != CHIN)
    assert needs_touching(masked.whole, lengths) == pytest.approx(1 / 5)


def test_scores_tell_it_by_group() -> None:
    predicted = moved(chin=(6, 0), jaw_left_1=(40, 4), jaw_left_2=(-40, -6))
    score = score_model(truth(), Predictions("m", predicted))
    everything, outside, eye = (score.groups[name] for name in ("all", "global_only", "left_eye"))
    assert (everything.touch, outside.touch, eye.touch) == pytest.approx((2 / 6, 2 / 4, 0))
    assert (everything.across, everything.along) == pytest.approx((0.01 / 3, 0.08 / 3))
    assert np.isnan(eye.across)  # its one known landmark is an anchor
    assert everything.pck["0.005"] == pytest.approx(3 / 6)  # whole distances are told as before


def test_a_scheme_of_anchors_has_no_across() -> None:
    old = load_scheme("studio-89@1")
    xy = np.random.default_rng(1).uniform(0, 900, (2, old.size, 2))
    errors = touch_errors(xy + (3, 4), xy, old)
    assert errors.whole == pytest.approx(np.full((2, old.size), 5.0))
    assert np.isnan(errors.across).all()
    assert np.isnan(errors.along).all()
