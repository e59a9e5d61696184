"""Another program keeps the database: the window does not wait for it, the edit does, and is written by itself."""

import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.domain import edits
from annotator.session.session import Session
from annotator.store.file import database
from annotator.store.project_store import ProjectStore

HOLD = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE')\n"
    "print('held', flush=True); sys.stdin.readline(); c.execute('ROLLBACK')"
)
HOLD_AGAIN_AND_AGAIN = (
    "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)\n"
    "for number in range(8):\n"
    "    c.execute('BEGIN IMMEDIATE'); print('held', flush=True); time.sleep(0.4); c.execute('ROLLBACK'); time.sleep(0.03)\n"
)


class Holder:
    """Another program that writes."""

    def __init__(self, project: Path, code: str = HOLD) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, str(project)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"

    def let_go(self) -> None:
        self.process.communicate("\n")


def move(session: Session, landmark: int, x: float) -> None:
    session.annotations.submit(session.frames.current_id, edits.move([landmark], [[x, x]]))


def ledger(session: Session) -> list[float]:
    with ProjectStore.open(session.path, read_only=True) as store:
        return [float(entry.to_xy[0, 0]) for entry in store.ledger.entries(1)]


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands wait for an hour: a window that did so would never end its test."""
    monkeypatch.setattr(database, "BUSY_MS", 3_600_000)


@pytest.fixture
def calm(patience: None, opened: Session, qtbot: QtBot) -> Session:
    qtbot.waitUntil(lambda: None not in [opened.proposals.get(frame_id) for frame_id in (1, 2)])
    return opened


def test_the_window_does_not_wait_and_the_edits_are_written_by_themselves(
    calm: Session, qtbot: QtBot
) -> None:
    holder = Holder(calm.path)
    for number in range(10):
        move(calm, number % 5, 10 + number)
    assert len(calm.annotations.pending) == 10
    state = calm.annotations.save_state
    assert state.startswith("10 edits not saved: show.annotator could not be saved: ")
    if Path("/proc/locks").exists():
        assert f"(process {holder.process.pid} on " in state
    assert not calm.close_project()
    calm.annotations.undo()
    with qtbot.waitSignal(
        calm.annotations.pending_changed, timeout=10_000, check_params_cb=lambda count: not count
    ):
        holder.let_go()
    assert calm.annotations.save_state == "All changes saved"
    assert ledger(calm)[:10] == [10.0 + number for number in range(10)]
    assert calm.annotations.human(1).xy[4].tolist() == [14, 14]
    assert calm.close_project()


def test_edits_that_come_while_a_thread_writes_stay_shown_and_in_order(calm: Session, qtbot: QtBot) -> None:
    holder = Holder(calm.path, HOLD_AGAIN_AND_AGAIN)
    for number in range(40):
        move(calm, number % 5, 10 + number)
        assert calm.annotations.human(1).xy[number % 5].tolist() == [10 + number] * 2
        qtbot.wait(20)
        assert calm.annotations.human(1).xy[number % 5].tolist() == [10 + number] * 2
    qtbot.waitUntil(lambda: not len(calm.annotations.pending), timeout=15_000)
    holder.process.communicate()
    assert ledger(calm) == [10.0 + number for number in range(40)]
    assert not calm.annotations.conflicts


def test_what_waits_can_be_given_up(calm: Session) -> None:
    holder = Holder(calm.path)
    move(calm, 0, 11)
    path = calm.path
    assert calm.close_project(discard_pending=True)
    holder.let_go()
    with ProjectStore.open(path, read_only=True) as store:
        assert store.ledger.entries(1) == []


def test_a_project_that_is_being_written_to_opens(patience: None, session: Session, project: Path) -> None:
    holder = Holder(project)
    session.open_project(project)
    assert session.frames.current_id == 1
    holder.let_go()
    move(session, 0, 11)
    assert ledger(session) == [11]
