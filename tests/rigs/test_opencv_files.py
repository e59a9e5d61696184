"""OpenCV's files in the layouts that people write, by `cv2.FileStorage` itself."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rig_values import assert_same, make_rig

from annotator.domain.rigs.rig import CameraModel, Rig, RigError
from annotator.rigs.files.registry import read_rigs

RIG = make_rig()


def save(path: Path, values: Mapping[str, Any]) -> Path:
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    for key, value in values.items():
        if isinstance(value, Mapping):
            storage.startWriteStruct(key, cv2.FILE_NODE_MAP)
            for inner, item in value.items():
                storage.write(inner, item)
            storage.endWriteStruct()
        else:
            storage.write(key, value)
    storage.release()
    return path


def k(camera: CameraModel) -> np.ndarray:
    """As OpenCV counts pixels."""
    return camera.matrix - np.array([[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])


def d(camera: CameraModel) -> np.ndarray:
    return camera.distortion[None]


def rt(camera: CameraModel) -> tuple[np.ndarray, np.ndarray]:
    return np.ascontiguousarray(camera.rotation), np.ascontiguousarray(camera.camera_from_world[:, 3:])


def size(camera: CameraModel) -> dict[str, int]:
    return {"image_width": camera.width, "image_height": camera.height}


def one(path: Path) -> Rig:
    read = read_rigs(path)
    assert read.format.name == "opencv"
    return read.rigs[0]


@pytest.mark.parametrize("ending", [".yml", ".yaml", ".xml", ".json"])
def test_a_file_a_camera(ending: str, tmp_path: Path) -> None:
    for camera in RIG.cameras.values():
        turn, place = rt(camera)
        values = {
            **size(camera), "camera_matrix": k(camera), "distortion_coefficients": d(camera),
            "rvec": cv2.Rodrigues(turn)[0], "tvec": place,
        }  # fmt: skip
        save(tmp_path / f"{camera.name}{ending}", values)
    assert_same(one(tmp_path), RIG)


@pytest.mark.parametrize(
    ("inner", "outer"), [("{}_intrinsics", "{}_extrinsics"), ("intrinsic-{}", "extrinsic-{}")]
)
def test_two_files_a_camera(inner: str, outer: str, tmp_path: Path) -> None:
    for name, camera in RIG.cameras.items():
        turn, place = rt(camera)
        save(tmp_path / f"{inner.format(name)}.yml", {**size(camera), "K": k(camera), "D": d(camera)})
        save(tmp_path / f"{outer.format(name)}.yml", {"R": turn, "t": place})
    assert_same(one(tmp_path), RIG)


@pytest.mark.parametrize(
    ("matrix", "terms", "pose"),
    [
        ("K", "D", "R T"),
        ("cameraMatrix", "distCoeffs", "4x4"),
        ("intrinsic_matrix", "distortion", "world_from_camera"),
    ],
)
def test_all_in_one_file_as_maps(matrix: str, terms: str, pose: str, tmp_path: Path) -> None:
    values = {}
    for camera in RIG.cameras.values():
        turn, place = rt(camera)
        whole = np.concatenate([camera.camera_from_world, [[0, 0, 0, 1.0]]])
        poses = {
            "R T": {"R": turn, "T": place}, "4x4": {"extrinsics": whole}, "world_from_camera": {pose: np.linalg.inv(whole)},
        }  # fmt: skip
        values[camera.name] = {
            "image_size": np.array([[camera.width, camera.height]]), matrix: k(camera), terms: d(camera), **poses[pose],
        }  # fmt: skip
    assert_same(one(save(tmp_path / "rig.yml", values)), RIG)


def test_names_that_end_in_the_camera(tmp_path: Path) -> None:
    values: dict[str, Any] = {}
    for name, camera in RIG.cameras.items():
        turn, place = rt(camera)
        values |= {
            f"camera_matrix_{name}": k(camera),
            f"dist_{name}": d(camera),
            f"R_{name}": turn,
            f"T_{name}": place,
        }
        values |= {f"image_width_{name}": camera.width, f"image_height_{name}": camera.height}
    assert_same(one(save(tmp_path / "rig.yml", values)), RIG)


@pytest.mark.parametrize("files", [1, 2])
def test_stereo_as_the_samples_write_it(files: int, tmp_path: Path) -> None:
    left, right = RIG.cameras["left"], RIG.cameras["right"]
    turn = right.rotation @ left.rotation.T
    place = right.camera_from_world[:, 3] - turn @ left.camera_from_world[:, 3]
    inner = {"M1": k(left), "D1": d(left), "M2": k(right), "D2": d(right)}
    outer = {
        "R": turn,
        "T": place[:, None],
        "R1": np.eye(3) * 2,
        "R2": np.eye(3),
        "P1": np.eye(3, 4),
        "P2": np.eye(3, 4),
    }
    outer["Q"] = np.eye(4)
    if files == 1:
        path = save(tmp_path / "stereo.yml", inner | outer | size(left))
    else:
        path = tmp_path
        save(path / "intrinsics.yml", inner | size(left))
        save(path / "extrinsics.yml", outer)
    rig = one(path)
    assert list(rig.cameras) == ["1", "2"]
    np.testing.assert_allclose(rig.cameras["1"].camera_from_world, np.eye(3, 4))
    np.testing.assert_allclose(rig.cameras["2"].rotation, turn, atol=1e-12)
    np.testing.assert_allclose(rig.cameras["2"].camera_from_world[:, 3], place)
    np.testing.assert_allclose(rig.cameras["1"].matrix, left.matrix)


def test_yaml_without_a_header_and_plain_json(tmp_path: Path) -> None:
    yaml = "image_width: 640\nimage_height: 480\ncamera_matrix:\n  rows: 3\n  cols: 3\n"
    yaml += "  data: [600, 0, 319.5, 0, 600, 239.5, 0, 0, 1]\n"
    yaml += "rotation: [0.0, 0.0, 0.0]\ntranslation: [{}, 0.0, 10.0]\n"
    for name, x in (("a", 0.0), ("b", 1.5)):
        (tmp_path / f"{name}.yaml").write_text(yaml.format(x))
    rig = one(tmp_path)
    assert rig.cameras["b"].matrix[0, 2] == 320
    assert rig.cameras["b"].camera_from_world[0, 3] == 1.5
    lens = {"K": [[600, 0, 0], [0, 600, 0], [0, 0, 1]], "size": [640, 480]}
    posed = {"R": np.eye(3).tolist(), "t": [1, 0, 9]}
    both = {name: {"intrinsics": lens, "extrinsics": posed} for name in ("left", "right")}
    file = tmp_path / "plain.json"
    file.write_text(json.dumps({"cameras": both}))
    assert list(one(file).cameras) == ["left", "right"]


def test_json_of_older_versions_and_a_text_in_xml(tmp_path: Path) -> None:
    matrix = {
        "type_id": "opencv-matrix",
        "rows": 3,
        "cols": 3,
        "dt": "d",
        "data": [1.5, 0, 2, 0, 1.5, 2, 0, 0, 1],
    }
    pose = matrix | {"cols": 4, "data": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]}
    camera = {"image_width": 4, "image_height": 4, "K": matrix, "extrinsics": pose}
    text = json.dumps({"a": camera, "b": camera}).replace(" 0,", " 0.,").replace("0]", "0. ]")
    (tmp_path / "old.json").write_text(text)
    assert list(one(tmp_path / "old.json").cameras) == ["a", "b"]
    values = {
        name: {"camera_name": f"cam {name}", **size(c), "K": k(c), "R": rt(c)[0], "T": rt(c)[1]}
        for name, c in RIG.cameras.items()
    }
    assert list(one(save(tmp_path / "rig.xml", values)).cameras) == [f"cam {name}" for name in RIG.cameras]


def test_without_sizes_the_projects_are_taken_and_told(tmp_path: Path) -> None:
    values = {
        name: {"K": k(camera), "D": d(camera), "R": rt(camera)[0], "T": rt(camera)[1]}
        for name, camera in RIG.cameras.items()
    }
    path = save(tmp_path / "rig.yml", values)
    with pytest.raises(RigError, match="size of camera front"):
        read_rigs(path)
    read = read_rigs(path, (4096, 3072))
    assert_same(read.rigs[0], RIG)
    assert "4096 x 3072" in read.notes[0]


CAMERA = {
    "image_size": np.array([[640, 480]]),
    "K": np.eye(3) * 2 - np.diag([0, 0, 1]),
    "R": np.eye(3),
    "T": np.zeros((3, 1)),
}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"R": None}, "where camera a stands"),
        ({"D": np.zeros((1, 3))}, "terms of distortion"),
        ({"K": np.array([[600, 90.0, 1], [0, 600, 1], [0, 0, 1]])}, "skew"),
        ({"K": np.array([[600, 0, 1], [5, 600.0, 1], [0, 0, 1]])}, "form"),
        ({"K": np.eye(4)}, "matrix of camera a"),
        ({"R": np.eye(3) * 3}, "rotation"),
        ({"T": np.full((3, 1), np.inf)}, "finite"),
        ({"distortion_model": "fisheye"}, "fisheye"),
        ({"image_size": np.array([[0, 480]])}, "width of a"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(
    change: dict[str, Any], why: str, tmp_path: Path
) -> None:
    wrong = {key: value for key, value in (CAMERA | change).items() if value is not None}
    with pytest.raises(RigError, match=why):
        read_rigs(save(tmp_path / "rig.yml", {"a": wrong, "b": CAMERA}))


@pytest.mark.parametrize(
    "text",
    [
        "%YAML:1.0\n---\nK: [",
        "{",
        "%YAML:1.0\n---\nK: !!opencv-matrix\n   rows: 90000\n   cols: 90000\n   dt: d\n   data: [1]\n",
        '<?xml version="1.0"?><opencv_storage><K>',
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><opencv_storage><K>&b;</K></opencv_storage>',
        '{"a":' * 5000 + "1" + "}" * 5000,
        "[" * 100_000,
        "\n" * 200_000 + "!",
        "a: " + "[" * 100_000,
        "a: " + "{b: " * 100_000,
        "%YAML:1.0\n---\na:\n" + "\n".join(" " * n + "a:" for n in range(1, 3000)),
        "%YAML:1.0\n---\na:\n   " + "- " * 100_000,
        "%YAML:1.0\n---\na: " + "b: " * 100_000,
        "%YAML:1.0\n---\na:\n" + '   "]": [\n' * 20_000,
        "%YAML:1.0\n---\na: [\n" + "   [ # ]\n" * 20_000,
        "%YAML:1.0\n---\na:\n" + "   [it's, [[[[, 'a\n" * 20_000,
        '<?xml version="1.0"?><opencv_storage>' + "<a>" * 5000 + "</a>" * 5000 + "</opencv_storage>",
        "<chunk><sensor/><camera/>" + "<a>" * 100_000,
        "<a>" * 100_000 + "<chunk><sensor/><camera/></chunk>" + "</a>" * 100_000,
        "a = " + "[" * 100_000,
        "",
        "nothing of the kind",
        '{"kind": "annotator-rig", "schema": 9}',
        '{"kind": "annotator-rig", "schema": 1, "name": "a", "cameras": [{"name": 3}]}',
        '{"a/b.jpg": {"camera_from_head": 1, "intrinsics": "__import__"}}',
        '[cam_0]\nmatrix = 1\nrotation = "x"\ntranslation = []\n',
        '[cam_0]\nname = "a"\nfisheye = true\nmatrix = 1\nrotation = 1\ntranslation = 1\n',
    ],
)
def test_foreign_and_damaged_files_are_refused_in_one_sentence(text: str, tmp_path: Path) -> None:
    file = tmp_path / "rig.txt"
    file.write_text(text)
    with pytest.raises(RigError, match=r"rig\.txt"):
        read_rigs(file)


def test_what_is_no_file_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RigError, match="does not exist"):
        read_rigs(tmp_path / "no.json")
    large = tmp_path / "large.json"
    with large.open("wb") as stream:
        stream.truncate(65 * 2**20)
    with pytest.raises(RigError, match="more than 64 MiB"):
        read_rigs(large)
    many = tmp_path / "many"
    many.mkdir()
    for number in range(3):
        (many / f"{number}.yml").write_bytes(b"%" * 22 * 2**20)
    with pytest.raises(RigError, match="folder of calibrations alone"):
        read_rigs(many)
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RigError, match="no UTF-8"):
        read_rigs(tmp_path / "binary.json")
    if Path("/dev/zero").exists():
        with pytest.raises(RigError, match="no file"):
            read_rigs(Path("/dev/zero"))
