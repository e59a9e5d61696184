"""The project file is deleted, moved, replaced or overwritten under the window: edits wait, say so, and are saved elsewhere."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hurried import looked
from other_program import run
from pytestqt.qtbot import QtBot

from annotator.domain import edits
from annotator.domain.errors import ProjectError
from annotator.session.job.job_board import JobState
from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.session import Session
from annotator.store.file import database
from annotator.store.project_store import ProjectStore

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps open files in their place")

WORK = (
    "import sys; from pathlib import Path; from annotator.domain import edits\n"
    "from annotator.store.history.changes import Change; from annotator.store.project_store import ProjectStore\n"
    "with ProjectStore.open(Path(sys.argv[1])) as store:\n"
    "    before = store.annotations.get(1); x = len(sys.argv[2])\n"
    "    store.annotations.commit(Change(1, before, edits.apply(edits.move([0], [[x, x]]), before)[0], 'Move'))"
)
Lose = Callable[[Path, Path], None]


def delete(project: Path, _other: Path) -> None:
    project.unlink()


def move_away(project: Path, _other: Path) -> None:
    project.rename(project.with_name("moved.annotator"))


def move_away_with_its_log(project: Path, _other: Path) -> None:
    folder = project.parent / "away"
    folder.mkdir()
    for file in project.parent.glob("show.annotator*"):
        file.rename(folder / file.name)


def replace(project: Path, other: Path) -> None:
    shutil.copyfile(other, project.with_name("new"))
    project.with_name("new").replace(project)


def overwrite(project: Path, other: Path) -> None:
    shutil.copyfile(other, project)


LOSSES: list[Lose] = [delete, move_away, move_away_with_its_log, replace, overwrite]


@pytest.fixture
def opened(opened: Session, qtbot: QtBot) -> Session:
    """With the proposals there (the fake model saves them by the project's path alone), a moment after the start."""
    qtbot.waitUntil(lambda: None not in [opened.proposals.get(frame_id) for frame_id in (1, 2)])
    qtbot.waitUntil(lambda: opened.store.guard.image is not None or not database._IMAGE_BYTES)
    return opened


def move(session: Session, landmark: int, x: float) -> None:
    session.annotations.submit(session.frames.current_id, edits.move([landmark], [[x, x]]))


def ledger(path: Path) -> list[float]:
    """The places in the ledger of a project, which must be whole."""
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with ProjectStore.open(path, read_only=True) as store:
        return [float(entry.to_xy[0, 0]) for entry in store.ledger.entries()]


def lose(session: Session, qtbot: QtBot, other: Path, how: Lose) -> None:
    """Until the window noticed, without any edit."""
    with qtbot.waitSignal(session._watch.lost, timeout=10_000):
        how(session.path, other)


@pytest.mark.parametrize("how", LOSSES)
@pytest.mark.parametrize("at_once", [True, False], ids=["edit at once", "noticed first"])
def test_no_edit_is_lost_and_none_is_told_to_be_saved(
    opened: Session, qtbot: QtBot, other: Path, tmp_path: Path, how: Lose, at_once: bool
) -> None:
    move(opened, 0, 11)
    move(opened, 1, 12)
    kept = other.read_bytes()
    if at_once:
        how(opened.path, other)
        move(opened, 2, 13)
        assert opened.annotations.save_state.startswith("1 edit not saved")
        with qtbot.waitSignal(opened._watch.lost, timeout=10_000):
            pass
    else:
        lose(opened, qtbot, other, how)
        assert "show.annotator was" in opened.annotations.save_state
        move(opened, 2, 13)
    for number in range(20):
        move(opened, 3, 20 + number)
    assert len(opened.annotations.pending) == 21
    assert opened.annotations.save_state.startswith("21 edits not saved")
    assert not opened.close_project()
    opened.keeper.save_as(tmp_path / "saved.annotator")
    assert opened.path == tmp_path / "saved.annotator"
    assert (opened.annotations.save_state, len(opened.annotations.pending)) == ("All changes saved", 0)
    move(opened, 4, 99)
    assert opened.close_project()
    assert ledger(tmp_path / "saved.annotator") == [11, 12, 13, *range(20, 40), 99]
    project = tmp_path / "show.annotator"
    if how in (replace, overwrite):
        assert project.read_bytes() == kept
        assert ledger(project) == ledger(other)
    elif how is not delete:
        moved = next(
            path
            for path in (project.with_name("moved.annotator"), project.parent / "away/show.annotator")
            if path.exists()
        )
        assert ledger(moved) == [11, 12]


def test_a_deleted_project_is_saved_under_its_own_name(
    opened: Session, qtbot: QtBot, other: Path, project: Path
) -> None:
    move(opened, 0, 11)
    lose(opened, qtbot, other, delete)
    assert not opened.close_project(), "the window has all that is left"
    opened.keeper.save_as(project)
    move(opened, 0, 12)
    assert opened.close_project()
    assert ledger(project) == [11, 12]


def test_a_file_that_is_put_back_takes_the_edits_by_itself(
    opened: Session, qtbot: QtBot, other: Path, project: Path
) -> None:
    move(opened, 0, 11)
    lose(opened, qtbot, other, move_away)
    move(opened, 1, 12)
    with qtbot.waitSignal(opened._watch.lost, timeout=10_000):
        project.with_name("moved.annotator").rename(project)
    assert opened.annotations.save_state == "All changes saved"
    assert opened.close_project()
    assert ledger(project) == [11, 12]


@pytest.mark.parametrize("how", [replace, overwrite])
def test_the_window_goes_on_in_a_copy_that_was_restored(
    opened: Session, qtbot: QtBot, tmp_path: Path, project: Path, how: Lose
) -> None:
    """What was moved both there and here is asked about, as with any other program."""
    move(opened, 0, 11)
    copy = tmp_path / "backup.annotator"
    run("backup", str(project), str(copy), "--quiet")
    move(opened, 1, 12)
    log = project.with_name("show.annotator-wal")
    qtbot.waitUntil(lambda: log.stat().st_size == 0, timeout=10_000)
    lose(opened, qtbot, copy, how)
    move(opened, 2, 13)
    opened.keeper.try_again()
    assert opened.annotations.save_state == "All changes saved"
    move(opened, 3, 14)
    assert opened.close_project()
    assert ledger(project) == [11, 13, 14]


@pytest.mark.parametrize("how", [replace, overwrite])
def test_the_window_never_writes_into_another_project(
    opened: Session, qtbot: QtBot, other: Path, project: Path, how: Lose
) -> None:
    lose(opened, qtbot, other, how)
    move(opened, 2, 13)
    with pytest.raises(ProjectError, match="is another project now"):
        opened.keeper.try_again()
    assert len(opened.annotations.pending) == 1
    assert ledger(project) == []
    assert opened.close_project(discard_pending=True)
    assert ledger(project) == []


def test_where_nothing_is_left_of_the_file_the_edits_wait_for_a_copy_of_it(
    opened: Session, qtbot: QtBot, other: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project too large to be kept in memory is overwritten by another one."""
    monkeypatch.setattr(database, "_IMAGE_BYTES", 0)
    opened.store.guard.image = opened.store.guard.image_of = None
    move(opened, 0, 11)
    copy = tmp_path / "backup.annotator"
    run("backup", str(project), str(copy), "--quiet")
    lose(opened, qtbot, other, overwrite)
    move(opened, 1, 12)
    assert opened.annotations.save_state.startswith("1 edit not saved")
    assert opened.annotations.human(1).xy[1].tolist() == [12, 12]
    with pytest.raises(ProjectError, match="what it held before is gone"):
        opened.keeper.save_as(tmp_path / "saved.annotator")
    assert not (tmp_path / "saved.annotator").exists()
    shutil.copyfile(copy, project)
    opened.keeper.try_again()
    assert opened.annotations.save_state == "All changes saved"
    assert opened.close_project()
    assert ledger(project) == [11, 12]


def test_saving_over_a_project_that_is_open_elsewhere_is_refused(opened: Session, other: Path) -> None:
    move(opened, 0, 11)
    with ProjectStore.open(other) as theirs:
        theirs.settings.set("busy", 1)
        with pytest.raises(ProjectError, match="is a project that is open"):
            opened.keeper.save_as(other)
    assert opened.annotations.save_state == "All changes saved"


def test_a_plain_copy_has_all_work_once_the_hand_rests(
    opened: Session, qtbot: QtBot, project: Path, tmp_path: Path
) -> None:
    move(opened, 0, 11)
    move(opened, 1, 12)
    log = project.with_name("show.annotator-wal")
    qtbot.waitUntil(lambda: log.stat().st_size == 0, timeout=10_000)
    shutil.copyfile(project, tmp_path / "plain.annotator")
    assert ledger(tmp_path / "plain.annotator") == [11, 12]


def test_others_may_work_in_the_replacement_meanwhile(
    opened: Session, qtbot: QtBot, other: Path, project: Path, tmp_path: Path
) -> None:
    """The window that lost its file shares neither log nor index with them."""
    move(opened, 0, 11)
    wanted = ledger(other)
    lose(opened, qtbot, other, replace)
    for name in ("first", "second"):
        subprocess.run([sys.executable, "-c", WORK, str(project), name], check=True)
        wanted.append(float(len(name)))
        move(opened, 1, 12)
        opened.frames.next()
        opened.frames.go_to(1)
        looked(opened, qtbot)
        looked(opened, qtbot)  # the file is written to only where it rested between two looks
    assert ledger(project) == wanted
    opened.keeper.save_as(tmp_path / "saved.annotator")
    assert opened.close_project()
    assert ledger(project) == wanted
    assert ledger(tmp_path / "saved.annotator") == [11, 12]


@pytest.mark.parametrize("how", [replace, overwrite])
def test_the_model_process_spoils_nothing_either(
    real_inference: InferenceProcess, qtbot: QtBot, other: Path, project: Path, tmp_path: Path, how: Lose
) -> None:
    """It has the file open in a process of its own, and saves what it proposes."""
    copy = tmp_path / "backup.annotator"
    session = Session(inference=real_inference)
    try:
        session.open_project(project)
        qtbot.waitUntil(lambda: session.proposals.get(2) is not None, timeout=60_000)
        move(session, 0, 11)
        session.store.copy_to(copy)
        move(session, 1, 12)
        log = project.with_name("show.annotator-wal")
        qtbot.waitUntil(lambda: log.stat().st_size == 0, timeout=10_000)
        lose(session, qtbot, copy, how)
        with qtbot.waitSignal(session.jobs.ended, timeout=30_000):
            session.jobs.start_propose_all(again=True)
        move(session, 2, 13)
        session.keeper.try_again()
        move(session, 3, 14)
        with qtbot.waitSignal(session.jobs.ended, timeout=30_000) as ended:
            session.jobs.start_propose_all(again=True)
        assert ended.args[0].state is JobState.DONE, ended.args[0].message
        assert session.close_project()
    finally:
        session.shutdown()
    assert ledger(project) == [11, 13, 14]
