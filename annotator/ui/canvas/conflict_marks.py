"""Keeps the conflicts of the shown frame on it: both places of each landmark that two copies changed."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF

from annotator.services.project.copies.merge_record import Side
from annotator.session.session import Session
from annotator.ui.canvas.frame_view import FrameView
from annotator.ui.canvas.overlay.conflict_item import ConflictItem, DrawnConflict

_NAMED = 12  # with more conflicts at once only the selected landmarks' names are drawn


class ConflictMarks(QObject):
    """Keeps the conflicts of the shown frame on it."""

    def __init__(self, session: Session, view: FrameView, parent: QObject | None = None) -> None:
        super().__init__(parent or view)
        self._session = session
        self.item = ConflictItem()
        view.scene().addItem(self.item)
        session.frames.current_changed.connect(lambda _frame: self.show())
        session.annotations.changed.connect(self._if_current)
        session.merged.changed.connect(self.show)
        session.selection.changed.connect(self.show)
        for changed in (session.project_opened, session.project_closed):
            changed.connect(self.show)

    def show(self) -> None:
        """Reads and shows them anew."""
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        selected = set(self._session.selection.indices)
        found = [each for each in self._session.merged.of_frame(frame_id) if each.landmark is not None]
        self.item.show_conflicts(
            [
                DrawnConflict(
                    _place(each.mine),
                    _place(each.theirs),
                    f"{each.mine.user} (mine)",
                    f"{each.theirs.user} (theirs)",
                    len(found) <= _NAMED or each.key.landmark in selected,
                )
                for each in found
            ]
        )

    def _if_current(self, frame_id: int) -> None:
        if frame_id == self._session.frames.current_id:
            self.show()


def _place(side: Side) -> QPointF | None:
    return None if side.x is None or side.y is None else QPointF(side.x, side.y)
