"""What is done to a patch of the contact sheet becomes an edit of its frame, and the patch follows what became of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QElapsedTimer

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.domain.proposal import Proposal
from annotator.domain.uncertainty import OWN_ERROR, mahalanobis
from annotator.services.project.contact_sheet import SheetCell
from annotator.session.session import Session

_STROKE_PAUSE_MS = 900
_SAME = 0.01  # frame pixels


class SheetHands:
    """Moves and confirms the landmark of a patch."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stroke = 0
        self._since_nudge = QElapsedTimer()

    def rest(self) -> None:
        """Another patch: the next nudge is an undo step of its own."""
        self._since_nudge.invalidate()

    def move(self, cell: SheetCell, x: float, y: float) -> None:
        """To frame pixels; a drag is one undo step, and so are the nudges that follow each other."""
        if not self._since_nudge.isValid() or self._since_nudge.elapsed() > _STROKE_PAUSE_MS:
            self._stroke = self._session.annotations.new_stroke()
        self._since_nudge.start()
        self._session.annotations.submit(cell.frame.id, edits.move([cell.landmark], [[x, y]], self._stroke))

    def confirm(self, cell: SheetCell) -> bool:
        """The point where the patch shows it; False, and nothing done, where it lies elsewhere by now."""
        shown = self._session.annotations.shown(cell.frame.id)
        if not np.allclose(shown.xy[cell.landmark], cell.xy, atol=_SAME):
            return False
        edit = edits.accept(shown, [cell.landmark])
        if len(edit.indices):
            self._session.annotations.submit(cell.frame.id, edit)
        return True


def cell_now(cell: SheetCell, shown: Annotation, proposal: Proposal | None) -> SheetCell:
    """A patch's cell after its frame changed; a landmark that has no place any more stays where the patch has it."""
    xy = shown.xy[cell.landmark].astype(np.float64)
    if not np.isfinite(xy).all():
        xy = cell.xy
    apart = cell.apart
    if proposal is not None and shown.is_human[cell.landmark]:
        offset = xy - proposal.xy[cell.landmark]
        apart = float(mahalanobis(offset, proposal.covariance[cell.landmark], OWN_ERROR * cell.size))
    state, flags = int(shown.state[cell.landmark]), int(shown.flags[cell.landmark])
    return replace(cell, xy=xy, state=state, flags=flags, apart=apart)
