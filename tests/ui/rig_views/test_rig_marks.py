"""Marks of the other views as they are painted."""

import numpy as np
import pytest
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter, QTransform
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from annotator.ui.rig_views.rig_marks import RigMarks, paint_marks
from annotator.ui.rig_views.view_grid import ViewGrid

pytestmark = pytest.mark.gui
ROOM = QRectF(0, 0, 400, 300)


def painted(marks: RigMarks, view_from_frame: QTransform, room: QRectF | None) -> np.ndarray:
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    paint_marks(painter, marks, view_from_frame, room)
    painter.end()
    return np.array(image.constBits()).reshape(300, 400, 4).copy()


@pytest.mark.parametrize("steps", [2, 65])
@pytest.mark.parametrize("zoom", [0.1, 1.0])
def test_a_line_carries_its_cameras_name_wherever_one_looks(qtbot: QtBot, steps: int, zoom: float) -> None:
    line = np.stack([np.linspace(0, 4000, steps), np.linspace(1400, 1600, steps)], 1)
    marks = RigMarks(lines=(("cam_06", line),))
    there = QTransform.fromTranslate(200, 150).scale(zoom, zoom).translate(-2000, -1500)
    named, plain = painted(marks, there, ROOM), painted(marks, there, None)
    assert (plain > 0).any()  # the line itself
    assert (named != plain).any()


def test_what_the_last_row_has_left_goes_to_the_widget_that_wants_it(qtbot: QtBot) -> None:
    grid, cells = ViewGrid(), [QWidget() for _ in range(9)]
    qtbot.addWidget(grid)
    grid.resize(320, 700)
    grid.set_cells(cells, cells[-1])
    places: list[QRect] = [cell.geometry() for cell in cells]
    assert places[-1].right() == grid.width() - 1
    assert places[-1].width() > 1.9 * places[0].width()
    assert not any(a.intersects(b) for i, a in enumerate(places) for b in places[:i])
