"""The timeline below the frame: the strip, what plays it, where in time the frame stands, and curves below it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from annotator.session.session import Session
from annotator.session.time.take import TakeState
from annotator.ui.common.plain import plain
from annotator.ui.common.theme import icon, label
from annotator.ui.common.view_options import ViewOptions
from annotator.ui.common.widgets import ShortLabel, tool_button
from annotator.ui.timeline.curve_view import CurveView
from annotator.ui.timeline.strip import Strip

_BUTTONS = (
    ("previous_key", "skip-back", "Previous key"),
    ("play_backward", "rewind", "Play backward"),
    ("play", "play", "Play"),
    ("play_forward", "fast-forward", "Play forward"),
    ("next_key", "skip-forward", "Next key"),
    ("track_backward", "arrow-line-left", "Track backward"),
    ("track_forward", "arrow-line-right", "Track forward"),
    ("track_range", "path", "Track a range"),
    ("time_curves", "chart-line", "Curves of x and y"),
)


class TimelinePanel(QFrame):
    """Follows the take of the shown frame."""

    command_wanted = Signal(str)  # a command of the table, by a button or a key
    take_found = Signal()  # a take of several frames that looks filmed is there

    def __init__(self, session: Session, options: ViewOptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName("Timeline panel")
        self._time, self._options = session.time, options
        self.strip = Strip(session.time)
        self.curves = CurveView(session, self.strip)
        self.told, self.place = ShortLabel(), label("")
        self.speed = label("", "dim")
        self.buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout()
        row.setContentsMargins(4, 2, 4, 0)
        row.setSpacing(2)
        row.addWidget(self.told, 1)
        for name, picture, tip in _BUTTONS:
            button = tool_button(picture, tip, self._asking(name))
            self.buttons[name] = button
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(self.speed)
        row.addWidget(self.place)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 2, 6, 4)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.strip)
        column.addWidget(self.curves)
        self.strip.command_wanted.connect(self.command_wanted)
        self.strip.scrub_began.connect(session.end_gestures)
        session.time.take.changed.connect(self._on_take)
        session.time.take.moved.connect(lambda _place: self._show_place())
        session.time.playback.changed.connect(self._show_speed)
        options.changed.connect(self._show_curves)
        self._show_curves()
        self._on_take()

    def show_keys(self, tip: Callable[[str], str]) -> None:
        """Tool tips with the keys of the commands."""
        for name, button in self.buttons.items():
            button.setToolTip(plain(tip(name)))

    def _asking(self, name: str) -> Callable[[], None]:
        return lambda: self.command_wanted.emit(name)

    def _show_curves(self) -> None:
        self.curves.setVisible(self._options.value.time_curves)

    def _on_take(self) -> None:
        state = self._time.take.state
        self.told.setText("No take is shown" if state is None else state.sequence.text)
        told = [] if state is None else [state.sequence.text, *state.sequence.left_out.values()]
        self.told.setToolTip(plain("\n".join(told)))
        for button in self.buttons.values():
            button.setEnabled(state is not None)
        self._show_place()
        if state is not None and _looks_filmed(state.sequence.numbers):
            self.take_found.emit()

    def _show_place(self) -> None:
        state, place = self._time.take.state, self._time.take.place
        self.place.setText("" if state is None or place < 0 else place_text(state, place))

    def _show_speed(self, speed: int) -> None:
        self.speed.setText("" if speed in (0, 1) else f"{'-' if speed < 0 else ''}{abs(speed)} ×")
        self.buttons["play"].setIcon(icon("pause" if speed else "play"))


def _looks_filmed(numbers: NDArray[np.integer]) -> bool:
    """Whether most numbers follow each other at one distance; those of portraits, say, are of people and do not."""
    counts = np.unique(np.diff(numbers), return_counts=True)[1]
    return bool(len(counts)) and bool(2 * counts.max() > counts.sum())


def place_text(state: TakeState, place: int) -> str:
    """A frame's number, and its time from the first one on as hours, minutes, seconds and frames."""
    number = int(state.sequence.numbers[place])
    whole = max(round(state.settings.rate), 1)
    passed = number - int(state.sequence.numbers[0])
    seconds, frames = divmod(passed, whole)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{number}   {hours:02}:{minutes:02}:{seconds:02}:{frames:02}"
