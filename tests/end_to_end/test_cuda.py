"""On a CUDA device: the same proposals as on the CPU, training into a model, and the memory of a training step at 4096.

Skipped where there is none. Ran nowhere yet: no machine with a GPU was at hand when it was written.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from annotator.domain.assets import asset
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.imaging.reader import read_frame
from annotator.inference.predictor import Predictor
from annotator.research.bench.networks import NetworkBench, bench_networks, candidates
from annotator.services.models.training.train_folders import FolderTraining, train_folders

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
    pytest.mark.timeout(1200),
]
GIB = 1 << 30


@pytest.fixture
def sample() -> Path:
    """A shipped 4096x4096 capture."""
    return sorted((asset("resources/samples")).rglob("*.jpg"))[0]


def test_cuda_proposes_what_the_cpu_proposes(sample: Path) -> None:
    frame = read_frame(sample)
    cpu, cuda = (Predictor(asset("models/starter"), device=device) for device in ("cpu", "cuda"))
    assert cuda.device.startswith("cuda")
    one, many = cpu.propose(frame), cuda.propose_many([frame, frame[:, ::-1]], heatmaps=True)
    gap = np.linalg.norm(many[0].xy - one.xy, axis=-1)
    assert np.median(gap) < 1.0, "pixels of a 4096 frame"
    assert gap.max() < 8.0
    assert many[0].heatmaps[0].logits.shape == one.heatmaps[0].logits.shape
    assert cuda.notes == ()


@pytest.mark.parametrize("compiled", [False, True])
def test_cuda_trains_into_a_model_that_proposes(tmp_path: Path, compiled: bool) -> None:
    pytest.importorskip("moderngl", reason="needs the extra studio")
    from annotator.studio.dataset.dataset import render_dataset
    from annotator.studio.dataset.presets import training

    render_dataset(tmp_path / "data", replace(training(2), size=256), lambda *_: None)
    wanted = FolderTraining(
        ((tmp_path / "data", 1.0),), tmp_path / "mine", model="starter", steps=4, batch=2, device="cuda"
    )
    events: list[dict[str, object]] = []
    train_folders(replace(wanted, compiled=compiled), events.append)
    losses = [event["loss"] for event in events if event["event"] == "step"]
    assert losses
    assert np.isfinite(np.array(losses, np.float64)).all()
    frame = np.zeros((300, 300, 3), np.uint8)
    assert np.isfinite(Predictor(tmp_path / "mine", device="cuda").propose(frame).xy).all()


def test_a_full_training_step_at_4096_fits_into_eleven_gibibytes() -> None:
    options = NetworkBench(size=4096, batch=4, count=1, device="cuda")
    chosen = candidates(["adc"], width=None, crop=256, recompute=True)
    figures = bench_networks(chosen, load_scheme("studio-89"), options)[0]
    assert figures.step_bytes is not None
    assert figures.step_bytes <= 11 * GIB
