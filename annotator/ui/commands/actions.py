"""Every command of the window as one table: menu, text, shortcut, icon; menus and the shortcut list are built from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from annotator.ui.commands.action_spec import Page, Spec
from annotator.ui.commands.seeing_specs import SEEING
from annotator.ui.common.theme import icon


def _nudges() -> tuple[Spec, ...]:
    """Arrow keys: 1 px, with Shift 10 px, with Ctrl or Alt 0.1 px."""
    specs = []
    for name in ("Left", "Right", "Up", "Down"):
        lower = name.lower()
        specs += [
            Spec(
                f"nudge_{lower}", "Edit/Nudge", f"{name} 1 px", (name,), in_view=True, before=name != "Left"
            ),
            Spec(f"nudge_{lower}_far", "Edit/Nudge", f"{name} 10 px", (f"Shift+{name}",), in_view=True),
            Spec(
                f"nudge_{lower}_fine",
                "Edit/Nudge",
                f"{name} 0.1 px",
                (f"Ctrl+{name}", f"Alt+{name}"),
                in_view=True,
            ),
        ]
    return tuple(specs)


def _axis_nudges() -> tuple[Spec, ...]:
    """Along the longer axis of the uncertainty ellipse and across it, by a quarter of its sigma."""
    texts = (
        ("along_plus", "Along the ellipse", "D"),
        ("along_minus", "Along the ellipse, back", "Shift+D"),
        ("across_plus", "Across the ellipse", "T"),
        ("across_minus", "Across the ellipse, back", "Shift+T"),
    )
    return tuple(
        Spec(f"nudge_{name}", "Edit/Nudge", text, (keys,), in_view=True, before=name == "along_plus")
        for name, text, keys in texts
    )


def _on_frame(*specs: Spec) -> tuple[Spec, ...]:
    """Commands on the landmarks of the frame: they run only while the frame is seen."""
    return tuple(replace(spec, page=Page.FRAME, project=True) for spec in specs)


def _seen(*specs: Spec) -> tuple[Spec, ...]:
    """Commands on what is seen of the frame, never on what is stored: a point can be held meanwhile."""
    page = {"fit", "zoom_full", "zoom_selection", "zoom_in", "zoom_out", "loupe", "compare", "wipe"}
    return tuple(
        replace(spec, page=Page.FRAME if spec.id in page else None, in_gesture=True) for spec in specs
    )


SPECS: tuple[Spec, ...] = (
    Spec("new_project", "File", "New project…", ("Ctrl+N",), "plus"),
    Spec("open_project", "File", "Open project…", ("Ctrl+O",), "folder-open"),
    Spec("open_samples", "File", "Open the sample project"),
    Spec(
        "import_captures",
        "File",
        "Import captures…",
        ("Ctrl+I",),
        "download-simple",
        before=True,
        project=True,
    ),
    Spec("import_annotations", "File", "Import annotations…", ("Ctrl+Shift+I",), project=True),
    Spec("export", "File", "Export…", ("Ctrl+E",), "export", project=True),
    Spec(
        "relink",
        "File",
        "Relink captures…",
        tip="Point the project at captures that moved",
        before=True,
        project=True,
    ),
    Spec("close_project", "File", "Close project", ("Ctrl+W",), project=True),
    Spec("quit", "File", "Quit", ("Ctrl+Q",), before=True),
    Spec("settings", "Edit", "Settings…", ("Ctrl+,",), "gear", before=True),
    *_on_frame(
        Spec("select_all", "Edit", "Select all landmarks", ("Ctrl+A",), before=True),
        Spec("select_region", "Edit", "Grow selection to the region", ("Ctrl+G",)),
        Spec("select_mirror", "Edit", "Select the mirrored landmarks", ("M",)),
        Spec("select_under", "Edit", "Next landmark under the pointer", ("I",)),
        Spec("select_none", "Edit", "Select nothing", ("Escape",), in_view=True, in_gesture=True),
        Spec("next_landmark", "Edit", "Next landmark", ("Tab",), in_view=True, before=True),
        Spec("previous_landmark", "Edit", "Previous landmark", ("Shift+Tab", "Backtab"), in_view=True),
        *_nudges(),
        *_axis_nudges(),
        Spec("accept", "Landmark", "Accept selected", ("A",), "check", tip="Confirm the selected landmarks"),
        Spec("accept_region", "Landmark", "Accept region", ("Shift+A",)),
        Spec("accept_frame", "Landmark", "Accept frame", ("Ctrl+Return", "Ctrl+Enter"), "checks"),
        Spec(
            "accept_frame_next",
            "Landmark",
            "Accept frame and go on",
            ("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
        ),
        Spec(
            "accept_suggestions",
            "Landmark",
            "Accept the suggestions",
            ("Return", "Enter"),
            "ghost",
            in_view=True,
            before=True,
            tip="Move the neighbours to where the correction would carry them",
        ),
        Spec(
            "accept_selected_suggestions",
            "Landmark",
            "Accept the suggestions of the selected",
            ("Shift+Return", "Shift+Enter"),
            in_view=True,
        ),
        Spec(
            "clear", "Landmark", "Clear (back to the proposal)", ("Delete", "Backspace"), "trash", before=True
        ),
        Spec(
            "snap",
            "Landmark",
            "Snap to the heatmap's mode",
            ("K",),
            "magic-wand",
            tip="Nearest mode; again: the next one",
        ),
        Spec(
            "mirror",
            "Landmark",
            "Copy to the other side",
            ("Ctrl+Shift+M",),
            "arrows-left-right",
            tip="Put the mirrored landmarks where these are, mirrored",
        ),
        Spec("place", "Landmark", "Place missing landmarks", ("C",), "crosshair", checkable=True),
        Spec("occluded", "Landmark", "Occluded", ("O",), "eye-slash", before=True),
        Spec("out_of_frame", "Landmark", "Out of frame", ("P",), "frame-corners"),
    ),
    *_on_frame(
        Spec("next_frame", "Frame", "Next frame", ("PgDown", "."), "caret-right"),
        Spec("previous_frame", "Frame", "Previous frame", ("PgUp", ","), "caret-left"),
        Spec("next_unreviewed", "Frame", "Next unreviewed", ("N",), "skip-forward", before=True),
        Spec("previous_unreviewed", "Frame", "Previous unreviewed", ("Shift+N",)),
        Spec("next_needs_work", "Frame", "Next that needs work", ("W",)),
        Spec("next_unfinished", "Frame", "Next unfinished", ("Shift+W",)),
        Spec("next_uncertain", "Frame", "Most uncertain", ("U",)),
    ),
    Spec("queue_next", "Frame", "Next in the queue", ("J",), before=True, project=True),
    Spec("queue_previous", "Frame", "Previous in the queue", ("Shift+J",), project=True),
    Spec("queue_dismiss", "Frame", "Looks right: out of the queue", ("R",), project=True),
    *_on_frame(
        Spec("review_unreviewed", "Frame", "Unreviewed", ("Ctrl+1",), before=True),
        Spec("review_approved", "Frame", "Approve", ("Ctrl+2",)),
        Spec("review_needs_work", "Frame", "Needs work", ("Ctrl+3",)),
        Spec("review_rejected", "Frame", "Reject", ("Ctrl+4",)),
    ),
    Spec("find", "Frame", "Filter frames", ("Ctrl+F",), before=True),
    *_seen(
        Spec("fit", "View", "Fit", ("F",), "corners-out", tip="Show the whole frame"),
        Spec("zoom_full", "View", "100 %", ("1",), tip="One frame pixel a screen pixel"),
        Spec("zoom_selection", "View", "Zoom to selection", ("Z",), "magnifying-glass-plus"),
        Spec("zoom_in", "View", "Zoom in", ("+", "=", "Ctrl++", "Ctrl+=")),
        Spec("zoom_out", "View", "Zoom out", ("-", "Ctrl+-")),
        *SEEING,
    ),
    Spec("page_frame", "View", "Frame view", ("F2",), checkable=True, group="page", before=True),
    Spec("page_sheet", "View", "Contact sheet", ("F3",), "squares-four", checkable=True, group="page"),
    Spec("page_dashboard", "View", "Dashboard", ("F4",), "chart-bar", checkable=True, group="page"),
    Spec("show_queue", "View", "Queue", ("Ctrl+U",), "queue", checkable=True),
    Spec("show_drawer", "View", "Jobs and training", ("Ctrl+J",), "list", checkable=True),
    Spec("next_panel", "View", "Next panel", ("F6",), before=True),
    Spec("previous_panel", "View", "Previous panel", ("Shift+F6",)),
    Spec("reset_layout", "View", "Reset the layout"),
    Spec("full_screen", "View", "Full screen", ("F11",), checkable=True),
    *_on_frame(Spec("propose_again", "Model", "Propose this frame again", ("Ctrl+R",), "arrow-clockwise")),
    Spec(
        "propose_all",
        "Model",
        "Propose all",
        ("Ctrl+Shift+P",),
        "sparkle",
        tip="Propose every frame that lacks it",
        project=True,
    ),
    Spec("retrain", "Model", "Retrain…", ("Ctrl+T",), "graduation-cap", before=True, project=True),
    Spec("models", "Model", "Models…", ("Ctrl+M",), "cube", project=True),
    Spec(
        "roll_back",
        "Model",
        "Back to the model before",
        tip="Make the previously active model active again",
        project=True,
    ),
    Spec("palette", "Help", "Find a command…", ("Ctrl+K", "Ctrl+Shift+A"), "magnifying-glass"),
    Spec("shortcuts", "Help", "Keyboard shortcuts", ("F1",), "keyboard"),
    Spec("keymap", "Help", "Change the keys…", ("Shift+F1",), "keyboard"),
    Spec("tour", "Help", "Take the tour", before=True),
    Spec("report_problem", "Help", "Report a problem…"),
    Spec("about", "Help", "About Annotator"),
)


class Actions:
    """The window's QActions by id."""

    def __init__(self, window: QWidget, view: QWidget, end_gestures: Callable[[], None]) -> None:
        self._page, self._is_open = Page.FRAME, False
        self._by_id: dict[str, QAction] = {}
        self._tips: dict[str, str] = {}
        self.groups: dict[str, QActionGroup] = {}
        for spec in SPECS:
            action = QAction(spec.text, window)
            action.setCheckable(spec.checkable)
            # a held key decides about one frame, never about those that nobody has seen
            action.setAutoRepeat(spec.menu != "Landmark" and not spec.id.startswith("review_"))
            if spec.icon:
                action.setIcon(icon(spec.icon))
            if spec.in_view:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                view.addAction(action)
            else:
                window.addAction(action)
            if spec.group:
                self.groups.setdefault(spec.group, QActionGroup(window)).addAction(action)
            if not spec.in_gesture:
                action.triggered.connect(end_gestures)  # before anything else that it is connected to
            self._by_id[spec.id] = action
            self._tips[spec.id] = spec.tip or spec.title
            self.set_keys(spec.id, spec.keys)

    def adopt(self, name: str, action: QAction, tip: str) -> None:
        """Takes in a command that is made elsewhere (undo, redo), so that it gets keys and is found like all others."""
        self._by_id[name], self._tips[name] = action, tip

    def set_keys(self, name: str, keys: Iterable[str]) -> None:
        """Gives a command other keys, the first of which its tool tip and menu show."""
        action = self._by_id[name]
        action.setShortcuts([QKeySequence(key) for key in keys])
        shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(self._tips[name] + (f" ({shown})" if shown else ""))

    def __getitem__(self, name: str) -> QAction:
        return self._by_id[name]

    def all(self) -> list[QAction]:
        """Every command, in menu order."""
        return list(self._by_id.values())

    def show_page(self, page: Page) -> None:
        """Another page is seen: commands on what is not seen are off."""
        self._page = page
        self._enable()

    def show_project(self, is_open: bool) -> None:
        """A project was opened or closed: commands that need one are on or off."""
        self._is_open = is_open
        self._enable()

    def _enable(self) -> None:
        for spec in SPECS:
            on = spec.page in (None, self._page) and (self._is_open or not spec.project)
            self._by_id[spec.id].setEnabled(on)

    def why_off(self, key: QKeySequence) -> str:
        """Why a key does nothing here, for the artist; empty where no command has it."""
        for spec in SPECS:
            action = self._by_id[spec.id]
            if not action.isEnabled() and key in action.shortcuts():
                needs = "an open project" if spec.project and not self._is_open else ""
                page = f"the {spec.page.value} (F2)" if spec.page not in (None, self._page) else ""
                return f"{spec.title} needs {needs or page}"
        return ""

    def fill(self, bar: QMenuBar, first_in: dict[str, list[QAction]]) -> None:
        """Builds the menus; ``first_in`` puts actions made elsewhere (undo, redo) at the head of a menu."""
        menus: dict[str, QMenu] = {}
        for spec in SPECS:
            menu = _menu(bar, menus, spec.menu, first_in)
            if spec.before and not menu.isEmpty():
                menu.addSeparator()
            menu.addAction(self._by_id[spec.id])


def _menu(bar: QMenuBar, menus: dict[str, QMenu], path: str, first_in: dict[str, list[QAction]]) -> QMenu:
    if path not in menus:
        parent, _, title = path.rpartition("/")
        menus[path] = (
            _menu(bar, menus, parent, first_in).addMenu(title) if parent else bar.addMenu(f"&{title}")
        )
        for action in first_in.get(path, []):
            menus[path].addAction(action)
    return menus[path]
