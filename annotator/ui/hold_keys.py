"""Keys that work as long as they are held: a tap toggles, a hold lets go by itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

_HOLD_MS = 250


class HoldKey(QObject):
    """Switches a checkable action off again when its key goes up after a while; a short tap leaves it on."""

    def __init__(self, action: QAction, view: QWidget) -> None:
        super().__init__(view)
        self._action, self._held = action, False
        action.setAutoRepeat(False)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_HOLD_MS)
        self._timer.timeout.connect(self._hold)
        action.toggled.connect(self._on_toggled)
        view.installEventFilter(self)

    @property
    def is_held(self) -> bool:
        """Whether letting go of the key will switch the action off."""
        return self._held

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Sees the key go up; the event goes on to the view."""
        kind = event.type()
        if kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent) and not event.isAutoRepeat():
            keys = {QKeySequence(sequence).toString().split("+")[-1] for sequence in self._action.shortcuts()}
            if QKeySequence(event.key()).toString() in keys:
                self._let_go()
        elif kind == QEvent.Type.FocusOut:  # the key goes up where nobody sees it
            self._let_go()
        return False

    def _on_toggled(self, on: bool) -> None:
        self._held = False
        if on:
            self._timer.start()
        else:
            self._timer.stop()

    def _hold(self) -> None:
        self._held = True

    def _let_go(self) -> None:
        self._timer.stop()
        if self._held:
            self._action.setChecked(False)
