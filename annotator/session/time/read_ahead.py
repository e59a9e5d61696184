"""Previews of a take's frames, made in idle times from the shown frame on, so that scrubbing and playing find them."""

from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer

from annotator.session.time.take import Take, TakeState, Watched
from annotator.store.project_store import ProjectStore

_PAUSE_MS = 300
MOST = 2000
"""Frames ahead whose previews are made."""


class ReadAhead(QObject):
    """Asks for the previews that the take lacks, whenever somebody rests on a frame of it."""

    def __init__(self, session: Watched, take: Take, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._take = session, take
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._look)
        take.changed.connect(self._pause.start)
        take.moved.connect(lambda _place: self._pause.start())
        take.glanced.connect(self._on_glance)
        self._passing = False

    def _on_glance(self, frame_id: int) -> None:
        """What passes by has its preview: nothing else is made meanwhile, so that it passes smoothly."""
        began, self._passing = not self._passing, bool(frame_id)
        if began and frame_id and self._session.frames.preview(frame_id) is not None:
            self._session.frames.request_previews([], ahead=True)

    def _look(self) -> None:
        state, place = self._take.state, self._take.place
        if state is None or place < 0 or not self._session.is_open:
            return
        if len(state.sequence) > 1:
            wanted = in_order(state, place)
            self._session.read_beside("previews", partial(_lacking, wanted=wanted), self._ask)

    def _ask(self, frame_ids: list[int]) -> None:
        self._session.frames.request_previews(frame_ids, ahead=True)


def in_order(state: TakeState, place: int) -> list[int]:
    """The frames between in and out, from a place on to the end, then what lies before it, the nearest first."""
    first, last = state.span
    after = np.arange(max(place, first), last + 1)
    before = np.arange(min(place - 1, last), first - 1, -1)
    return [int(i) for i in state.sequence.frame_ids[np.concatenate([after, before])][:MOST]]


def _lacking(store: ProjectStore, wanted: list[int]) -> list[int]:
    return store.previews.lacking(wanted)
