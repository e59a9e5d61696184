"""Keymaps: presets without conflicts, files, the dialog by keys and mouse, menus and lists that show the keys in use."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QSettings, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from ui_helpers import key

from annotator.session.session import Session
from annotator.ui.commands.keys.keymap import (
    PRESETS,
    Keymap,
    KeymapError,
    conflicts,
    normal,
    preset,
    read_keymap,
    standard_keys,
    write_keymap,
)
from annotator.ui.commands.keys.keymap_dialog import KeymapDialog
from annotator.ui.commands.keys.shortcuts_dialog import ShortcutsDialog
from annotator.ui.dialogs.palette import CommandPalette
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def standard(window: MainWindow):
    """The window's keymap, put back at the end."""
    yield window.keymap
    window.keymap.use(standard_keys(), "annotator")


@pytest.mark.parametrize("name", PRESETS)
def test_presets_have_no_conflicts_and_leave_no_main_command_without_a_key(qapp, name: str) -> None:
    keys = preset(name)
    assert conflicts(keys) == {}
    lost = [command for command, shipped in standard_keys().items() if shipped and not keys[command]]
    assert lost == []
    assert all(normal(each) == each for group in keys.values() for each in group)


HELD = ("compare", "loupe", "soft")
"""Their keys go to the view itself, which sees how long they are held."""


