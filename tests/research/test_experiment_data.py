"""What experiments learn from and are measured on: faces cut out by `.pts` files, 300-W's columns, dlib on the same pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simplejpeg
from experiment_files import picture, ring
from list_source import ListSource

from annotator.domain.coords import apply_affine
from annotator.domain.errors import AnnotatorError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.research.experiments import dlib_baseline
from annotator.research.experiments.data import training_source
from annotator.research.experiments.options import ExperimentOptions
from annotator.research.experiments.run import run_experiment
from annotator.research.experiments.table import FULL_IMAGES, FULL_PAPER
from annotator.services.models.training.frames_source import evaluation_frames
from annotator.training.source import Sample


def pts_folder(folder: Path, count: int) -> None:
    """Pictures with `.pts` files of 68 points beside them."""
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"face_{number}.jpg").write_bytes(simplejpeg.encode_jpeg(picture(number), colorspace="RGB"))
        lines = "\n".join(f"{x:.3f} {y:.3f}" for x, y in ring(68, number))
        (folder / f"face_{number}.pts").write_text(f"version: 1\nn_points: 68\n{{\n{lines}\n}}\n")


def test_300w_prints_both_full_columns(tmp_path: Path) -> None:
    pts_folder(tmp_path / "train", 2)
    pts_folder(tmp_path / "test/common", 2)
    pts_folder(tmp_path / "test/challenging", 1)
    options = ExperimentOptions(
        tmp_path / "train", tmp_path / "test", tmp_path / "out", steps=1, width=8, stride=4, crop=32, batch=1,
        only=("adc-light-256",), device="cpu",
    )  # fmt: skip
    table = run_experiment("300w", options)
    assert list(table.grid["ADC light"]) == ["common", "challenging", FULL_PAPER, FULL_IMAGES]
    text = (options.out / "300w/table.md").read_text()
    assert "adc-light-256 common" in text
    assert (options.out / "300w/challenging/report.html").is_file()


def test_cut_out_faces_keep_their_points(tmp_path: Path) -> None:
    pts_folder(tmp_path / "faces", 2)
    scheme = load_scheme("ibug-68")
    frames = evaluation_frames(tmp_path / "faces", scheme, cut_out=True)
    source = training_source(tmp_path / "faces", scheme, 80, cut_out=True)
    for number in range(2):
        square, frame_from_square = frames.square(number, 100)
        assert square.shape == (100, 100, 3)
        item = source[number]
        # a quarter larger than asked for, so that jitter may enlarge it
        assert item.image.shape == (100, 100, 3)
        back = apply_affine(frame_from_square, item.xy)
        np.testing.assert_allclose(back, frames.data.truth.xy[number], atol=1e-3)
        extent = np.ptp(item.xy, axis=0).max()
        assert extent == pytest.approx(100 / 1.5, abs=0.01)
    (tmp_path / "empty").mkdir()
    with pytest.raises(AnnotatorError, match="nothing to evaluate on"):
        training_source(tmp_path / "empty", scheme, 80, cut_out=False)


def dots(seed: int) -> Sample:
    """A grey square with bright dots at three landmarks that move together."""
    rng = np.random.default_rng(seed)
    xy = np.array([[20.0, 20.0], [44.0, 20.0], [32.0, 46.0]]) + rng.normal(0, 3, 2)
    image = np.full((64, 64, 3), 60, np.uint8)
    for x, y in xy:
        image[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3] = 240
    return Sample(image, xy.astype(np.float32), np.ones(3, np.float32))


def test_dlib_learns_and_answers_in_our_pixels(tmp_path: Path) -> None:
    pytest.importorskip("dlib", reason="the extra dlib is not installed")
    samples = [dots(seed) for seed in range(24)]
    toy: Any = type("Scheme", (), {"size": 3})()
    dlib_baseline.train_dlib(ListSource(samples), toy, 64, tmp_path, seed=1, trees=20)
    truth = type("Truth", (), {"xy": np.stack([s.xy for s in samples]).astype(float)})()
    frames: Any = type("Frames", (), {"data": type("Data", (), {"truth": truth})()})()
    find: Callable[..., np.ndarray] = dlib_baseline.dlib_network(tmp_path, frames, seed=1)
    same = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    errors = [np.linalg.norm(find(s.image, same, i) - s.xy, axis=-1).mean() for i, s in enumerate(samples)]
    assert np.mean(errors) < 1.5
