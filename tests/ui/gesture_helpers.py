"""A hand that holds a landmark of the frame view, and what people set by frame."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from ui_helpers import drag, point_of

from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.shell.main_window import MainWindow

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
BY = QPoint(40, -25)


def touched(session: Session) -> dict[int, list[int]]:
    """Landmarks that a person set, by frame, as they are on disk."""
    with ProjectStore.open(session.path, read_only=True) as store:
        return {frame: np.flatnonzero(value.is_human).tolist() for frame, value in store.annotations.items()}


def take(window: MainWindow, landmark: int = 30) -> QPoint:
    """Presses on a landmark and moves; the button stays down. Tells where the pointer is."""
    start = point_of(window, landmark)
    drag(window.view.viewport(), start, start + BY, release=False)
    return start + BY


def let_go(window: MainWindow, at: QPoint) -> None:
    """Moves on, as a hand does, and lets the button go."""
    QTest.mouseMove(window.view.viewport(), at + QPoint(9, 9))
    QTest.mouseRelease(window.view.viewport(), LEFT, NO_KEYS, at + QPoint(9, 9))


def by_frames(window: MainWindow) -> NDArray[np.float64]:
    """How far `take` moves a landmark, frame pixels."""
    return np.array([BY.x(), BY.y()]) / window.view.zoom
