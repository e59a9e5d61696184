"""What the tour says, card by card, with the keys that are in use."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QTabWidget, QWidget

from annotator.ui.commands.actions import Actions
from annotator.ui.shell.tour import Step


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
            "Hollow points are the model's proposal, solid ones are yours, amber ones are in doubt. "
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
