"""Calibration files: what the libraries wrote is read as they mean it, and what we write is read again."""

import json
from pathlib import Path

import numpy as np
import pytest
from rig_values import assert_same, make_rig, pixels

from annotator.domain.assets import asset
from annotator.domain.rigs.rig import Rig, RigError
from annotator.domain.rigs.rig_values import rig_to_plain
from annotator.rigs.files.building import names_of, quaternion_from_rotation, rotation_from_quaternion
from annotator.rigs.files.registry import read_rigs, rig_formats, write_rig

DATA = Path(__file__).parent / "data"
WRITABLE = [
    ("annotator", "rig.json", 12),
    ("opencv", "rig.yml", 12),
    ("opencv", "rig.json", 8),
    ("opencv", "rig.xml", 0),
    ("anipose", "rig.toml", 5),
    ("anipose", "rig.toml", 0),
    ("colmap", "rig", 0),
    ("colmap", "rig", 4),
    ("colmap", "rig", 5),
    ("colmap", "rig", 8),
    ("agisoft", "rig.xml", 0),
    ("agisoft", "rig.xml", 5),
]


def one(path: Path, size: tuple[int, int] | None = None) -> Rig:
    (rig,) = read_rigs(path, size).rigs
    return rig


@pytest.mark.parametrize(("name", "file", "terms"), WRITABLE)
def test_what_is_written_is_read_again(name: str, file: str, terms: int, tmp_path: Path) -> None:
    rig = make_rig(terms)
    write_rig(rig, tmp_path / file, name)
    read = read_rigs(tmp_path / file)
    assert read.format.name == name
    assert_same(read.rigs[0], rig)


def test_our_own_file_loses_nothing(tmp_path: Path) -> None:
    rig = make_rig(12)
    write_rig(rig, tmp_path / "rig.json", "annotator")
    assert rig_to_plain(one(tmp_path / "rig.json")) == rig_to_plain(rig)


def test_a_format_is_known_by_its_content(tmp_path: Path) -> None:
    for name, file, terms in WRITABLE:
        if name != "colmap":
            write_rig(make_rig(terms), tmp_path / "x" / file, name, overwrite=True)
            odd = (tmp_path / "x" / file).rename(tmp_path / "calib.txt")
            assert read_rigs(odd).format.name == name


def test_the_ending_decides_what_is_written(tmp_path: Path) -> None:
    usual = {"a.json": "annotator", "a.yml": "opencv", "a.yaml": "opencv"}
    usual |= {"a.toml": "anipose", "a.xml": "agisoft", "a": "colmap"}
    for file, name in usual.items():
        assert write_rig(make_rig(), tmp_path / file).name == name
    with pytest.raises(RigError, match="exists already"):
        write_rig(make_rig(), tmp_path / "a.json")
    with pytest.raises(RigError, match="No format ends in"):
        write_rig(make_rig(), tmp_path / "a.docx")
    with pytest.raises(RigError, match="choose one of"):
        write_rig(make_rig(), tmp_path / "b.json", "render")


