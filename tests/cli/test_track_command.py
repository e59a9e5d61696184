"""`annotator takes` and `annotator track`: takes with what is missing, tracking that people's points survive, wrong usage."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from project_files import IBUG
from rig_project import make_project, make_rig, place, seen

from annotator.cli.main import main
from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.domain.capture import Frame
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Five frames of a take, 1 to 6 without 4; the first and the last are keys of three landmarks; no picture is there."""
    path = tmp_path / "p.annotator"
    with ProjectStore.create(path, IBUG, tmp_path) as store:
        store.frames.add(
            Frame(0, f"{n}.jpg", "ada", "talk", "left", f"{n}", 400, 300) for n in (1, 2, 3, 5, 6)
        )
        for frame_id, shift in ((1, 0.0), (5, 5.0)):
            places = np.array([[100.0, 100], [200, 100], [150, 200]]) + shift
            before = Annotation.empty(IBUG)
            after = edits.apply(edits.move([0, 1, 2], places), before)[0]
            store.annotations.commit(Change(frame_id, before, after, "Move"))
    return path


def test_takes_are_listed_and_told_their_rate(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(
            ["takes", str(project), "--take", "ada/talk", "--rate", "23.976", "--out", "5", "--handles", "1"]
        )
        == 0
    )
    capsys.readouterr()
    assert main(["takes", str(project), "--json"]) == 0
    (take,) = json.loads(capsys.readouterr().out)
    assert (take["rate"], take["in"], take["out"], take["handles"]) == ("24000/1001", None, 5, 1)
    assert (take["first"], take["last"], take["frames"], take["gaps"]) == (1, 6, 5, [[4, 4]])
    assert main(["takes", str(project), "--take", "talk", "--whole"]) == 0
    assert "missing" in capsys.readouterr().out
    with ProjectStore.open(project) as store:
        assert store.takes.get("ada", "talk").last is None


def test_a_camera_is_numbered_anew(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["takes", str(project), "--take", "talk", "--number-from", "0995"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "ada / talk / left: 5 frames numbered 0995 to 1000 from now on, 1 to 6 before" in said
    with ProjectStore.open(project) as store:
        assert [store.frames.get(frame_id).index for frame_id in (1, 3, 4)] == ["0995", "0997", "0999"]
    for wrong, words in (
        (["--number-from", "7"], "--take"),
        (["--take", "talk", "--camera", "left"], "--number-from"),
        (["--take", "talk", "--camera", "under", "--number-from", "7"], "under"),
        (["--take", "talk", "--number-from", "first"], "no frame number"),
    ):
        assert main(["takes", str(project), *wrong]) != 0
        assert words in capsys.readouterr().err


def test_cameras_of_a_rig_that_count_otherwise_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with make_project(tmp_path) as store:
        store.rigs.add(make_rig())
        path = store.path
    listed = ["takes", str(path), "--take", "ada/smile"]
    assert main([*listed, "--camera", "left", "--number-from", "000100", "--json"]) == 0
    apart = {take["camera"]: take["apart"] for take in json.loads(capsys.readouterr().out)}
    assert apart["front"] is apart["right"] is None
    assert "--camera left --number-from 0" in apart["left"]
    assert main(listed) == 0
    assert "no moment" in capsys.readouterr().err


def test_a_take_is_tracked_between_its_keys(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["track", str(project), "--take", "ada/talk", "--no-pictures", "--quiet"]
    assert main([*arguments, "--json"]) == 0
    (summary,) = json.loads(capsys.readouterr().out)
    assert (summary["frames"], summary["keys"], summary["points"]) == (3, 2, 9)
    with ProjectStore.open(project) as store:
        track = store.tracks.get(3)
        assert track is not None
        np.testing.assert_allclose(track.xy[0], (102, 102), atol=0.3)  # number 3 of 1 to 6
        assert store.annotations.get(1).is_human.sum() == 3
        assert store.tracks.get(1) is None
    out = project.with_name("all.csv")
    assert main(["export", str(project), str(out), "--include-tracks"]) == 0
    assert out.read_text(encoding="utf-8-sig").count("tracked") == 9
    human = project.with_name("human.csv")
    assert main(["export", str(project), str(human)]) == 0
    assert "tracked" not in human.read_text(encoding="utf-8-sig")


def test_pictures_that_are_not_there_are_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["track", str(project), "--take", "talk", "--landmarks", IBUG.names[0], "--quiet"]) == 3
    assert "frame 2" in capsys.readouterr().err
    with ProjectStore.open(project) as store:
        assert store.tracks.frame_ids() == {2, 3, 4}


def test_a_take_before_a_rig_is_tracked_in_space_unless_told_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two cameras of the rig and one beside it; the front and left views of frame 1 are keys."""
    rig = make_rig()
    with make_project(tmp_path) as store:
        store.rigs.add(replace(rig, cameras={name: rig.cameras[name] for name in ("front", "left")}))
        for name in ("front", "left"):
            place(store, f"ada/smile/{name}/1.jpg", seen(rig.cameras[name]))
        place(store, "ada/smile/right/1.jpg", seen(rig.cameras["right"]))
    arguments = ["track", str(tmp_path / "show.annotator"), "--take", "ada/smile", "--no-pictures", "--quiet"]
    makers = []
    for more in ([], ["--no-rig"], ["--camera", "right"]):
        assert main([*arguments, *more, "--json"]) == 0
        makers.append(len(json.loads(capsys.readouterr().out)))
    assert makers == [3, 3, 1]
    with ProjectStore.open(tmp_path / "show.annotator") as store:
        in_space = [run.camera for run in store.tracks.runs() if run.maker.endswith("in space")]
    assert sorted(in_space) == ["front", "left"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--take", "bob/talk"], "no take"),
        (["--take", "talk", "--landmarks", "knee"], "no landmark or region"),
        (["--take", "talk", "--camera", "right"], "no such camera"),
        (["--take", "talk", "--from", "60"], "no frame between"),
    ],
)
def test_wrong_usage_changes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["track", str(project), *options, "--quiet"]) != 0
    assert said in capsys.readouterr().err
    with ProjectStore.open(project) as store:
        assert store.tracks.runs() == ()
