"""COCO keypoints: exact round trips, the standard's numbers, and plain words for what is wrong."""

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from format_data import IBUG, SCHEMES, STUDIO, make_annotation, make_dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError
from annotator.domain.progress import Cancelled
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.formats.base import DatasetFrame, DatasetView, WriteOptions
from annotator.formats.coco import Coco


@settings(max_examples=15)
@given(SCHEMES, st.integers(0, 3), st.integers(0, 10_000))
def test_our_own_files_come_back_exactly(scheme: LandmarkScheme, count: int, seed: int) -> None:
    dataset = make_dataset(scheme, count, seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.json"
        written = Coco().write(dataset, path)
        back = Coco().read(path, scheme)
    assert written.frames == len(back) == count
    assert written.landmarks == sum(int((item.annotation.state > 0).sum()) for item in dataset.frames)
    for item, frame in zip(dataset.frames, back, strict=True):
        assert frame.annotation(scheme) == item.annotation
        assert (frame.path, frame.width, frame.height) == (
            item.frame.path,
            item.frame.width,
            item.frame.height,
        )
        assert (frame.subject, frame.camera, frame.index) == (item.frame.subject, "c", item.frame.index)


def one_frame(scheme: LandmarkScheme, annotation: Annotation) -> DatasetView:
    return DatasetView(scheme, (DatasetFrame(Frame(7, "a/b.jpg", "a", "t", "b", "1", 200, 100), annotation),))


def test_the_numbers_are_those_of_the_standard(tmp_path: Path) -> None:
    empty = Annotation.empty(IBUG)
    xy, state, flags = empty.xy.copy(), empty.state.copy(), empty.flags.copy()
    xy[0], xy[2] = (0.5, 10.5), (20.75, 30.5)
    state[[0, 2]] = LandmarkState.CORRECTED
    flags[2] = 1
    Coco().write(one_frame(IBUG, Annotation(IBUG.id, xy, state, flags)), tmp_path / "a.json")
    document = json.loads((tmp_path / "a.json").read_text())
    entry = document["annotations"][0]
    # The centre of the first pixel is 0.5 with us and 0 in COCO.
    assert entry["keypoints"][:9] == [0, 10, 2, 0, 0, 0, 20.25, 30, 1]
    assert entry["num_keypoints"] == 2
    assert entry["bbox"] == [0, 10, 20.25, 20]
    assert entry["category_id"] == document["categories"][0]["id"]
    assert entry["image_id"] == document["images"][0]["id"]
    category = document["categories"][0]
    assert category["keypoints"] == list(IBUG.names)
    curve = IBUG.curves[0]
    assert [curve.indices[0] + 1, curve.indices[1] + 1] in category["skeleton"]
    assert {tuple(edge) for edge in category["skeleton"]} <= {
        (a, b) for a in range(1, 69) for b in range(1, 69)
    }


def foreign(names: list[str], values: list[float]) -> dict[str, Any]:
    return {
        "images": [{"id": "x1", "file_name": "a\\b.jpg", "width": 20, "height": 10}],
        "annotations": [{"id": 5, "image_id": "x1", "category_id": 3, "keypoints": values, "score": 0.5}],
        "categories": [{"id": 1, "name": "car"}, {"id": 3, "name": "face", "keypoints": names}],
    }


def save(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document))
    return path


def test_another_programs_file_in_another_order(tmp_path: Path) -> None:
    names = [STUDIO.names[4], STUDIO.names[1], STUDIO.names[0]]
    dataset = Coco().read(save(tmp_path / "a.json", foreign(names, [1, 2, 2, 3, 4, 1, 0, 0, 0])), STUDIO)
    (frame,) = dataset
    assert frame.path == "a/b.jpg"
    np.testing.assert_array_equal(frame.xy[[4, 1]], [[1.5, 2.5], [3.5, 4.5]])
    assert frame.placed.nonzero()[0].tolist() == [1, 4]
    assert frame.flags[[0, 1, 4]].tolist() == [0, 1, 0]
    assert frame.state is None
    assert "3 of the 89" in dataset.notes[0]
    states = frame.annotation(STUDIO, LandmarkState.CORRECTED).state
    assert states[[0, 1, 4]].tolist() == [0, LandmarkState.CORRECTED, LandmarkState.CORRECTED]


def test_points_that_another_program_changed_in_our_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    Coco().write(one_frame(IBUG, make_annotation(IBUG, 3, missing=0.5)), path)
    document = json.loads(path.read_text())
    entry = document["annotations"][0]
    state = entry["annotator"]["state"]
    seen = entry["keypoints"][2::3]
    added, removed = state.index(0), next(i for i, v in enumerate(seen) if v)
    entry["keypoints"][3 * added : 3 * added + 3] = [9, 8, 1]
    entry["keypoints"][3 * removed : 3 * removed + 3] = [0, 0, 0]
    (frame,) = Coco().read(save(path, document), IBUG)
    annotation = frame.annotation(IBUG)
    assert annotation.state[added] == LandmarkState.CORRECTED
    assert annotation.flags[added] & 1
    np.testing.assert_array_equal(annotation.xy[added], [9.5, 8.5])
    assert annotation.state[removed] == LandmarkState.MISSING


