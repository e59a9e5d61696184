"""What commands act on: the session and the parts of the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMainWindow

from annotator.domain.errors import AnnotatorError
from annotator.session.session import Session
from annotator.ui.canvas.frame_panel import FramePanel
from annotator.ui.commands.comparing import Comparing
from annotator.ui.commands.fine_edits import FineEdits
from annotator.ui.commands.landmark_edits import LandmarkEdits
from annotator.ui.common.arrangement import Arrangement
from annotator.ui.common.page import Page
from annotator.ui.common.view_options import ViewOptions
from annotator.ui.heatmaps.panel import HeatmapsPanel
from annotator.ui.panels.frame_list import FrameListPanel
from annotator.ui.rig_views.rig_desk import RigDesk


class Shell(Protocol):
    """What the window does as a whole."""

    @property
    def page(self) -> Page:
        """The page that is seen."""
        ...

    @property
    def queue_is_up(self) -> bool:
        """Whether the queue is the list in use."""
        ...

    def show_page(self, page: Page) -> None:
        """Brings a page up."""
        ...

    def show_queue(self, on: bool) -> None:
        """Brings the queue up in place of the list of frames, or the other way round."""
        ...

    def step_queue(self, count: int) -> None:
        """Shows the next (1) or previous (-1) frame of the queue and brings the queue up."""
        ...

    def leave_queue(self) -> None:
        """Takes the frame out of the queue."""
        ...

    def go_on(self) -> bool:
        """Shows the next frame of the list in use that nobody reviewed; False where there is none."""
        ...

    def confirm_patch(self) -> None:
        """Confirms the current patch of the contact sheet and goes to the next."""
        ...

    def take_step(self, step: Callable[[], None]) -> None:
        """Takes an undo step, and brings up what it changed."""
        ...

    def step_panel(self, count: int) -> None:
        """Moves the keyboard to the next (1) or previous (-1) panel."""
        ...

    def reset_layout(self) -> None:
        """Sizes, tabs and what is shown, as at the first start."""
        ...

    def look_for_sizes(self) -> None:
        """Looks for pictures of another size than their frames; a bar tells what is found."""
        ...

    def edit_settings(self) -> None:
        """Asks for settings."""
        ...

    def find_command(self) -> None:
        """Asks for a command by its name."""
        ...

    def list_keys(self) -> None:
        """Shows all keys."""
        ...

    def change_keys(self) -> None:
        """Asks for other keys."""
        ...

    def start_tour(self) -> None:
        """Shows the tour."""
        ...


@dataclass(frozen=True, eq=False)
class Desk:
    """One window's; `edits`, `fine`, `comparing` and `rig` are its hands.

    Attributes:
        window: the parent of dialogs. settings: the artist's. panel: the frame view with what is round it.
    """

    session: Session
    settings: QSettings
    window: QMainWindow
    shell: Shell
    arrangement: Arrangement
    options: ViewOptions
    panel: FramePanel
    frames: FrameListPanel
    heatmaps: HeatmapsPanel
    edits: LandmarkEdits
    fine: FineEdits
    comparing: Comparing
    rig: RigDesk

    def guarded(self, work: Callable[[], object]) -> None:
        """Does something; an error for people becomes a message that stays until it is dismissed."""
        try:
            work()
        except AnnotatorError as error:
            self.session.message.emit("error", str(error))

    def say(self, text: str) -> None:
        """Tells the artist something, such as why nothing happened."""
        self.edits.hint.emit(text)
