"""Training from dataset folders: what is read, and what is refused."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from list_source import ListSource

from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
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

    monkeypatch.setattr(train_folders, "PictureFolder", folder)
    wanted = FolderTraining(
        ((Path("renders"), 1.0),), Path("out"), recipe=name, device="cpu", validation=Path("other")
    )
    with pytest.raises(AnnotatorError, match="no annotated picture"):
        train_folders.train_folders(wanted, lambda _: None)
    assert asked == [longest, longest]


def test_folders_of_pts_and_videos_of_300vw_are_learnt_from_as_faces_cut_out(tmp_path: Path) -> None:
    scheme = load_scheme("ibug-68")
    rng = np.random.default_rng(0)
    for name in ("300w/a", "300vw/001/annot/000001", "300vw/001/annot/000002", "300vw/114/annot/000001"):
        points = rng.uniform(30, 60, (68, 2))
        file = tmp_path / f"{name}.pts"
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = "\n".join(f"{x + 0.5:.4f} {y + 0.5:.4f}" for x, y in points)
        file.write_text(f"version: 1\nn_points: 68\n{{\n{lines}\n}}\n")
        picture = file.with_suffix(".png") if "annot" not in name else file.parent.parent / f"{file.stem}.png"
        assert cv2.imwrite(str(picture), rng.integers(0, 255, (100, 120, 3), np.uint8))
    stills = train_folders._source(tmp_path / "300w", scheme, 128)
    assert len(stills) == 1
    assert stills[0].image.shape == (128, 128, 3)
    assert stills[0].xy.min() > 10
    videos = train_folders._source(tmp_path / "300vw", scheme, 128)
    assert len(videos) == 2  # 114 is one that is tested with
    assert [len(videos.clip(0, count)) for count in (1, 2, 3)] == [1, 2, 2]
    assert set(videos.subjects) == {"001"}
