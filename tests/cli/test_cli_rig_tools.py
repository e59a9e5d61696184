"""`annotator rig refine`, `solve` and `check`: what they print and keep, refusals and exit codes."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filmed_project import bumped_rig, filmed
from rig_project import make_rig

from annotator.domain.rigs.rig import Rig
from annotator.store.project_store import ProjectStore

Runner = Callable[..., Any]


def made(folder: Path, *rigs: Rig, people: int = 0) -> Path:
    with filmed(folder, people=people) as store:
        if rigs:
            store.rigs.add(*rigs)
        return store.path


def versions(project: Path) -> list[int]:
    with ProjectStore.open(project, read_only=True) as store:
        return [each.version for rig in store.rigs.list() for each in store.rigs.versions(rig.name)]


def test_check_refine_check(annotator: Runner, tmp_path: Path) -> None:
    project = made(tmp_path, bumped_rig())
    run = annotator("rig", "check", project, "-q")
    assert run.code == 1
    assert "dome (version 1): Camera left is 1" in run.out
    (told,) = json.loads(annotator("rig", "check", project, "dome", "--json", "-q").out)
    assert (told["known"], [shift["name"] for shift in told["off"]]) == (True, ["left"])
    dry = annotator("rig", "refine", project, "--dry-run", "-q")
    assert dry.code == 0
    assert "px before" in dry.out
    assert versions(project) == [1]
    run = annotator("rig", "refine", project, "dome", "--json", "--user", "ann", "-q")
    assert run.code == 0
    told = json.loads(run.out)
    assert (told["version"], told["kept"], told["helped"], told["refusal"]) == (1, 2, True, "")
    assert {each["name"] for each in told["cameras"]} == {"front", "left", "right"}
    assert versions(project) == [1, 2]
    run = annotator("rig", "check", project, "-q")
    assert run.code == 0
    assert "In 12 moments no camera is off everywhere." in run.out


def test_what_does_not_help_is_code_1_and_kept_only_anyway(annotator: Runner, tmp_path: Path) -> None:
    project = made(tmp_path, make_rig())
    run = annotator("rig", "refine", project, "-q")
    assert run.code == 1
    assert "does not help" in run.err
    assert annotator("rig", "refine", project, "--dry-run", "-q").code == 1
    assert versions(project) == [1]
    run = annotator("rig", "refine", project, "--anyway", "-q")
    assert (run.code, versions(project)) == (0, [1, 2])
    assert "Kept as dome (version 2)." in run.out


def test_wrong_words_are_told(annotator: Runner, tmp_path: Path) -> None:
    project = made(tmp_path)
    for words, why in (
        (("refine", project), "no rig"),
        (("refine", project, "--move", "colour"), "what can is rotation, position"),
        (("check", project, "nobody"), "no rig nobody"),
        (("solve", project, "--name", "a"), "No moment of these takes has points of people"),
    ):
        run = annotator("rig", *words, "-q")
        assert run.code == 1
        assert why in run.err
    assert annotator("rig", "solve", project, "--name", "a", "--focal", "long").code == 2
    assert annotator("rig", "check", project).code == 0


def test_ctrl_c_leaves_the_rig_as_it_was(
    annotator: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotator.services.rigs import refine_rig

    project, real = made(tmp_path, bumped_rig()), refine_rig.refine

    def interrupted(*args: Any, **_: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return real(*args)

    monkeypatch.setattr(refine_rig, "refine", interrupted)
    run = annotator("rig", "refine", project, "-q")
    assert run.code == 130
    assert "The rig is as it was." in run.err
    assert versions(project) == [1]


def test_solve_keeps_a_rig_and_tells_its_error(annotator: Runner, tmp_path: Path) -> None:
    project = made(tmp_path, people=8)
    with ProjectStore.open(project, read_only=True) as store:
        names = store.scheme.names
    words = ("solve", project, "--name", "solved", "--focal", "front=5000", "--focal", "5000")
    run = annotator("rig", *words, "--length", names[36], names[45], "90", "--json", "--dry-run", "-q")
    assert run.code == 0
    told = json.loads(run.out)
    assert (told["kept"], told["unit_mm"], told["left_out"], told["moments"]) == (None, 1.0, {}, 8)
    assert told["error"] < 5
    assert versions(project) == []
    run = annotator("rig", *words, "--takes", "ada/*", "-q")
    assert run.code == 0
    assert "Its size is not known" in run.out
    assert "Kept as solved (version 1)." in run.out
    assert versions(project) == [1]
