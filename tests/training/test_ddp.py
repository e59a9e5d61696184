"""Two processes on one machine, as `torchrun` starts them: they see other samples and end with the same weights."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
import torch
from safetensors.torch import load_file

from annotator.domain.scheme import LandmarkScheme
from annotator.nn.checkpoint import load_model
from annotator.nn.zoo import architecture, build

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_two_processes_end_with_the_same_weights(tmp_path: Path, scheme: LandmarkScheme) -> None:
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2",
        str(ROOT / "tests/training/ddp_worker.py"), str(tmp_path),
    ]  # fmt: skip
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests/helpers")))
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-2000:]
    for kind in ("whole", "sequential"):
        one, two = (load_file(tmp_path / kind / f"rank-{rank}.safetensors") for rank in (0, 1))
        assert one.keys() == two.keys()
        for name in one:
            torch.testing.assert_close(one[name], two[name], atol=1e-6, rtol=1e-5)
        torch.manual_seed(5)
        fresh = build(architecture("tiny", scheme)).state_dict()
        assert any((one[name] - fresh[name]).abs().max() > 1e-4 for name in one)
        _, card = load_model(tmp_path / kind / "model")
        assert card.data["steps"] == 2


@pytest.mark.slow
def test_the_documented_line_trains_by_two_processes(tmp_path: Path) -> None:
    """The line of the page on farms, with our folders in place of its own."""
    random, data = np.random.default_rng(0), tmp_path / "data"
    data.mkdir()
    for number in range(12):
        pixels = random.integers(0, 255, (96, 96, 3), np.uint8)
        (data / f"s{number}.jpg").write_bytes(simplejpeg.encode_jpeg(pixels, colorspace="RGB"))
        points = "\n".join(f"{x} {y}" for x, y in random.uniform(20, 76, (68, 2)))
        (data / f"s{number}.pts").write_text(f"version: 1\nn_points: 68\n{{\n{points}\n}}\n")
    page = (ROOT / "docs" / "farm.md").read_text(encoding="utf-8")
    line = re.search(r"<!-- two processes -->\n```text\ntorchrun (.*)\n```", page)
    assert line is not None
    words = shlex.split(
        line[1].replace("renders/train", str(data)).replace("runs/mine", str(tmp_path / "mine"))
    )
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        *words,
        "--scheme",
        "ibug-68",
        "--recipe",
        "light",
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "--batch", "2"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Starting with 2 processes" in done.stderr + done.stdout
    _, card = load_model(tmp_path / "mine")
    assert card.data["steps"] == 2