def test_unknown_keys_survive_a_rewrite(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    Coco().write(make_dataset(IBUG, 2), path)
    document = json.loads(path.read_text())
    document["licenses"] = [{"id": 1, "name": "CC0"}]
    document["info"]["contributor"] = "Studio"
    document["images"][1]["weather"] = "dry"
    document["annotations"][1]["score"] = 0.25
    save(path, document)
    Coco().write(make_dataset(IBUG, 3, seed=9), path)
    again = json.loads(path.read_text())
    assert again["licenses"] == [{"id": 1, "name": "CC0"}]
    assert again["info"]["contributor"] == "Studio"
    assert again["images"][1]["weather"] == "dry"
    assert again["annotations"][1]["score"] == 0.25
    assert "weather" not in again["images"][2]
    assert Coco().read(path, IBUG).frames[0].annotation(IBUG) == make_dataset(IBUG, 1, 9).frames[0].annotation


def test_the_ibug_subset_keeps_names(tmp_path: Path) -> None:
    dataset = make_dataset(STUDIO, 1)
    written = Coco().write(dataset, tmp_path / "a.json", WriteOptions(ibug68=True))
    (frame,) = Coco().read(tmp_path / "a.json", STUDIO)
    inside = np.zeros(STUDIO.size, bool)
    inside[list(STUDIO.ibug68.values())] = True
    np.testing.assert_array_equal(frame.xy[inside], dataset.frames[0].annotation.xy[inside])
    assert np.isnan(frame.xy[~inside]).all()
    assert written.landmarks == int(frame.placed.sum())


def broken(change: Any) -> dict[str, Any]:
    document = foreign([IBUG.names[0], IBUG.names[1]], [1, 2, 2, 3, 4, 2])
    change(document)
    return document


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("images"), "`images` must be a list"),
        (lambda d: d["annotations"][0].update(image_id=9), r"annotations\[0\] is of image 9"),
        (lambda d: d["annotations"].append(d["annotations"][0]), "comes twice"),
        (lambda d: d["images"].append({"id": "x1", "file_name": "c.jpg"}), "of an earlier one"),
        (lambda d: d["images"][0].pop("file_name"), r"images\[0\] has no file_name"),
        (
            lambda d: d["annotations"][0].update(keypoints=[1, 2]),
            "2 numbers in keypoints, its category asks for 6",
        ),
        (lambda d: d["annotations"][0].update(keypoints=[1, 2, 3, 4, 5, 2]), "0, 1 or 2"),
        (lambda d: d["annotations"][0].update(keypoints=[None, 2, 2, float("nan"), 5, 2]), "finite"),
        (lambda d: d["annotations"][0].update(keypoints=["x", 2, 2, "seven", 5, 2]), "finite"),
        (
            lambda d: d["categories"][1].update(keypoints=["nose", "ear"]),
            "none of its 2 landmarks is one of ibug-68@1.*'nose'",
        ),
        (lambda d: d["categories"][1].pop("keypoints"), "no category names keypoints"),
        (lambda d: d["annotations"][0].update(annotator={"state": [1]}), "annotator.state must be 2 numbers"),
        (lambda d: d["annotations"][0].update(annotator={"review": "splendid"}), "review state"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: Any, words: str) -> None:
    path = save(tmp_path / "a.json", broken(change))
    with pytest.raises(FormatError, match=words) as caught:
        Coco().read(path, IBUG)
    assert str(path) in str(caught.value)


def test_truncated_and_foreign_files(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    Coco().write(make_dataset(IBUG, 2), path)
    text = path.read_text()
    path.write_text(text[: len(text) // 2])
    with pytest.raises(FormatError, match=r"line \d+, column \d+.*cut short"):
        Coco().read(path, IBUG)
    for content, words in [
        (b"[1]", "no JSON object"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[" * 100_000, "JSON|nested"),
    ]:
        path.write_bytes(content)
        with pytest.raises(FormatError, match=words):
            Coco().read(path, IBUG)
    with pytest.raises(FormatError, match="does not exist"):
        Coco().read(tmp_path / "gone.json", IBUG)


def test_nothing_is_written_when_the_export_stops_or_may_not(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("precious")
    with pytest.raises(Cancelled):
        Coco().write(make_dataset(IBUG, 3), path, stop=lambda: True)
    with pytest.raises(FormatError, match="exists already"):
        Coco().write(make_dataset(IBUG, 1), path, WriteOptions(overwrite=False))
    twice = make_dataset(IBUG, 1).frames * 2
    with pytest.raises(FormatError, match="comes twice"):
        Coco().write(DatasetView(IBUG, twice), path)
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_of_another_version_of_the_scheme_is_refused(tmp_path: Path) -> None:
    older, newer = load_scheme("studio-89@1"), load_scheme("studio-89@2")
    Coco().write(make_dataset(older, 1, 0), tmp_path / "a.json")
    with pytest.raises(FormatError, match="annotator convert"):
        Coco().read(tmp_path / "a.json", newer)
