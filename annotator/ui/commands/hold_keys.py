"""Keys that work as long as they are held: a tap toggles, a hold lets go by itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

_HOLD_MS = 250
_REPEAT_MS = 30


class HoldKey(QObject):
    """Switches a checkable action off again when its key goes up after a while; a short tap leaves it on.

    It also tells whether the key is down.

    An X server repeats a held key as "up, down, up, down", and Qt knows these for repetitions only where both are there
    at once, which a busy machine or a remote desktop does not promise. So a key counts as up once it has stayed up for
    a moment, and what comes down before that is no new stroke.
    """

    def __init__(self, action: QAction, view: QWidget, lets_go: bool = True) -> None:
        """`lets_go`: whether the action goes off with the key; where not, a hold is for the mouse to ask about."""
        super().__init__(view)
        self._action, self._lets_go = action, lets_go
        self._held, self._ends, self._down = False, False, False
        action.setAutoRepeat(False)
        self._timer = _timer(self, _HOLD_MS)
        self._timer.timeout.connect(self._hold)
        self._up = _timer(self, _REPEAT_MS)
        self._up.timeout.connect(self._let_go)
        action.toggled.connect(self._on_toggled)
        view.installEventFilter(self)

    @property
    def is_held(self) -> bool:
        """Whether letting go of the key will switch the action off."""
        return self._held

    @property
    def is_down(self) -> bool:
        """Whether the key is down now."""
        return self._down

    @property
    def is_settled(self) -> bool:
        """Whether the next stroke of the key is a new one, and no repetition of the last."""
        return not self._up.isActive()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Sees the key go down and up; all but its repetitions goes on to the view."""
        kind = event.type()
        if kind == QEvent.Type.FocusOut:  # the key goes up where nobody sees it
            self._ends = self._ends or self._held
            self._let_go()
        elif isinstance(event, QKeyEvent) and not event.isAutoRepeat():
            if kind != QEvent.Type.KeyRelease and self._is_key(event):
                self._down = QKeySequence(event.keyCombination()) in self._action.shortcuts()
            if kind == QEvent.Type.KeyRelease and self._is_key(event):
                self._timer.stop()
                self._ends = self._held
                self._up.start()
            elif kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and self._is_repetition(event):
                event.accept()  # no shortcut
                if kind == QEvent.Type.KeyPress:
                    self._up.stop()
                    if not self._held and self._action.isChecked():
                        self._timer.start()
                return True
        return False

    def _is_repetition(self, event: QKeyEvent) -> bool:
        return self._up.isActive() and QKeySequence(event.keyCombination()) in self._action.shortcuts()

    def _is_key(self, event: QKeyEvent) -> bool:
        """Whether it is a key of the action, with or without the modifiers, which may go up first."""
        keys = {QKeySequence(sequence).toString().split("+")[-1] for sequence in self._action.shortcuts()}
        return QKeySequence(event.key()).toString() in keys

    def _on_toggled(self, on: bool) -> None:
        self._held = self._ends = False
        if on:
            self._timer.start()
        else:
            self._timer.stop()

    def _hold(self) -> None:
        self._held = self._lets_go

    def _let_go(self) -> None:
        self._down = False
        self._timer.stop()
        self._up.stop()
        if self._ends:
            self._action.setChecked(False)


def _timer(parent: QObject, milliseconds: int) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    return timer
