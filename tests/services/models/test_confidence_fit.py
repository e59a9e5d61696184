"""Learning what tells of errors: signs that go with them count, two sigma hold what they should, cards stay where it fails."""

from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from blank_model import blank_model
from face_pictures import SCHEME, face_picture, upright_face

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import SHAPES_FILE, read_card
from annotator.domain.progress import Cancelled
from annotator.evaluation.calibration import expected_coverage
from annotator.evaluation.truth import GroundTruth
from annotator.inference.decode import Points
from annotator.inference.expected_error import SIGNS, ExpectedError
from annotator.inference.weighing.weigher import Weighed
from annotator.services.models import confidence_fit
from annotator.services.models.confidence_fit import (
    LEAST_FRAMES,
    Lesson,
    calibrate_expected_error,
    fit_expected_error,
)
from annotator.services.models.evaluation_sets import EvaluationSet

TELLING = SIGNS.index("networks apart")


def lesson(seed: int, frames: int = 60, landmarks: int = 9) -> Lesson:
    """Errors whose variance grows by e with each unit of one sign, and of which landmark 2 has four times as much."""
    rng = np.random.default_rng(seed)
    signs = rng.normal(0, 1, (frames, landmarks, len(SIGNS)))
    variance = np.exp(signs[..., TELLING])
    variance[:, 2] *= 4
    squares = (rng.normal(0, 1, (frames, landmarks, 2)) ** 2).sum(-1) * variance
    return Lesson(signs, squares)


def test_the_sign_that_tells_is_found_and_two_sigma_hold_what_they_should() -> None:
    found = fit_expected_error([lesson(1), lesson(2)], 9)
    weights = found.weights / found.spread
    assert weights[TELLING] == pytest.approx(1.0, abs=0.1)
    assert np.abs(np.delete(weights, TELLING)).max() < 0.15
    others = np.delete(found.landmarks, 2)
    assert found.landmarks[2] - others.mean() == pytest.approx(np.log(4), abs=0.35)
    new = lesson(3, 400)
    inside = new.squares / found.factors(new.signs) < 4.0
    assert inside.mean() == pytest.approx(expected_coverage(2.0), abs=0.02)


def test_points_that_nobody_marked_do_not_count() -> None:
    whole, part = lesson(1), lesson(1)
    part.squares[:, 5] = np.nan
    part.squares[:, 5:6] = np.nan
    found = fit_expected_error([part], 9)
    assert np.isfinite(found.landmarks).all()
    assert found.weights[TELLING] == pytest.approx(fit_expected_error([whole], 9).weights[TELLING], abs=0.1)


def test_a_sign_that_is_never_known_says_nothing() -> None:
    blind = lesson(1)
    other = SIGNS.index("views apart")
    blind.signs[..., other] = np.nan
    found = fit_expected_error([blind], 9)
    assert found.weights[other] == 0.0
    assert all(np.isfinite(value).all() for value in vars(found).values())


def test_too_few_frames_teach_nothing() -> None:
    with pytest.raises(AnnotatorError, match=f"It takes {LEAST_FRAMES} frames"):
        fit_expected_error([lesson(1, LEAST_FRAMES - 1)], 9)


@pytest.fixture
def data(tmp_path: Path) -> EvaluationSet:
    """Ten frames with a face in the middle."""
    paths = []
    for number in range(LEAST_FRAMES):
        paths.append(tmp_path / f"{number}.jpg")
        paths[-1].write_bytes(simplejpeg.encode_jpeg(face_picture(96, number), 95, "RGB", "444"))
    names = tuple(path.stem for path in paths)
    xy = np.stack([upright_face(96)] * len(paths))
    return EvaluationSet(
        "faces", GroundTruth(SCHEME, names, names, xy, np.zeros(xy.shape[:2], bool)), tuple(paths)
    )


class TellingPredictor:
    """Finds every face, a few pixels off, and says so by signs."""

    scheme = SCHEME

    def __init__(self, folder: Path, _: str) -> None:
        self.card = read_card(folder)
        self.shape_prior = object() if (folder / SHAPES_FILE).is_file() else None
        self._rng = np.random.default_rng(1)

    def weighed(self, image: np.ndarray) -> Weighed:
        xy = upright_face(96) + self._rng.normal(0, 2, (SCHEME.size, 2))
        spread = np.tile(np.eye(2), (SCHEME.size, 1, 1))
        signs = self._rng.normal(0, 1, (SCHEME.size, len(SIGNS)))
        return Weighed(Points(xy, spread), spread, signs, (), ())


def test_a_card_gets_what_was_learnt_and_keeps_the_rest(
    data: EvaluationSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confidence_fit, "Predictor", TellingPredictor)
    model = blank_model(tmp_path, SCHEME)
    with pytest.raises(AnnotatorError, match="knows no shapes of whole faces"):
        calibrate_expected_error(model, data)
    (model / SHAPES_FILE).touch()
    before = read_card(model)
    with pytest.raises(Cancelled):
        calibrate_expected_error(model, data, stop=lambda: True)
    data.paths[3].unlink()
    lost: dict[str, str] = {}
    with pytest.raises(AnnotatorError, match=f"It takes {LEAST_FRAMES} frames"):
        calibrate_expected_error(model, data, left_out=lost)
    assert list(lost) == ["3"]
    assert read_card(model) == before
    data.paths[3].write_bytes(data.paths[4].read_bytes())
    card = calibrate_expected_error(model, data, [data.subset(range(6))])
    found = ExpectedError.from_card(card.preprocessing, SCHEME.size)
    assert found is not None
    np.testing.assert_allclose(
        np.exp(found.landmarks).mean(), 4.0, rtol=0.15
    )  # 2 px are off, 1 px was claimed
    assert read_card(model) == card
    assert {
        key: own for key, own in card.preprocessing.items() if key != "expected_error"
    } == before.preprocessing
