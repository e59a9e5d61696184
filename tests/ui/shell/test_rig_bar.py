"""The calibration alarm: when its bar comes, what its buttons do, when it goes and stays away."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filmed_project import bumped_rig, filmed
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from rig_project import NAMES, SCHEME, make_rig

from annotator.domain import edits
from annotator.domain.rigs.rig import Rig
from annotator.session.session import Session
from annotator.ui.dialogs.rig.refine_rig import RefineRigDialog
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
LONG = 60_000


def opened(session: Session, folder: Path, *rigs: Rig, people: int = 0) -> Path:
    with filmed(folder, moments=5, people=people) as store:
        if rigs:
            store.rigs.add(*rigs)
    session.open_project(store.path)
    return store.path


def answered(qtbot, session: Session) -> None:
    """Waits until what was asked of the project before is answered."""
    answers: list[bool] = []
    session.read_beside("after all others", lambda _store: True, answers.append)
    qtbot.waitUntil(lambda: bool(answers), timeout=LONG)


def test_a_camera_that_is_off_is_told_when_the_project_opens(
    qtbot, empty_window: MainWindow, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(session, tmp_path, bumped_rig())
    bar = empty_window.banners.rigs
    qtbot.waitUntil(bar.isVisible, timeout=LONG)
    assert bar.text.text().startswith("dome (version 1): Camera left is 18 pixels off in 5 moments")
    shown: list[str] = []
    monkeypatch.setattr(RefineRigDialog, "exec", lambda dialog: shown.append(dialog._base.label))
    QTest.mouseClick(bar.refine, Qt.MouseButton.LeftButton)
    assert shown == ["dome (version 1)"]
    session.store.rigs.remove("dome")
    with qtbot.waitSignal(session.message) as told:
        QTest.mouseClick(bar.refine, Qt.MouseButton.LeftButton)
    assert told.args[0] == "error"
    session.store.rigs.add(make_rig())
    session.rigs_changed.emit()
    assert not bar.isVisible()
    answered(qtbot, session)
    assert not bar.isVisible()


def test_put_aside_it_stays_away_until_another_version(
    qtbot, empty_window: MainWindow, session: Session, tmp_path: Path
) -> None:
    path = opened(session, tmp_path, bumped_rig())
    bar = empty_window.banners.rigs
    qtbot.waitUntil(bar.isVisible, timeout=LONG)
    bar.not_now.setFocus()
    QTest.keyClick(bar.not_now, Qt.Key.Key_Space)
    assert not bar.isVisible()
    session.close_project()
    session.open_project(path)
    answered(qtbot, session)
    assert not bar.isVisible()
    session.store.rigs.add(bumped_rig(0.3))
    session.rigs_changed.emit()
    qtbot.waitUntil(bar.isVisible, timeout=LONG)
    session.close_project()
    assert not bar.isVisible()


def test_edits_bring_it_after_a_pause(
    qtbot, empty_window: MainWindow, session: Session, tmp_path: Path
) -> None:
    opened(session, tmp_path, make_rig(), people=5)
    bar = empty_window.banners.rigs
    bar.alarm._pause.setInterval(1)
    answered(qtbot, session)
    assert not bar.isVisible()
    ids = session.store.frames.by_path()
    for index in range(5):
        frame = ids[f"ada/talk/{NAMES[1]}/{index}.jpg"]
        xy = session.store.annotations.get(frame).xy + [0, 40]
        session.annotations.submit(frame, edits.move(range(SCHEME.size), xy))
    qtbot.waitUntil(bar.isVisible, timeout=LONG)
    assert "left" in bar.text.text()


def test_proposals_bring_it_after_a_pause(
    qtbot, empty_window: MainWindow, session: Session, tmp_path: Path
) -> None:
    opened(session, tmp_path, make_rig())
    bar = empty_window.banners.rigs
    bar.alarm._pause.setInterval(1)
    answered(qtbot, session)
    ids = session.store.frames.by_path()
    for index in range(5):
        frame = ids[f"ada/talk/{NAMES[1]}/{index}.jpg"]
        before = session.store.proposals.get(frame, "model")
        session.store.proposals.save(frame, replace(before, xy=before.xy + np.float32([0, 40])))
        session.proposals.arrived.emit(frame)
    qtbot.waitUntil(bar.isVisible, timeout=LONG)
    assert "left" in bar.text.text()


@pytest.mark.parametrize("rigs", [(), (make_rig(),)])
def test_nothing_is_told_without_need(
    qtbot, empty_window: MainWindow, session: Session, tmp_path: Path, rigs: tuple[Rig, ...]
) -> None:
    opened(session, tmp_path, *rigs)
    answered(qtbot, session)
    assert not empty_window.banners.rigs.isVisible()
