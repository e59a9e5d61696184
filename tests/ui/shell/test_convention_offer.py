"""The offer to learn how points are placed: when it comes, what its buttons do, and when it stays away."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from annotator.domain import edits
from annotator.session import convention_offer
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def counted(qtbot, session: Session) -> None:
    """Waits until what was asked of the project before is answered."""
    answers: list[bool] = []
    session.read_beside("after all others", lambda _store: True, answers.append)
    qtbot.waitUntil(lambda: bool(answers))


@pytest.fixture
def corrected(
    qtbot, window: MainWindow, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> MainWindow:
    """Two frames with a correction (as many as are asked for here), the active model knows shapes of faces."""
    monkeypatch.setattr(convention_offer, "ENOUGH", 2)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "shapes.safetensors").touch()
    for frame_id in (1, 2):
        session.frames.go_to(frame_id)
        counted(qtbot, session)
        session.annotations.submit(session.frames.current_id, edits.move([3], [[50.0, 60.0]]))
    assert not window.banners.offer.isVisible()  # never in the middle of a frame
    qtbot.waitUntil(lambda: len(session.annotations.pending) == 0)
    return window


def offered(qtbot, window: MainWindow, session: Session) -> None:
    session.frames.go_to(3)
    qtbot.waitUntil(window.banners.offer.isVisible)


def test_learning_is_offered_once_and_done_by_a_click(
    qtbot, corrected: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(session.jobs, "start_learning_convention", lambda: asked.append(True))
    offered(qtbot, corrected, session)
    QTest.mouseClick(corrected.banners.learn, Qt.MouseButton.LeftButton)
    assert asked == [True]
    assert not corrected.banners.offer.isVisible()


def test_a_refusal_counts_for_that_model_alone_and_is_kept(
    qtbot, corrected: MainWindow, session: Session, project: Path
) -> None:
    offered(qtbot, corrected, session)
    corrected.banners.not_now.setFocus()
    QTest.keyClick(corrected.banners.not_now, Qt.Key.Key_Space)
    assert not corrected.banners.offer.isVisible()
    session.open_project(project)  # again, as after a restart
    session.frames.go_to(4)
    counted(qtbot, session)
    assert not corrected.banners.offer.isVisible()
    session.models.set_active("two")
    qtbot.waitUntil(corrected.banners.offer.isVisible)


@pytest.mark.parametrize("lack", ["shapes", "frames", "new"])
def test_nothing_is_offered_without_need(
    qtbot, corrected: MainWindow, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lack: str
) -> None:
    if lack == "shapes":
        (tmp_path / "one" / "shapes.safetensors").unlink()
    elif lack == "frames":
        monkeypatch.setattr(convention_offer, "ENOUGH", 3)
    else:
        monkeypatch.setattr(convention_offer, "project_models_folder", lambda _path: tmp_path)
    session.frames.go_to(3)
    counted(qtbot, session)
    assert not corrected.banners.offer.isVisible()
