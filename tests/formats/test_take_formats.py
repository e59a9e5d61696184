"""Landmarks over time for other programs: read back here by the rules that tracksperanto has for them, and by their own."""

import csv
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from format_data import IBUG

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError
from annotator.domain.progress import Cancelled
from annotator.formats.base import DatasetFrame, DatasetView, WriteOptions
from annotator.formats.coco import Coco
from annotator.formats.registry import format_named, format_of
from annotator.formats.takes.maya import WIDTH as UNITS

NUMBERS = (1001, 1002, 1005, 1006, 1007, 1010)
WIDTH, HEIGHT = 2048, 1556
L = IBUG.size


def place(number: int) -> np.ndarray:
    """float64 [L, 2] of a frame; landmark 3 is missing in frame 1006, landmark 5 everywhere."""
    xy = np.random.default_rng(1).uniform(200, 1400, (L, 2)) + (number - 1001) * np.array([2.25, -1.5])
    xy[5] = np.nan
    if number == 1006:
        xy[3] = np.nan
    return xy


def frames(camera: str = "left", subject: str = "ada") -> list[DatasetFrame]:
    found = []
    for number in NUMBERS:
        xy = place(number).astype(np.float32)
        state = np.where(np.isfinite(xy).all(-1), LandmarkState.CONFIRMED, 0).astype(np.uint8)
        annotation = Annotation(IBUG.id, xy, state, np.zeros(L, np.uint8))
        path = f"{subject}/{camera}/{number}.jpg"
        frame = Frame(len(found) + 1, path, subject, "talk", camera, str(number), WIDTH, HEIGHT)
        found.append(DatasetFrame(frame, annotation))
    return found


def dataset(items: list[DatasetFrame] | None = None) -> DatasetView:
    rates = {("ada", "talk"): Fraction(24000, 1001)}
    return DatasetView(IBUG, items or frames(), rates=rates)


def expected(landmark: int) -> dict[int, tuple[float, float]]:
    return {n: tuple(place(n)[landmark].tolist()) for n in NUMBERS if np.isfinite(place(n)[landmark]).all()}


def same(found: dict[int, tuple[float, float]], landmark: int) -> None:
    wanted = expected(landmark)
    assert list(found) == list(wanted)
    assert np.allclose(list(found.values()), list(wanted.values()), atol=2e-3)


# ---- Nuke, as tracksperanto reads it: nested braces, then the fourth and fifth cell of each row of the table


def braces(text: str) -> list[Any]:
    """Tcl's words: text in braces is a list of its own."""
    root: list[Any] = []
    stack = [root]
    for token in re.findall(r'\{|\}|"[^"]*"|[^\s{}"]+', text):
        if token == "{":
            stack[-1].append([])
            stack.append(stack[-1][-1])
        elif token == "}":
            stack.pop()
        else:
            stack[-1].append(token.strip('"'))
    assert len(stack) == 1, "every brace is closed"
    return root


def curve(words: list[str]) -> dict[int, float]:
    """A name `xN` begins a run at frame N; frames then rise by its distance from the frame before it."""
    assert words[0] == "curve"
    found: dict[int, float] = {}
    at, step = 1, 1
    for word in words[1:]:
        if re.fullmatch(r"x(\d+)", word):
            at = int(word[1:])
            step = at - list(found)[-1] if found else step
        else:
            assert re.fullmatch(r"[-\d.]+", word)
            found[at] = float(word)
            at += step
    return found


def nuke_nodes(path: Path) -> dict[str, dict[str, dict[int, tuple[float, float]]]]:
    words = braces(path.read_text("utf-8"))
    nodes = {}
    for kind, body in zip(words[::2], words[1::2], strict=True):
        assert kind == "Tracker4"
        options = dict(zip(body[::2], body[1::2], strict=True))
        (_, width, count), headers, (*rows,) = options["tracks"]
        assert int(width) == len(headers) == 31
        assert int(count) == len(rows)
        assert [header[3] for header in headers][:4] == ["enable", "name", "track_x", "track_y"]
        tracks = {}
        for row in rows:
            assert len(row) == 31
            x, y = curve(row[2]), curve(row[3])
            tracks[row[1]] = {n: (x[n], HEIGHT - y[n]) for n in x if n in y}
        nodes[options["name"]] = tracks
    return nodes


def test_nuke_has_a_node_a_camera_and_a_track_a_landmark(tmp_path: Path) -> None:
    path = tmp_path / "talk.nk"
    written = format_of(path).write(dataset([*frames(), *frames("right")]), path)
    nodes = nuke_nodes(path)
    assert list(nodes) == ["ada_talk_left", "ada_talk_right"]
    tracks = nodes["ada_talk_left"]
    assert len(tracks) == L - 1, "what is placed nowhere has no track"
    for landmark in (0, 3, 60):
        same(tracks[IBUG.names[landmark]], landmark)
    assert (written.frames, written.landmarks) == (12, 2 * (6 * (L - 1) - 1))


