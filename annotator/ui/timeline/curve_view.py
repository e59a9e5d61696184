"""Curves of x and y below the timeline: the selected landmarks over the frames that the timeline shows, with keys to drag."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from annotator.domain import edits
from annotator.session.session import Session
from annotator.ui.common.theme import colour, ui_font
from annotator.ui.timeline import curve_painter as drawn
from annotator.ui.timeline.curve_plot import CurvePlot
from annotator.ui.timeline.curve_words import told_of
from annotator.ui.timeline.keys import is_of_time
from annotator.ui.timeline.strip import ZOOM, Strip

_REACH = 7.0  # px from a key that still take hold of it
_THRESHOLD = 2.0  # px before a press becomes a drag
_KEYS = {
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_F, Qt.Key.Key_X, Qt.Key.Key_Y, Qt.Key.Key_Plus, Qt.Key.Key_Minus,
    Qt.Key.Key_Escape,
}  # fmt: skip


@dataclass
class _Hold:
    """A key in the hand."""

    frame_id: int
    place: int
    landmark: int
    lane: int
    start: float  # the value where it was, with the curve's offset taken off
    offset: float
    press: float  # px
    beside: float  # px from the key to the pointer
    value: float
    moved: bool = False


class CurveView(CurvePlot):
    """Drag a key: it moves in this coordinate, the picture follows, one undo step at the release. Elsewhere: see the frame there,
    as on the timeline.

    Wheel: closer or wider in time, with Ctrl in value, with Shift along; middle button: along both; double click or F: all of it.
    """

    key_held = Signal(
        int, tuple, object
    )  # frame id, landmarks in the hand and where: float64 [K, 2] frame px; none: they rest

    def __init__(self, session: Session, strip: Strip, parent: QWidget | None = None) -> None:
        super().__init__(session, strip, parent)
        self.setAccessibleName("Curves")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._hold: _Hold | None = None
        self._panning: QPointF | None = None
        self._stroke = 0
        self._take.changed.connect(self._on_take)
        session.gestures_ending.connect(self.finish)

    # ---- gestures
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold of a key, or sees the frame under the pointer; the middle button moves what is seen."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panning = event.position()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._choose_lane(event.position().y())
        held = self._key_at(event.position())
        if held is None:
            self._strip.begin_scrub(event.position().x())
            return
        self._session.end_gestures()
        if self._take.go_to(held.place):
            self._hold, self._is_held = held, True
            self._session.annotations.stopwatch.start()
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The key follows up and down; what is seen, both ways; else it tells of what is below."""
        at = event.position()
        if self._hold is not None:
            self._drag(at.y())
        elif self._panning is not None:
            self._strip.pan(self._panning.x() - at.x())
            self._is_fitted = False
            self.lanes = [lane.panned(at.y() - self._panning.y()) for lane in self.lanes]
            self._panning = at
            self._repaint()
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self._strip.scrub(at.x())
        else:
            over = self._key_at(at) is not None
            self.setCursor(Qt.CursorShape.SizeVerCursor if over else Qt.CursorShape.ArrowCursor)
            QToolTip.showText(event.globalPosition().toPoint(), self._told(at), self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """What was dragged is saved."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panning = None
        if event.button() == Qt.MouseButton.LeftButton:
            self.finish()
            self._strip.end_scrub()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """All values of all frames."""
        self._strip.show_all()
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Closer or wider: in time, with Ctrl in value; with Shift along."""
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._strip.wheelEvent(event)
            return
        y = event.position().y()
        self._is_fitted = False
        self.lanes = [lane.zoomed(ZOOM**notches, y) if lane.holds(y) else lane for lane in self.lanes]
        self._repaint()
        event.accept()

    def finish(self) -> None:
        """A key in the hand stays where it is, and is saved."""
        held, self._hold = self._hold, None
        if held is not None and held.moved and held.value != held.start and self._session.is_open:
            self._session.annotations.submit(held.frame_id, edits.move([held.landmark], self._place_of(held)))
        self._rest(held)

    def _drag(self, y: float) -> None:
        held = self._hold
        if held is not None and (held.moved or abs(y - held.press) >= _THRESHOLD):
            held.moved = True
            # under the pointer, also where the scale changes meanwhile
            held.value = self.lanes[held.lane].value(y - held.beside)
            self.key_held.emit(held.frame_id, (held.landmark,), self._place_of(held))
            self.update()

    def _place_of(self, held: _Hold) -> NDArray[np.float64]:
        """Where the key is in its frame, as a hand has it: float64 [1, 2]."""
        xy = self._session.annotations.shown(held.frame_id).xy[[held.landmark]].astype(np.float64)
        xy[0, held.lane] = held.value + held.offset
        return xy

    def _rest(self, held: _Hold | None) -> None:
        """Nothing is in the hand any more."""
        self._panning, self._is_held = None, False
        if held is not None and held.moved:
            self.key_held.emit(held.frame_id, (), np.empty((0, 2)))
        self.update()

    # ---- keys
    def event(self, event: QEvent) -> bool:
        """Its keys come before those of the window, as long as it has the keyboard."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _is_mine(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, Down: move the selected landmarks of this frame; X, Y: in which coordinate; F, +, -; those of the timeline."""
        if not _is_mine(event) or is_of_time(event):
            self._strip.keyPressEvent(event)
            return
        acts: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Up: lambda: self._nudge(event, -1),
            Qt.Key.Key_Down: lambda: self._nudge(event, 1),
            Qt.Key.Key_X: lambda: self._set_lane(0),
            Qt.Key.Key_Y: lambda: self._set_lane(1),
            Qt.Key.Key_F: self.fit,
            Qt.Key.Key_Plus: lambda: self._strip.zoom(ZOOM, self._playhead()),
            Qt.Key.Key_Minus: lambda: self._strip.zoom(1 / ZOOM, self._playhead()),
            Qt.Key.Key_Escape: self._cancel,
        }
        acts[event.key()]()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A button that goes up elsewhere is not seen here."""
        self.finish()
        self._strip.end_scrub()
        self.update()
        super().focusOutEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tells which coordinate the arrow keys move."""
        self.update()
        super().focusInEvent(event)

    def _nudge(self, event: QKeyEvent, down: int) -> None:
        """Up is up on the screen: more in x, less in y. One undo step for as long as the key is held."""
        frame_id = self._session.frames.current_id
        if self._take.glance or not frame_id or not self.landmarks:
            return
        if not event.isAutoRepeat():
            self._stroke = self._session.annotations.new_stroke()
        step = down * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        dx, dy = (0, step) if self.lane else (-step, 0)
        shown = self._session.annotations.shown(frame_id)
        edit = edits.nudge(shown, self.landmarks, dx, dy, self._stroke)
        if len(edit.indices):
            self._session.annotations.submit(frame_id, edit)

    def _cancel(self) -> None:
        held, self._hold = self._hold, None
        self._rest(held)

    def _set_lane(self, lane: int) -> None:
        self.lane = lane
        self._repaint()

    def _choose_lane(self, y: float) -> None:
        self._set_lane(next((lane.axis for lane in self.lanes if lane.holds(y)), self.lane))

    # ---- what is seen
    def paintEvent(self, event: QPaintEvent) -> None:
        """The key in the hand over the curves."""
        super().paintEvent(event)
        if self._hold is not None:
            self._paint_hold(QPainter(self), self._hold)

    def _paint_hold(self, painter: QPainter, held: _Hold) -> None:
        x, y = self._playhead(), self.lanes[held.lane].y(held.value)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour("bright", 120), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
        painter.setPen(QPen(colour("canvas"), 1))
        painter.setBrush(colour("bright"))
        painter.drawPolygon(drawn.diamond(QPointF(x, y), drawn.KEY + 1.5))
        painter.setPen(colour("bright"))
        painter.setFont(ui_font(11, 600))
        text = f"{held.value + held.offset:.1f}  ({held.value - held.start:+.1f})"
        left = x + 10 if x < self.width() - 140 else x - 130
        painter.drawText(QPointF(left, max(y - 6, 12)), text)

    def _on_take(self) -> None:
        state = self._take.state
        if self._hold is not None and (state is None or self._hold.frame_id not in state.places):
            self._cancel()  # another take: its key is not to be seen

    def _key_at(self, at: QPointF) -> _Hold | None:
        """The nearest key within reach of the pointer."""
        state, data = self._take.state, self._read.data
        lane = next((each for each in self.lanes if each.holds(at.y())), None)
        if state is None or data is None or lane is None:
            return None
        found: tuple[float, _Hold] | None = None
        for curve in self._curves[lane.axis]:
            rows = np.flatnonzero(curve.is_key)
            xs = (curve.numbers[rows] + 0.5 - self._strip.axis.low) * self._strip.axis.scale
            for row in rows[np.abs(xs - at.x()) <= _REACH].tolist():
                spot = self._spot(curve, row, lane.axis)
                away = float(np.hypot(spot.x() - at.x(), spot.y() - at.y()))
                if away <= _REACH and (found is None or away < found[0]):
                    place, value = int(data.places[row]), float(curve.values[row])
                    frame_id = int(state.sequence.frame_ids[place])
                    y = at.y()
                    beside = y - spot.y()
                    held = _Hold(
                        frame_id, place, curve.landmark, lane.axis, value, curve.offset, y, beside, value
                    )
                    found = away, held
        return None if found is None else found[1]

    def _told(self, at: QPointF) -> str:
        state, data, place = self._take.state, self._read.data, self._strip.place_at(at.x())
        row = -1 if data is None else data.row(place)
        if state is None or data is None or row < 0:
            return ""
        return told_of(data, row, int(state.sequence.numbers[place]), self.landmarks, self._session.scheme)


def _is_mine(event: QKeyEvent) -> bool:
    """Keys without modifiers but Shift (for larger steps; + needs it on many keyboards)."""
    allowed = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    return is_of_time(event) or (event.key() in _KEYS and not event.modifiers() & ~allowed)
