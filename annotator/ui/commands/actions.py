"""The window's QActions, made from the table of commands: menus, keys, ticks and what can be done now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from annotator.ui.commands.command import Command
from annotator.ui.commands.desk import Desk
from annotator.ui.commands.table import COMMANDS
from annotator.ui.common.page import Page
from annotator.ui.common.theme import icon

_BY_ID = {command.id: command for command in COMMANDS}


class Actions(Mapping[str, QAction]):
    """The window's QActions by id. Commands run once `bind` said what they act on."""

    def __init__(self, window: QWidget, view: QWidget, end_gestures: Callable[[], None]) -> None:
        self._end_gestures = end_gestures
        self._desk: Desk | None = None
        self._by_id: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}  # those of the bar
        self._with_alt: dict[str, set[str]] = {}  # letters that a command has with Alt
        groups: dict[str, QActionGroup] = {}
        for command in COMMANDS:
            action = QAction(command.text, window)
            action.setCheckable(command.checkable)
            action.setAutoRepeat(command.repeats)
            if command.icon:
                action.setIcon(icon(command.icon))
            if command.in_view:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                view.addAction(action)
            else:
                window.addAction(action)
            if command.group:
                groups.setdefault(command.group, QActionGroup(window)).addAction(action)
            action.triggered.connect(lambda _on=False, command=command: self._run(command))
            self._by_id[command.id] = action
            self.set_keys(command.id, command.keys)

    def bind(self, desk: Desk) -> None:
        """What commands act on, and whose state they show."""
        self._desk = desk
        for command in COMMANDS:
            if command.option:
                flip = partial(_set_option, desk, command)
                self._by_id[command.id].toggled.connect(flip)
        session, stack = desk.session, desk.session.annotations.undo_stack
        for changed in (
            session.project_opened,
            session.project_closed,
            stack.indexChanged,  # with every step that is made, merged, taken back or cleared
            desk.options.changed,
            desk.panel.placing.changed,
            desk.panel.shaping.changed,
            desk.panel.lock.changed,
            desk.heatmaps.two.changed,
            desk.arrangement.changed,
        ):
            changed.connect(lambda *_: self.refresh())
        self.refresh()

    def set_keys(self, name: str, keys: Iterable[str]) -> None:
        """Gives a command other keys, the first of which its tool tip and menu show."""
        action, command = self._by_id[name], _BY_ID[name]
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setToolTip((command.tip or command.title) + self.in_brackets(name))
        portable = [key.toString(QKeySequence.SequenceFormat.PortableText) for key in action.shortcuts()]
        self._with_alt[name] = {key[-1] for key in portable if key[:-1] == "Alt+"}
        self._underline()

    def __getitem__(self, name: str) -> QAction:
        return self._by_id[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def key_of(self, name: str) -> str:
        """The first key of a command, empty where it has none."""
        return self._by_id[name].shortcut().toString(QKeySequence.SequenceFormat.NativeText)

    def in_brackets(self, name: str) -> str:
        """The first key of a command in brackets after a blank; empty where it has none."""
        key = self.key_of(name)
        return f" ({key})" if key else ""

    def refresh(self) -> None:
        """What can be done, what is ticked and what texts say follow the window."""
        desk = self._desk
        if desk is None:
            return
        page = desk.shell.page  # asked once: this runs at every edit
        for command in COMMANDS:
            action = self._by_id[command.id]
            action.setEnabled(not self._why_off(command, desk, page))
            if command.text_now is not None:
                text = command.text_now(desk).replace("&", "&&")
                action.setText(text or command.text)
                action.setVisible(bool(text))  # a place of a list that has fewer entries
            if command.option or command.checked is not None:
                on = getattr(desk.options.value, command.option) if command.option else command.checked(desk)  # type: ignore[misc]
                with QSignalBlocker(action):
                    action.setChecked(bool(on))

    def why_off(self, name: str) -> str:
        """Why a command cannot be had now, for the artist; empty where it can."""
        desk = self._desk
        return self._why_off(_BY_ID[name], desk, desk.shell.page) if desk is not None else ""

    def why_key_is_off(self, key: QKeySequence) -> str:
        """Why a key does nothing here; empty where no command has it."""
        for name, action in self._by_id.items():
            if not action.isEnabled() and key in action.shortcuts():
                return self.why_off(name)
        return ""

    def _why_off(self, command: Command, desk: Desk, page: Page) -> str:
        if command.project and not desk.session.is_open:
            return f"{command.title} needs an open project"
        if command.pages and page not in command.pages:
            first = command.pages[0]
            return f"{command.title} needs the {first.value}{self.in_brackets(f'page_{first.name.lower()}')}"
        if command.enabled is not None and not command.enabled(desk):
            return command.off
        return ""

    def fill(self, bar: QMenuBar) -> None:
        """Builds the menus."""
        menus: dict[str, QMenu] = {}
        for command in COMMANDS:
            menu = _menu(bar, menus, command.menu)
            if command.before and not menu.isEmpty():
                menu.addSeparator()
            menu.addAction(self._by_id[command.id])
        self._menus = {path: menu for path, menu in menus.items() if "/" not in path}
        self._underline()

    def _underline(self) -> None:
        """Each menu's letter with Alt, which is no command's: else neither would be reached. A menu may be left without one."""
        letters = menu_letters(list(self._menus), set().union(*self._with_alt.values()))
        for title, menu in self._menus.items():
            at = title.upper().find(letters[title]) if letters[title] else -1
            menu.setTitle(title if at < 0 else f"{title[:at]}&{title[at:]}")

    def add_to(self, menu: QMenu, groups: Iterable[Iterable[str]]) -> QMenu:
        """Puts commands into a menu, with a separator between groups."""
        for group in groups:
            if not menu.isEmpty():
                menu.addSeparator()
            for name in group:
                menu.addAction(self._by_id[name])
        return menu

    def _run(self, command: Command) -> None:
        desk = self._desk
        if desk is None:
            return
        if not command.in_gesture:
            self._end_gestures()  # before anything else
        instead = desk.panel.seen_instead if command.on_present and desk.shell.page is Page.FRAME else ""
        if instead:
            desk.say(f"{command.title}: not while you see {instead} in place of the frame as it is")
            return
        run = command.run
        if run is not None:
            desk.guarded(lambda: run(desk))
            self.refresh()


def menu_letters(titles: Sequence[str], taken: Collection[str]) -> dict[str, str]:
    """A capital letter of each title that is not taken, none twice; first letters go first, and empty where none is left."""
    found: dict[str, str] = {}
    for wanted in (1, None):
        for title in titles:
            free = (
                each for each in title.upper()[:wanted] if each not in taken and each not in found.values()
            )
            found[title] = found.get(title) or next(free, "")
    return found


def _set_option(desk: Desk, command: Command, on: bool) -> None:
    is_news = getattr(desk.options.value, command.option) != on
    desk.options.update(**{command.option: on})
    if is_news and on and command.part:
        desk.arrangement.show_part(command.part, True)


def _menu(bar: QMenuBar, menus: dict[str, QMenu], path: str) -> QMenu:
    if path not in menus:
        parent, _, title = path.rpartition("/")
        under = _menu(bar, menus, parent) if parent else bar
        menus[path] = under.addMenu(title)
    return menus[path]