def test_maya_s_locators_have_keys_at_the_frames_numbers(tmp_path: Path) -> None:
    path = tmp_path / "talk.mel"
    format_of(path).write(dataset(), path)
    text, factor = path.read_text("utf-8"), UNITS / WIDTH
    assert text.count("spaceLocator") == L - 1
    name = f"ada_talk_left_{IBUG.names[3]}"
    found: dict[str, dict[int, float]] = {"tx": {}, "ty": {}}
    for number, value, axis in re.findall(
        rf'setKeyframe -time (\d+) -value ([-\d.]+) "{name}\.(t[xy])";', text
    ):
        found[axis][int(number)] = float(value) / factor
    same({n: (x, HEIGHT - found["ty"][n]) for n, x in found["tx"].items()}, 3)


def test_after_effects_has_a_point_control_a_landmark(tmp_path: Path) -> None:
    folder = tmp_path / "ae"
    written = format_named("after-effects", to_write=True).write(dataset(), folder)
    assert [file.name for file in written.files] == ["ada_talk_left.txt", "landmarks.txt"]
    lines = (folder / "ada_talk_left.txt").read_text("utf-8").splitlines()
    assert lines[0] == "Adobe After Effects 8.0 Keyframe Data"
    assert lines[-1] == "End of Keyframe Data"
    head = dict(line.split("\t")[1:3] for line in lines[1:8] if line)
    assert head["Units Per Second"] == "23.976"
    assert (head["Source Width"], head["Source Height"]) == ("2048", "1556")
    names = dict(line.split("\t") for line in (folder / "landmarks.txt").read_text("utf-8").splitlines())
    assert names["Point Control #4"] == IBUG.names[3]
    begin = lines.index("Effects\tPoint Control #4\tPoint #2")
    assert lines[begin + 1].split("\t")[1:4] == ["Frame", "X pixels", "Y pixels"]
    found = {}
    for line in lines[begin + 2 :]:
        if not line:
            break
        _, number, x, y, _ = line.split("\t")
        found[int(number) + 1001] = (float(x), float(y))
    same(found, 3)


def test_csv_by_frame_has_a_line_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "talk.csv"
    format_named("csv-frames", to_write=True).write(dataset(), path)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["frame"]) for row in rows] == list(NUMBERS)
    assert float(rows[2]["seconds"]) == pytest.approx(4 * 1001 / 24000, abs=1e-5)
    name = IBUG.names[3]
    same({int(r["frame"]): (float(r[f"{name}_x"]), float(r[f"{name}_y"])) for r in rows if r[f"{name}_x"]}, 3)
    assert all(row[f"{IBUG.names[5]}_x"] == "" for row in rows)


def test_coco_has_an_id_for_each_face_in_time(tmp_path: Path) -> None:
    import json

    path = tmp_path / "talk.json"
    Coco().write(dataset([*frames(), *frames("right"), *frames(subject="ben")]), path)
    tracks = [entry["track_id"] for entry in json.loads(path.read_text("utf-8"))["annotations"]]
    assert tracks == [1] * 6 + [2] * 6 + [3] * 6
    assert len(Coco().read(path, IBUG)) == 18


@pytest.mark.parametrize("name", ["nuke", "maya", "after-effects", "csv-frames"])
def test_files_appear_whole_or_not_at_all_and_are_not_read(tmp_path: Path, name: str) -> None:
    known = format_named(name, to_write=True)
    path = tmp_path / ("out" if known.writes_folder else f"out{known.extensions[0]}")
    with pytest.raises(Cancelled):
        known.write(dataset(), path, stop=lambda: True)
    assert list(tmp_path.iterdir()) == []
    known.write(dataset(), path)
    with pytest.raises(FormatError, match="exists already"):
        known.write(dataset(), path, WriteOptions(overwrite=False))
    with pytest.raises(FormatError, match="cannot be read back"):
        known.read(path, IBUG)
    with pytest.raises(FormatError, match="no format"):
        format_named(name)


def test_frames_of_two_sizes_are_refused_and_names_are_safe(tmp_path: Path) -> None:
    items = frames(subject='a"; rm {x}')
    path = tmp_path / "x.nk"
    format_of(path).write(dataset(items), path)
    assert list(nuke_nodes(path)) == ["a_rm_x_talk_left"]
    frame = items[0].frame
    other = Frame(9, "o.jpg", frame.subject, "talk", "left", "2000", WIDTH, HEIGHT + 1)
    with pytest.raises(FormatError, match="several sizes"):
        format_of(path).write(dataset([*items, DatasetFrame(other, items[0].annotation)]), path)
