"""A contact sheet whose order is known, for the tests that work in it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot
from ui_fakes import make_proposal
from ui_helpers import has_pixels, key, picture

from annotator.domain.scheme import LandmarkScheme
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.contact_sheet.sheet import ContactSheet
from annotator.ui.shell.main_window import MainWindow

MOUTH = 70


def proposed_sheet(
    qtbot: QtBot,
    session: Session,
    project: Path,
    scheme: LandmarkScheme,
    places: NDArray[np.float64],
    empty_window: MainWindow,
) -> Iterator[ContactSheet]:
    """On landmark 70 of frames 1..4, whose global networks are 10, 40, 20 and 30 px off there: frames 2, 4, 3, 1."""
    base = make_proposal(scheme, places, picture(), "one").without_heatmaps()
    with ProjectStore.open(project) as store:
        for frame_id, apart in enumerate((10, 40, 20, 30), 1):
            global_xy = base.xy.copy()
            global_xy[MOUTH, 0] += apart
            store.proposals.save(frame_id, replace(base, global_xy=global_xy))
    session.open_project(project)
    qtbot.waitUntil(lambda: has_pixels(session))
    session.selection.select(MOUTH)
    empty_window.view.setFocus()
    key(empty_window.view, Qt.Key.Key_F3)
    sheet = empty_window.pages.sheet
    qtbot.waitUntil(lambda: len(sheet.grid.cells) == 4)
    yield sheet
    sheet.state.setCurrentIndex(0)
    empty_window.pages.show_frame()


def frames(sheet: ContactSheet) -> list[int]:
    """The frames of the patches, in their order."""
    return [cell.frame.id for cell in sheet.grid.cells]


def middle(sheet: ContactSheet, number: int) -> QPoint:
    """The middle of a patch, in the grid."""
    rect = sheet.grid.cell_rect(number)
    return QPointF(rect.left() + rect.width() / 2, rect.top() + rect.width() / 2).toPoint()
