"""The timeline's strip: shows a take from end to end, and is dragged along to see its frames."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from annotator.domain.words import counted
from annotator.session.time.in_time import InTime
from annotator.session.time.take import TakeState
from annotator.ui.common.theme import REVIEW_TITLES, colour
from annotator.ui.timeline import painter as drawn
from annotator.ui.timeline.axis import Axis
from annotator.ui.timeline.keys import END, command_of, is_of_time, step_of

ZOOM = 1.25
"""How much closer a notch of the wheel brings what is below the pointer."""


class Strip(QWidget):
    """Left button: see the frame there, drag along them. Wheel: closer, wider, with Shift along. Double click: the whole take."""

    command_wanted = Signal(str)  # a command of the table, by a key that belongs to the timeline
    scrub_began = Signal()
    axis_changed = Signal()  # another part of the take is seen

    def __init__(self, time: InTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Timeline")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._time, self._take = time, time.take
        self._axis = Axis(0, 1, 1)
        self._of: tuple[str, int] = ("", 0)  # the take that is shown, to begin another one from end to end
        self._picture: QPixmap | None = None
        self._scrubbing = False
        self._take.changed.connect(self._on_take)
        self._take.frame_changed.connect(lambda _place: self._redraw())
        self._take.moved.connect(self._on_moved)

    @property
    def axis(self) -> Axis:
        """What part of the take is seen."""
        return self._axis

    def sizeHint(self) -> QSize:
        """As high as its lanes."""
        return QSize(400, drawn.height())

    def minimumSizeHint(self) -> QSize:
        """As high as its lanes."""
        return QSize(100, drawn.height())

    def show_all(self) -> None:
        """The take from end to end."""
        first, last = self._ends()
        self._see(Axis(first, last + 1, max(self.width(), 1)))

    # ---- what the hand does, here or in what stands below and shares the axis
    def begin_scrub(self, x: float) -> None:
        """See the frame there, until `end_scrub`."""
        if self._take.state is not None:
            self.scrub_began.emit()  # what else is under way ends
            self._scrubbing = True
            self.scrub(x)

    def scrub(self, x: float) -> None:
        """Along the frames, while a button is held."""
        place = self.place_at(x)
        if self._scrubbing and place >= 0:
            self._take.pass_by(place)

    def end_scrub(self) -> None:
        """The frame that is seen is the current one."""
        if self._scrubbing:
            self._scrubbing = False
            self._take.rest()

    def step(self, step: int) -> None:
        """So many frames on or back, or (beyond any count) to an end of what is wanted."""
        state = self._take.state
        if state is not None:
            first, last = state.span
            self._time.playback.stop()
            place = self._take.place + step
            self._take.go_to(first if step < -END // 2 else last if step > END // 2 else place)

    def zoom(self, factor: float, x: float) -> None:
        """Closer (factor > 1) or wider about a pixel."""
        self._see(self._axis.zoomed(factor, x, *self._ends()))

    def pan(self, pixels: float) -> None:
        """Shows what lies so many pixels later; never beyond the take."""
        first, last = self._ends()
        shift = pixels / self._axis.scale
        shift = min(max(shift, first - self._axis.low), last + 1 - self._axis.high)
        self._see(Axis(self._axis.low + shift, self._axis.high + shift, self._axis.width))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Sees the frame under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.begin_scrub(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Along the frames, while the button is held; else tells of the one below."""
        if self._scrubbing:
            self.scrub(event.position().x())
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self._told(event.position()), self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The frame that is seen is the current one."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.end_scrub()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The whole take; a double click scrubs as well."""
        self.mousePressEvent(event)
        self.show_all()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Closer or wider about the pointer; with Shift along."""
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan(-notches * self._axis.width / 10)
        else:
            self.zoom(ZOOM**notches, event.position().x())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Keys of time come before those of the window, as long as the strip has the keyboard."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and is_of_time(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """J K L, Space, I, O; arrows, Home and End."""
        command, step = command_of(event), step_of(event)
        if command:
            self.command_wanted.emit(command)
        elif step:
            self.step(step)
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A button that goes up elsewhere is not seen here."""
        self.end_scrub()
        self.update()
        super().focusOutEvent(event)

    def place_at(self, x: float) -> int:
        """The place of the frame under a pixel, in a gap of the one before it; -1 without a take."""
        state = self._take.state
        if state is None or not len(state.sequence):
            return -1
        number = self._axis.number(x)
        return max(int(state.sequence.numbers.searchsorted(number, "right")) - 1, 0)

    # ---- what is seen
    def _on_take(self) -> None:
        state = self._take.state
        sequence = None if state is None else state.sequence
        of = ("", 0) if sequence is None else (sequence.name, len(sequence))
        if of != self._of:
            self._of = of
            self.show_all()
        else:
            self._redraw()

    def _on_moved(self, place: int) -> None:
        """A playhead that leaves what is seen takes it along."""
        state = self._take.state
        if state is not None and place >= 0 and not self._scrubbing:
            number = int(state.sequence.numbers[place])
            long = self._axis.high - self._axis.low
            if not self._axis.low <= number < self._axis.high:
                first, last = self._ends()
                low = min(max(number - long / 4, first), last + 1 - long)
                self._see(Axis(low, low + long, self._axis.width))
        self.update()

    def _ends(self) -> tuple[int, int]:
        state = self._take.state
        if state is None or not len(state.sequence):
            return 0, 0
        return int(state.sequence.numbers[0]), int(state.sequence.numbers[-1])

    def _see(self, axis: Axis) -> None:
        self._axis = axis
        self._redraw()
        self.axis_changed.emit()

    def _redraw(self) -> None:
        self._picture = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The same frames over another width."""
        self._see(Axis(self._axis.low, self._axis.high, max(self.width(), 1)))
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The lanes are painted once; the playhead moves over them."""
        painter, state = QPainter(self), self._take.state
        if state is None or not len(state.sequence):
            return
        if self._picture is None:
            ratio = self.devicePixelRatioF()
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            with QPainter(self._picture) as inner:
                drawn.paint(inner, state, self._axis)
        painter.drawPixmap(0, 0, self._picture)
        if self._take.place >= 0:
            drawn.paint_playhead(painter, self._axis, int(state.sequence.numbers[self._take.place]))
        if self.hasFocus():
            painter.setPen(colour("accent", 120))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _told(self, at: QPointF) -> str:
        state, place = self._take.state, self.place_at(at.x())
        if state is None or place < 0:
            return ""
        number = int(state.sequence.numbers[place])
        if self._axis.number(at.x()) > number and place + 1 < len(state.sequence):
            return f"Frame {self._axis.number(at.x())} is missing"
        return _words(state, place)


def _words(state: TakeState, place: int) -> str:
    """What is known of a frame, for people."""
    parts = [f"Frame {state.sequence.numbers[place]}"]
    if state.human[place]:
        parts.append(f"key: {state.human[place]} of {counted(state.landmarks, 'landmark')} set")
    if state.tracked[place]:
        unsure = f", {state.unsure[place]} unsure" if state.unsure[place] else ""
        parts.append(f"{state.tracked[place]} tracked{unsure}")
    if state.confidence[place] == state.confidence[place]:
        parts.append(f"least confidence {state.confidence[place]:.0%}")
    parts.append(REVIEW_TITLES[list(REVIEW_TITLES)[int(state.review[place])]].lower())
    return "  ·  ".join(parts)
