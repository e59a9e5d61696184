"""Where narrow floats are only emulated, training falls back to float32, in projects and dataset folders alike."""

from pathlib import Path

import pytest
import torch

from annotator.services import train, train_folders, training_device
from annotator.services.train_folders import FolderTraining
from annotator.services.training_run import RunSettings
from annotator.training.recipes import recipe


@pytest.mark.parametrize(
    ("narrow", "expected"), [(None, "32-true"), (torch.bfloat16, recipe("finetune").precision)]
)
def test_precision_follows_the_device(
    narrow: torch.dtype | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_device, "fast_type", lambda _: narrow)
    folders = FolderTraining(((Path("renders"), 1.0),), Path("out"), recipe="finetune", device="cpu")
    assert train_folders._config(folders).precision == expected
    settings = RunSettings("m", "parent", "finetune", None, 5.0, 1)
    assert train._config(settings, "cpu").precision == expected
