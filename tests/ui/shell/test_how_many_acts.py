"""What frequent work costs in keys, clicks and drags; the guide's table says the same."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from test_start import drop
from training_helpers import EVENTS, told, training_job
from ui_fakes import make_proposal
from ui_helpers import HEIGHT, WIDTH, drag, key, picture, point_of

from annotator.domain.annotation import Flag, LandmarkState, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard
from annotator.services.project.queue.queues import Queue
from annotator.session.job.job_board import JobState
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.dialogs.import_captures import ImportCapturesDialog
from annotator.ui.dialogs.new_project import NewProjectDialog
from annotator.ui.dialogs.train import TrainDialog
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
_LEFT = Qt.MouseButton.LeftButton
_PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.ShortcutOverride)
_RELEASES = (QEvent.Type.MouseButtonRelease, QEvent.Type.KeyRelease)
_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta)
_GUIDE = Path(__file__).parents[3] / "docs/artists.md"


class Acts(QObject):
    """Counts presses of keys and buttons that reach the application, each once; drops are told to it."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self._down: set[object] = set()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Sees all, takes nothing away. What is passed on to a parent before the release is the same press."""
        which = event.key() if isinstance(event, QKeyEvent) else "button"
        if which in _MODIFIERS:  # a chord is one act
            return False
        if event.type() in _PRESSES and which not in self._down:
            self.count += 1
            self._down.add(which)
        elif event.type() in _RELEASES:
            self._down.discard(which)
        return False


@pytest.fixture
def acts(qapp: QApplication):
    counter = Acts()
    qapp.installEventFilter(counter)
    yield counter
    qapp.removeEventFilter(counter)


def said(work: str) -> int:
    """What the guide's table says of a piece of work."""
    line = next(line for line in _GUIDE.read_text("utf-8").splitlines() if line.startswith(f"| {work} |"))
    found = re.search(r"\| (\d+) \|$", line)
    assert found
    return int(found[1])


def test_accept_and_go_on(window: MainWindow, session: Session, acts: Acts) -> None:
    key(window.view, Qt.Key.Key_G)
    assert session.annotations.shown(1).review is ReviewState.APPROVED
    assert session.frames.current_id == 2
    assert acts.count == said("accept the frame and go on") == 1


def test_fix_one_lid_point_and_go_on(window: MainWindow, session: Session, acts: Acts) -> None:
    lid = session.scheme.index("eye_upper_l_2") if "eye_upper_l_2" in session.scheme.names else 40
    at, before = point_of(window, lid), session.annotations.shown(1).xy[lid].copy()
    drag(window.view.viewport(), at, at + QPoint(9, 6))
    key(window.view, Qt.Key.Key_G)
    assert session.annotations.shown(1).state[lid] == LandmarkState.CONFIRMED
    assert (session.annotations.shown(1).xy[lid] - before > 2).all()
    assert session.frames.current_id == 2
    assert acts.count == said("fix one point and go on")
    assert acts.count <= 3


def test_flag_several_points_as_occluded(window: MainWindow, session: Session, acts: Acts) -> None:
    first, last = point_of(window, 0), point_of(window, 13)
    drag(window.view.viewport(), first - QPoint(12, 12), last + QPoint(12, 12))
    chosen = list(session.selection.indices)
    assert len(chosen) > 3
    key(window.view, Qt.Key.Key_O)
    assert (session.annotations.shown(1).flags[chosen] & int(Flag.OCCLUDED)).all()
    assert acts.count == said("flag several points as occluded") == 2


def test_the_ten_worst_frames(
    empty_window: MainWindow,
    session: Session,
    acts: Acts,
    tmp_path: Path,
    scheme,
    jpeg: bytes,
    places,
    qtbot: QtBot,
) -> None:
    path = tmp_path / "ten.annotator"
    with ProjectStore.create(path, scheme, tmp_path) as store:
        for number in range(12):
            (tmp_path / f"{number:02}.jpg").write_bytes(jpeg)
        store.frames.add([Frame(0, f"{n:02}.jpg", "", "", "", f"{n:02}", WIDTH, HEIGHT) for n in range(12)])
        store.models.add(ModelCard("one", scheme.id, {}), tmp_path / "one")
        store.models.activate("one")
        for row in list(store.frames.list()):
            store.proposals.save(row.frame.id, make_proposal(scheme, places, picture(), "one"))
    session.open_project(path)
    empty_window.queues.show_queue(Queue.UNCERTAIN)
    empty_window.view.setFocus()
    key(empty_window.view, Qt.Key.Key_J)
    queue = empty_window.queues
    qtbot.waitUntil(lambda: len(queue.rows.items) == 12 and session.selection.primary >= 0)
    for done in range(1, 11):
        key(empty_window.view, Qt.Key.Key_G)
        reviews = [row.review for row in session.frames.listed]
        assert reviews.count(ReviewState.APPROVED) == done
        qtbot.waitUntil(lambda done=done: len(queue.rows.items) == 12 - done)
    assert acts.count == said("the ten worst frames") == 11
    empty_window.show_queue(False)


def test_retrain_and_use_the_new_model(
    window: MainWindow, session: Session, acts: Acts, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    asked: list[dict[str, object]] = []

    def start(options: dict[str, object]) -> None:
        asked.append(options)
        training_job(session)

    monkeypatch.setattr(session.jobs, "start_training", start)

    def press_return() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, TrainDialog) or not dialog.isVisible() or dialog.focusWidget() is None:
            QTimer.singleShot(10, press_return)  # it is still coming
            return
        key(dialog.focusWidget(), Qt.Key.Key_Return)
        if dialog.isVisible():  # Return did not take it
            dialog.reject()

    QTimer.singleShot(0, press_return)
    key(window.view, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert len(asked) == 1
    assert window.training.isVisible(), "its result will be seen"
    session.jobs.end(session.jobs.all[-1].id, JobState.DONE)
    told(session, EVENTS)
    qtbot.waitUntil(lambda: window.training.use.isVisible() and window.training.use.height() > 10)
    QTest.mouseClick(window.training.use, _LEFT)
    assert session.models.active is not None
    assert session.models.active.id == "two"
    assert acts.count == said("retrain and use the new model") == 3
    session.jobs._training._events.clear()


def test_forty_captures_to_proposals(
    empty_window: MainWindow,
    session: Session,
    acts: Acts,
    tmp_path: Path,
    jpeg: bytes,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    folder, asked = tmp_path / "shoot", []
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}.jpg").write_bytes(jpeg)
    start: Callable[..., None] = lambda _job, frames, _again: asked.append(frames)  # noqa: E731
    monkeypatch.setattr(session.jobs._inference, "start_bulk", start, raising=False)

    def press(self: NewProjectDialog | ImportCapturesDialog) -> int:
        self.show()
        button = getattr(self, "import_button", None) or self.buttons.buttons()[0]
        qtbot.waitUntil(button.isEnabled)
        QTest.mouseClick(button, _LEFT)
        return self.result()

    for dialog in (NewProjectDialog, ImportCapturesDialog):
        monkeypatch.setattr(dialog, "exec", press)
    drop(empty_window, folder)
    acts.count += 1  # a drop is no press
    bar = empty_window.banners.work
    qtbot.waitUntil(bar.isVisible, timeout=20_000)
    QTest.mouseClick(bar.do, _LEFT)
    assert len(asked[0]) == 40
    assert acts.count == said("40 captures to proposals") == 4
    session.jobs.end(session.jobs.all[-1].id, JobState.DONE)
