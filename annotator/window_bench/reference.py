"""What the window's times are compared with: the same picture in a plain pyqtgraph `ImageItem` view of the same size."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from annotator.research.bench.measure import StepTimes

_STEPS = 6
_NO_KEYS = Qt.KeyboardModifier.NoModifier


def turn_wheel(application: QApplication, viewport: QWidget, place: QPointF, units: int) -> None:
    """A turn of the wheel over a place of a widget; 120 units are a notch."""
    nothing, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    down = viewport.mapToGlobal(place)
    event = QWheelEvent(place, down, QPoint(), QPoint(0, units), nothing, _NO_KEYS, phase, False)
    application.sendEvent(viewport, event)


class PlainView:
    """One picture, nothing else: no landmarks, no panes, no session. Times go into `watch` as pan, zoom and set."""

    def __init__(self, application: QApplication, image: NDArray[Any], size: QSize) -> None:
        self.watch = StepTimes()
        self._application, self._image = application, np.ascontiguousarray(image)
        pyqtgraph.setConfigOptions(imageAxisOrder="row-major")
        self._view = pyqtgraph.GraphicsView()
        self._view.resize(size)
        self._box = pyqtgraph.ViewBox(lockAspect=True, invertY=True, enableMenu=False)
        self._view.setCentralItem(self._box)
        self._item = pyqtgraph.ImageItem()
        self._box.addItem(self._item)
        self._view.show()
        QTest.qWaitForWindowExposed(self._view)

    def run(self, rounds: int) -> None:
        """Set the picture, pan, zoom in by the wheel and pan again, `rounds` times; the first is not counted."""
        for number in range(rounds + 1):
            if number == 1:
                self.watch.forget()
            self._round()

    def close(self) -> None:
        """End it."""
        self._view.close()
        self._view.deleteLater()

    def _round(self) -> None:
        self.watch.time(
            "set", partial(self._send, partial(self._item.setImage, self._image, autoLevels=False))
        )
        self._box.autoRange(padding=0)
        self._application.processEvents()
        self._pan()
        centre = QPointF(self._view.rect().center())
        viewport = self._view.viewport()
        for _ in range(_STEPS):
            wheel = partial(turn_wheel, self._application, viewport, centre, 120)
            self.watch.time("zoom", partial(self._send, wheel))
        self._pan()

    def _pan(self) -> None:
        wide, high = self._box.viewPixelSize()
        for _ in range(_STEPS):
            move = partial(self._box.translateBy, (-20 * wide, -10 * high))
            self.watch.time("pan", partial(self._send, move))

    def _send(self, act: Callable[[], object]) -> None:
        act()
        self._application.processEvents()
