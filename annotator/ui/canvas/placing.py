"""Placing missing landmarks by click, one after the other."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from annotator.domain import edits
from annotator.domain.annotation import LandmarkState
from annotator.session.session import Session
from annotator.ui.canvas.frame_view import FrameView


class Placing(QObject):
    """Knows which landmark the next click in the view places, and goes on to the next missing one."""

    changed = Signal(int)  # the landmark that the next click places, -1: none

    def __init__(self, session: Session, view: FrameView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._view = session, view
        self._landmark = -1
        view.place_requested.connect(self._place)

    @property
    def landmark(self) -> int:
        """The landmark that the next click places, -1 when not placing."""
        return self._landmark

    @property
    def text(self) -> str:
        """What the next click does; empty when not placing."""
        if self._landmark < 0:
            return ""
        name = self._session.scheme.names[self._landmark]
        return f"Click to place  {name}   ·   {len(self._missing())} missing   ·   Esc ends"

    def start(self, landmark: int | None = None) -> None:
        """The next click places this landmark; None: the selected one, if it is missing, else the first that is."""
        if landmark is None:
            primary, missing = self._session.selection.primary, self._missing()
            landmark = primary if primary in missing else (missing or [-1])[0]
        self._landmark = landmark
        self._view.set_placing(landmark >= 0)
        self.changed.emit(landmark)

    def end(self) -> None:
        """Clicks select again."""
        if self._landmark >= 0:
            self.start(-1)

    def _place(self, x: float, y: float) -> None:
        placed = self._landmark
        if placed < 0:
            return
        self._session.annotations.submit(self._session.frames.current_id, edits.move((placed,), [[x, y]]))
        self._session.selection.select(placed)
        missing = self._missing()
        self.start(next((index for index in missing if index > placed), (missing or [-1])[0]))

    def _missing(self) -> list[int]:
        if not self._session.frames.current_id:
            return []
        state = self._session.annotations.shown(self._session.frames.current_id).state
        return np.flatnonzero(state == LandmarkState.MISSING).tolist()
