"""Keymaps: which keys call which command; presets, conflicts, TOML files, and what the artist changed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

import tomli_w
from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QKeySequence

from annotator.domain.assets import asset
from annotator.domain.errors import AnnotatorError, FormatError
from annotator.domain.outside_files import parse_toml, read_outside_text
from annotator.files import atomic_text, refuse_to_replace
from annotator.ui.commands.actions import Actions
from annotator.ui.commands.table import COMMANDS
from annotator.ui.common.saved import saved_table, saved_text

Keys = tuple[str, ...]
STANDARD = "annotator"
PRESETS = (STANDARD, "nuke", "maya", "rv")
_SCHEMA = 1
_MOST_BYTES = 1 << 20


class KeymapError(AnnotatorError):
    """A keymap file that cannot be used; says what to do."""


_KNOWN = {command.id for command in COMMANDS}
_FORMER = {
    "ghosts": "moved",
    "carry": "suggestions",
    "accept_ghosts": "accept_suggestions",
    "accept_selected_ghosts": "accept_selected_suggestions",
    "queue_pass": "queue_dismiss",
}
"""Names that commands had in keymaps of earlier versions."""


def standard_keys() -> dict[str, Keys]:
    """The keys that every command ships with."""
    return {command.id: tuple(normal(key) for key in command.keys) for command in COMMANDS}


def normal(key: str) -> str:
    """A key sequence in its portable spelling, such as `Ctrl+Shift+A`; empty where it is none."""
    portable = QKeySequence.SequenceFormat.PortableText
    sequence = QKeySequence(key, portable)
    return "" if "Unknown" in sequence.toString(portable) else sequence.toString(portable)


def conflicts(keys: Mapping[str, Keys]) -> dict[str, list[str]]:
    """Key sequences that more than one command has, with these commands in menu order: none of them would run."""
    users: dict[str, list[str]] = defaultdict(list)
    for command in COMMANDS:
        for key in dict.fromkeys(keys.get(command.id, ())):
            users[key].append(command.id)
    return {key: ids for key, ids in users.items() if len(ids) > 1}


def preset(name: str) -> dict[str, Keys]:
    """All keys of a preset; raises `KeymapError` for a name that is none."""
    if name == STANDARD:
        return standard_keys()
    if name not in PRESETS:
        raise KeymapError(f"There is no keymap {name}: choose one of {', '.join(PRESETS)}.")
    return read_keymap(asset(f"resources/keymaps/{name}.toml"))


def preset_title(name: str) -> str:
    """The name for people."""
    return {"annotator": "Annotator", "nuke": "Nuke", "maya": "Maya", "rv": "RV"}[name]


def read_keymap(path: Path) -> dict[str, Keys]:
    """Keys of a TOML file over the standard ones; raises `KeymapError` where it is none, names no command or no key."""
    try:
        values = parse_toml(read_outside_text(path, _MOST_BYTES))
    except (OSError, ValueError) as error:
        raise KeymapError(f"{path.name} cannot be read as a keymap: {error}") from error
    table = values.get("keys")
    if values.get("schema") != _SCHEMA or not isinstance(table, dict):
        raise KeymapError(f"{path.name} is no keymap: it needs `schema = {_SCHEMA}` and a table [keys].")
    found = standard_keys()
    for given, keys in table.items():
        name = _FORMER.get(given, given)
        if name not in _KNOWN:
            raise KeymapError(
                f"{path.name} names {given}, which is no command. Take the line out and try again."
            )
        if not isinstance(keys, list) or not all(isinstance(key, str) and normal(key) for key in keys):
            raise KeymapError(
                f'{path.name}: {name} takes a list of keys such as ["Ctrl+K", "F2"], not {keys!r}.'
            )
        found[name] = tuple(normal(key) for key in keys)
    return found


def _give_way(keys: Mapping[str, Keys], own: Collection[str]) -> dict[str, Keys]:
    """What was chosen wins over keys that came as standard since: a key that both have stays where it was chosen."""
    taken = {key for command in own for key in keys.get(command, ())}
    return {
        command: value if command in own else tuple(key for key in value if key not in taken)
        for command, value in keys.items()
    }


def write_keymap(path: Path, keys: Mapping[str, Keys], title: str) -> None:
    """Writes what differs from the standard keys; raises `KeymapError` where the file cannot be written."""
    text = tomli_w.dumps({"schema": _SCHEMA, "title": title, "keys": _changed(keys, standard_keys())})
    try:
        refuse_to_replace(path)
        with atomic_text(path) as file:
            file.write(text)
    except FormatError as error:
        raise KeymapError(str(error)) from error


def _changed(keys: Mapping[str, Keys], base: Mapping[str, Keys]) -> dict[str, list[str]]:
    return {name: list(value) for name, value in keys.items() if name in _KNOWN and value != base[name]}


class Keymap(QObject):
    """The keys in use: a preset and what the artist changed of it, remembered in the settings and put on the actions."""

    changed = Signal()

    def __init__(self, actions: Actions, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions, self._settings = actions, settings
        self._preset, self._keys = STANDARD, standard_keys()
        self._restore()

    @property
    def preset(self) -> str:
        """The preset that the changes are made to."""
        return self._preset

    @property
    def keys(self) -> dict[str, Keys]:
        """Keys by command."""
        return dict(self._keys)

    def use(self, keys: Mapping[str, Keys], preset_name: str) -> None:
        """Puts keys on the actions and remembers them."""
        self._preset = preset_name
        self._keys = {command.id: tuple(keys.get(command.id, ())) for command in COMMANDS}
        self._settings.setValue("keymap/preset", preset_name)
        self._settings.setValue("keymap/changes", json.dumps(_changed(self._keys, preset(preset_name))))
        self._apply()

    def _restore(self) -> None:
        """What was remembered; a command or key that is not known any more is left out."""
        name = saved_text(self._settings, "keymap/preset")
        self._preset = name if name in PRESETS else STANDARD
        self._keys = preset(self._preset)
        changes = saved_table(self._settings, "keymap/changes")
        for given, keys in changes.items():
            command = _FORMER.get(given, given)
            if command in _KNOWN and isinstance(keys, list):
                self._keys[command] = tuple(filter(None, (normal(str(key)) for key in keys)))
        own = [_FORMER.get(given, given) for given in changes]
        self._keys = _give_way(self._keys, own)
        self._apply()

    def _apply(self) -> None:
        for command, keys in self._keys.items():
            self._actions.set_keys(command, keys)
        self.changed.emit()
