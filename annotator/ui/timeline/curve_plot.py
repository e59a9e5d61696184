"""What is seen of curves of x and y below the timeline: the selected landmarks over the frames that the timeline shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from annotator.session.session import Session
from annotator.ui.common.theme import colour, scaled, ui_font
from annotator.ui.timeline import curve_painter as drawn
from annotator.ui.timeline.curve_painter import Curve
from annotator.ui.timeline.curve_scale import Lane
from annotator.ui.timeline.strip import Strip

_MOST = 12  # landmarks: more are no help
_SPACE = 4
_HIGH, _LEAST_HIGH = 190, 84
_SHARE = 0.3  # of the page, at most: the picture goes first


class CurvePlot(QWidget):
    """Two lanes, x above y, over the strip's axis.

    Attributes:
        lanes: their scales, x first. lane: the one that the hand is in, 0 or 1.
    """

    def __init__(self, session: Session, strip: Strip, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._session, self._strip = session, strip
        self._take, self._read = session.time.take, session.time.curves
        self.lanes = [Lane(0, 0, 1), Lane(1, 1, 1)]
        self.lane = 1
        self._high = scaled(_HIGH)
        self._is_fitted = True  # until somebody chooses what part of the values is seen
        self._is_held = False  # a key is in the hand: the scale stands still
        self._curves: list[list[Curve]] = [[], []]
        self._picture: QPixmap | None = None
        strip.axis_changed.connect(self._show)
        self._read.changed.connect(self._show)
        session.selection.changed.connect(self._on_selection)
        self._take.moved.connect(lambda _place: self.update())

    def sizeHint(self) -> QSize:
        """Room for two curves."""
        return QSize(400, self._high)

    def minimumSizeHint(self) -> QSize:
        """As high as it is wanted."""
        return QSize(100, self._high)

    def give_way(self, page: int) -> None:
        """Takes no more than its share of a page of so many pixels, however large texts are."""
        high = min(scaled(_HIGH), max(scaled(_LEAST_HIGH), round(_SHARE * page)))
        if high != self._high:
            self._high = high
            self.updateGeometry()

    @property
    def landmarks(self) -> list[int]:
        """Those that are shown."""
        return sorted(self._session.selection.indices)[:_MOST]

    def key_place(self, place: int, landmark: int, lane: int) -> QPointF | None:
        """Where the key of a landmark in a frame (its place in the take) stands here; None where there is none."""
        state, data = self._take.state, self._read.data
        for curve in self._curves[lane] if state is not None and data is not None else ():
            row = data.row(place) if data is not None else -1
            if curve.landmark == landmark and row >= 0 and curve.is_key[row]:
                return self._spot(curve, row, lane)
        return None

    def fit(self) -> None:
        """See all values of the frames that are seen."""
        self._is_fitted = True
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Reads what was not needed so far."""
        self._show()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two lanes, one below the other."""
        high = (self.height() - _SPACE) / 2
        tops = (0.0, high + _SPACE)
        self.lanes = [replace(lane, top=top, height=high) for lane, top in zip(self.lanes, tops, strict=True)]
        self._show()
        super().resizeEvent(event)

    def _on_selection(self) -> None:
        self._is_fitted = True
        self._show()

    def _show(self) -> None:
        """Curves of what is looked at; reads what is missing."""
        state = self._take.state
        if not self.isVisible() or state is None or not len(state.sequence):
            self._curves = [[], []]
            self._repaint()
            return
        axis, numbers = self._strip.axis, state.sequence.numbers
        first = max(int(numbers.searchsorted(axis.low, "left")) - 1, 0)
        last = min(int(numbers.searchsorted(axis.high, "right")), len(numbers) - 1)
        self._read.want(first, last)
        data = self._read.data
        if data is None:
            self._curves = [[], []]
        else:
            self._curves = [drawn.curves_of(data, numbers, self.landmarks, each) for each in (0, 1)]
            if self._is_fitted and not self._is_held:
                seen = (data.places >= first) & (data.places <= last)
                self.lanes = [self._fitted(lane, seen) for lane in self.lanes]
        self._repaint()

    def _fitted(self, lane: Lane, seen: np.ndarray) -> Lane:
        values = [curve.span(seen) for curve in self._curves[lane.axis]]
        return lane.fitted(np.concatenate(values)) if values else lane

    def _repaint(self) -> None:
        self._picture = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The curves are painted once; playhead and the key in the hand move over them."""
        painter = QPainter(self)
        if self._picture is None:
            ratio = self.devicePixelRatioF()
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            with QPainter(self._picture) as inner:
                for lane in self.lanes:
                    curves = self._curves[lane.axis]
                    drawn.paint_lane(inner, lane, self._strip.axis, curves, len(curves) > 1)
        painter.drawPixmap(0, 0, self._picture)
        place, state = self._take.place, self._take.state
        if state is not None and place >= 0:
            painter.fillRect(round(self._playhead()), 0, 1, self.height(), colour("accent"))
        if self.hasFocus():
            lane = self.lanes[self.lane]
            painter.setPen(colour("accent", 120))
            painter.drawRect(0, round(lane.top), self.width() - 1, round(lane.height) - 1)
        if not self.landmarks:
            painter.setPen(colour("dim"))
            painter.setFont(ui_font(12))
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignCenter, "Select landmarks to see their x and y over time"
            )

    def _playhead(self) -> float:
        state, place = self._take.state, self._take.place
        if state is None or place < 0:
            return self.width() / 2
        return self._strip.axis.middle(int(state.sequence.numbers[place]))

    def _spot(self, curve: Curve, row: int, lane: int) -> QPointF:
        x = self._strip.axis.middle(int(curve.numbers[row]))
        return QPointF(x, self.lanes[lane].y(float(curve.values[row])))
