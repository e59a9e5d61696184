"""The dashboard follows the work, teaches while there is none, and draws what the ledger tells."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from ui_helpers import drag, key, point_of

from annotator.session.session import Session
from annotator.ui.panels.dashboard_plots import Plot, moving_mean, pace_of
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def test_it_teaches_first_and_fills_with_the_first_correction(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    key(window.view, Qt.Key.Key_F4)
    board = window.pages.dashboard
    qtbot.waitUntil(lambda: board.statistics is not None)
    assert "fills by itself" in board.stack.words.text()
    assert board.stack.currentWidget() is board.stack.words
    key(window, Qt.Key.Key_F2)
    start = point_of(window, 30)
    drag(window.view.viewport(), start, start + (point_of(window, 31) - start) / 2)
    key(window.view, Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: board.statistics is not None and board.statistics.edits == 1)
    assert board.stack.currentWidget() is not board.stack.words
    assert board.tiles["frames"].value.text() == "1"
    assert board.tiles["corrections"].value.text() == "1.0"
    assert "1 edit" in board.told.text()


def test_progress_is_shown_by_the_facet_that_is_chosen(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    start = point_of(window, 30)
    drag(window.view.viewport(), start, start + (point_of(window, 31) - start) / 2)
    key(window.view, Qt.Key.Key_F4)
    board = window.pages.dashboard
    qtbot.waitUntil(lambda: board.statistics is not None and board.statistics.edits == 1)
    assert sorted(board.progress.shares) == [0, 50]  # ada: one of two frames; ben: none
    board.facet.setFocus()
    QTest.keyClick(board.facet, Qt.Key.Key_End)
    board.facet.activated.emit(board.facet.currentIndex())
    assert board.facet.currentData() == "camera"
    assert sorted(board.progress.shares) == [0, 50]
    window.pages.show_frame()


def test_pace_and_moving_mean_by_hand() -> None:
    middles, pace = pace_of(np.array([0.0, 0.2, 0.9, 2.0]))
    np.testing.assert_allclose(middles, [0.5, 1.5])
    np.testing.assert_allclose(pace, [3, 1])
    assert all(len(values) == 0 for values in pace_of(np.empty(0)))
    mean: NDArray[np.float64] = moving_mean(np.array([3.0, 0, 3, 0]), window=3)
    np.testing.assert_allclose(mean, [1.5, 2, 1, 1.5])


def test_on_a_small_screen_every_plot_is_wide_enough_for_its_words_and_the_wheel_shows_the_rest(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    start = point_of(window, 30)
    drag(window.view.viewport(), start, start + (point_of(window, 31) - start) / 2)
    before = window.size()
    window.resize(1280, 720)
    key(window.view, Qt.Key.Key_F4)
    board = window.pages.dashboard
    qtbot.waitUntil(lambda: board.statistics is not None and board.statistics.edits == 1)
    plots = (board.pace, board.corrections, board.times, board.errors, board.calibration, board.progress)

    def fits(plot: Plot) -> bool:
        left = plot.mapTo(board, QPoint(0, 0)).x()
        return left >= 0 and left + plot.width() <= board.width()

    qtbot.waitUntil(lambda: all(map(fits, plots)))
    for plot in plots:
        assert plot.plotItem.titleLabel.item.boundingRect().width() <= plot.width()
        assert plot.height() >= plot.minimumHeight()
    bar = board.scroller.verticalScrollBar()
    assert bar.maximum() > 0
    over = board.pace.mapTo(window, QPoint(60, 60))
    QTest.wheelEvent(window.windowHandle(), QPointF(over), QPoint(0, -120))
    assert bar.value() > 0
    window.resize(before)
    window.pages.show_frame()
