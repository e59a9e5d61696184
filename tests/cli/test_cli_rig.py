"""`annotator rig`: what it prints, keeps and refuses, and its exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.rigs.rig import CameraModel, Rig
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


@pytest.mark.parametrize("command", ["import", "list", "export", "points", "remove", "consensus"])
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


@pytest.fixture
def two_views(project: Path) -> Path:
    """Anna's two views of a moment, calibrated, 20 px apart, each proposed 2 px off; ben has no rig."""
    matrix = np.array([[300.0, 0, 32], [0, 300, 24], [0, 0, 1]])
    poses = [np.concatenate([np.eye(3), [[x], [0.0], [1500.0]]], axis=1) for x in (50.0, -50.0)]
    cameras = [
        CameraModel(name, 64, 48, matrix, np.zeros(5), pose)
        for name, pose in zip(("c1", "c2"), poses, strict=True)
    ]
    with ProjectStore.open(project) as store:
        store.rigs.add(Rig("pair", {camera.name: camera for camera in cameras}, ("anna/*",)))
        store.models.add(ModelCard("m", store.scheme.id, {}), project.parent)
        store.models.activate("m")
        size = store.scheme.size
        wide, sure = np.tile(9 * np.eye(2, dtype=np.float32), (size, 1, 1)), np.full(size, 0.5, np.float32)
        rois = np.zeros((len(store.scheme.regions), 4), np.float32)
        for summary in store.frames.list():
            sign = 1 if summary.frame.camera == "c1" else -1
            x = np.linspace(20, 44, size) + 10 * sign
            xy = np.stack([x, np.linspace(10, 38, size) + 2 * sign], 1).astype(np.float32)
            own = Proposal("m", store.scheme.id, xy, wide, sure, rois, xy, wide)
            store.proposals.save(summary.frame.id, own)
    return project


def _first_y(project: Path) -> float:
    with ProjectStore.open(project, read_only=True) as store:
        return float(store.proposals.get(1, "m").xy[40, 1])


def test_the_cameras_agree_and_it_is_taken_back(annotator: Runner, two_views: Path) -> None:
    before = _first_y(two_views)
    run = annotator("rig", "consensus", two_views, "--beside", "--json")
    assert run.code == 0
    told = json.loads(run.out)
    assert (told["moments"], told["frames"], told["without_rig"], told["taken"]) == (1, 2, 2, False)
    assert _first_y(two_views) == before
    run = annotator("rig", "consensus", two_views)
    assert run.code == 0
    assert "1 moment of 2 frames asked" in run.out
    assert "px in the median" in run.out
    assert "% of the eye distance" in run.out
    assert "2 frames without a rig" in run.out
    assert _first_y(two_views) == pytest.approx(before - 2, abs=0.3)
    again = annotator("rig", "consensus", two_views, "--clear")
    assert "2 frames" in again.out
    assert _first_y(two_views) == before


def test_the_cameras_of_other_frames_are_not_asked(annotator: Runner, two_views: Path) -> None:
    told = json.loads(annotator("rig", "consensus", two_views, "--subject", "ben", "--json").out)
    assert (told["moments"], told["without_rig"]) == (0, 2)
    assert annotator("rig", "consensus", two_views, "--clear", "--beside").code == 2
    assert "it knows: " in annotator("rig", "consensus", two_views, "--model", "none").err


def test_the_queue_of_cameras_that_disagree_says_which_point_and_how_far(
    annotator: Runner, two_views: Path
) -> None:
    queue = ("status", two_views, "--queue", "cameras-disagree")
    assert "No cameras were held against each other yet" in annotator(*queue).out
    with ProjectStore.open(two_views) as store:
        own = store.proposals.get(1, "m")
        own.xy[40] += (0, 30)
        store.proposals.save(1, own)
        name = store.scheme.names[40]
    assert annotator("rig", "consensus", two_views).code == 0
    (first, *_) = json.loads(annotator(*queue, "--json").out)["items"]
    assert first["reason"].startswith(f"{name} ")
    assert "px from where the other cameras see it" in first["reason"]


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
