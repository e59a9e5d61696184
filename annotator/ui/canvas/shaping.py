"""The transform box over the selected landmarks: when it comes up, what its drags become, how it is kept or given up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from annotator.session.editing.undo import EditCommand
from annotator.session.session import Session
from annotator.ui.canvas.frame_view import FrameView
from annotator.ui.canvas.shape_gestures import TRANSFORM

_SAME = 0.01  # frame pixels


class Shaping(QObject):
    """Each drag is saved as it ends; all drags of one box are one undo step.

    The box goes with its frame, and stands round another selection as soon as there is one.
    """

    changed = Signal()  # the box came or went

    def __init__(self, session: Session, view: FrameView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._view = session, view
        self._stroke: int | None = None
        self._begun_at = 0  # the undo stack's place when the box came up
        self._held: tuple[NDArray[np.int64], NDArray[np.float64]] | None = (
            None  # landmarks, and where they lay
        )
        session.frames.current_changed.connect(lambda _frame: self.keep())
        session.project_closed.connect(self.keep)
        session.selection.changed.connect(self._follow_selection)
        session.annotations.changed.connect(self._on_change)

    @property
    def is_on(self) -> bool:
        """Whether the box is up."""
        return self._view.transform_box.is_up

    @property
    def text(self) -> str:
        """What the box is for; empty while there is none."""
        if not self.is_on:
            return ""
        hands = "Drag inside to move, a corner or side to scale, the knob to turn"
        return f"{hands}   ·   Return\u00a0keeps   ·   Esc\u00a0gives\u00a0up"

    def begin(self) -> bool:
        """Puts the box round the selected landmarks; False where fewer than two of them are placed."""
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        indices = self._session.selection.array
        if not frame_id or not len(indices):
            return False
        xy = self._session.annotations.shown(frame_id).xy[indices].astype(np.float64)
        placed = np.isfinite(xy).all(-1)
        if placed.sum() < 2:
            return False
        self._stroke = self._session.annotations.new_stroke()
        self._begun_at = self._session.annotations.undo_stack.index()
        self._held = indices[placed], xy[placed]
        self._view.transform_box.fit(xy[placed], self._view.zoom)
        self.changed.emit()
        return True

    def keep(self) -> bool:
        """Takes the box away, and leaves what was done by it; False where there was none."""
        was_on = self.is_on
        self._stroke, self._held = None, None
        self._view.transform_box.take_away()
        if was_on:
            self.changed.emit()
        return was_on

    def give_up(self) -> bool:
        """Takes the box away, and what was done since it came up; False where there was none."""
        was_on, frame_id = self.is_on, self._session.frames.current_id
        self.keep()
        stack = self._session.annotations.undo_stack
        while was_on and stack.index() > self._begun_at:
            step = stack.command(stack.index() - 1)
            if not isinstance(step, EditCommand) or step.frame_ids != [frame_id]:
                break
            before = stack.index()
            self._session.annotations.undo()
            if stack.index() >= before:
                break
        return was_on

    def stroke_of(self, label: str) -> int | None:
        """The token of an edit that a gesture reports with this label: that of the box, where it was the box's."""
        return self._stroke if label.startswith(TRANSFORM) else None

    def _follow_selection(self) -> None:
        if self.is_on and not self.begin():
            self.keep()

    def _on_change(self, frame_id: int) -> None:
        """The box stays as it was turned while the landmarks are where it put them; else it is fitted anew."""
        if self._held is None or frame_id != self._session.frames.current_id or self._view.is_dragging:
            return
        indices, _ = self._held
        xy = self._session.annotations.shown(frame_id).xy[indices].astype(np.float64)
        seen = self._view.overlay.data_shown.xy[indices]
        if not np.isfinite(xy).all():
            self._follow_selection()
        elif np.abs(xy - seen).max(initial=0.0) > _SAME:
            self._view.transform_box.fit(xy, self._view.zoom)
