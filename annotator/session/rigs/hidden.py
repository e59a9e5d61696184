"""Landmarks of the current frame that its camera probably cannot see: suggestions, until a person marks them."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from annotator.domain.annotation import Flag, ReviewState
from annotator.domain.edits import set_flags
from annotator.domain.faces.turned_head import shipped_head
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.session.rigs.outlook import not_occluded
from annotator.session.rigs.rigs import Rigs
from annotator.session.session import Session

_SETTLED = (ReviewState.APPROVED, ReviewState.REJECTED)


class HiddenPoints(QObject):
    """From the rig where the frame has other views, else from the pose of the face that the model predicted."""

    changed = Signal()  # `suggested` is another

    def __init__(self, session: Session, rigs: Rigs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._rigs = session, rigs
        self._suggested = _none()
        self._looked_at: tuple[Proposal | None, NDArray[np.bool_]] = (None, np.zeros(0, np.bool_))
        session.frames.current_changed.connect(self._refresh)
        session.annotations.changed.connect(self._on_frame)
        session.proposals.arrived.connect(self._on_frame)
        session.models.changed.connect(self._refresh)
        session.project_closed.connect(self._refresh)
        rigs.changed.connect(self._refresh)
        self._refresh()

    @property
    def suggested(self) -> NDArray[np.int64]:
        """int64 [K]: what nobody marked yet; empty for a frame that is approved or rejected, as somebody looked at that."""
        return self._suggested

    def mark(self, indices: Iterable[int] | None = None) -> int:
        """Marks as occluded what is probably hidden, of some landmarks (None: of all), as one edit; returns how many."""
        if not self._session.is_open or not self._session.frames.current_id:
            return 0
        at = self._work_out()
        if indices is not None:
            at = np.intersect1d(at, np.array(sorted(indices), np.int64))
        if len(at):
            frame_id = self._session.frames.current_id
            edit = set_flags(self._session.annotations.shown(frame_id), at, Flag.OCCLUDED, True)
            self._session.annotations.submit(frame_id, edit)
        return len(at)

    def _on_frame(self, frame_id: int) -> None:
        if frame_id == self._session.frames.current_id:
            self._refresh()

    def _refresh(self, *_: object) -> None:
        session = self._session
        frame_id = session.frames.current_id if session.is_open else 0
        is_open = bool(frame_id) and session.annotations.human(frame_id).review not in _SETTLED
        found = self._work_out() if is_open else _none()
        if not np.array_equal(found, self._suggested):
            self._suggested = found
            self.changed.emit()

    def _work_out(self) -> NDArray[np.int64]:
        session, outlook, row = self._session, self._rigs.outlook, self._rigs.row
        frame_id = session.frames.current_id
        if outlook is not None and row >= 0 and outlook.fits[row]:
            hidden = outlook.hidden[row]
        else:
            scheme, proposal = session.scheme, session.proposals.get(frame_id)
            head = shipped_head(scheme.id, scheme.size)
            if head is None or proposal is None:
                return _none()
            if self._looked_at[0] is not proposal:
                self._looked_at = proposal, head.hidden(proposal.xy, ~view_dependent(scheme))
            hidden = self._looked_at[1]
        shown = session.annotations.shown(frame_id)
        return np.flatnonzero(hidden & not_occluded(shown) & np.isfinite(shown.xy).all(-1))


def _none() -> NDArray[np.int64]:
    return np.zeros(0, np.int64)
