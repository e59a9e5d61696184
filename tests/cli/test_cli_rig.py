"""`annotator rig`: what it prints, keeps and refuses, and its exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotator.domain.rig import CameraModel, Rig
from annotator.rigs.files.registry import write_rig
from annotator.store.project_store import ProjectStore

Runner = Callable[..., Any]


def write(file: Path, *names: str, size: tuple[int, int] = (64, 48)) -> Path:
    """A calibration of cameras that look at one place."""
    matrix = np.array([[90.0, 0, size[0] / 2], [0, 90, size[1] / 2], [0, 0, 1]])
    cameras = [CameraModel(name, *size, matrix, np.zeros(5), np.eye(3, 4)) for name in names]
    write_rig(Rig("dome", {camera.name: camera for camera in cameras}), file, overwrite=True)
    return file


@pytest.fixture
def calibration(tmp_path: Path) -> Path:
    return write(tmp_path / "calib.toml", "cam_01", "C2")


@pytest.mark.parametrize("command", ["import", "list", "export", "remove"])
def test_every_command_teaches_by_examples(annotator: Runner, command: str) -> None:
    run = annotator("rig", command, "--help")
    assert run.code == 0
    assert f"annotator rig {command} shoot.annotator" in run.out


def test_a_rig_comes_in_is_listed_goes_out_and_is_removed(
    annotator: Runner, project: Path, calibration: Path
) -> None:
    run = annotator(
        "rig", "import", project, calibration, "--name", "tuesday", "--takes", "anna/*", "--user", "ann"
    )
    assert run.code == 0
    assert "cam_01" in run.out
    assert "tuesday (version 1): 2 cameras" in run.out
    (listed,) = json.loads(annotator("rig", "list", project, "--json").out)
    assert listed | {"added": ""} == {
        "name": "tuesday", "version": 1, "cameras": ["c1", "c2"], "takes": ["anna/*"], "unit_mm": 0.0, "source": "calib.toml",
        "added": "", "user": "ann",
    }  # fmt: skip
    assert "anna/*" in annotator("rig", "list", project).out
    out = project.parent / "out.yml"
    assert json.loads(annotator("rig", "export", project, out, "--json").out)["version"] == 1
    assert "camera_matrix" in out.read_text()
    assert annotator("rig", "export", project, out).code == 1
    assert annotator("rig", "export", project, out, "--overwrite").code == 0
    assert "0 left" in annotator("rig", "remove", project, "tuesday").out
    assert "no rig" in annotator("rig", "list", project).out
    gone = annotator("rig", "remove", project, "tuesday")
    assert (gone.code, len(gone.err.splitlines())) == (1, 1)


def test_a_dry_run_changes_nothing_and_tells_all(annotator: Runner, project: Path, calibration: Path) -> None:
    run = annotator("rig", "import", project, calibration, "--dry-run", "--json")
    assert run.code == 0
    told = json.loads(run.out)
    assert told["imported"] is False
    (rig,) = told["rigs"]
    assert rig["fits"] is True
    assert rig["frames"] == 4
    assert [(c["named"], c["camera"], c["frame_size"]) for c in rig["cameras"]] == [
        ("cam_01", "c1", [64, 48]),
        ("C2", "c2", [64, 48]),
    ]
    with ProjectStore.open(project) as store:
        assert store.rigs.list() == ()


def test_what_is_left_out_is_code_3(annotator: Runner, project: Path, tmp_path: Path) -> None:
    run = annotator("rig", "import", project, write(tmp_path / "a.xml", "c1", "c2", "zenith"), "--json")
    assert run.code == 3
    assert "no camera of the project" in json.loads(run.out)["rigs"][0]["cameras"][2]["why"]


def test_what_does_not_fit_is_code_1_and_says_what_to_do(
    annotator: Runner, project: Path, tmp_path: Path
) -> None:
    small = write(tmp_path / "a.json", "c1", "c2", size=(32, 24))
    run = annotator("rig", "import", project, small)
    assert run.code == 1
    assert "allow to scale" in run.err
    dry = annotator("rig", "import", project, small, "--dry-run")
    assert dry.code == 1
    assert "32 x 24" in dry.out
    assert annotator("rig", "import", project, small, "--scale").code == 0
    for file, why in ((tmp_path / "no.json", "does not exist"), (project, "no UTF-8")):
        run = annotator("rig", "import", project, file)
        assert run.code == 1
        assert why in run.err


def test_a_map_names_cameras(annotator: Runner, project: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", "left", "right")
    mapping = tmp_path / "map.toml"
    mapping.write_text('left = "c2"\nright = "c1"\n')
    assert annotator("rig", "import", project, file).code == 1
    assert annotator("rig", "import", project, file, "--map", mapping).code == 0
    with ProjectStore.open(project) as store:
        assert set(store.rigs.get("dome").rig.cameras) == {"c1", "c2"}


def test_rig_alone_shows_its_commands(annotator: Runner) -> None:
    run = annotator("rig")
    assert "import" in run.out + run.err
    assert annotator("rig", "nonsense").code == 2


@pytest.mark.parametrize("name", ["show.annotator", "frame.jpg", "plain"])
def test_no_export_replaces_a_project_or_a_picture(
    annotator: Runner, project: Path, calibration: Path, tmp_path: Path, name: str
) -> None:
    annotator("rig", "import", project, calibration, "--name", "tuesday")
    target = project if name == "show.annotator" else tmp_path / name
    if target != project:
        target.write_bytes(b"\xff\xd8\xff\xe0 a picture, whatever its name")
    before = target.read_bytes()
    for command in (
        ("rig", "export", project, target, "--format", "opencv", "--overwrite"),
        ("export", project, target, "--format", "csv", "--overwrite"),
        *([] if target == project else [("backup", project, target, "--overwrite")]),
    ):
        run = annotator(*command)
        assert run.code == 1, run.err
        assert target.read_bytes() == before


def test_a_folder_of_a_rig_is_never_that_of_the_project(
    annotator: Runner, project: Path, calibration: Path
) -> None:
    annotator("rig", "import", project, calibration, "--name", "tuesday")
    run = annotator("rig", "export", project, project.parent, "--format", "colmap", "--overwrite")
    assert run.code == 1
    assert "folder of its own" in run.err
