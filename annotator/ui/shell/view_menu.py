"""The frame view's context menu: what can be done with the landmark under the pointer, or with the frame."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from annotator.session.session import Session
from annotator.ui.commands.actions import Actions

_ON_LANDMARK = (
    ("accept", "accept_region", "accept_suggestions", "snap", "clear"),
    ("occluded", "out_of_frame", "accept_hidden"),
    ("select_region", "select_mirror", "select_under", "mirror", "zoom_selection"),
    ("take", "take_over"),
)
_ON_FRAME = (
    ("accept_frame", "accept_frame_next", "reject_frame_next", "place", "accept_hidden"),
    ("take_face", "take_moment"),
    ("review_approved", "review_needs_work", "review_rejected"),
    ("fit", "zoom_full", "propose_again"),
)


class ViewMenu:
    """Builds the menu for a place; a landmark under the pointer is selected first, as artists expect."""

    def __init__(self, actions: Actions, session: Session) -> None:
        self._actions, self._session = actions, session

    def menu(self, landmark: int) -> QMenu:
        """The menu for a landmark, or with -1 for the frame."""
        if landmark >= 0 and landmark not in self._session.selection:
            self._session.selection.select(landmark)
        return self._actions.add_to(QMenu(), _ON_LANDMARK if landmark >= 0 else _ON_FRAME)

    def show(self, landmark: int, position: QPoint) -> None:
        """Opens it at a place on the screen and waits for the choice."""
        if self._session.is_open and self._session.frames.current_id:
            self.menu(landmark).exec(position)
