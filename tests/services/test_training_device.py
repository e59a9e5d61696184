"""What a recipe becomes: float32 where narrow floats are only emulated, and the budgets of a run."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from annotator.services import train_folders, training_device
from annotator.services.train_folders import FolderTraining
from annotator.services.training_device import configured
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
    assert configured(settings, "cpu").precision == expected


def test_budgets_follow_the_run() -> None:
    assert recipe("finetune").minutes == 5.0
    settings = RunSettings("m", "p", "finetune", None, 2.5, 7)
    by_clock = configured(settings, "cpu")
    assert (by_clock.minutes, by_clock.seed) == (2.5, 7)
    assert by_clock.steps >= 100_000
    assert configured(replace(settings, steps=30, minutes=None), "cpu").minutes == 0.0
    assert configured(replace(settings, minutes=None), "cpu").minutes == 5.0
