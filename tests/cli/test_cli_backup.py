"""`annotator backup`: whole copies of projects that are open, never over what is there."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotator.domain import edits
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

Runner = Callable[..., Any]


def correct(store: ProjectStore, x: float) -> None:
    before = store.annotations.get(1)
    after = edits.apply(edits.move([0], [[x, x]]), before)[0]
    store.annotations.commit(Change(1, before, after, "Move"))


def places(path: Path) -> list[float]:
    with ProjectStore.open(path, read_only=True) as store:
        return [float(entry.to_xy[0, 0]) for entry in store.ledger.entries()]


def test_a_project_that_is_open_is_copied_whole(annotator: Runner, project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "far" / "copy.annotator"
    with ProjectStore.open(project) as window:
        correct(window, 1)
        correct(window, 2)
        run = annotator("backup", project, copy, "--json")
        assert window.path.with_name("shoot.annotator-wal").stat().st_size, "the work is in the log alone"
    assert run.code == 0, run.err
    told = json.loads(run.out)
    assert (told["path"], told["frames"], told["edits"]) == (str(copy), 4, 2)
    assert [item.name for item in copy.parent.iterdir()] == ["copy.annotator"]
    assert places(copy) == [1, 2]
    with ProjectStore.open(copy, read_only=True) as store:
        assert store.frames.capture_root == tmp_path / "captures"


def test_without_a_name_it_lies_beside_the_project_with_the_time(annotator: Runner, project: Path) -> None:
    run = annotator("backup", project)
    assert run.code == 0
    assert len(list(project.parent.glob("shoot-20*.annotator"))) == 1
    assert "4 frames, 0 edits" in run.out


def test_what_is_there_stays_unless_it_is_said(annotator: Runner, project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.annotator"
    copy.write_text("precious")
    run = annotator("backup", project, copy)
    assert (run.code, copy.read_text()) == (1, "precious")
    assert "exists already" in run.err
    assert annotator("backup", project, copy, "--overwrite", "--quiet").code == 0
    assert places(copy) == []


@pytest.mark.parametrize("overwrite", [[], ["--overwrite"]])
def test_neither_the_project_itself_nor_an_open_one_is_replaced(
    annotator: Runner, project: Path, tmp_path: Path, overwrite: list[str]
) -> None:
    other = tmp_path / "other.annotator"
    shutil.copyfile(project, other)
    assert annotator("backup", project, project, *overwrite).code == 1
    with ProjectStore.open(other) as window:
        correct(window, 7)
        assert annotator("backup", project, other, *overwrite).code == 1
        correct(window, 8)
    assert places(other) == [7, 8]
    assert places(project) == []
