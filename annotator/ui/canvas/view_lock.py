"""The view locked to some landmarks: the next frame shows them at the same place and size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, Signal

from annotator.domain.coords import apply_affine, similarity
from annotator.session.session import Session
from annotator.ui.canvas.frame_view import FrameView


class ViewLock(QObject):
    """Remembers what the view shows relative to the locked landmarks; zooming and scrolling by hand change that.

    A frame where fewer than two of them are placed is shown as any other, until its proposal comes.
    """

    changed = Signal()

    def __init__(self, session: Session, view: FrameView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._view = session, view
        self._landmarks = np.zeros(0, np.int64)
        self._seen: tuple[NDArray[np.float64], NDArray[np.float64], float] | None = (
            None  # points, middle, zoom
        )
        self._frame = 0  # the one that `_seen` is of
        self._is_moving = False
        session.frames.current_changed.connect(lambda _frame: self._show())
        session.proposals.arrived.connect(lambda _frame: self._show())
        session.project_closed.connect(self.release)
        view.place_changed.connect(self._on_place)

    @property
    def is_on(self) -> bool:
        """Whether the view is locked."""
        return len(self._landmarks) > 0

    def lock(self) -> bool:
        """Locks the view to the regions that the selection touches, outside all of them to the selected landmarks; without a
        selection, to all. False where fewer than two of them are placed here."""
        selected, region_of = self._session.selection.array, self._session.scheme.region_of
        touched = set(region_of[selected].tolist()) - {-1}
        if not len(selected):
            landmarks = np.arange(self._session.scheme.size)
        elif touched:
            landmarks = np.flatnonzero(np.isin(region_of, list(touched)))
        else:
            landmarks = selected
        if np.isfinite(self._points(landmarks)).all(-1).sum() < 2:
            return False
        self._landmarks, self._frame = landmarks, self._session.frames.current_id
        self._note()
        self.changed.emit()
        return True

    def release(self) -> None:
        """The view stays where it is from one frame to the next."""
        if self.is_on:
            self._landmarks, self._seen = np.zeros(0, np.int64), None
            self.changed.emit()

    def _points(self, landmarks: NDArray[np.int64]) -> NDArray[np.float64]:
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        if not frame_id:
            return np.full((len(landmarks), 2), np.nan)
        return self._session.annotations.shown(frame_id).xy[landmarks].astype(np.float64)

    def _note(self) -> None:
        middle = self._view.frame_at(QPointF(self._view.viewport().rect().center()))
        self._seen = self._points(self._landmarks), np.array([middle.x(), middle.y()]), self._view.zoom

    def _on_place(self, *_place: float) -> None:
        if self.is_on and not self._is_moving and self._frame == self._session.frames.current_id:
            self._note()

    def _show(self) -> None:
        """Brings the landmarks of another frame to where those of the last one were."""
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        if self._seen is None or not frame_id or frame_id == self._frame:
            return
        points, middle, zoom = self._seen
        here_from_there = similarity(points, self._points(self._landmarks))
        if here_from_there is None:
            return
        x, y = apply_affine(here_from_there, middle).tolist()
        self._is_moving = True
        self._view.look_at(x, y, zoom / float(np.hypot(*here_from_there[:, 0])))
        self._is_moving = False
        self._frame = frame_id
        self._note()
