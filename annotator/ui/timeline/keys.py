"""The keys that the timeline has while it has the keyboard, beside those of the window: J K L, Space, I, O, arrows, ends."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

END = 1 << 40
_COMMANDS = {
    Qt.Key.Key_J: "play_backward",
    Qt.Key.Key_K: "play_stop",
    Qt.Key.Key_L: "play_forward",
    Qt.Key.Key_Space: "play",
    Qt.Key.Key_I: "set_in",
    Qt.Key.Key_O: "set_out",
}
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -END, Qt.Key.Key_End: END}
_WITHOUT = ~(Qt.KeyboardModifier.KeypadModifier)


def command_of(event: QKeyEvent) -> str:
    """The command that a stroke asks for, empty for none."""
    return "" if event.modifiers() & _WITHOUT else _COMMANDS.get(Qt.Key(event.key()), "")


def step_of(event: QKeyEvent) -> int:
    """How many frames a stroke goes on, `END` or its negative for the ends; 0 for other keys."""
    return 0 if event.modifiers() & _WITHOUT else _STEPS.get(Qt.Key(event.key()), 0)


def is_of_time(event: QKeyEvent) -> bool:
    """Whether a stroke asks for anything here."""
    return bool(command_of(event) or step_of(event))
