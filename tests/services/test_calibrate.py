"""What a model's errors on known frames write into its card."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled
from annotator.domain.proposal import Proposal
from annotator.domain.scheme_file import load_scheme
from annotator.evaluation.truth import GroundTruth
from annotator.inference.sanity import Limits, shape_distance
from annotator.nn.checkpoint import load_model, save_model
from annotator.nn.zoo import architecture, build
from annotator.services import calibrate
from annotator.services.calibrate import calibrate_model
from annotator.services.evaluation_sets import EvaluationSet

SCHEME = load_scheme("ibug-68")
REGIONAL = sorted(i for region in SCHEME.regions for i in region.indices)


def _face(seed: int) -> np.ndarray:
    base = np.random.default_rng(0).uniform(0, 200, (68, 2))
    return base + np.random.default_rng(seed).normal(0, 4, (68, 2)) + seed


class ClaimingPredictor:
    """Errs by 6 px globally and 2 px in the regions (per axis), and claims 3 px and 1 px."""

    scheme = SCHEME

    def __init__(self, folder: Path, _: str) -> None:
        _, self.card = load_model(folder)
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


def test_claims_become_honest_and_weights_stay(
    make_set: Callable[[int], EvaluationSet], tmp_path: Path
) -> None:
    before = (tmp_path / "m" / "weights.safetensors").read_bytes()
    card = calibrate_model(tmp_path / "m", make_set(20))
    found = card.preprocessing
    assert found["covariance_scale"]["global"] == pytest.approx(4.0, rel=0.12)
    assert found["covariance_scale"]["mouth"] == pytest.approx(4.0, rel=0.2)
    assert found["face_fill"] == 0.5
    assert shape_distance(_face(3), np.array(found["mean_shape"])) < 0.1
    assert (tmp_path / "m" / "weights.safetensors").read_bytes() == before
    _, read = load_model(tmp_path / "m")
    assert read == card


def test_calibrating_twice_changes_little(make_set: Callable[[int], EvaluationSet], tmp_path: Path) -> None:
    first = calibrate_model(tmp_path / "m", make_set(20)).preprocessing["covariance_scale"]
    second = calibrate_model(tmp_path / "m", make_set(20)).preprocessing["covariance_scale"]
    assert second["global"] == pytest.approx(first["global"], rel=1e-3)


def test_checks_are_never_stricter_than_the_defaults(
    make_set: Callable[[int], EvaluationSet], tmp_path: Path
) -> None:
    sanity = calibrate_model(tmp_path / "m", make_set(6)).preprocessing["sanity"]
    for name, least in vars(Limits()).items():
        assert sanity[name] >= least


def test_sparse_truth_keeps_what_it_cannot_measure(
    make_set: Callable[[int], EvaluationSet], tmp_path: Path
) -> None:
    data = make_set(4)
    data.truth.xy[:, 5:] = np.nan
    found = calibrate_model(tmp_path / "m", data).preprocessing
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
