"""The registry and dataset folders."""

import json
from pathlib import Path

import pytest
from format_data import IBUG, make_dataset

from annotator.domain.errors import FormatError
from annotator.formats.base import DatasetView, manifest_text
from annotator.formats.coco import Coco
from annotator.formats.dataset_folder import MANIFEST, read_dataset_folder
from annotator.formats.registry import format_named, format_of, formats


def test_formats_are_found_by_name_and_by_file(tmp_path: Path) -> None:
    tools = ["coco-dataset", "yolo", "cvat", "labelstudio", "labelme", "via", "imglab", "wflw", "deeplabcut"]
    tools += ["deeplabcut-h5", "sleap", "openpose", "mediapipe"]
    assert list(formats()) == ["coco", "pts", "csv", *tools]
    assert format_named("COCO").name == "coco"
    assert format_of(tmp_path / "x.JSON").name == "coco"
    assert format_of(tmp_path / "x.csv").name == "csv"
    assert format_of(tmp_path).name == format_of(tmp_path / "x.pts").name == "pts"
    with pytest.raises(FormatError, match="coco, pts, csv, coco-dataset"):
        format_named("excel")
    with pytest.raises(FormatError, match="cannot be told"):
        format_of(tmp_path / "x.docx")


def make_folder(root: Path, count: int = 2) -> DatasetView:
    dataset = make_dataset(IBUG, count)
    for item in dataset.frames:
        (root / item.frame.path).parent.mkdir(parents=True, exist_ok=True)
        (root / item.frame.path).write_bytes(b"an image")
    Coco().write(dataset, root / "annotations.json")
    (root / MANIFEST).write_text(manifest_text({"seed": 3}), encoding="utf-8")
    return dataset


def test_a_dataset_folder_comes_back(tmp_path: Path) -> None:
    dataset = make_folder(tmp_path)
    found = read_dataset_folder(tmp_path, IBUG)
    assert found.manifest["seed"] == 3
    for item, frame in zip(dataset.frames, found.dataset, strict=True):
        assert frame.annotation(IBUG) == item.annotation
        assert found.image(frame).read_bytes() == b"an image"


def test_a_dataset_folder_that_lacks_images_or_leaves_itself(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no annotations\.json"):
        read_dataset_folder(tmp_path, IBUG)
    make_folder(tmp_path)
    (tmp_path / "s1/c/1.jpg").unlink()
    with pytest.raises(FormatError, match=r"lacks 1 of its 2 images, the first is s1/c/1\.jpg"):
        read_dataset_folder(tmp_path, IBUG)
    document = json.loads((tmp_path / "annotations.json").read_text())
    document["images"][1]["file_name"] = "../../etc/passwd"
    (tmp_path / "annotations.json").write_text(json.dumps(document))
    with pytest.raises(FormatError, match="does not stay inside"):
        read_dataset_folder(tmp_path, IBUG)
