"""Faces staged smaller or turned, with their points; tables and plots of models on them."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from blank_model import blank_model

from annotator.domain.coords import bounding_box
from annotator.domain.progress import Cancelled
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.evaluation.truth import GroundTruth
from annotator.inference.predictor import Predictor
from annotator.research.sweeps import Sweep, staged, sweep, write_sweep
from annotator.services.models.evaluation_sets import EvaluationSet

SCHEME = load_scheme("ibug-68")


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    """An untrained model."""
    return Predictor(blank_model(tmp_path, SCHEME), device="cpu")


@pytest.fixture
def data(tmp_path: Path) -> EvaluationSet:
    """Two pictures with points."""
    rng = np.random.default_rng(0)
    paths = tuple(tmp_path / f"{name}.png" for name in "ab")
    for path in paths:
        assert cv2.imwrite(str(path), rng.integers(0, 255, (90, 120, 3), np.uint8))
    truth = GroundTruth(
        SCHEME, ("a", "b"), ("a", "b"), rng.uniform(20, 80, (2, 68, 2)), np.zeros((2, 68), bool)
    )
    return EvaluationSet("pair", truth, paths)


def _frame_with_a_dot() -> tuple[np.ndarray, np.ndarray]:
    frame = np.full((200, 300, 3), 60, np.uint8)
    frame[100:110, 190:200] = 255
    return frame, np.array([[195.0, 105.0], [100.0, 60.0], [np.nan, np.nan]])


@pytest.mark.parametrize(
    ("kind", "step"),
    [(Sweep.SCALE, 0.2), (Sweep.SCALE, 0.6), (Sweep.ROLL, 30.0), (Sweep.ROLL, -90.0), (Sweep.ROLL, 180.0)],
)
def test_points_stay_on_what_they_mark(kind: Sweep, step: float) -> None:
    frame, xy = _frame_with_a_dot()
    picture, moved = staged(frame, xy, kind, step, np.random.default_rng(5))
    x, y = moved[0]
    assert picture.shape[0] == picture.shape[1]
    assert picture[int(y), int(x)].min() > 230
    assert np.isnan(moved[2]).all()
    if kind is Sweep.SCALE:
        box = bounding_box(moved)
        assert max(box[2:] - box[:2]) / len(picture) == pytest.approx(step, rel=0.02)
        assert (box[:2] >= 0).all()
        assert (box[2:] <= len(picture)).all()
    else:
        turned = moved[1] - moved[0]
        angle = np.degrees(np.arctan2(turned[1], turned[0]) - np.arctan2(-45.0, -95.0))
        assert (angle - step + 180) % 360 - 180 == pytest.approx(0.0, abs=1e-6)


def test_every_model_gets_a_figure_at_every_step(
    predictor: Predictor, data: EvaluationSet, tmp_path: Path
) -> None:
    points = sweep([predictor], data, Sweep.ROLL, (0.0, 45.0))
    assert [(point.model, point.step, point.frames) for point in points] == [
        ("blank", 0.0, 2),
        ("blank", 45.0, 2),
    ]
    assert all(point.nme > 0 and point.refused == 100.0 for point in points)
    plot = write_sweep(points, Sweep.ROLL, tmp_path / "out")
    assert plot.read_text(encoding="utf-8").startswith("<svg")
    kept = json.loads((tmp_path / "out" / "sweep-roll.json").read_text(encoding="utf-8"))
    assert [row["step"] for row in kept] == [0.0, 45.0]
    with pytest.raises(Cancelled):
        sweep([predictor], data, Sweep.SCALE, (0.5,), stop=lambda: True)
