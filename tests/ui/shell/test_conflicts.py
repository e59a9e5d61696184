"""Another program works in the open project: the window shows it, and asks where both changed the same landmarks."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from ui_helpers import drag, key, point_of

from annotator.domain.annotation import Annotation
from annotator.formats.base import DatasetFrame, DatasetView
from annotator.formats.registry import format_named
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.dialogs.conflict import ConflictDialog
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
WAIT = 30_000


def import_places(project: Path, places: dict[int, tuple[float, float]]) -> None:
    """`annotator import-annotations --overwrite` in a process of its own: landmarks of frame 1."""
    file = project.parent / "vendor.csv"
    with ProjectStore.open(project, read_only=True) as store:
        empty = Annotation.empty(store.scheme)
        xy, state = empty.xy.copy(), empty.state.copy()
        for landmark, place in places.items():
            xy[landmark], state[landmark] = place, 3
        placed = Annotation(store.scheme.id, xy, state, empty.flags.copy())
        view = DatasetView(store.scheme, [DatasetFrame(store.frames.get(1), placed)])
    format_named("csv").write(view, file)
    assert list(csv.reader(file.read_text().splitlines()))
    command = [
        sys.executable,
        "-m",
        "annotator",
        "import-annotations",
        str(project),
        str(file),
        "--overwrite",
        "--quiet",
    ]
    subprocess.run(command, check=True, capture_output=True)


def places_on_disk(session: Session, *landmarks: int) -> list[list[float]]:
    with ProjectStore.open(session.path, read_only=True) as store:
        return store.annotations.get(1).xy[list(landmarks)].round(1).tolist()


def dialog_of(window: MainWindow, qtbot: QtBot) -> ConflictDialog:
    qtbot.waitUntil(lambda: window.conflict_questions.dialog is not None, timeout=WAIT)
    dialog = window.conflict_questions.dialog
    assert dialog is not None
    return dialog


def drag_landmark(window: MainWindow, landmark: int) -> None:
    start = point_of(window, landmark)
    drag(window.view.viewport(), start, start + QPoint(25, 15))


def test_the_window_shows_what_another_program_set_and_says_so(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    import_places(session.path, {3: (300.0, 301.0)})
    qtbot.waitUntil(lambda: np.allclose(window.view.overlay.data_shown.xy[3], [300, 301]), timeout=WAIT)
    assert window.banners.notice_text.text() == "Another program changed 1 frame"


def test_a_nudge_after_another_programs_edit_moves_only_what_was_seen(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    drag_landmark(window, 0)
    drag_landmark(window, 1)
    session.selection.set([0, 1])
    mine = session.annotations.shown(1).xy[:2].copy()
    import_places(session.path, {0: (400.0, 300.0)})
    session._watch._timer.stop()  # the hand was faster than the window
    window.view.setFocus()
    key(window.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert places_on_disk(session, 0) == [[400.0, 300.0]]
    np.testing.assert_allclose(session.annotations.shown(1).xy[1], mine[1] + [0.1, 0], atol=1e-3)
    dialog = dialog_of(window, qtbot)
    assert dialog.choices.count() == 1
    assert session.scheme.names[0] in dialog.choices.item(0).text()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.conflict_questions.dialog is None)
    assert places_on_disk(session, 0) == [[400.0, 300.0]], (
        "what a person presses without reading keeps theirs"
    )
    assert session.annotations.save_state == "All changes saved"


def test_the_person_takes_mine_where_checked(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    drag_landmark(window, 0)
    drag_landmark(window, 1)
    mine = session.annotations.shown(1).xy[:2].copy()
    import_places(session.path, {0: (400.0, 300.0), 1: (410.0, 310.0)})
    qtbot.waitUntil(lambda: np.allclose(session.annotations.shown(1).xy[0], [400, 300]), timeout=WAIT)
    key(window.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)  # landmark 1 was dragged last
    dialog = dialog_of(window, qtbot)
    assert not dialog.checked.isEnabled()
    dialog.choices.item(0).setCheckState(Qt.CheckState.Checked)
    QTest.mouseClick(dialog.checked, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.conflict_questions.dialog is None)
    before_the_drag = session.proposals.get(1)
    assert before_the_drag is not None
    np.testing.assert_allclose(session.annotations.shown(1).xy[1], before_the_drag.xy[1])
    assert places_on_disk(session, 0) == [[400.0, 300.0]]
    assert not np.allclose(mine[1], before_the_drag.xy[1])


def test_nothing_moves_while_a_landmark_is_dragged(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    start = point_of(window, 2)
    drag(window.view.viewport(), start, start + QPoint(20, 10), release=False)
    seen = session.annotations.shown(1).xy[2].copy()
    import_places(session.path, {2: (500.0, 200.0)})
    qtbot.waitUntil(lambda: bool(session._watch._untold), timeout=WAIT)
    np.testing.assert_array_equal(session.annotations.shown(1).xy[2], seen)
    QTest.mouseRelease(window.view.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(20, 10))
    dialog = dialog_of(window, qtbot)
    QTest.mouseClick(dialog.mine, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.conflict_questions.dialog is None)
    assert places_on_disk(session, 2) != [[500.0, 200.0]], "mine was kept"
    entry = session.annotations.history(1)[0]
    assert entry.from_xy.tolist() == [[500.0, 200.0]], "and the ledger tells whose place it took"


def test_a_question_ends_with_its_project(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    drag_landmark(window, 0)
    import_places(session.path, {0: (400.0, 300.0)})
    session._watch._timer.stop()
    drag_landmark(window, 0)
    dialog_of(window, qtbot)
    assert session.close_project(discard_pending=True)
    assert window.conflict_questions.dialog is None
