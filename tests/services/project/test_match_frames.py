"""Which frame of a project a file of annotations means."""

import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from project_files import IBUG, L, project

from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError
from annotator.formats.base import ImportedFrame
from annotator.services.project.import_annotations import import_annotations
from annotator.services.project.match_frames import match_frames
from annotator.store.project_store import ProjectStore


def write_csv(path: Path, *frames: str, size: tuple[int, int] | None = None) -> Path:
    head = "frame,landmark,x,y" + (",width,height" if size else "")
    tail = f",{size[0]},{size[1]}" if size else ""
    path.write_text(
        "\n".join([head, *(f"{frame},{IBUG.names[0]},{n},7{tail}" for n, frame in enumerate(frames, 1))])
    )
    return path


def imported(path: str) -> ImportedFrame:
    return ImportedFrame(path, np.full((L, 2), np.nan, np.float32), np.zeros(L, np.uint8))


def placed_x(store: ProjectStore) -> dict[str, float]:
    points = {
        store.frames.get(frame).path: annotation.xy[0, 0] for frame, annotation in store.annotations.items()
    }
    return {path: float(x) for path, x in points.items()}


def test_frames_are_matched_by_path_or_by_a_name_that_only_one_has(tmp_path: Path) -> None:
    paths = ("day1/anna/left.jpg", "day1/bo/left.jpg", "day1/cy/top_7.jpg")
    with project(tmp_path, paths=paths) as store:
        file = write_csv(
            tmp_path / "a.csv",
            "top_7.jpg",
            "anna/left.jpg",
            "C:\\old\\day1\\bo\\left.jpg",
            "left.jpg",
            "gone.jpg",
        )
        report = import_annotations(store, file)
        assert placed_x(store) == {paths[2]: 1, paths[0]: 2, paths[1]: 3}
        assert "could be any of 2 frames" in report.unmatched["left.jpg"]
        assert "no frame is called gone.jpg" in report.unmatched["gone.jpg"]
        assert report.notes == ()


def test_a_match_by_name_alone_is_told_and_takes_no_frame_twice(tmp_path: Path) -> None:
    with project(tmp_path, paths=("anna/left.jpg", "anna/top.jpg")) as store:
        file = write_csv(tmp_path / "a.csv", "bo/left.jpg", "anna/left.jpg", "x/top.jpg")
        report = import_annotations(store, file)
        assert placed_x(store) == {"anna/left.jpg": 2, "anna/top.jpg": 3}
        assert "stands for the same frame" in report.unmatched["bo/left.jpg"]
        assert report.notes == (
            "1 frames were known by their file name alone, such as x/top.jpg as anna/top.jpg; check them",
        )


def test_a_frame_of_another_size_is_no_match(tmp_path: Path) -> None:
    with project(tmp_path) as store:
        file = write_csv(tmp_path / "a.csv", "anna/left.jpg", size=(800, 600))
        with pytest.raises(
            FormatError, match=r"is 800 x 600 px in the file, but anna/left\.jpg is 400 x 300"
        ):
            import_annotations(store, file)
        assert store.ledger.entries() == []


@pytest.mark.parametrize(
    ("ours", "theirs"), [("0001", "1"), ("shot 007", "shot 7"), ("000", "0"), ("1001", " 1001 ")]
)
def test_zeros_that_a_spreadsheet_dropped_are_no_contradiction(ours: str, theirs: str) -> None:
    frame = Frame(1, "anna_0001.png", "caps", "", "", ours, 400, 300)
    item = replace(imported("anna_0001.png"), index=theirs)
    assert [pair[0].id for pair in match_frames([frame], [item]).pairs] == [1]
    other = replace(item, index="2")
    assert match_frames([frame], [other]).unmatched


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_both_spellings_of_an_accent_are_one_name(form: str) -> None:
    other = "NFD" if form == "NFC" else "NFC"
    frame = Frame(1, unicodedata.normalize(form, "Zoë/é.png"), "", "", "", "", 400, 300)
    item = imported(unicodedata.normalize(other, "Zoë/é.png"))
    assert len(match_frames([frame], [item]).pairs) == 1
