"""Large frames and dense screens: what is painted is what is stored, pixel by pixel."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotator.ui.canvas.frame_view import FrameView

pytestmark = pytest.mark.gui
CHILD = Path(__file__).with_name("hidpi_child.py")


def test_on_a_dense_screen_100_percent_is_one_pixel_of_the_screen() -> None:
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, CHILD], env=paths, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout.splitlines()[-1])
    assert told == {"ratio": 2.0, "same": True, "zoom": "100 %", "chosen": [7]}


def test_a_frame_of_8000_by_6000_half_floats_is_shown_to_the_pixel(qtbot: QtBot, qapp: QApplication) -> None:
    levels = [np.zeros((6000 >> i, 8000 >> i, 3), np.float16) for i in range(5)]
    levels[0][5000, 7000] = (1.0, 0.0, 0.25)  # linear light; all else is memory that nobody touches
    view = FrameView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    assert QTest.qWaitForWindowExposed(view)
    view.show_image(levels, 8000, 6000)
    assert view.zoom == pytest.approx(0.05)
    view.zoom_to(1.0)
    view.reveal(7000.5, 5000.5)
    view.viewport().grab()
    qapp.processEvents()
    image = view.viewport().grab().toImage()
    at = view.view_at(7000.5, 5000.5)
    assert image.pixelColor(int(at.x()), int(at.y())).getRgb()[:3] == (255, 0, 137)
    assert image.pixelColor(int(at.x()) + 1, int(at.y())).getRgb()[:3] == (0, 0, 0)
    assert view.tiles.cached_bytes < 40 << 20, "only what is seen is converted"
