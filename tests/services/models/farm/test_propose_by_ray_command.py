"""`annotator propose --ray auto` as a command: the model is sent, Ctrl+C keeps what is there, the next call goes on."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from blank_model import blank_model
from farm_worker import held

from annotator.domain.capture import Frame
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.services.models.active_model import choose_model
from annotator.services.models.loaded_model import ModelUse, loaded_model
from annotator.services.models.propose import propose_project
from annotator.store.project_store import ProjectStore

pytest.importorskip("ray")
pytest.importorskip("pyarrow")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
COUNT, SCHEME = 60, load_scheme("ibug-68")


def make(folder: Path, model: Path, name: str) -> Path:
    random, names = np.random.default_rng(0), [f"{number:03}.jpg" for number in range(COUNT)]
    for frame in names:
        if not (folder / frame).exists():
            pixels = random.integers(0, 255, (96, 96, 3), np.uint8)
            (folder / frame).write_bytes(simplejpeg.encode_jpeg(pixels, colorspace="RGB"))
    with ProjectStore.create(folder / f"{name}.annotator", SCHEME, folder) as store:
        store.frames.add(Frame(0, frame, "anna", "t", "c", frame[:3], 96, 96) for frame in names)
        store.models.activate(choose_model(store, str(model)).id)
    return folder / f"{name}.annotator"


def start(project: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "annotator", "propose", str(project), "--all", "--ray", "auto"]
    about = os.environ | {
        "PYTHONPATH": str(Path(__file__).parents[4]),
        "ANNOTATOR_PROGRESS": "json",
        "RAY_worker_niceness": "0",  # 15 by itself, which a busy machine starves
    }
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*command, "--workers", "1", "--device", "cpu", "--json"],
        env=about,
        stdout=pipe,
        stderr=pipe,
        text=True,
    )


def test_a_run_that_is_interrupted_goes_on_and_comes_to_the_same(tmp_path: Path) -> None:
    model = blank_model(tmp_path, SCHEME)
    project, alone = make(tmp_path, model, "p"), make(tmp_path, model, "alone")
    with ProjectStore.open(alone) as store, loaded_model(store, ModelUse(device="cpu")) as predictor:
        propose_project(store, predictor)
        name = store.models.active_id() or ""
        expected = held(store, name)
    child = start(project)
    assert child.stderr is not None
    for line in child.stderr:
        told = json.loads(line)["progress"] if line.startswith('{"progress"') else [0]
        if told[0] > 0:
            child.send_signal(signal.SIGINT)
            break
    _, errors = child.communicate(timeout=300)
    assert child.returncode == 130, errors
    with ProjectStore.open(project) as store:
        there = len(held(store, name))
    assert 0 < there < COUNT
    assert not project.with_suffix(".farm").exists()
    answer, errors = start(project).communicate(timeout=300)
    summary = json.loads(answer)
    assert (summary["skipped"], summary["proposed"]) == (there, COUNT - there), errors
    assert any("started on this machine" in text for text in summary["notes"])
    with ProjectStore.open(project) as store:
        assert held(store, name) == expected
