"""*Number the frames…*: the shown camera's frames of the take get other numbers, which the window shows."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot
from ui_helpers import key

from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
WAIT = 60_000


def number(window: MainWindow, monkeypatch: pytest.MonkeyPatch, text: str) -> list[str]:
    """Types a number into the question; returns what was offered."""
    offered: list[str] = []

    def answer(_parent: object, _title: str, _question: str, text: str = "", **_: object) -> tuple[str, bool]:
        offered.append(text)
        return given, True

    given = text
    monkeypatch.setattr(QInputDialog, "getText", answer)
    window.actions_by_id["number_frames"].trigger()
    return offered


def test_the_take_has_other_numbers_and_undo_takes_them_back(
    qtbot: QtBot, take: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = session.time.take.state.sequence.numbers.tolist()
    assert number(take, monkeypatch, " 1001 ") == ["0001"]
    wanted = [1000 + each for each in before]
    qtbot.waitUntil(lambda: session.time.take.state.sequence.numbers.tolist() == wanted, timeout=WAIT)
    assert session.frames.current.index == "1001"
    assert take.frames.rows.index(0, 0).data() == session.frames.listed[0].frame.name
    key(take.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: session.time.take.state.sequence.numbers.tolist() == before, timeout=WAIT)


def test_what_is_no_number_is_told_and_changes_nothing(
    take: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    session.message.connect(lambda level, text: told.append(f"{level}: {text}"))
    number(take, monkeypatch, "soon")
    assert told == ["error: 'soon' is no frame number; write 1001, or 000001 for six digits."]
    assert session.frames.current.index == "0001"
    number(take, monkeypatch, "0001")
    assert not session.annotations.undo_stack.canUndo()
