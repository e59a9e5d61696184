"""`annotator bench`: every benchmark runs whole at a tiny size, and failures are told."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import simplejpeg

from annotator.cli.bench_tables import print_rig
from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.model_card import ModelCard
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.imaging.proxy import proxy
from annotator.imaging.reader import read_frame
from annotator.research.bench import pipeline

Runner = Callable[..., Any]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A 640x480 JPEG."""
    file = tmp_path / "frame.jpg"
    pixels = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    file.write_bytes(simplejpeg.encode_jpeg(pixels, colorspace="RGB"))
    return file


def test_project(annotator: Runner) -> None:
    run = annotator("bench", "project", "--frames", 30, "-n", 2)
    assert run.code == 0
    assert "commit" in run.out
    assert "cores" in run.out
    told = json.loads(annotator("bench", "project", "--frames", 30, "-n", 1, "--json").out)
    assert told["frames"] == 30
    assert told["machine"]["date"]


class FakePredictor:
    """Proposes nothing, by a known number of calls."""

    notes = ("a note",)
    device = "cpu"
    card = SimpleNamespace(id="fake")
    scheme = load_scheme("studio-89")

    def __init__(self, folder: Path, device: str = "auto", compiled: bool = False) -> None:
        self.calls = 0

    def propose(self, image: Any, heatmaps: bool = True) -> None:
        assert image.shape == (480, 640, 3)
        self.calls += 1


def test_pipeline_figures_are_ratios_to_decoding(
    image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "Predictor", FakePredictor)
    figures = pipeline.bench_pipeline(image, tmp_path, count=3)
    assert (figures.width, figures.height, figures.model) == (640, 480, "fake")
    assert list(figures.timings) == ["decode", "proxy", "network", "no face", "total"]
    assert figures.timings["decode"].ratio == 1.0
    assert {timing.repetitions for timing in figures.timings.values()} == {3}
    decode = figures.timings["decode"].median
    assert all(timing.ratio == pytest.approx(timing.median / decode) for timing in figures.timings.values())


def test_an_unknown_model_is_refused(annotator: Runner, image: Path) -> None:
    run = annotator("bench", "pipeline", "--image", image, "--model", "no-such")
    assert run.code == 1
    assert "no-such" in run.err


def test_an_unknown_benchmark_is_wrong_usage(annotator: Runner) -> None:
    assert annotator("bench", "speed").code == 2


@pytest.mark.parametrize(
    "line", [["loop"], ["loop", "--data", "x"], ["render", "--sizes", "big"], ["loop", "--counts", "few"]]
)
def test_wrong_usage(annotator: Runner, line: list[str]) -> None:
    assert annotator("bench", *line).code == 2


def test_the_loop_asks_its_service_and_prints_the_curve(
    annotator: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotator.research import correction_loop as service
    from annotator.services.models import evaluation_sets
    from annotator.services.models import registry as models

    asked: dict[str, Any] = {}

    def fake(folder: Path, frames: object, work: Path, options: Any, tell: Any, stop: object) -> list[Any]:
        asked.update(folder=folder, frames=frames, options=options)
        points = [service.LoopPoint(n, 2.0 - n / 10, 1.5, 40.0 - n, 20.0, 1.0, "m") for n in options.counts]
        for point in points:
            tell(point)
        return points

    card = ModelCard("other", DEFAULT_SCHEME, {"kind": "adc"})
    monkeypatch.setattr(service, "correction_loop", fake)
    monkeypatch.setattr(evaluation_sets, "load_set", lambda path, scheme: (path.name, scheme.id))
    monkeypatch.setattr(models, "find_model", lambda name: models.ModelEntry(card, tmp_path, "folder"))
    line = ("bench", "loop", "--data", tmp_path / "set", "--work", tmp_path / "w", "--model", "other")
    run = annotator(*line, "--counts", "0,5", "--minutes", 2)
    assert run.code == 0
    assert "5 corrected: NME 1.500 %" in run.err
    assert "other on the frames of set" in run.out
    assert (asked["folder"], asked["frames"]) == (tmp_path, ("set", DEFAULT_SCHEME))
    assert (asked["options"].counts, asked["options"].minutes) == ((0, 5), 2.0)
    assert asked["options"].recipe == "finetune"
    told = json.loads(annotator(*line, "--counts", "3", "--convention", "--json").out)
    assert told["points"][0]["to_correct"] == 37.0
    assert asked["options"].convention
    asked.clear()
    assert "--convention" in annotator(*line, "--counts", "3", "--recipe", "placement").err
    assert asked["options"].convention


@pytest.mark.gui
@pytest.mark.slow
def test_the_window(annotator: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    small, _ = proxy(read_frame(pipeline.sample_image()), 512)
    image = tmp_path / "face.jpg"
    image.write_bytes(simplejpeg.encode_jpeg(small, colorspace="RGB"))
    run = annotator("bench", "ui", "--image", image, "-n", 1, "--no-stalls", "--views", 3, "--json")
    assert run.code == 0, run.err
    told = json.loads(run.out)
    wanted = {"decode", "click to first picture", "click to full picture", "release to commit", "drag step"}
    assert wanted <= set(told["timings"])
    assert told["timings"]["drag step"]["repetitions"] == 6
    assert told["timings"]["drag step"]["processor"] > 0
    assert told["rig_timings"]["views follow, longest turn"]["repetitions"] == 12
    assert told["rig_memory"]["pixels"] > 0


@pytest.mark.gui
def test_a_frame_that_is_none_ends_the_windows_benchmark_with_its_reason(
    annotator: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    run = annotator("bench", "ui", "--image", broken)
    assert run.code == 1
    assert "camera.jpg" in run.err


def test_rig_needs_a_set_of_cameras_that_stand_still(annotator: Runner, tmp_path: Path) -> None:
    assert annotator("bench", "rig").code == 2
    run = annotator("bench", "rig", "--data", tmp_path)
    assert (run.code, "--fixed-rig" in run.err) == (1, True)


def test_the_table_of_a_rig_names_calibrations_and_times(capsys: pytest.CaptureFixture[str]) -> None:
    row = {
        **dict.fromkeys(("misfit", "single", "nme", "median", "p95", "single_beyond", "beyond"), 1.25),
        "corrected": 2,
        "calibration": "exact",
        "refined": False,
        "single_mouth": 1.5,
        "mouth": 0.5,
        "inside": (39.0, 86.0),
    }
    time = {"median": 0.004, "p99": 0.006}
    print_rig({
        "rows": [row, {**row, "refined": True}], "moments": 4, "views": 8, "landmarks": 89, "model": "m", "seed": 1,
        "timings": {"triangulate": time, "processor": time}, "memory_peak": 2**20,
        "machine": {"gpus": [], "processor": "p", "cores": 2, "memory": 1, "python": "3", "packages": {}, "date": "d"},
    })  # fmt: skip
    told = capsys.readouterr().out.replace("\n", " ")
    assert "89 x 8 triangulated in 4.00 ms" in told
    assert "synthetic" in told
