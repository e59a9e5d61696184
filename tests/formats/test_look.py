"""A file is known by its content, whatever its name; one of no format known is called what it looks like."""

import json
from pathlib import Path

import pytest

from annotator.domain.errors import FormatError
from annotator.formats.look import Look
from annotator.formats.registry import format_in, format_named, formats
from tests.formats.format_data import IBUG
from tests.formats.test_tools import needs, view

FILES = [name for name, known in formats().items() if known.writes and not known.writes_folder]


@pytest.mark.parametrize("name", FILES)
def test_another_ending_hides_no_format(tmp_path: Path, name: str) -> None:
    needs(name)
    format_named(name).write(view(IBUG, missing=False), tmp_path / "a")
    for ending in (".dat", ".json", ".xml"):
        assert format_in((tmp_path / "a").rename(tmp_path / f"a{ending}")).name == name
        (tmp_path / f"a{ending}").rename(tmp_path / "a")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Tracker4 {\n tracks { { 1 31 2 }\n}\n", "a Nuke script: export its tracks"),
        (b"1 2068.9 760.0\n2 2069.1 761.0\n", "lines of 3 numbers"),
        (b'{"camera": 1, "lens": 2}', "JSON with the keys camera, lens"),
        (b'[{"a": 1}]', "a JSON list of objects with the keys a"),
        (b'{"images": [', "JSON that is damaged or was cut short|was the file cut short"),
        (b"<svg><g/></svg>", "XML of <svg>"),
        (b"name,x,y\nchin,1,2\n", "a table with the columns name, x, y"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"SQLite format 3\0", "a project"),
        (b"PK\x03\x04", "a zip archive"),
        (b"", "an empty file"),
        (b"hello", "text of a kind that is not known"),
    ],
)
def test_what_it_looks_like_is_said(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(FormatError, match=words):
        format_in(tmp_path / "a.json").read(tmp_path / "a.json", IBUG)


def test_folders_and_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="does not exist"):
        format_in(tmp_path / "gone")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.docx").write_text("x")
    with pytest.raises(FormatError, match=r"a folder of \.docx files"):
        format_in(tmp_path / "a")


def test_a_large_coco_file_is_known_by_its_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotator.formats.look._MOST_PARSED", 100)
    format_named("coco").write(view(IBUG), tmp_path / "a.json")
    assert format_in(tmp_path / "a.json").name == "coco"


@pytest.mark.parametrize("tag", ["annotations", "dataset"])
def test_xml_with_entities_or_endless_depth_is_not_read(tmp_path: Path, tag: str) -> None:
    inner = "<images/><image/><version/>"
    bomb = f'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><{tag}>{inner}&b;</{tag}>'
    deep = f"<{tag}>{inner}" + "<a>" * 500 + "</a>" * 500 + f"</{tag}>"
    for content, words in ((bomb, "entities|looks like"), (deep, "nested too deeply")):
        (tmp_path / "a.xml").write_text(content)
        with pytest.raises(FormatError, match=words):
            format_in(tmp_path / "a.xml").read(tmp_path / "a.xml", IBUG)
        name = "cvat" if tag == "annotations" else "imglab"
        with pytest.raises(FormatError, match=r"entities|nested"):
            format_named(name).read(tmp_path / "a.xml", IBUG)


def test_a_look_reads_little(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\0\1" * 10**6)
    look = Look(tmp_path / "a.bin")
    assert len(look.head) <= 1 << 16
    assert look.json is None


def test_meshes_in_the_spellings_of_each_version(tmp_path: Path) -> None:
    mesh = [{"x": i / 1000, "y": 0.5, "z": 0.0} for i in range(478)]
    shapes = {
        "tasks": [{"image": "anna/1.jpg", "faceLandmarks": [mesh]}],
        "python": [{"image": "anna/1.jpg", "face_landmarks": [mesh]}],
        "old": {"file_name": "anna/1.jpg", "multi_face_landmarks": [{"landmark": mesh[:468]}]},
    }
    for name, document in shapes.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
        assert format_in(tmp_path / f"{name}.json").name == "mediapipe"
        (frame,) = format_named("mediapipe").read(tmp_path / f"{name}.json", IBUG).frames
        assert frame.in_shares
        assert frame.xy[IBUG.index("chin")].tolist() == pytest.approx([0.152, 0.5])
    (tmp_path / "two.json").write_text(json.dumps({"image": "a.jpg", "face_landmarks": [mesh, mesh]}))
    with pytest.raises(FormatError, match="2 faces"):
        format_named("mediapipe").read(tmp_path / "two.json", IBUG)
    with pytest.raises(FormatError, match="only read"):
        format_named("mediapipe").write(view(IBUG), tmp_path / "x")