@pytest.mark.parametrize(("name", "why"), [("colmap", "thin prism"), ("agisoft", "more terms")])
def test_a_format_without_a_place_for_terms_refuses_them(name: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(RigError, match=why):
        write_rig(make_rig(12), tmp_path / "out", name)
    assert list(tmp_path.iterdir()) == []


def test_aniposelib_and_we_see_points_in_the_same_pixels() -> None:
    expected = json.loads((DATA / "anipose-0.8.0.projected.json").read_text())
    read = read_rigs(DATA / "anipose-0.8.0.toml")
    assert read.format.name == "anipose"
    assert list(read.rigs[0].cameras) == ["front", "left", "right"]
    for name, xy in expected["pixels"].items():
        seen = pixels(read.rigs[0].cameras[name], np.array(expected["points"]))
        np.testing.assert_allclose(seen, np.array(xy) + 0.5, atol=1e-9)  # its centres lie at integers


@pytest.mark.parametrize("chosen", ["", "cameras.txt", "images.txt"])
def test_colmap_and_we_see_points_in_the_same_pixels(chosen: str) -> None:
    expected = json.loads((DATA / "colmap-4.2.1.projected.json").read_text())
    read = read_rigs(DATA / "colmap-4.2.1" / chosen)
    assert read.format.name == "colmap"
    names = ["pinhole simple", "pinhole", "radial_simple", "radial", "opencv", "full"]
    assert list(read.rigs[0].cameras) == names
    for name, xy in zip(names, expected["pixels"].values(), strict=True):
        seen = pixels(read.rigs[0].cameras[name], np.array(expected["points"]))
        np.testing.assert_allclose(seen, xy, atol=1e-8)


def test_a_rendered_set_has_a_rig_a_take() -> None:
    read = read_rigs(asset("resources/samples/calibration.json"))
    assert read.format.name == "render"
    assert len(read.rigs) == 3
    rig = read.rigs[0]
    assert rig.holds_for("subject_03009", "big_smile")
    assert not rig.holds_for("subject_03009", "neutral")
    assert list(rig.cameras) == ["front", "three_quarter"]
    assert rig.unit == 1.0
    np.testing.assert_allclose(np.linalg.norm(rig.cameras["front"].position), 1483.6, atol=0.5)


def test_a_rendered_set_of_single_views_is_no_rig(tmp_path: Path) -> None:
    values = json.loads(asset("resources/samples/calibration.json").read_text())
    file = tmp_path / "calibration.json"
    file.write_text(json.dumps({f"s{i}/{i}.jpg": entry for i, entry in enumerate(values.values())}))
    with pytest.raises(RigError, match="No two frames"):
        read_rigs(file)


def test_names_of_images_are_as_short_as_tells_them_apart() -> None:
    assert names_of(["a/front.jpg", "a/left.PNG"]) == ["front", "left"]
    assert names_of(["front/0001.exr", "left/0001.exr"]) == ["front", "left"]
    assert names_of(["f\\1.jpg", "f\\2.jpg", "l\\1.jpg"]) == ["f/1", "f/2", "l/1"]
    assert names_of(["cam.1", "cam.2"]) == ["cam.1", "cam.2"]


def test_quaternions_go_both_ways() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        turn = rotation_from_quaternion(rng.normal(size=4), "a")
        np.testing.assert_allclose(
            rotation_from_quaternion(quaternion_from_rotation(turn), "a"), turn, atol=1e-14
        )
    for turn in (np.eye(3), np.diag([1.0, -1, -1]), np.diag([-1.0, 1, -1]), np.diag([-1.0, -1, 1])):
        np.testing.assert_allclose(
            rotation_from_quaternion(quaternion_from_rotation(turn), "a"), turn, atol=1e-15
        )


def test_every_format_says_what_it_does_with_pixels() -> None:
    assert all("centre" in known.convention for known in rig_formats().values())


@pytest.mark.parametrize(
    ("name", "file"), [("annotator", "rig.json"), ("anipose", "calibration.toml"), ("agisoft", "a.xml")]
)
def test_a_folder_stands_for_the_calibration_in_it(name: str, file: str, tmp_path: Path) -> None:
    rig = make_rig()
    write_rig(rig, tmp_path / file, name)
    (tmp_path / "manifest.json").write_text('{"frames": 3}')
    (tmp_path / "notes.txt").write_text("of tuesday")
    read = read_rigs(tmp_path)
    assert read.format.name == name
    assert_same(read.rigs[0], rig)
    write_rig(rig, tmp_path / "more.json", "annotator")
    with pytest.raises(RigError, match=r"several calibrations.*more\.json"):
        read_rigs(tmp_path)


def test_a_folder_of_a_rendered_set_stands_for_its_calibration() -> None:
    assert read_rigs(asset("resources/samples")).format.name == "render"
