"""Small windows and large texts: the picture keeps its room, the frame's decision is seen, what stands beside texts grows."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QStyle,
    QStyleOptionButton,
)

from annotator.session.session import Session
from annotator.ui.common.theme import apply_theme
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


@pytest.fixture
def small(empty_window: MainWindow, window: MainWindow, qapp: QApplication) -> Iterator[MainWindow]:
    """The window at 1280 x 720 with texts of 150 %."""
    apply_theme(qapp, 1.5)
    window.resize(1280, 720)
    yield window
    apply_theme(qapp, 1.0)
    window.resize(1500, 900)


def test_the_columns_beside_the_picture_give_way(small: MainWindow, qtbot) -> None:
    columns = small.arrangement.splitters["columns"]
    qtbot.waitUntil(lambda: columns.sizes()[1] >= 0.35 * sum(columns.sizes()))
    columns.setSizes([450, 100, 700])
    small.layout_kept.reset()
    assert columns.sizes()[1] >= 0.35 * sum(columns.sizes())


def test_an_artist_may_make_the_picture_narrower(window: MainWindow) -> None:
    """By the line between the columns, with the mouse; another size of the window keeps it so."""
    columns = window.arrangement.splitters["columns"]
    handle = columns.handle(2)
    start = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(handle, start - QPoint(600, 0))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=start - QPoint(600, 0))
    narrow = columns.sizes()[1] / sum(columns.sizes())
    assert narrow < 0.33
    window.resize(1510, 900)
    window.resize(1500, 900)
    assert abs(columns.sizes()[1] / sum(columns.sizes()) - narrow) < 0.02
    window.layout_kept.reset()
    assert columns.sizes()[1] >= 0.35 * sum(columns.sizes())


def test_the_decision_on_the_frame_is_seen_whole(small: MainWindow, qtbot) -> None:
    small.details.setCurrentIndex(0)
    buttons = small.inspector.review.values()
    qtbot.waitUntil(lambda: all(button.visibleRegion().boundingRect() == button.rect() for button in buttons))


def _first_line(window: MainWindow) -> NDArray[np.uint8]:
    """uint8 [h, w]: what the list of frames draws in the upper half of its first row."""
    rows = window.frames.list
    area = rows.visualRect(rows.model().index(0, 0))
    area.setHeight(area.height() // 2 - 2)
    image = rows.viewport().grab(area).toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    return np.array(image.constBits(), np.uint8).reshape(image.height(), -1)[:, : image.width()].copy()


def test_how_sure_the_model_is_takes_no_room_from_a_frames_name(window: MainWindow, session: Session) -> None:
    window.lists.setCurrentIndex(0)
    summary = session.frames.listed[0]
    shown = []
    for confidence in (None, 0.93):
        session.frames.update_summary(replace(summary, mean_confidence=confidence))
        shown.append(_first_line(window))
    np.testing.assert_array_equal(*shown)


def test_boxes_to_tick_grow_with_the_texts(qtbot, qapp: QApplication) -> None:
    box = QCheckBox("Contours")
    qtbot.addWidget(box)
    sides = []
    for size in (1.0, 1.5):
        apply_theme(qapp, size)
        option = QStyleOptionButton()
        option.initFrom(box)
        sides.append(box.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, box).width())
    apply_theme(qapp, 1.0)
    assert sides[1] >= 1.35 * sides[0]
