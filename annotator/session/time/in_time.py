"""What the window knows and does of time: the take that is shown, playing it, tracking through it."""

from typing import Protocol

from PySide6.QtCore import QObject, SignalInstance

from annotator.session.time.curves import Curves, Drawn
from annotator.session.time.playback import Playback
from annotator.session.time.read_ahead import ReadAhead
from annotator.session.time.take import Take
from annotator.session.time.tracking import Tracked, Tracking


class Timed(Drawn, Tracked, Protocol):
    """What of the session all of it needs."""

    gestures_ending: SignalInstance


class InTime(QObject):
    """Playing and scrubbing are gestures: whatever ends gestures ends them, and the frame that is seen becomes the current one.

    Attributes:
        take: the frames about the current one. curves: landmarks in them. playback, tracking: what is done to them.
    """

    def __init__(self, session: Timed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.take = Take(session, self)
        self.curves = Curves(session, self.take, self)
        self.playback = Playback(self.take, self)
        self._ahead = ReadAhead(session, self.take, self)
        self.tracking = Tracking(session, self.take, self)
        self.take.refused.connect(lambda text: session.message.emit("error", text))
        session.gestures_ending.connect(self.playback.stop)
        session.gestures_ending.connect(self.take.rest)