class Pressed(QObject):
    """Notes which command a key reaches, and keeps it from being run."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.names = {window.actions_by_id[name]: name for name in window.actions_by_id}
        self.reached: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.Shortcut:
            return False
        self.reached.append("two at once" if event.isAmbiguous() else self.names.get(watched, str(watched)))
        return True


@pytest.mark.parametrize("name", PRESETS)
def test_each_key_of_a_preset_reaches_its_command_alone(
    window: MainWindow, session: Session, standard, qapp, name: str
) -> None:
    keys = preset(name)
    standard.use(keys, name)
    pressed, missed, tried = Pressed(window), {}, 0
    qapp.installEventFilter(pressed)
    try:
        for command, sequences in keys.items():
            if command in HELD or not window.actions_by_id[command].isEnabled():
                continue
            for text in sequences:
                stroke = QKeySequence(text)[0]
                if stroke.key() in (Qt.Key.Key_Backtab, Qt.Key.Key_Tab):
                    continue  # Qt sends Shift+Tab as Backtab
                pressed.reached.clear()
                QTest.keyClick(window.view, stroke.key(), stroke.keyboardModifiers())
                tried += 1
                if pressed.reached != [command]:
                    missed[f"{command} {text}"] = list(pressed.reached)
    finally:
        qapp.removeEventFilter(pressed)
    assert missed == {}
    assert tried > 120


def test_conflicts_name_all_that_share_a_key(qapp) -> None:
    keys = standard_keys() | {"fit": ("A",), "snap": ("A", "K")}
    assert conflicts(keys) == {"A": ["accept", "snap", "fit"]}


def test_a_file_survives_and_refuses_what_it_cannot_use(qapp, tmp_path: Path) -> None:
    keys = standard_keys() | {"fit": ("Ctrl+Alt+F", "Home"), "about": ()}
    write_keymap(tmp_path / "mine.toml", keys, "Mine")
    assert read_keymap(tmp_path / "mine.toml") == keys
    text = (tmp_path / "mine.toml").read_text()
    assert "snap" not in text, "only what differs is written"
    for wrong, told in (
        ('schema = 1\n[keys]\nfly = ["F"]', "fly"),
        ('schema = 1\n[keys]\nfit = ["Hyper+Nonsense"]', "fit takes"),
        ("schema = 7\n[keys]", "schema"),
        ("not toml", "cannot be read"),
    ):
        (tmp_path / "odd.toml").write_text(wrong)
        with pytest.raises(KeymapError, match=told):
            read_keymap(tmp_path / "odd.toml")


def test_a_preset_works_by_key_and_is_remembered(
    window: MainWindow, session: Session, standard, tmp_path
) -> None:
    standard.use(preset("maya"), "maya")
    session.selection.select(7)
    key(window.view, Qt.Key.Key_S)
    assert session.annotations.shown(1).state[7] == 3, "S sets, as in Maya"
    assert window.actions_by_id["fit"].shortcut().toString() == "A"
    assert window.actions_by_id["fit"].toolTip() == "Show the whole frame (A)"
    assert "(S)" in window.actions_by_id["accept"].toolTip()
    again = Keymap(window.actions_by_id, window._settings)
    assert (again.preset, again.keys) == ("maya", preset("maya"))


def test_settings_that_make_no_sense_are_left_out(window: MainWindow, standard, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "odd.ini"), QSettings.Format.IniFormat)
    settings.setValue("keymap/preset", "emacs")
    settings.setValue("keymap/changes", '{"fly": ["F"], "fit": ["F9"], "snap": "K"}')
    odd = Keymap(window.actions_by_id, settings)
    assert odd.preset == "annotator"
    assert odd.keys == standard_keys() | {"fit": ("F9",)}


def test_the_dialog_searches_warns_and_takes_a_key_over(qtbot, window: MainWindow, standard) -> None:
    dialog = KeymapDialog(standard, window)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.focusWidget() is dialog.search
    QTest.keyClicks(dialog.search, "models")
    assert [name for name, item in dialog.items.items() if not item.isHidden()] == ["models"]
    dialog.search.clear()
    dialog.table.setCurrentItem(dialog.items["accept"])
    QTest.keyClick(dialog.recorder, Qt.Key.Key_M, CTRL)
    qtbot.waitUntil(lambda: "Models" in dialog.note.text())
    assert not dialog.add.isEnabled()
    QTest.mouseClick(dialog.take_over, Qt.MouseButton.LeftButton)
    assert dialog.items["accept"].text(1) == "A, Ctrl+M"
    assert dialog.items["models"].text(1) == ""
    assert standard.keys == standard_keys(), "nothing counts before it is taken over"
    use = next(button for button in dialog.buttons.buttons() if "Use" in button.text())
    QTest.mouseClick(use, Qt.MouseButton.LeftButton)
    assert standard.keys["accept"] == ("A", "Ctrl+M")
    assert window.actions_by_id["models"].shortcut().isEmpty()


def test_the_dialog_resets_and_cancels(qtbot, window: MainWindow, standard) -> None:
    standard.use(standard_keys() | {"fit": ("F9",)}, "annotator")
    dialog = KeymapDialog(standard, window)
    qtbot.addWidget(dialog)
    dialog.table.setCurrentItem(dialog.items["snap"])
    dialog.clear.click()
    assert dialog.items["snap"].text(1) == ""
    dialog.standard.click()
    assert dialog.items["snap"].text(1) == "K"
    dialog.reset.click()
    assert dialog.items["fit"].text(1) == "F"
    dialog.reject()
    assert standard.keys["fit"] == ("F9",)


def test_conflicts_of_an_imported_file_are_told(qtbot, window, standard, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "k.toml").write_text('schema = 1\n[keys]\nfit = ["K"]\n')
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "k.toml"), ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "out.toml"), ""))
    dialog = KeymapDialog(standard, window)
    qtbot.addWidget(dialog)
    dialog.importing.click()
    assert "Snap to the heatmap's mode, Fit" in dialog.note.text()
    dialog.exporting.click()
    assert read_keymap(tmp_path / "out.toml")["fit"] == ("K",)
    (tmp_path / "k.toml").write_text("nonsense")
    dialog.importing.click()
    assert "cannot be read" in dialog.note.text()


def test_lists_show_the_keys_in_use(qtbot, window: MainWindow, standard) -> None:
    standard.use(standard_keys() | {"fit": ("F9",)}, "annotator")
    window.edits.accept_frame()
    overview = ShortcutsDialog(standard.keys, window)
    qtbot.addWidget(overview)
    overview.search.setText("F9")
    rows = [
        group.child(row).text(0)
        for group in overview._groups.values()
        for row in range(group.childCount())
        if not group.child(row).isHidden()
    ]
    assert rows == ["Fit"]
    palette = CommandPalette(list(window.actions_by_id.values()), window)
    qtbot.addWidget(palette)
    palette.search.setText("fit")
    assert palette.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Fit F9"
    palette.search.setText("undo")
    assert "Ctrl+Z" in palette.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    palette.reject()


def test_names_of_earlier_versions_are_still_read(window: MainWindow, standard, tmp_path: Path) -> None:
    file = tmp_path / "old.toml"
    file.write_text('schema = 1\n[keys]\nghosts = ["Alt+G"]\naccept_ghosts = ["F7"]\nqueue_pass = ["F8"]\n')
    keys = read_keymap(file)
    assert keys["moved"] == ("Alt+G",)
    assert keys["accept_suggestions"] == ("F7",)
    assert keys["queue_dismiss"] == ("F8",)
    settings = QSettings(str(tmp_path / "old.ini"), QSettings.Format.IniFormat)
    settings.setValue("keymap/changes", '{"carry": ["F9"]}')
    assert Keymap(window.actions_by_id, settings).keys["suggestions"] == ("F9",)
