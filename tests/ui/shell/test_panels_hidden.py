"""Panels that hide, the picture alone, and what of it is remembered."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot
from ui_helpers import key

from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def whole(window: MainWindow):
    yield window
    window.layout_kept.reset()


def test_the_picture_has_all_the_room_and_gives_it_back(qtbot, whole: MainWindow) -> None:
    before = whole.view.width()
    key(whole.view, Qt.Key.Key_F12)
    assert not whole.lists.isVisible()
    assert not whole.heatmaps.isVisible()
    assert not whole.toolbar.isVisible()
    qtbot.waitUntil(lambda: whole.view.width() > 1.5 * before)
    assert whole.actions_by_id["picture_only"].isChecked()
    key(whole.view, Qt.Key.Key_F12)
    assert whole.lists.isVisible()
    assert whole.toolbar.isVisible()
    qtbot.waitUntil(lambda: abs(whole.view.width() - before) <= 8)


@pytest.mark.parametrize(
    ("code", "part"), [(Qt.Key.Key_1, "lists"), (Qt.Key.Key_2, "heatmaps"), (Qt.Key.Key_4, "details")]
)
def test_each_part_hides_and_the_menu_shows_it(whole: MainWindow, code, part) -> None:
    action = whole.actions_by_id[f"show_{part}"]
    assert action.isChecked()
    key(whole.view, code, ALT)
    assert not whole.arrangement.around[part].isVisible()
    assert not action.isChecked()
    key(whole.view, code, ALT)
    assert whole.arrangement.around[part].isVisible()


def test_without_both_parts_the_right_column_takes_no_room(whole: MainWindow) -> None:
    for code in (Qt.Key.Key_2, Qt.Key.Key_4):
        key(whole.view, code, ALT)
    assert not whole.arrangement.splitters["right"].isVisible()


def test_a_part_that_is_asked_for_ends_the_picture_alone(whole: MainWindow) -> None:
    key(whole.view, Qt.Key.Key_F12)
    key(whole.view, Qt.Key.Key_J)
    assert whole.queues.isVisible()
    assert not whole.heatmaps.isVisible()


def test_what_is_hidden_is_remembered(qtbot: QtBot, tmp_path: Path, own_session: Session) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    first = MainWindow(own_session, settings)
    qtbot.addWidget(first)
    first.arrangement.show_part("details", False)
    first.layout_kept.save()
    second = MainWindow(own_session, settings)
    qtbot.addWidget(second)
    assert not second.arrangement.is_shown("details")
    assert second.arrangement.is_shown("lists")
