"""Joins the menu entries for landmarks and frames to what they do."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from annotator.domain.annotation import Flag, ReviewState
from annotator.session.session import Session
from annotator.ui.canvas.frame_panel import FramePanel
from annotator.ui.commands.actions import Actions
from annotator.ui.commands.edit_commands import EditCommands


class LandmarkCommands(QObject):
    """Keyboard commands that need the frame view beside the session."""

    def __init__(
        self, session: Session, commands: EditCommands, panel: FramePanel, actions: Actions, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._commands, self._panel, self._actions = session, commands, panel, actions
        self._dismiss: Callable[[], bool] = lambda: False
        for name, handler in (self._edit_handlers() | self._frame_handlers()).items():
            actions[name].triggered.connect(lambda _on=False, handler=handler: handler())
        panel.placing.changed.connect(lambda landmark: actions["place"].setChecked(landmark >= 0))

    def _edit_handlers(self) -> dict[str, Callable[[], object]]:
        commands = self._commands
        handlers: dict[str, Callable[[], object]] = {
            "accept": commands.accept_selection,
            "accept_region": commands.accept_region,
            "accept_frame": commands.accept_frame,
            "accept_frame_next": commands.accept_frame_and_next,
            "clear": commands.clear_selection,
            "snap": commands.snap,
            "occluded": lambda: commands.toggle_flag(Flag.OCCLUDED),
            "out_of_frame": lambda: commands.toggle_flag(Flag.OUT_OF_FRAME),
            "select_all": commands.select_all,
            "select_region": commands.select_region,
            "select_mirror": commands.select_mirror,
            "select_none": self._escape,
            "next_landmark": lambda: self._step(1),
            "previous_landmark": lambda: self._step(-1),
            "place": self._toggle_place,
        }
        for state in ReviewState:
            name = f"review_{state.name.lower()}"
            handlers[name] = partial(commands.set_review, state)
        for name, dx, dy in (("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1)):
            for suffix, size in (("", 1.0), ("_far", 10.0), ("_fine", 0.1)):
                handlers[f"nudge_{name}{suffix}"] = partial(self._nudge, dx * size, dy * size)
        return handlers

    def _frame_handlers(self) -> dict[str, Callable[[], object]]:
        session = self._session
        return {
            "next_frame": session.frames.next,
            "previous_frame": session.frames.previous,
            "next_unreviewed": lambda: self._next("unreviewed"),
            "previous_unreviewed": lambda: self._next("unreviewed", backwards=True),
            "next_needs_work": lambda: self._next("needs_work"),
            "next_unfinished": lambda: self._next("unfinished"),
            "next_uncertain": lambda: self._next("uncertain"),
        }

    # ---- commands that join two parts of the window
    def _step(self, count: int) -> None:
        landmark = self._commands.step(count)
        if landmark >= 0:
            self._panel.view.reveal(*self._panel.view.overlay.data_shown.xy[landmark].tolist())

    def reveal(self, landmark: int) -> None:
        """Scrolls the frame view to a landmark, if it is placed."""
        xy = self._panel.view.overlay.data_shown.xy
        if landmark < len(xy) and math.isfinite(float(xy[landmark].sum())):
            self._panel.view.reveal(*xy[landmark].tolist())

    def _nudge(self, dx: float, dy: float) -> None:
        """Moves the selection; with nothing selected, left and right go through the frames."""
        if not self._commands.nudge(dx, dy) and abs(dx) == 1:
            if dx < 0:
                self._session.frames.previous()
            else:
                self._session.frames.next()

    def _next(self, state: str, backwards: bool = False) -> None:
        if self._session.is_open and not self._session.frames.next_by_state(state, backwards):
            self._commands.hint.emit(f"No other listed frame is {state.replace('_', ' ')}")

    def _escape(self) -> None:
        if self._panel.view.cancel_gesture():
            return
        if self._panel.placing.landmark >= 0:
            self._panel.placing.end()
        elif not self._dismiss():
            self._session.selection.clear()

    def set_dismiss(self, dismiss: Callable[[], bool]) -> None:
        """What Escape takes away before the selection; tells whether there was anything."""
        self._dismiss = dismiss

    def _toggle_place(self) -> None:
        placing = self._panel.placing
        placing.start(-1 if placing.landmark >= 0 else None)
        if placing.landmark < 0:
            self._actions["place"].setChecked(False)
        self._panel.view.setFocus()

    def place(self, landmark: int) -> None:
        """The next click in the frame view places this landmark."""
        self._panel.placing.start(landmark)
        self._panel.view.setFocus()
