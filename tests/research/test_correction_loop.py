"""The simulated artist: fair halves, exact corrections, a figure after each retraining."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.evaluation.truth import GroundTruth
from annotator.nn.checkpoint import save_model
from annotator.nn.zoo import architecture, build
from annotator.research.correction_loop import (
    LoopOptions,
    LoopPoint,
    corrected_project,
    correction_loop,
    halves,
)
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.store.project_store import ProjectStore

SCHEME = load_scheme("ibug-68")


@pytest.fixture
def data(tmp_path: Path) -> EvaluationSet:
    """Eight pictures of four subjects in folders of their own; one landmark unmarked everywhere."""
    subjects = [f"s{i // 2}" for i in range(8)]
    paths = tuple(tmp_path / "faces" / subject / f"{i}.png" for i, subject in enumerate(subjects))
    rng = np.random.default_rng(0)
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(path), rng.integers(0, 255, (80, 80, 3), np.uint8))
    xy = rng.uniform(10, 70, (8, 68, 2))
    xy[:, 7] = np.nan
    truth = GroundTruth(SCHEME, tuple(str(i) for i in range(8)), tuple(subjects), xy, np.zeros((8, 68), bool))
    return EvaluationSet("faces", truth, paths)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """An untrained model."""
    description = architecture("tiny", SCHEME)
    card = ModelCard("blank", SCHEME.id, description, preprocessing={"search": False})
    save_model(tmp_path / "blank", build(description), card)
    return tmp_path / "blank"


def test_halves_share_no_subject(data: EvaluationSet) -> None:
    pool, test = halves(data)
    assert set(pool.truth.subjects) == {"s0", "s2"}
    assert set(test.truth.subjects) == {"s1", "s3"}
    assert len(pool.paths) == len(test.paths) == 4
    with pytest.raises(AnnotatorError, match="two subjects"):
        halves(data.subset([0, 1]))


def test_the_artist_puts_points_down_with_the_noise_asked_for(data: EvaluationSet, tmp_path: Path) -> None:
    corrected_project(tmp_path / "p.annotator", data, noise=0.02, seed=3)
    ids = []
    with ProjectStore.open(tmp_path / "p.annotator") as store:
        gaps = []
        for frame_id, own in store.annotations.items():
            frame = store.frames.get(frame_id)
            number = int(Path(frame.path).stem)
            corners = data.truth.xy[number, [SCHEME.ibug68[36], SCHEME.ibug68[45]]]
            gaps.append((own.xy - data.truth.xy[number]) / np.linalg.norm(corners[0] - corners[1]))
            assert np.flatnonzero(~own.is_human).tolist() == [7]
            assert (frame.subject, frame.width) == (data.truth.subjects[number], 80)
            ids.append(frame_id)
    assert len(ids) == 8
    assert np.nanstd(gaps) == pytest.approx(0.02, rel=0.1)


def test_a_figure_after_every_retraining(data: EvaluationSet, model: Path, tmp_path: Path) -> None:
    heard: list[LoopPoint] = []
    options = LoopOptions(counts=(0, 4), steps=1, device="cpu")
    points = correction_loop(model, data, tmp_path / "work", options, heard.append)
    assert heard == points
    assert [point.corrected for point in points] == [0, 4]
    assert points[0].model == str(model)
    assert Path(points[1].model).is_dir()
    assert all(point.nme > 0 and 0 <= point.to_correct <= 100 for point in points)
    assert points[0].nme_without_offsets != points[0].nme
    kept = json.loads((tmp_path / "work" / "loop.json").read_text(encoding="utf-8"))
    assert [point["corrected"] for point in kept["points"]] == [0, 4]
    assert (tmp_path / "work" / "loop.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.slow
def test_a_loop_that_broke_off_goes_on_with_what_is_left(
    data: EvaluationSet, model: Path, tmp_path: Path
) -> None:
    options = LoopOptions(counts=(0,), steps=1, device="cpu")
    first = correction_loop(model, data, tmp_path / "work", options)
    (tmp_path / "work" / "corrected-2.annotator").write_bytes(b"broken off")
    heard: list[LoopPoint] = []
    again = correction_loop(model, data, tmp_path / "work", replace(options, counts=(0, 2)), heard.append)
    assert again[0] == first[0]
    assert [point.corrected for point in heard] == [0, 2]
    with pytest.raises(AnnotatorError, match="something else"):
        correction_loop(model, data, tmp_path / "work", replace(options, noise=0.5))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(AnnotatorError, match="something else"):
        correction_loop(model, data, tmp_path / "other", options)


def test_stopping_ends_the_loop(data: EvaluationSet, model: Path, tmp_path: Path) -> None:
    options = replace(LoopOptions(), counts=(0, 2), steps=1, device="cpu")
    with pytest.raises(Cancelled):
        correction_loop(model, data, tmp_path / "w", options, stop=lambda: True)
