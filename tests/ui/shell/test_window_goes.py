"""The end of a window."""

import gc
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_fakes import FakeInference
from ui_helpers import has_pixels

from annotator.domain.scheme import LandmarkScheme
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def _gone() -> None:
    """What waits to be deleted is deleted, and what only held each other."""
    for _ in range(2):
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()


def _use(qtbot: QtBot, project: Path, ini: Path, inference: FakeInference) -> None:
    session = Session(inference=inference)
    window = MainWindow(session, QSettings(str(ini), QSettings.Format.IniFormat))
    window.show()
    session.open_project(project)
    qtbot.waitUntil(lambda: has_pixels(session))
    window.close()
    window.deleteLater()
    session.shutdown()
    session.deleteLater()


def test_it_takes_all_its_widgets_with_it(
    qtbot: QtBot, project: Path, tmp_path: Path, scheme: LandmarkScheme, places: NDArray[np.float64]
) -> None:
    _gone()
    before = len(QApplication.allWidgets())
    _use(qtbot, project, tmp_path / "window.ini", FakeInference(scheme, places))
    _gone()
    assert len(QApplication.allWidgets()) <= before
