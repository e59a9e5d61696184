"""How the window itself is handled: keys, settings, layout, going from panel to panel, the tour."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from annotator.session.pixels.frame_loader import default_budget
from annotator.session.session import Session
from annotator.ui.commands.actions import Actions
from annotator.ui.commands.keymap import Keymap
from annotator.ui.common.preferences import Preferences, load_preferences, save_preferences
from annotator.ui.common.saved import saved_flag
from annotator.ui.common.theme import apply_theme
from annotator.ui.dialogs.keymap import KeymapDialog
from annotator.ui.dialogs.palette import CommandPalette
from annotator.ui.dialogs.settings import SettingsDialog
from annotator.ui.dialogs.shortcuts import ShortcutsDialog
from annotator.ui.shell.layout import Layout
from annotator.ui.shell.tour import Step, Tour

_SEEN = "tour/seen"


class WindowCommands(QObject):
    """Commands about the window, not about its frames."""

    def __init__(
        self,
        session: Session,
        settings: QSettings,
        actions: Actions,
        layout: Layout,
        panels: Callable[[], Sequence[QWidget]],
        steps: Callable[[], Sequence[Step]],
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._session, self._settings, self._actions, self._window = session, settings, actions, window
        self._layout, self._panels, self._steps = layout, panels, steps
        self.keymap = Keymap(actions, settings, self)
        self.preferences = load_preferences(settings)
        self.tour: Tour | None = None
        handlers: dict[str, Callable[[], object]] = {
            "palette": lambda: CommandPalette(actions.all(), window).exec(),
            "shortcuts": lambda: ShortcutsDialog(self.keymap.keys, window).exec(),
            "keymap": lambda: KeymapDialog(self.keymap, window).exec(),
            "settings": self.edit_settings,
            "reset_layout": layout.reset,
            "next_panel": lambda: self.step_panel(1),
            "previous_panel": lambda: self.step_panel(-1),
            "tour": self.start_tour,
        }
        for name, handler in handlers.items():
            actions[name].triggered.connect(lambda _on=False, handler=handler: handler())
        self._apply(self.preferences, first=True)

    # ---- settings
    def edit_settings(self) -> None:
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

    # ---- panels
    def step_panel(self, count: int) -> None:
        """Moves the keyboard to the next panel that is shown."""
        panels = [panel for panel in self._panels() if panel.isVisible()]
        focused = QApplication.focusWidget()
        at = next(
            (
                i
                for i, panel in enumerate(panels)
                if focused is not None and (panel is focused or panel.isAncestorOf(focused))
            ),
            -1 if count > 0 else 0,
        )
        target = panels[(at + count) % len(panels)]
        takes = [target, *target.findChildren(QWidget)]
        wanted = next(
            (
                w
                for w in takes
                if w.isVisible() and w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
            ),
            None,
        )
        if wanted is not None:
            wanted.setFocus(Qt.FocusReason.TabFocusReason)

    # ---- the tour
    def offer_tour(self) -> None:
        """Starts the tour at the first start of all; once is enough."""
        if not saved_flag(self._settings, _SEEN) and self._session.is_open:
            self.start_tour()

    def start_tour(self) -> None:
        """Shows the tour from its first card."""
        if self.tour is None:
            self._settings.setValue(_SEEN, 1)
            self.tour = Tour(self._steps(), self._window)
            self.tour.ended.connect(self._tour_over)

    def _tour_over(self) -> None:
        self.tour = None
