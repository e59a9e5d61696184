"""The switch in the Model menu: the project keeps it, and the tick says so."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from annotator.services.rigs.agreement import proposals_agree
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def test_a_click_in_the_menu_switches_it_for_the_project(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    action = window.actions_by_id["cameras_agree"]
    assert action.isEnabled()
    assert action.isCheckable()
    assert not action.isChecked()
    menu = next(menu for menu in window.findChildren(QMenu) if action in menu.actions())
    for on in (True, False):
        menu.popup(window.mapToGlobal(window.rect().center()))
        qtbot.waitUntil(menu.isVisible)
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
        qtbot.waitUntil(lambda on=on: action.isChecked() is on)
        assert proposals_agree(session.store) is on
