"""Letters with Alt that open menus: none is a command's key, whatever keymap is used."""

import pytest
from PySide6.QtCore import Qt
from ui_helpers import key

from annotator.ui.commands.actions import menu_letters
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def test_first_letters_go_first_and_a_menu_may_have_none() -> None:
    found = menu_letters(["File", "Edit", "Frame", "Ee"], {"F", "I", "L", "A"})
    assert found == {"File": "", "Edit": "E", "Frame": "R", "Ee": ""}


def test_a_key_that_a_command_gets_is_no_menus_any_more(window: MainWindow) -> None:
    def letters() -> set[str]:
        titles = [action.text() for action in window.menuBar().actions()]
        return {title[title.index("&") + 1].upper() for title in titles if "&" in title}

    free = sorted(letters())[0]
    keys = [each.toString() for each in window.actions_by_id["rois"].shortcuts()]
    try:
        window.actions_by_id.set_keys("rois", [f"Alt+{free}"])
        assert free not in letters()
        before = window.options.value.rois
        key(window.view, Qt.Key[f"Key_{free}"], Qt.KeyboardModifier.AltModifier)
        assert window.options.value.rois is not before
    finally:
        window.actions_by_id.set_keys("rois", keys)
    assert free in letters()
