"""Settings that somebody damaged: each is as one that was never set, and the window stands."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from annotator.session.session import Session
from annotator.ui.common.saved import saved_bytes, saved_flag, saved_number, saved_table, saved_text
from annotator.ui.shell.main_window import MainWindow

_BAD = [
    "abc",
    "@Variant(\\0\\0\\0\\x1c\\0)",
    "@ByteArray(abc)",
    "@Invalid()",
    "@Rect(1 2 3 4)",
    "@Size(99999999 -1)",
    "1, 2, 3",
    "99999999999999999999",
    "-1",
    "²",
    "nan",
    '"[[[[[["',
    '"{\\"all\\": 3, \\"own\\": []}"',
    '"{\\"undo\\": [1, null, {}], \\"redo\\": \\"x\\"}"',
    "\\x0\\x1",
    "",
]
_KEYS = {
    "window": ["geometry", "columns", "centre", "right", "lists_tab", "details_tab", "drawer"],
    "view": ["points", "moved", "ghosts", "labels", "heat"],
    "preferences": ["scale", "memory_mb", "ahead", "device", "threads"],
    "keymap": ["preset", "changes"],
    "tour": ["seen"],
    "project": ["last"],
}


def _settings(path: Path, value: str) -> QSettings:
    lines = [
        line for group, keys in _KEYS.items() for line in (f"[{group}]", *(f"{key}={value}" for key in keys))
    ]
    path.write_text("\n".join(lines), "utf-8")
    return QSettings(str(path), QSettings.Format.IniFormat)


@pytest.mark.parametrize("value", _BAD)
def test_no_value_stops_a_reader(tmp_path: Path, value: str) -> None:
    settings = _settings(tmp_path / "a.ini", value)
    for group, keys in _KEYS.items():
        for key in (f"{group}/{name}" for name in keys):
            assert isinstance(saved_text(settings, key), str)
            assert 3 <= saved_number(settings, key, 5, 3, 9) <= 9
            assert saved_flag(settings, key) in (True, False, None)
            assert isinstance(saved_table(settings, key), dict)
            saved_bytes(settings, key)


@pytest.mark.gui
@pytest.mark.parametrize("value", _BAD)
def test_the_window_stands_whatever_its_settings_hold(
    qtbot: QtBot, own_session: Session, tmp_path: Path, value: str
) -> None:
    window = MainWindow(own_session, _settings(tmp_path / "a.ini", value))
    qtbot.addWidget(window)
    window.show()
    assert window.width() > 300
    assert window.actions_by_id["undo"].text()
