"""The artist's settings: asked for, remembered, and taken over by the session and the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSettings
from PySide6.QtWidgets import QApplication, QWidget

from annotator.session.pixels.frame_loader import default_budget
from annotator.session.session import Session
from annotator.ui.commands.keys.keymap import Keymap
from annotator.ui.commands.keys.keymap_dialog import KeymapDialog
from annotator.ui.common.preferences import Preferences, load_preferences, save_preferences
from annotator.ui.common.theme import apply_theme
from annotator.ui.dialogs.settings import SettingsDialog


class WindowSettings(QObject):
    """Keys and preferences of one window."""

    def __init__(self, session: Session, settings: QSettings, keymap: Keymap, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._settings, self._window = session, settings, window
        self.keymap = keymap
        self.preferences = load_preferences(settings)
        self._apply(self.preferences, first=True)

    def edit(self) -> None:
        """Asks for settings, takes them over and remembers them."""
        dialog = SettingsDialog(self.preferences, parent=self._window)
        dialog.keys.clicked.connect(lambda _on: KeymapDialog(self.keymap, dialog).exec())
        if dialog.exec():
            self.use(dialog.value())

    def use(self, value: Preferences) -> None:
        """Takes settings over and remembers them."""
        before, self.preferences = self.preferences, value
        save_preferences(self._settings, value)
        self._apply(value, first=False, scale_changed=before.scale != value.scale)

    def _apply(self, value: Preferences, first: bool, scale_changed: bool = False) -> None:
        if value.memory_mb or not first:
            self._session.memory.set_total(value.memory_mb << 20 or default_budget())
        self._session.frames.set_prefetch(value.ahead)
        application = QApplication.instance()
        if isinstance(application, QApplication) and (scale_changed or (first and value.scale != 100)):
            apply_theme(application, value.scale / 100)
