"""`evaluate`, its sweeps and heatmaps, and `calibrate`, on an untrained model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from annotator.domain.model_card import SHAPES_FILE, ModelCard, read_card
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.inference.weighing.learn_shape_prior import LEAST_FACES
from annotator.nn.checkpoint import save_model
from annotator.nn.zoo import architecture, build

Runner = Callable[..., Any]


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Two pictures with points beside them."""
    folder = tmp_path / "faces"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in "ab":
        assert cv2.imwrite(str(folder / f"{name}.png"), rng.integers(0, 255, (80, 90, 3), np.uint8))
        points = {str(i): rng.uniform(20, 60, 2).tolist() for i in (8, *range(36, 68))}
        (folder / f"{name}.json").write_text(json.dumps({"ibug68": points}), encoding="utf-8")
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """An untrained model that does not search."""
    scheme = load_scheme("ibug-68")
    description = architecture("tiny", scheme)
    card = ModelCard("blank", scheme.id, description, preprocessing={"search": False})
    save_model(tmp_path / "blank", build(description), card)
    return tmp_path / "blank"


def test_figures_charts_and_options(annotator: Runner, model: Path, faces: Path, tmp_path: Path) -> None:
    run = annotator(
        *(
            "evaluate",
            model,
            "--data",
            faces,
            "--out",
            tmp_path / "out",
            "--views",
            1,
            "--iterations",
            1,
            "--flip",
        )
    )
    assert run.code == 0
    assert "PCK" in run.out
    assert {"report.html", "report.json", "ced.svg", "regions.svg", "reliability.svg", "sigma.svg"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    group = report["models"][0]["groups"]["all"]
    assert 0 <= group["touch"] <= 1
    assert "Needs touching" in run.out
    assert "needs touching %" in (tmp_path / "out" / "report.html").read_text()
    assert annotator("evaluate", model, "--data", faces, "--iterations", 9).code == 2


def test_old_names_of_options_still_hold(annotator: Runner, model: Path, faces: Path) -> None:
    old = ("--looks", 1, "--passes=1", "--no-shapes", "--no-flip", "--json")
    new = ("--views", 1, "--iterations=1", "--no-shape-prior", "--no-flip", "--json")
    scores = [
        json.loads(annotator("evaluate", model, "--data", faces, *own).out)["models"] for own in (old, new)
    ]
    for score in scores:
        score[0].pop("seconds")
    assert scores[0] == scores[1]
    assert annotator("calibrate", model, "--data", faces, "--shapes", faces, "--made-up", -1).code == 2
    for command in ("evaluate", "propose", "calibrate"):
        shown = annotator(command, "--help").out
        assert not [name for name in ("--looks", "--passes", "--shapes") if name in shown]
    assert "no such option" in annotator("calibrate", model, "--data", faces, "--looks", 1).err.lower()


def test_a_sweep_prints_a_row_a_step_and_writes_a_plot(
    annotator: Runner, model: Path, faces: Path, tmp_path: Path
) -> None:
    run = annotator(
        *("evaluate", model, "--data", faces, "--most", 1, "--sweep", "roll", "--out", tmp_path, "--json"),
        *("--views", 1, "--iterations", 1),
    )
    assert [row["step"] for row in json.loads(run.out[run.out.index("[") :])][:2] == [-90.0, -60.0]
    assert (tmp_path / "sweep-roll.svg").is_file()
    assert annotator("evaluate", model, "--data", faces, "--sweep", "colour").code == 2


def test_best_and_worst_faces_are_drawn_beside_the_figures(
    annotator: Runner, model: Path, faces: Path, tmp_path: Path
) -> None:
    run = annotator("evaluate", model, "--data", faces, "--faces", tmp_path / "faces.jpg", "--json")
    assert run.code == 0, run.err
    assert json.loads(run.out)
    assert (tmp_path / "faces.jpg").stat().st_size > 1000


def test_options_that_would_be_left_undone_are_refused(
    annotator: Runner, model: Path, faces: Path, tmp_path: Path
) -> None:
    maps, page = tmp_path / "maps.jpg", tmp_path / "faces.jpg"
    drawn = annotator("evaluate", model, "--data", faces, "--heatmaps", maps, "--out", tmp_path / "report")
    assert drawn.code == 2
    assert "--out" in drawn.err
    assert not maps.exists()
    swept = annotator("evaluate", model, "--data", faces, "--sweep", "roll", "--faces", page)
    assert swept.code == 2
    assert "--faces" in swept.err


def test_heatmaps_are_drawn_into_a_file(annotator: Runner, model: Path, faces: Path, tmp_path: Path) -> None:
    assert annotator("evaluate", model, "--data", faces, "--heatmaps", tmp_path / "maps.jpg").code == 0
    assert cv2.imread(str(tmp_path / "maps.jpg")).shape[1] > 1000


def test_mediapipe_that_is_not_there_is_reported(annotator: Runner, faces: Path, tmp_path: Path) -> None:
    run = annotator("evaluate", "mediapipe", "--data", faces, "--mediapipe-python", tmp_path / "python")
    assert run.code == 1
    assert "no Python interpreter" in run.err


def test_calibrating_writes_the_card(annotator: Runner, model: Path, faces: Path) -> None:
    found = json.loads(annotator("calibrate", model, "--data", faces, "--json").out)
    assert read_card(model).preprocessing["covariance_scale"] == found["covariance_scale"]
    assert len(read_card(model).preprocessing["landmark_scale"]) == 68
    assert annotator("calibrate", model, "--data", faces, "--every", 2, "--as-is").code == 0


def test_made_up_people_add_to_the_faces_that_a_shape_prior_is_learnt_from(
    annotator: Runner, model: Path, faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def made_up(people: int, scheme: LandmarkScheme, **_: object) -> np.ndarray:
        asked.append(people)
        ring = np.stack([np.cos(np.arange(scheme.size)), np.sin(np.arange(scheme.size))], 1)
        return 100 * ring + np.random.default_rng(1).normal(0, 2, (LEAST_FACES, scheme.size, 2))

    monkeypatch.setattr("annotator.studio.truth.faces_alone.made_up_faces", made_up)
    alone = annotator("calibrate", model, "--data", faces, "--made-up", 7)
    assert alone.code == 2
    assert "--learn-shape-prior" in alone.err
    assert not (model / SHAPES_FILE).exists()
    done = annotator("calibrate", model, "--data", faces, "--learn-shape-prior", faces, "--made-up", 7)
    assert done.code == 0
    assert asked == [7]
    assert (model / SHAPES_FILE).is_file()
