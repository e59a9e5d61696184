"""What a recipe becomes: float32 where narrow floats are only emulated, and the budgets of a run."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme
from annotator.services.models import train_folders, training_device
from annotator.services.models.train_folders import FolderTraining
from annotator.services.models.training_device import configured
from annotator.services.models.training_run import RunSettings
from annotator.training.recipes import recipe
from annotator.training.source import ListSource


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


@pytest.mark.parametrize(("name", "longest"), [("starter", 1536), ("ladder-full-4096", 5120)])
def test_pictures_are_read_as_large_as_the_recipe_needs_them(
    name: str, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def folder(_: Path, scheme: LandmarkScheme, longest: int) -> ListSource:
        asked.append(longest)
        return ListSource([])

    monkeypatch.setattr(train_folders, "DatasetFolder", folder)
    wanted = FolderTraining(
        ((Path("renders"), 1.0),), Path("out"), recipe=name, device="cpu", validation=Path("other")
    )
    with pytest.raises(AnnotatorError, match="no annotated picture"):
        train_folders.train_folders(wanted, lambda _: None)
    assert asked == [longest, longest]
