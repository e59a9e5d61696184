"""Which of the project's cameras a file means."""

from pathlib import Path

import pytest

from annotator.domain.rigs.rig import RigError
from annotator.services.rigs.matching import match_cameras, read_mapping


@pytest.mark.parametrize(
    ("named", "camera"),
    [
        ("front", "front"),
        ("Front", "front"),
        ("cam_03", "cam3"),
        ("CAM-3", "cam003"),
        ("camera 1", "cam01"),
        ("1", "cam01"),
        ("dome_A01", "A01"),
        ("A1", "dome-A01"),
        ("three quarter", "three_quarter"),
        ("Überkopf", "überkopf"),
    ],
)
def test_the_same_name_written_otherwise(named: str, camera: str) -> None:
    found = match_cameras([named, "zenith"], [camera, "zenith"])
    assert found.pairs == {named: camera, "zenith": "zenith"}
    assert found.alike == ((named,) if named != camera else ())
    assert found.unmatched == {}


@pytest.mark.parametrize(
    ("named", "cameras"),
    [
        (["1"], ["cam11", "cam21"]),
        (["front"], ["frontal", "confront"]),
        (["left_1"], ["left_2"]),
        (["a1"], ["1a"]),
        (["-"], ["+"]),
    ],
)
def test_other_names_stay_apart(named: list[str], cameras: list[str]) -> None:
    assert match_cameras(named, cameras).pairs == {}


def test_a_closer_name_goes_first() -> None:
    found = match_cameras(["front", "face_front", "Left"], ["face_front", "front", "left"])
    assert found.pairs == {"front": "front", "face_front": "face_front", "Left": "left"}


def test_what_could_be_several_is_told_and_left_out() -> None:
    found = match_cameras(["front", "left"], ["a_front", "b_front", "left"])
    assert found.pairs == {"left": "left"}
    assert found.unmatched == {"front": "could be a_front or b_front; say which"}
    found = match_cameras(["a_front", "b_front", "top"], ["front"])
    assert found.pairs == {}
    assert found.unmatched["a_front"] == "could be front, but so could b_front; say which"
    assert "no camera of the project" in found.unmatched["top"]


def test_a_map_goes_before_names() -> None:
    found = match_cameras(["front", "left"], ["left", "right"], {"left": "right"})
    assert found.pairs == {"left": "right"}
    assert found.alike == ()
    with pytest.raises(RigError, match="same one"):
        match_cameras(["front", "left"], ["left", "right"], {"left": "right", "front": "right"})


def test_a_map_is_a_short_toml_of_texts(tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    file.write_text('"cam 1" = "front"\nleft = "A01"\n')
    assert read_mapping(file) == {"cam 1": "front", "left": "A01"}
    for text in ("cam 1 = front", "[a]\nb = 'c'", "a = 1", "a = " + "[" * 5000, "#" * 2**21):
        file.write_text(text)
        with pytest.raises(RigError, match=r"map\.toml"):
            read_mapping(file)
    with pytest.raises(RigError, match="cannot be read"):
        read_mapping(tmp_path / "no.toml")
