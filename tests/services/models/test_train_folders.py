"""Training from dataset folders: what is read, and what is refused."""

from pathlib import Path

import pytest
from list_source import ListSource

from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme
from annotator.services.models.training import train_folders
from annotator.services.models.training.train_folders import FolderTraining


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
