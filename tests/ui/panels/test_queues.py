"""The queue panel: entries with reasons, opened by click and key, kept true by edits, passed and brought back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QSizeF, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_fakes import make_proposal
from ui_helpers import has_pixels, key, picture

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.domain.scheme import LandmarkScheme
from annotator.services.project.queue import added_queues
from annotator.services.project.queue.added_queues import QueueFrame
from annotator.services.project.queue.queues import Queue
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.common.theme import ui_font
from annotator.ui.panels.queue_rows import fitting_lines
from annotator.ui.panels.queues import QueuePanel
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
MOUTH = 70


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package is installed that adds a queue."""

    class Source:
        heading, how = "Chin not set", "Frames whose chin nobody placed."

        def frames(self, store: ProjectStore) -> list[QueueFrame]:
            return [QueueFrame(frame_id, "nobody set the chin", ("chin",)) for frame_id in (3, 1)]

    monkeypatch.setattr(added_queues, "extension_objects", lambda group, parts: {"no-chin": Source()})


def test_the_queue_of_a_package_is_one_of_ours(
    qtbot: QtBot, added: None, window: MainWindow, session: Session
) -> None:
    panel = QueuePanel(
        session, window.frames.thumbnails, window
    )  # the window's own is older than the package
    panel.show()
    panel.choice.setFocus()
    QTest.keyClick(panel.choice, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: [item.frame.id for item in panel.rows.items] == [3, 1])
    assert panel.how.text() == "Frames whose chin nobody placed."
    assert not panel.right.isEnabled(), "it asks nothing that a person could answer"
    panel.list.setFocus()
    place = panel.list.visualRect(panel.rows.index(0)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    qtbot.waitUntil(lambda: session.frames.current_id == 3)
    panel.hide()


@pytest.fixture
def queued(
    qtbot: QtBot,
    session: Session,
    project: Path,
    scheme: LandmarkScheme,
    places: NDArray[np.float64],
    empty_window: MainWindow,
) -> MainWindow:
    """Frames 1..4 proposed with confidence 0.9, 0.3, 0.6, 0.8; in frame 3 the global network strays at the mouth."""
    base = make_proposal(scheme, places, picture(), "one").without_heatmaps()
    with ProjectStore.open(project) as store:
        for frame_id, sure in enumerate((0.9, 0.3, 0.6, 0.8), 1):
            confidence = np.full(scheme.size, sure, np.float32)
            global_xy = base.xy.copy()
            if frame_id == 3:
                global_xy[MOUTH : MOUTH + 3] += 60  # along and across their curve
            value = replace(base, confidence=confidence, global_xy=global_xy)
            store.proposals.save(frame_id, value)
    session.open_project(project)
    qtbot.waitUntil(lambda: has_pixels(session))
    empty_window.view.fit()
    empty_window.view.setFocus()
    yield empty_window
    empty_window.lists.setCurrentIndex(0)
    empty_window.queues.show_queue(Queue.UNCERTAIN)


def shown(window: MainWindow) -> list[int]:
    return [item.frame.id for item in window.queues.rows.items]


def show(qtbot: QtBot, window: MainWindow, queue: Queue) -> None:
    window.lists.setCurrentWidget(window.queues)
    window.queues.show_queue(queue)
    qtbot.waitUntil(lambda: window.queues.page is not None)


def click_row(window: MainWindow, row: int) -> None:
    place = window.queues.list.visualRect(window.queues.rows.index(row)).center()
    QTest.mouseClick(
        window.queues.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
    )


def test_a_click_opens_the_frame_with_the_landmarks_in_question(
    qtbot: QtBot, queued: MainWindow, session: Session
) -> None:
    show(qtbot, queued, Queue.DISAGREEMENT)
    assert shown(queued) == [3]
    item = queued.queues.rows.items[0]
    assert item.reason.startswith("Mouth: 3 points beyond 2 sigma apart")
    click_row(queued, 0)
    assert session.frames.current_id == 3
    assert session.selection.indices == (MOUTH, MOUTH + 1, MOUTH + 2)
    assert session.selection.primary == item.landmarks[0]


def test_keys_walk_the_queue_in_its_order(qtbot: QtBot, queued: MainWindow, session: Session) -> None:
    key(queued.view, Qt.Key.Key_J)  # brings the queue up, and opens its first frame
    qtbot.waitUntil(lambda: session.frames.current_id == 2)
    assert queued.lists.currentWidget() is queued.queues
    assert shown(queued) == [2, 3, 4, 1]
    key(queued.view, Qt.Key.Key_J)
    assert session.frames.current_id == 3
    key(queued.view, Qt.Key.Key_J, Qt.KeyboardModifier.ShiftModifier)
    assert session.frames.current_id == 2
    key(queued.view, Qt.Key.Key_J, Qt.KeyboardModifier.ShiftModifier)
    assert session.frames.current_id == 1


def test_an_approved_frame_leaves_and_the_next_one_takes_its_place(
    qtbot: QtBot, queued: MainWindow, session: Session
) -> None:
    key(queued.view, Qt.Key.Key_J)
    qtbot.waitUntil(lambda: session.frames.current_id == 2)
    session.annotations.submit(session.frames.current_id, edits.set_review(ReviewState.APPROVED))
    qtbot.waitUntil(lambda: shown(queued) == [3, 4, 1])
    assert queued.queues.told.text() == "3 frames"
    key(queued.view, Qt.Key.Key_J)
    assert session.frames.current_id == 3


def test_a_likely_error_is_passed_by_key_and_comes_back_by_undo(
    qtbot: QtBot, queued: MainWindow, session: Session, places: NDArray[np.float64]
) -> None:
    for frame_id, offset in ((1, 30.0), (4, 90.0)):
        session.annotations.submit(frame_id, edits.move([MOUTH], places[MOUTH] + [offset, 0]))
    show(qtbot, queued, Queue.LABEL_ERRORS)
    qtbot.waitUntil(lambda: shown(queued) == [4, 1])
    assert "from the proposal" in queued.queues.rows.items[0].reason
    key(queued.view, Qt.Key.Key_J)
    assert session.frames.current_id == 4
    key(queued.view, Qt.Key.Key_R)
    assert session.frames.current_id == 1
    qtbot.waitUntil(lambda: shown(queued) == [1])
    assert session.annotations.shown(4).xy[MOUTH, 0] == places[MOUTH, 0] + 90
    key(queued.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shown(queued) == [4, 1])


def test_the_least_covered_subject_comes_first(qtbot: QtBot, queued: MainWindow, session: Session) -> None:
    session.annotations.submit(1, edits.move([MOUTH], [[5.0, 5.0]]))
    show(qtbot, queued, Queue.LEAST_COVERED)
    assert shown(queued)[0] in (3, 4)  # ben
    assert queued.queues.rows.items[0].reason.startswith("ben 0 of 2")
    assert not queued.queues.right.isEnabled()


def test_an_empty_queue_says_what_fills_it(qtbot: QtBot, window: MainWindow, session: Session) -> None:
    show(qtbot, window, Queue.UNCERTAIN)
    assert "Propose all" in window.queues.stack.words.text()
    show(qtbot, window, Queue.LABEL_ERRORS)
    assert "correct or import" in window.queues.stack.words.text()
    session.close_project()
    assert "No project" in window.queues.stack.words.text()
    window.lists.setCurrentIndex(0)


def test_a_long_reason_is_broken_between_words_and_told_to_go_on(qapp: QApplication) -> None:
    font = ui_font(11)
    step = QFontMetrics(font).lineSpacing()
    text = "about 12 to correct; Mouth: 9 points and 2 others unsure, least 0.07"
    all_lines = fitting_lines(text, font, QSizeF(120, 10 * step))
    assert len(all_lines) > 2
    assert " ".join(all_lines) == text
    two = fitting_lines(text, font, QSizeF(120, 2 * step))
    assert (len(two), two[0]) == (2, all_lines[0])
    assert two[1].endswith("…")
    assert two[1].startswith(all_lines[1][:8])
    assert fitting_lines("short", font, QSizeF(120, 1)) == ["short"]
