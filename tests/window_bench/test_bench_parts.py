"""The parts of the window's benchmark: ticks, slopes, the plain view that times are compared with."""

import numpy as np
import pytest
from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotator.domain.errors import AnnotatorError
from annotator.window_bench.reference import PlainView
from annotator.window_bench.stalls import LoopTicks, run_loop, slope, wait_for

pytestmark = pytest.mark.gui


def test_a_blocked_event_loop_shows_as_its_longest_gap(qtbot: QtBot) -> None:
    ticks, held = LoopTicks(), []

    def block() -> None:
        clock = np.arange(3_000_000, dtype=np.float64)
        while len(held) < 20:
            held.append(float(np.sqrt(clock).sum()))

    QTimer.singleShot(20, block)
    ticks.start()
    assert run_loop(60.0, lambda: bool(held) and len(ticks.gaps) > 20)
    quiet = LoopTicks()
    found = ticks.stop()
    assert found.most > found.median
    assert found.repetitions == len(ticks.gaps)
    quiet.start()
    assert quiet.stop().most == 0.0  # nothing ran in between


def test_waiting_in_vain_says_for_what(qtbot: QtBot) -> None:
    with pytest.raises(AnnotatorError, match="the moon"):
        wait_for(lambda: False, 0.05, "the moon")
    wait_for(lambda: True, 5.0, "nothing")


def test_a_question_that_raises_ends_the_wait(qtbot: QtBot) -> None:
    def ask() -> bool:
        raise AnnotatorError("no moon tonight")

    with pytest.raises(AnnotatorError, match="no moon"):
        run_loop(60.0, ask)


def test_the_slope_is_that_of_the_straight_line() -> None:
    assert slope([(0, 100), (10, 130), (20, 160)]) == pytest.approx(3.0)
    assert slope([(5, 1)]) == 0.0


def test_the_plain_view_times_set_pan_and_zoom(qtbot: QtBot, qapp: QApplication) -> None:
    plain = PlainView(qapp, np.zeros((64, 80, 3), np.uint8), QSize(200, 160))
    plain.run(1)
    after = plain._box.viewRect()
    plain.close()
    assert {name: timing.repetitions for name, timing in plain.watch.timings().items()} == {
        "set": 1,
        "pan": 12,
        "zoom": 6,
    }
    assert after.width() < 80  # zoomed in
