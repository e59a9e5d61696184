"""The landmark that the model is least sure of, brought up on the frame that one goes on to."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QRectF

from annotator.domain.annotation import LandmarkState
from annotator.session.session import Session
from annotator.ui.canvas.frame_view import FrameView
from annotator.ui.canvas.view_lock import ViewLock
from annotator.ui.common.view_options import ViewOptions

_AROUND = 0.3  # of the face: what is shown round a landmark


class LeastSure(QObject):
    """At once, or where the frame has no proposal yet as soon as it comes; who selects, zooms or pans meanwhile is left alone."""

    def __init__(
        self, session: Session, view: FrameView, options: ViewOptions, lock: ViewLock, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._view, self._options, self._lock = session, view, options, lock
        self._awaited = 0  # the frame whose proposal is waited for
        session.proposals.arrived.connect(self._on_proposal)
        view.place_changed.connect(self._leave_alone)
        session.selection.changed.connect(self._leave_alone)

    def show(self) -> None:
        """Selects that landmark of the current frame and fills the view with its surroundings; where the model is sure of all,
        the whole frame is shown. A view that is locked stays."""
        frame_id = self._session.frames.current_id
        shown, proposal = self._session.annotations.shown(frame_id), self._session.proposals.get(frame_id)
        sure = np.full(len(shown.state), np.inf) if proposal is None else proposal.confidence
        sure = np.where(shown.state == LandmarkState.PROPOSED, sure, np.inf)
        landmark = int(sure.argmin())
        is_doubtful = sure[landmark] < self._options.value.doubt
        if is_doubtful:
            self._session.selection.select(landmark)
        if not self._lock.is_on and is_doubtful:
            side = _AROUND * float(np.nanmax(np.ptp(shown.xy[np.isfinite(shown.xy).all(-1)], axis=0)))
            x, y = shown.xy[landmark].tolist()
            self._view.show_box(QRectF(x - side / 2, y - side / 2, side, side), margin=0.0)
        elif not self._lock.is_on:
            self._view.fit()
        self._awaited = frame_id if proposal is None else 0

    def _on_proposal(self, frame_id: int) -> None:
        if frame_id == self._awaited == self._session.frames.current_id:
            self.show()

    def _leave_alone(self, *_: object) -> None:
        self._awaited = 0
