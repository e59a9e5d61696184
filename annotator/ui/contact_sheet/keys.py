"""The keys that the contact sheet has beside the commands: arrows move between cells, with a modifier they nudge the point."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_NAMED = {
    Qt.Key.Key_Return: "open",
    Qt.Key.Key_Enter: "open",
    Qt.Key.Key_Space: "confirm",
    Qt.Key.Key_Escape: "cancel",
}
_NUDGES = {
    Qt.KeyboardModifier.ShiftModifier: 1.0,
    Qt.KeyboardModifier.ControlModifier: 0.1,
    Qt.KeyboardModifier.AltModifier: 0.1,
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier: 10.0,
}


@dataclass(frozen=True)
class SheetKey:
    """What a key asks for: a step (cells across, rows down, whether rows are pages), a nudge in frame pixels, or a name."""

    name: str = ""
    step: tuple[int, int, bool] | None = None
    nudge: tuple[float, float] | None = None


def sheet_key(event: QKeyEvent) -> SheetKey | None:
    """What a key stroke means in the contact sheet, None where it means nothing there."""
    key = Qt.Key(event.key())
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if key in _ARROWS:
        across, down = _ARROWS[key]
        if not modifiers:
            return SheetKey(step=(across, down, False))
        size = _NUDGES.get(modifiers)
        return None if size is None else SheetKey(nudge=(across * size, down * size))
    if modifiers:
        return None
    if key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
        return SheetKey(step=(0, 1 if key == Qt.Key.Key_PageDown else -1, True))
    name = _NAMED.get(key)
    return None if name is None else SheetKey(name)
