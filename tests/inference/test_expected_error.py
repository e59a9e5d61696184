"""What signs of errors are worth: factors on covariances, as a card holds them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from annotator.domain.errors import ModelError
from annotator.inference.expected_error import SIGNS, ExpectedError
from annotator.inference.predictor import Predictor
from annotator.inference.weighing.shape_prior import ShapePrior

from .conftest import FACE, paint


def expected(weight: float = 0.0, single: float = 0.0, landmarks: int = 7) -> ExpectedError:
    count = len(SIGNS)
    weights = np.zeros(count)
    weights[0] = weight
    return ExpectedError(np.zeros(count), np.ones(count), weights, np.full(landmarks, single))


def test_a_sign_multiplies_the_covariance_as_far_as_signs_count() -> None:
    signs = np.zeros((3, len(SIGNS)))
    signs[1, 0], signs[2, 0] = 2.0, 1e6
    factors = expected(0.5, 0.1, 3).factors(signs)
    np.testing.assert_allclose(factors, np.exp([0.1, 1.1, 2.1]))
    signs[1, 0] = np.nan
    np.testing.assert_allclose(expected(0.5, 0.1, 3).factors(signs)[1], np.exp(0.1))
    np.testing.assert_allclose(expected(0.5, 0.1, 3).factors(None), np.exp([0.1] * 3))


def test_a_card_gives_it_back_and_older_or_newer_ones_do_without() -> None:
    told = expected(0.25, -1.5)
    card = {"expected_error": told.to_card()}
    again = ExpectedError.from_card(card, 7)
    assert again is not None
    for name, value in vars(told).items():
        np.testing.assert_allclose(getattr(again, name), value)
    assert ExpectedError.from_card({}, 7) is None
    other = {**card["expected_error"], "signs": ["something else"]}
    assert ExpectedError.from_card({"expected_error": other}, 7) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weights": [1.0]}, "10 values a list"),
        ({"spread": [0.0] * len(SIGNS)}, "spreads above 0"),
        ({"landmarks": [0.0]}, "must hold 7 landmarks"),
        ({"middle": ["a"] * len(SIGNS)}, "cannot be used"),
        ({"middle": None}, "cannot be used|10 values"),
    ],
)
def test_a_damaged_card_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        ExpectedError.from_card({"expected_error": {**expected().to_card(), **change}}, 7)


def test_a_predictor_claims_what_it_expects(tmp_path: Path, make_predictor: Callable[..., Predictor]) -> None:
    frame, _ = paint(640, 640, (150.0, 100.0), 330.0)
    ShapePrior(FACE[None], (np.eye(14) * 1e-4)[None], np.ones(1), np.arange(6)).save(tmp_path)
    plain = make_predictor().propose(frame)
    doubled = make_predictor(
        shape_scale=[9.0] * 7, expected_error=expected(0.0, float(np.log(2.0))).to_card()
    ).propose(frame)
    np.testing.assert_allclose(doubled.covariance, 2 * plain.covariance, rtol=1e-4)
    np.testing.assert_array_equal(doubled.xy, plain.xy)
    assert (doubled.confidence <= plain.confidence).all()
    weighed = make_predictor().weighed(frame)
    assert weighed.signs is not None
    assert weighed.signs.shape == (7, len(SIGNS))
    spreads = [SIGNS.index(name) for name in ("iterations apart", "views apart")]  # not known of a single one
    assert np.isfinite(np.delete(weighed.signs, spreads, axis=1)).all()
    lost = np.random.default_rng(0).integers(0, 255, frame.shape).astype(np.uint8)
    unlike = make_predictor().weighed(lost).signs
    assert unlike is not None
    at = SIGNS.index("doubt")
    assert unlike[:, at].mean() > weighed.signs[:, at].mean()
