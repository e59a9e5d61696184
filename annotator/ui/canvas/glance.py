"""Frames that pass by while the artist scrubs or plays: their previews with the landmarks on them, in the frame view."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject

from annotator.session.session import Session
from annotator.ui.canvas.comparison import overlay_data
from annotator.ui.canvas.frame_badges import FrameBadges
from annotator.ui.canvas.frame_view import FrameView

_TOUCHES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.TabletPress)


class Glance(QObject):
    """Shows what passes by in place of the current frame. A hand that reaches into the picture stops it first, so that it holds
    what it sees."""

    def __init__(
        self, session: Session, view: FrameView, badges: FrameBadges, *back: Callable[[], None]
    ) -> None:
        """`back`: what shows the current frame again."""
        super().__init__(view)
        self._session, self._view, self._badges, self._back = session, view, badges, back
        view.viewport().installEventFilter(self)
        session.time.take.glanced.connect(self._on_glance)
        session.frames.preview_ready.connect(self._on_preview)

    @property
    def is_on(self) -> bool:
        """Whether something passes by, so that the view is not the current frame's."""
        return bool(self._session.time.take.glance)

    def _on_glance(self, frame_id: int) -> None:
        if frame_id:
            self.show_frame(frame_id)
            return
        for show in self._back:
            show()

    def _on_preview(self, frame_id: int) -> None:
        if frame_id == self._session.time.take.glance:
            self.show_frame(frame_id)

    def show_frame(self, frame_id: int) -> None:
        """Shows a frame as it passes by; where it has no preview yet the picture before it stays, and that is told."""
        session = self._session
        loaded, frame = session.frames.image(frame_id), session.store.frames.listed(frame_id)
        if loaded is not None:
            self._view.show_image(loaded.levels, loaded.width, loaded.height)
        annotations = session.annotations
        data = overlay_data(session, annotations.shown(frame_id), None, annotations.tracks.get(frame_id))
        self._view.show_points(data)
        self._badges.name.setText(frame.name)
        self._badges.warning.setText("")
        self._badges.state.setText("" if loaded is not None else "No preview of this frame yet")
        self._badges.place(visible=True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ends what passes by before the view sees the press."""
        if event.type() in _TOUCHES and self.is_on:
            self._session.end_gestures()
        return False
