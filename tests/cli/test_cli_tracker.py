"""`bench tracker` on a take of a few frames, and `evaluate --preset` on a small folder of 300-W."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from annotator.domain.model_card import ModelCard
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.nn.checkpoint import save_model
from annotator.nn.zoo import architecture, build
from annotator.studio.dataset.annotation_files import append_record, finish_dataset, write_json

SCHEME = load_scheme("ibug-68")


@pytest.fixture
def takes(tmp_path: Path) -> Path:
    """Two takes of three frames, as renders lie on disk."""
    folder, rng = tmp_path / "takes", np.random.default_rng(0)
    base = rng.uniform(30, 90, (SCHEME.size, 2))
    picture = cv2.resize(rng.integers(0, 255, (8, 8, 3), np.uint8), (128, 128))
    write_json_of(folder)
    for subject in ("subject_1", "subject_2"):
        for number in range(3):
            name = f"{subject}/talking_{number:04d}/cam_01.png"
            (folder / name).parent.mkdir(parents=True)
            assert cv2.imwrite(str(folder / name), np.roll(picture, number, axis=1))
            append_record(folder, record(name, subject, base + [number, 0]))
    finish_dataset(folder, SCHEME)
    return folder


def write_json_of(folder: Path) -> None:
    folder.mkdir()
    write_json(folder / "manifest.json", {"kind": "annotator-synthetic", "complete": False, "options": {}})


def record(name: str, subject: str, xy: np.ndarray) -> dict[str, Any]:
    return {
        "crops": [], "file": name, "subject": subject, "width": 128, "height": 128, "look": "x", "scheme": SCHEME.id,
        "xy": xy.tolist(), "state": [2] * SCHEME.size, "calibration": {},
    }  # fmt: skip


def test_the_command_prints_a_row_a_system(
    annotator: Callable[..., Any], takes: Path, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    overview = {"hourglass": {"channels": 8, "depth": 2, "stride": 4}}
    quiet = {"search": False, "looks": 1}
    for name, kind, changes in (
        ("follower", "heatmap-1d-tracker", {"proxy": 64, "overview": overview}),
        ("still", "tiny", {}),
    ):
        description = architecture(kind, SCHEME, **changes)
        save_model(
            tmp_path / name, build(description), ModelCard(name, SCHEME.id, description, preprocessing=quiet)
        )
    command = ("bench", "tracker", "--data", takes, "--model", tmp_path / "follower", "--device", "cpu")
    run = annotator(*command, "--beside", tmp_path / "still", "--json")
    assert run.code == 0, run.err
    found = json.loads(run.out)
    assert (found["takes"], found["frames"]) == (2, 6)
    names = [own["system"] for own in found["figures"]]
    assert names == ["follower", "follower, detector alone", "still, frame by frame"]
    assert set(found["differences"]) == set(names[1:])
    assert all(np.isfinite(own["nme"]["value"]) and own["seconds"] > 0 for own in found["figures"])
    shown = annotator(*command, "-n", 3)
    assert "jitter" in shown.out
    assert annotator("bench", "tracker", "--data", takes).code == 2
    assert annotator("bench", "tracker", "--data", takes, "--model", tmp_path / "still").code == 1


def test_a_protocol_comes_with_the_paper_s_table(annotator: Callable[..., Any], tmp_path: Path) -> None:
    root, rng = tmp_path / "300w", np.random.default_rng(0)
    for name in ("common", "challenging"):
        (root / name).mkdir(parents=True)
        assert cv2.imwrite(str(root / name / "a.png"), rng.integers(0, 255, (90, 90, 3), np.uint8))
        lines = "\n".join(f"{x:.3f} {y:.3f}" for x, y in rng.uniform(20, 70, (68, 2)))
        (root / name / "a.pts").write_text(f"version: 1\nn_points: 68\n{{\n{lines}\n}}\n")
    description = architecture("tiny", SCHEME)
    quiet = {"search": False, "looks": 1}
    save_model(
        tmp_path / "m", build(description), ModelCard("m", SCHEME.id, description, preprocessing=quiet)
    )
    run = annotator("evaluate", tmp_path / "m", "--preset", "300w", root, "--out", tmp_path / "report")
    assert run.code == 0, run.err
    for text in ("ADC, as published", "2.83", "full, common twice", "inter-pupil", "51 points", "AUC"):
        assert text in run.out
    assert "Chandran" in run.out
    assert (tmp_path / "report" / "report.html").is_file()
    told = json.loads(annotator("evaluate", tmp_path / "m", "--preset", "300w", "--data", root, "--json").out)
    assert {own["set"] for own in told["figures"]} == {"common", "challenging", "full", "full, common twice"}
    for wrong in (("--sweep", "roll"), ("--normaliser", "box"), ("--comparable",)):
        refused = annotator("evaluate", tmp_path / "m", "--preset", "300w", root, *wrong)
        assert refused.code == 2
        assert wrong[0] in refused.err
    assert annotator("evaluate", tmp_path / "m", "--preset", "400w", root).code == 1
    assert annotator("evaluate", tmp_path / "m").code == 2
