"""What a model's errors on known frames write into its card."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard, read_card
from annotator.domain.progress import Cancelled
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.domain.uncertainty import mahalanobis_squared
from annotator.evaluation.truth import GroundTruth
from annotator.inference.decode import Points
from annotator.inference.options import OptionChanges
from annotator.inference.sanity import UsualValues, shape_distance
from annotator.inference.weighing.learn_shape_prior import learn_shape_prior
from annotator.inference.weighing.shape_prior import load_shape_prior
from annotator.nn.checkpoint import load_model, save_model
from annotator.nn.zoo import architecture, build
from annotator.services.models import calibrate
from annotator.services.models.calibrate import calibrate_model, spoilt
from annotator.services.models.evaluation_sets import EvaluationSet

SCHEME = load_scheme("ibug-68")
REGIONAL = sorted(i for region in SCHEME.regions for i in region.indices)


def _face(seed: int) -> np.ndarray:
    base = np.random.default_rng(0).uniform(0, 200, (68, 2))
    return base + np.random.default_rng(seed).normal(0, 4, (68, 2)) + seed


class ClaimingPredictor:
    """Errs by 6 px globally and 2 px in the regions (per axis), and claims 3 px and 1 px."""

    scheme = SCHEME

    def __init__(self, folder: Path, _: str, changes: OptionChanges) -> None:
        assert changes.shape_prior is False
        _, self.card = load_model(folder)
        self.shape_prior = load_shape_prior(folder, SCHEME)
        self._count = 0

    def propose(self, image: np.ndarray, heatmaps: bool) -> Proposal:
        rng = np.random.default_rng(100 + self._count)
        true = _face(int(image[0, 0, 0]))
        self._count += 1
        scales = self.card.preprocessing.get("covariance_scale", {})
        overview = true + rng.normal(0, 6, true.shape)
        global_covariance = np.tile(np.eye(2) * 9.0 * scales.get("global", 1.0), (68, 1, 1))
        xy, covariance = overview.copy(), global_covariance.copy()
        xy[REGIONAL] = true[REGIONAL] + rng.normal(0, 2, (len(REGIONAL), 2))
        covariance[REGIONAL] = np.eye(2) * scales.get("mouth", 1.0)
        single = np.array(self.card.preprocessing.get("landmark_scale", [1.0] * 68))[:, None, None]
        covariance, global_covariance = covariance * single, global_covariance * single
        arrays = [
            np.asarray(a, np.float32) for a in (xy, covariance, np.ones(68), np.zeros((4, 4)), overview)
        ]
        return Proposal("m", SCHEME.id, *arrays, np.asarray(global_covariance, np.float32))


@pytest.fixture
def make_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], EvaluationSet]:
    """Makes sets of frames whose first pixel tells which face is true."""
    monkeypatch.setattr(calibrate, "Predictor", ClaimingPredictor)
    description = architecture("tiny", SCHEME)
    card = ModelCard("m", SCHEME.id, description, preprocessing={"face_fill": 0.5})
    save_model(tmp_path / "m", build(description), card)

    def make(count: int) -> EvaluationSet:
        for seed in range(count):
            assert cv2.imwrite(str(tmp_path / f"{seed}.png"), np.full((8, 8, 3), seed, np.uint8))
        names = tuple(f"{seed}" for seed in range(count))
        xy = np.stack([_face(seed) for seed in range(count)])
        truth = GroundTruth(SCHEME, names, names, xy, np.zeros((count, 68), bool))
        return EvaluationSet("set", truth, tuple(tmp_path / f"{name}.png" for name in names))

    return make


def test_claims_are_calibrated_and_weights_stay(
    make_set: Callable[[int], EvaluationSet], tmp_path: Path
) -> None:
    before = (tmp_path / "m" / "weights.safetensors").read_bytes()
    card = calibrate_model(tmp_path / "m", make_set(20), harder=False)
    found = card.preprocessing
    assert found["covariance_scale"]["global"] == pytest.approx(4.0, rel=0.12)
    assert found["covariance_scale"]["mouth"] == pytest.approx(4.0, rel=0.2)
    assert found["face_fill"] == 0.5
    assert shape_distance(_face(3), np.array(found["mean_shape"])) < 0.1
    assert (tmp_path / "m" / "weights.safetensors").read_bytes() == before
    _, read = load_model(tmp_path / "m")
    assert read == card


def test_calibrating_twice_changes_little(make_set: Callable[[int], EvaluationSet], tmp_path: Path) -> None:
    first = calibrate_model(tmp_path / "m", make_set(20), harder=False).preprocessing["covariance_scale"]
    second = calibrate_model(tmp_path / "m", make_set(20), harder=False).preprocessing["covariance_scale"]
    assert second["global"] == pytest.approx(first["global"], rel=1e-3)


def test_each_frame_also_counts_spoilt_unless_it_is_the_real_thing(
    make_set: Callable[[int], EvaluationSet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[np.ndarray] = []
    plain = ClaimingPredictor.propose

    def watched(self: ClaimingPredictor, image: np.ndarray, heatmaps: bool) -> Proposal:
        seen.append(image)
        return plain(self, np.full_like(image, seen[-2 if len(seen) % 2 == 0 else -1][0, 0, 0]), heatmaps)

    monkeypatch.setattr(ClaimingPredictor, "propose", watched)
    calibrate_model(tmp_path / "m", make_set(4))
    assert len(seen) == 8
    assert not np.array_equal(seen[6], seen[7])
    seen.clear()
    monkeypatch.setattr(ClaimingPredictor, "propose", plain)
    first = calibrate_model(tmp_path / "m", make_set(4), harder=False)
    assert first.preprocessing["covariance_scale"]["global"] > 1.0


def test_spoiling_changes_pixels_not_the_picture() -> None:
    image = np.full((40, 60, 3), 120, np.uint16) * 257
    assert spoilt(image, 3).shape == (40, 60, 3)
    assert np.array_equal(spoilt(image, 3), spoilt(image, 3))
    assert not np.array_equal(spoilt(image, 3), spoilt(image, 4))


def test_checks_are_usual_values_with_a_least_limit(
    make_set: Callable[[int], EvaluationSet], tmp_path: Path
) -> None:
    sanity = calibrate_model(tmp_path / "m", make_set(6), harder=False).preprocessing["sanity"]
    assert set(sanity) == set(vars(UsualValues()))
    # 6 px a axis on faces of about 200 px, as calibrated: sigma 0.03, regional against global points about 0.04
    assert sanity["spread"] == pytest.approx(1.3 * 6 / 198, rel=0.3)
    assert 0.03 < sanity["agreement"] < 0.08
    assert sanity["layout"] == 0.16


def test_few_faces_loosen_the_checks_and_never_tighten_them(
    make_set: Callable[[int], EvaluationSet], tmp_path: Path
) -> None:
    card = read_card(tmp_path / "m")
    limits = {"spread": 0.5, "layout": 0.5, "agreement": 0.001, "clear_spread": 0.5, "clear_layout": 0.5}
    shape = [[round(float(x), 5), round(float(y), 5)] for x, y in _face(1)]
    had = {**card.preprocessing, "sanity": limits, "mean_shape": shape}
    calibrate.write_card(tmp_path / "m", replace(card, preprocessing=had))
    few = calibrate_model(tmp_path / "m", make_set(4), harder=False).preprocessing
    assert few["sanity"] == {**limits, "agreement": few["sanity"]["agreement"]}
    assert few["sanity"]["agreement"] >= 0.03
    assert few["mean_shape"] == shape
    many = calibrate_model(tmp_path / "m", make_set(24), harder=False).preprocessing
    assert many["sanity"]["spread"] < 0.1
    assert many["mean_shape"] != shape


def test_what_faces_leave_of_the_uncertainty_is_calibrated(
    make_set: Callable[[int], EvaluationSet], tmp_path: Path
) -> None:
    prior = learn_shape_prior(np.stack([_face(seed) for seed in range(60)]), SCHEME)
    data = make_set(40)
    assert "shape_scale" not in calibrate_model(tmp_path / "m", data).preprocessing
    card = calibrate_model(tmp_path / "m", data, harder=False, prior=prior)
    kept = load_shape_prior(tmp_path / "m", SCHEME)
    assert kept is not None
    np.testing.assert_allclose(kept.mean, prior.mean, atol=1e-5)
    predictor = ClaimingPredictor(tmp_path / "m", "cpu", OptionChanges(shape_prior=False))
    scale = np.array(card.preprocessing["shape_scale"])
    inside = []
    for seed in range(40):
        own = predictor.propose(np.full((8, 8, 3), seed, np.uint8), heatmaps=False)
        found = kept.fused(Points(own.xy.astype(float), own.covariance.astype(float)))
        left = found.covariance * scale[:, None, None]
        inside.append(mahalanobis_squared(found.xy - _face(seed), left) < 2 * np.log(2))
    assert np.mean(inside) == pytest.approx(0.5, abs=0.08)


def test_frames_of_training_tell_how_errors_go_together(
    make_set: Callable[[int], EvaluationSet], tmp_path: Path
) -> None:
    prior = learn_shape_prior(np.stack([_face(seed) for seed in range(60)]), SCHEME)
    calibrate_model(tmp_path / "m", make_set(6), harder=False, prior=prior, taught=make_set(60))
    kept = load_shape_prior(tmp_path / "m", SCHEME)
    assert kept is not None
    assert kept.errors is not None
    spread = np.sqrt(np.diag(kept.errors))
    # errors drawn each for itself: calibrated covariances leave variances of one, and no relation
    assert np.median(spread**2) == pytest.approx(1.0, abs=0.2)
    assert np.abs(kept.errors / spread / spread[:, None] - np.eye(136)).mean() < 0.1
    calibrate_model(tmp_path / "m", make_set(6), harder=False)
    again = load_shape_prior(tmp_path / "m", SCHEME)
    assert again is not None
    np.testing.assert_array_equal(again.errors, kept.errors)


def test_sparse_truth_keeps_what_it_cannot_measure(
    make_set: Callable[[int], EvaluationSet], tmp_path: Path
) -> None:
    data = make_set(4)
    data.truth.xy[:, 5:] = np.nan
    found = calibrate_model(tmp_path / "m", data, harder=False).preprocessing
    assert found["covariance_scale"]["mouth"] == 1.0
    assert found["covariance_scale"]["global"] > 1.5
    assert "mean_shape" not in found


def test_unreadable_frames_and_stops_leave_the_card(
    make_set: Callable[[int], EvaluationSet], tmp_path: Path
) -> None:
    data = make_set(3)
    before = (tmp_path / "m" / "model.toml").read_text(encoding="utf-8")
    with pytest.raises(Cancelled):
        calibrate_model(tmp_path / "m", data, stop=lambda: True)
    for path in data.paths:
        path.write_bytes(b"damaged")
    with pytest.raises(AnnotatorError, match="None of the frames"):
        calibrate_model(tmp_path / "m", data)
    assert (tmp_path / "m" / "model.toml").read_text(encoding="utf-8") == before


def test_a_picture_of_another_size_is_left_out_and_named(
    make_set: Callable[[int], EvaluationSet], tmp_path: Path
) -> None:
    data = replace(make_set(20), sizes=((8, 8),) * 19 + ((16, 16),))
    left_out: dict[str, str] = {}
    calibrate_model(tmp_path / "m", data, harder=False, left_out=left_out)
    assert list(left_out) == ["19"]
    assert "8 x 8 now; it was 16 x 16" in left_out["19"]
