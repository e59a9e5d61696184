"""Points that were tracked and are unsure look so, and every place that names their state says so."""

from dataclasses import replace

import numpy as np
import pytest
from moving_take import SCHEME, truth
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from annotator.domain import edits
from annotator.domain.annotation import LandmarkState
from annotator.domain.takes.track import Merge, Track, TrackState
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.store.sequences.tracks import TrackRun
from annotator.ui.canvas.overlay.marks import label_text
from annotator.ui.common.glyphs import Mark, mark_pixmap
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
SURE, UNSURE = 10, 11


@pytest.fixture
def tracked(take: MainWindow, session: Session) -> MainWindow:
    """Two landmarks of frame 5 are tracked, one of them unsure of itself; frame 5 is shown."""
    xy = np.full((SCHEME.size, 2), np.nan, np.float32)
    xy[[SURE, UNSURE]] = truth(5)[[SURE, UNSURE]]
    state = np.zeros(SCHEME.size, np.uint8)
    state[SURE], state[UNSURE] = TrackState.TRACKED, TrackState.UNSURE
    covariance = np.full((SCHEME.size, 2, 2), np.nan, np.float32)
    covariance[[SURE, UNSURE]] = np.diag([9.0, 4.0])
    with ProjectStore.open(session.path) as store:
        track = replace(Track.empty(SCHEME), xy=xy, state=state, covariance=covariance)
        store.tracks.write(TrackRun("test", "ada", "talk", "left"), {5: track}, Merge.REPLACE)
    session.annotations.tracks.forget()
    session.reload()
    session.frames.go_to(5)
    QApplication.processEvents()
    return take


def test_the_mark_is_another_one(qapp: QApplication) -> None:
    sure, unsure = (
        mark_pixmap(Mark(LandmarkState.TRACKED, unsure=is_so), 2.0).toImage() for is_so in (False, True)
    )
    assert sure != unsure


def test_it_is_said_wherever_the_state_is(tracked: MainWindow, session: Session) -> None:
    data = tracked.view.overlay.data_shown
    assert np.flatnonzero(data.unsure).tolist() == [UNSURE]
    assert label_text(data, UNSURE).endswith("tracked, unsure")
    assert label_text(data, SURE).endswith("tracked")
    session.selection.select(UNSURE)
    assert tracked.inspector.values["state"].text() == "tracked, unsure"
    assert tracked.inspector.values["sigma"].text() == "3.0 / 2.0 px"
    tracked.details.setCurrentWidget(tracked.landmarks)
    QApplication.processEvents()
    assert tracked.landmarks._items[UNSURE].text(1) == "tracked, unsure"
    x, y = data.xy[UNSURE].tolist()
    QTest.mouseMove(tracked.view.viewport(), tracked.view.view_at(x, y).toPoint() + QPoint(1, 0))
    assert tracked.view.overlay.data_shown.hover in (UNSURE, -1)


def test_accepting_it_ends_that(tracked: MainWindow, session: Session) -> None:
    session.annotations.submit(5, edits.accept(session.annotations.shown(5), [UNSURE]))
    assert not tracked.view.overlay.data_shown.unsure.any()
    session.annotations.undo()
    assert tracked.view.overlay.data_shown.unsure[UNSURE]
