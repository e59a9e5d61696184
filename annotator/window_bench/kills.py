"""What the window writes besides projects, for the kill matrix (`annotator bench kills`)."""

from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSettings

from annotator.research.bench.kills.matrix import Operation
from annotator.ui.commands.keys.keymap import read_keymap, standard_keys, write_keymap


def _keys(key: str, folder: Path) -> None:
    keys = {
        name: (key,) if number == 0 else own for number, (name, own) in enumerate(standard_keys().items())
    }
    write_keymap(folder / "keys.toml", keys, f"My keys {key}")


def _seen_keys(folder: Path) -> object:
    return sorted(read_keymap(folder / "keys.toml").items())


def _settings(folder: Path) -> QSettings:
    return QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)


def _prefer(budget: int, folder: Path) -> None:
    settings = _settings(folder)
    settings.setValue("geometry", f"{budget}" * 200)
    settings.sync()


def _seen_settings(folder: Path) -> Any:
    return _settings(folder).value("geometry")


OPERATIONS: Final = {
    "keymap": Operation(partial(_keys, "F7"), partial(_keys, "F8"), _seen_keys),
    "settings": Operation(partial(_prefer, 1), partial(_prefer, 2), _seen_settings),
}
"""By name."""
