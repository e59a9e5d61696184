"""COCO files of other programs: null, NaN and text anywhere, several entries a frame, sizes and ids in any spelling."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotator.domain.annotation import Annotation, Flag, LandmarkState
from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError
from annotator.formats.base import DatasetFrame, DatasetView, ImportedDataset
from annotator.formats.coco import Coco
from tests.formats.format_data import IBUG

NAMES = ["jaw_right_8", "chin", "nose_ridge_1"]
FIRST, SECOND = "anna/1001.png", "anna/1002.png"


def _document(*more: dict[str, Any], **first: Any) -> dict[str, Any]:
    keypoints = [10, 20, 2, 30, 40, 1, 0, 0, 0]
    good = {"id": 3, "image_id": 9, "category_id": 3, "keypoints": [11, 21, 2, 31, 41, 2, 51, 61, 2]}
    return {
        "images": [
            {"id": 7, "file_name": FIRST, "width": 400, "height": 300},
            {"id": 9, "file_name": SECOND, "width": 400, "height": 300},
        ],
        "annotations": [
            {"id": 55, "image_id": 7, "category_id": 3, "keypoints": keypoints, "iscrowd": 0, **first},
            good,
            *more,
        ],
        "categories": [{"id": 3, "name": "face", "keypoints": NAMES, "skeleton": []}],
    }


def _read(tmp_path: Path, document: dict[str, Any]) -> ImportedDataset:
    (tmp_path / "a.json").write_text(json.dumps(document))
    return Coco().read(tmp_path / "a.json", IBUG)


def _places(dataset: ImportedDataset, path: str) -> dict[str, list[float]]:
    frame = next(frame for frame in dataset if frame.path == path)
    return {name: frame.xy[IBUG.index(name)].tolist() for name in NAMES if frame.placed[IBUG.index(name)]}


NAN = float("nan")
TWO = {"jaw_right_8": [10.5, 20.5], "chin": [30.5, 40.5]}


@pytest.mark.parametrize(
    "keypoints",
    [
        [10, 20, 2, 30, 40, 1, NAN, NAN, 0],
        [10, 20, 2, 30, 40, 1, None, None, 0],
        [10, 20, 2, 30, 40, 1, None, None, None],
        [10, 20, 2, 30, 40, 1, 0, 0, None],
        [10, 20, 2, 30, 40, 1, 0, 0, NAN],
        [10, 20, 2, 30, 40, 1, "", "", ""],
        [10, 20, 2, 30, 40, 1, 77, 88, 0],
        [10.0, 20.0, 2.0, 30.0, 40.0, 1.0, float("inf"), 0, 0.0],
        ["10", "20.0", "2", "30", "40", "1", "x", "y", "0"],
        [[10, 20, 2], [30, 40, 1], [0, 0, 0]],
    ],
)
def test_what_is_not_marked_may_be_anything(tmp_path: Path, keypoints: list[Any]) -> None:
    dataset = _read(tmp_path, _document(keypoints=keypoints))
    assert _places(dataset, FIRST) == TWO
    assert not dataset.left_out
    assert dataset.frames[0].flags[IBUG.index("chin")] & Flag.OCCLUDED


def test_a_marked_point_without_a_place_is_named(tmp_path: Path) -> None:
    dataset = _read(tmp_path, _document(keypoints=[10, 20, 2, 30, 40, 1, NAN, None, 2]))
    assert _places(dataset, FIRST) == TWO
    assert list(dataset.left_out) == [f"{FIRST}: nose_ridge_1"]


@pytest.mark.parametrize(
    "more",
    [
        {"id": 56, "image_id": 7, "category_id": 3, "bbox": [0, 0, 9, 9]},
        {"id": 56, "image_id": 7, "category_id": 3, "keypoints": None},
        {"id": 56, "image_id": 7, "category_id": 3, "keypoints": []},
        {"id": 56, "image_id": 7, "category_id": 3, "keypoints": [0] * 9, "num_keypoints": 0},
        {"id": 56, "image_id": 7, "category_id": 3, "keypoints": [None] * 9},
        {"id": 56, "image_id": 7, "category_id": 3, "keypoints": [5, 5, 2] * 3, "iscrowd": 1},
        {"id": 56, "image_id": 7, "category_id": 4, "keypoints": [5, 5, 2]},
        {"id": 56, "image_id": 7, "category_id": None, "segmentation": {"counts": [1], "size": [3, 4]}},
    ],
)
def test_entries_that_mark_no_face_are_passed_over(tmp_path: Path, more: dict[str, Any]) -> None:
    dataset = _read(tmp_path, _document(more))
    assert _places(dataset, FIRST) == TWO
    assert not dataset.left_out


def test_of_two_faces_in_a_frame_none_is_taken(tmp_path: Path) -> None:
    second = {"id": 56, "image_id": 7, "category_id": 3, "keypoints": [200, 201, 2, 210, 211, 2, 0, 0, 0]}
    dataset = _read(tmp_path, _document(second))
    assert [frame.path for frame in dataset] == [SECOND]
    assert "a frame holds one" in dataset.left_out[FIRST]


@pytest.mark.parametrize(
    ("place", "key", "value", "name"),
    [
        ("annotations", "keypoints", [1, 2], FIRST),
        ("annotations", "keypoints", [1, 2, 7] * 3, FIRST),
        ("annotations", "keypoints", "10 20 2", FIRST),
        ("annotations", "image_id", 99, "annotations[0]"),
        ("annotations", "image_id", None, "annotations[0]"),
        ("annotations", "annotator", {"state": [1]}, FIRST),
        ("images", "file_name", None, "images[0]"),
        ("images", "file_name", "", "images[0]"),
    ],
)
def test_one_bad_entry_costs_its_frame_alone(
    tmp_path: Path, place: str, key: str, value: Any, name: str
) -> None:
    document = _document()
    document[place][0][key] = value
    dataset = _read(tmp_path, document)
    assert [frame.path for frame in dataset] == [SECOND]
    assert name in dataset.left_out


@pytest.mark.parametrize("ids", [(7.0, 7), (7, "7"), ("7", 7.0), ("7.0", 7), ("007", 7), ("anna", "anna")])
def test_one_id_in_two_spellings(tmp_path: Path, ids: tuple[Any, Any]) -> None:
    document = _document(image_id=ids[1])
    document["images"][0]["id"] = ids[0]
    assert _places(_read(tmp_path, document), FIRST) == TWO


@pytest.mark.parametrize("category", [3.0, "3", None])
def test_one_category_in_two_spellings(tmp_path: Path, category: Any) -> None:
    assert _places(_read(tmp_path, _document(category_id=category)), FIRST) == TWO


@pytest.mark.parametrize("sides", [(400, 300), (400.0, 300.0), ("400", "300"), ("400.0", " 300 ")])
def test_sizes_in_any_spelling_are_a_guard(tmp_path: Path, sides: tuple[Any, Any]) -> None:
    document = _document()
    document["images"][0] |= {"width": sides[0], "height": sides[1]}
    assert (frame := _read(tmp_path, document).frames[0]).width == 400
    assert frame.height == 300


@pytest.mark.parametrize("sides", [(None, None), ("wide", "high"), (0, 0), (-4, 3), (True, True), (NAN, 3)])
def test_sizes_that_say_nothing_are_none(tmp_path: Path, sides: tuple[Any, Any]) -> None:
    document = _document()
    document["images"][0] |= {"width": sides[0], "height": sides[1]}
    frame = _read(tmp_path, document).frames[0]
    assert (frame.width, frame.height) == (0, 0)


@pytest.mark.parametrize("key", ["info", "licenses"])
def test_nulls_and_text_among_the_lists(tmp_path: Path, key: str) -> None:
    document = _document()
    document[key] = None
    for name in ("images", "annotations", "categories"):
        document[name] = [None, "text", 5, *document[name]]
    assert _places(_read(tmp_path, document), FIRST) == TWO


def test_a_person_beside_the_face_is_passed_over(tmp_path: Path) -> None:
    document = _document({"id": 60, "image_id": 7, "category_id": 1, "keypoints": [1, 2, 2]})
    document["categories"].insert(0, {"id": 1, "name": "person", "keypoints": ["left_hip"]})
    dataset = _read(tmp_path, document)
    assert _places(dataset, FIRST) == TWO
    assert any("left_hip" in note for note in dataset.notes)


def test_images_of_one_name_in_two_spellings(tmp_path: Path) -> None:
    document = _document()
    document["images"][0]["file_name"] = "Zo\u00eb.png"
    document["images"][1]["file_name"] = "Zoe\u0308.png"
    with pytest.raises(FormatError, match="comes twice"):
        _read(tmp_path, document).whole(tmp_path / "a.json")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_text_encodings(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.json").write_text(json.dumps(_document()), encoding=encoding)
    assert _places(Coco().read(tmp_path / "a.json", IBUG), FIRST) == TWO


def _written(tmp_path: Path, points: dict[int, tuple[float, float]], flags: dict[int, int]) -> dict[str, Any]:
    empty = Annotation.empty(IBUG)
    xy, state, marks = empty.xy.copy(), empty.state.copy(), empty.flags.copy()
    for index, place in points.items():
        xy[index], state[index] = place, LandmarkState.CONFIRMED
    for index, flag in flags.items():
        marks[index] = flag
    annotation = Annotation(IBUG.id, xy, state, marks)
    frame = Frame(1, FIRST, "anna", "", "", "1001", 400, 300)
    Coco().write(DatasetView(IBUG, (DatasetFrame(frame, annotation, None),)), tmp_path / "out.json")
    back = Coco().read(tmp_path / "out.json", IBUG).frames[0].annotation(IBUG)
    assert back == annotation  # ours come back exactly
    entry: dict[str, Any] = json.loads((tmp_path / "out.json").read_text())["annotations"][0]
    return entry


def test_points_out_of_frame_are_not_labelled(tmp_path: Path) -> None:
    places = {0: (10.5, 20.5), 1: (-50.0, 30.0), 2: (30.5, 999.0), 3: (100.5, 120.5), 4: (500.0, 5.0)}
    entry = _written(tmp_path, places, {1: int(Flag.OUT_OF_FRAME), 4: int(Flag.OUT_OF_FRAME | Flag.OCCLUDED)})
    assert entry["keypoints"][2:15:3] == [2, 0, 0, 2, 0]
    assert entry["keypoints"][3:6] == [0, 0, 0]
    assert entry["bbox"] == [10, 20, 90, 100]
    assert entry["num_keypoints"] == 2


def test_points_on_the_edge_stay_inside_the_picture(tmp_path: Path) -> None:
    entry = _written(tmp_path, {0: (0.125, 0.0), 1: (400.0, 300.0), 2: (400.75, 300.25), 3: (-0.25, 5.0)}, {})
    xs, ys, seen = entry["keypoints"][0:12:3], entry["keypoints"][1:12:3], entry["keypoints"][2:12:3]
    assert all(0 <= x <= 400 for x in xs)
    assert all(0 <= y <= 300 for y in ys)
    x, y, width, height = entry["bbox"]
    assert min(x, y) >= 0
    assert x + width <= 400
    assert y + height <= 300
    assert seen == [2, 2, 0, 2]


def test_no_point_inside_leaves_an_empty_box(tmp_path: Path) -> None:
    entry = _written(tmp_path, {0: (-50.0, 30.0), 1: (900.0, 30.0)}, {})
    assert (entry["num_keypoints"], entry["bbox"], entry["area"]) == (0, [0, 0, 0, 0], 0)


def test_another_program_that_moved_an_edge_point_is_believed(tmp_path: Path) -> None:
    _written(tmp_path, {0: (0.125, 0.0), 1: (10.5, 10.5)}, {})
    document = json.loads((tmp_path / "out.json").read_text())
    document["annotations"][0]["keypoints"][:3] = [3, 4, 2]
    (tmp_path / "out.json").write_text(json.dumps(document))
    (frame,) = Coco().read(tmp_path / "out.json", IBUG).frames
    assert np.array_equal(frame.xy[0], [3.5, 4.5])


def test_one_name_twice_among_very_many(tmp_path: Path) -> None:
    """That frames come once is asked once of each."""
    document = _document()
    many = range(100, 120_100)
    document["images"] += [{"id": i, "file_name": f"{max(i, 101)}.png"} for i in many]
    marks = {"category_id": 3, "keypoints": [1, 2, 2, 3, 4, 2, 5, 6, 2]}
    document["annotations"] += [{"image_id": i, **marks} for i in many]
    read = _read(tmp_path, document)
    assert len(read) == 2 + len(many) - 2
    assert list(read.left_out) == ["101.png"]


def test_a_point_out_of_frame_on_the_first_pixel_comes_back(tmp_path: Path) -> None:
    """Its place is what COCO writes for no place at all."""
    xy = np.full((IBUG.size, 2), np.nan, np.float32)
    state, flags = np.zeros(IBUG.size, np.uint8), np.zeros(IBUG.size, np.uint8)
    xy[3], state[3], flags[3] = 0.5, LandmarkState.CORRECTED, Flag.OUT_OF_FRAME
    xy[4], state[4] = 50.0, LandmarkState.CORRECTED
    frame = DatasetFrame(Frame(1, FIRST, "", "", "", "", 100, 80), Annotation(IBUG.id, xy, state, flags))
    Coco().write(DatasetView(IBUG, (frame,)), tmp_path / "a.json")
    (read,) = Coco().read(tmp_path / "a.json", IBUG)
    np.testing.assert_array_equal(read.xy, xy)
    assert read.state is not None
    np.testing.assert_array_equal(read.state, state)
