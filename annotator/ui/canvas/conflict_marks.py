"""Keeps the conflicts of the shown frame on it: both places of each landmark that two copies changed, and whose they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPointF

from annotator.domain.words import listed
from annotator.services.project.copies.merge_record import MergeConflict, Side
from annotator.session.session import Session
from annotator.ui.canvas.frame_panel import FramePanel
from annotator.ui.canvas.overlay.conflict_item import ConflictItem, DrawnConflict
from annotator.ui.common.plain import legend as as_html
from annotator.ui.common.theme import COLOURS


class ConflictMarks(QObject):
    """Marks on the frame, and a line at its lower edge that says whose they are and which key takes which."""

    def __init__(self, session: Session, panel: FramePanel) -> None:
        super().__init__(panel)
        self._session, self._badges = session, panel.badges
        self._in_brackets: Callable[[str], str] = lambda _name: ""
        self._found: Sequence[MergeConflict] = ()
        self.item = ConflictItem()
        panel.view.add_mark(self.item)
        session.frames.current_changed.connect(lambda _frame: self.show())
        session.annotations.changed.connect(self._if_current)
        session.merged.changed.connect(self.show)
        session.selection.changed.connect(self._draw)
        for changed in (session.project_opened, session.project_closed):
            changed.connect(self.show)

    def show_keys(self, in_brackets: Callable[[str], str]) -> None:
        """The keys that are in use, by the id of the command."""
        self._in_brackets = in_brackets
        self.show()

    def show(self) -> None:
        """Reads and shows them anew."""
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        self._found = self._session.merged.of_frame(frame_id)
        self._show_legend(self._found)
        self._draw()

    def _draw(self) -> None:
        """The names of both people stand at the landmark that is selected first."""
        primary = self._session.selection.primary
        self.item.show_conflicts(
            [
                DrawnConflict(
                    _place(each.mine),
                    _place(each.theirs),
                    each.mine.user,
                    each.theirs.user,
                    each.key.landmark == primary,
                )
                for each in self._found
                if each.landmark is not None
            ]
        )

    def _show_legend(self, found: Sequence[MergeConflict]) -> None:
        parts = []
        for mark, tint, key, sides in (
            ("\u25a0", COLOURS.accent, "take_mine", [each.mine for each in found]),
            ("\u25c6", COLOURS.warning, "take_theirs", [each.theirs for each in found]),
        ):
            people = listed(sorted({side.user for side in sides})) if sides else ""
            review = next((f": {side.review.replace('_', ' ')}" for side in sides if side.review), "")
            words = as_html(
                f"{people}{'' if any(each.landmark for each in found) else review}{self._in_brackets(key)}"
            )
            parts.append(f'<span style="color: {tint}">{mark}</span> {words}')
        self._badges.show_legend("&nbsp;&nbsp;&nbsp;".join(parts) if found else "")

    def _if_current(self, frame_id: int) -> None:
        if frame_id == self._session.frames.current_id:
            self.show()


def _place(side: Side) -> QPointF | None:
    return None if side.x is None or side.y is None else QPointF(side.x, side.y)
