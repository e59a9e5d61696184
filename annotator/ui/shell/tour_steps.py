"""When the tour is shown, and what it says, card by card, with the keys that are in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QSettings
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QTabWidget, QWidget

from annotator.session.session import Session
from annotator.ui.commands.actions import Actions
from annotator.ui.shell.tour import Step, Tour

_SEEN = "tour/seen"


class TourGuide(QObject):
    """Shows the tour: by itself once, at the first start of all."""

    def __init__(
        self, window: QWidget, session: Session, settings: QSettings, steps: Callable[[], Sequence[Step]]
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._settings = window, session, settings
        self.steps = steps
        self.tour: Tour | None = None

    def offer(self) -> None:
        """Starts the tour where it was never shown."""
        if not self._settings.value(_SEEN) and self._session.is_open:
            self.start()

    def start(self) -> None:
        """Shows the tour from its first card."""
        if self.tour is None:
            self._settings.setValue(_SEEN, 1)
            self.tour = Tour(self.steps(), self._window)
            self.tour.ended.connect(self._over)

    def _over(self) -> None:
        self.tour = None


def tour_steps(
    actions: Actions,
    lists: QTabWidget,
    menus: QWidget,
    frame: QWidget,
    heatmaps: QWidget,
    details: QTabWidget,
    toolbar: QWidget,
) -> list[Step]:
    """The cards of the tour, in order."""

    def key(name: str) -> str:
        return actions[name].shortcut().toString(QKeySequence.SequenceFormat.NativeText) or "the menu"

    def front(tabs: QTabWidget, page: int) -> QWidget:
        tabs.setCurrentIndex(page)
        return tabs

    return [
        Step(
            lambda: front(lists, 0),
            "Your frames",
            "Every capture, with its review state and how sure the model is. Type to filter. "
            f"{key('next_unreviewed')} goes to the next one that nobody reviewed, "
            f"{key('next_uncertain')} to the one with most doubt.",
        ),
        Step(
            lambda: frame,
            "The frame and its landmarks",
            "Thin rings are the model's proposal, thick ones and diamonds are yours, the model is unsure of amber ones. "
            f"The wheel zooms at the pointer, the middle button pans, {key('fit')} shows the whole frame.",
        ),
        Step(
            lambda: frame,
            "Correct one, its neighbours follow",
            "Drag a point, or nudge it with the arrow keys. Dashed rings then show where its neighbours would go: "
            f"{key('accept_suggestions')} takes them, {key('select_none')} ignores them, {key('suggestions')} switches them off.",
        ),
        Step(
            lambda: heatmaps,
            "What the model saw",
            "The whole face, and each region's own crop, with the latent heatmaps. Select a point to see its map alone; "
            f"{key('snap')} snaps it to the nearest peak.",
        ),
        Step(
            lambda: front(details, 0),
            "Decide",
            f"{key('accept')} accepts what is selected, {key('accept_frame_next')} the whole frame and goes on. "
            f"Every edit is on disk at once; {key('undo')} takes back, also across frames, and the history keeps every state.",
        ),
        Step(
            lambda: toolbar,
            "Teach the model",
            f"After some twenty frames, {key('retrain')} retrains it on your corrections. "
            "You go on working, and see before and after.",
        ),
        Step(
            lambda: menus,
            "That is all",
            f"{key('palette')} finds any command by its name, {key('shortcuts')} lists the keys, {key('keymap')} changes them. "
            "Help has this tour.",
        ),
    ]
