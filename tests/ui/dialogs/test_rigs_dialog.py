"""File > Rigs: versions, whether they hold, refine, solve, export, remove and back, by clicks."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filmed_project import bumped_rig, filmed
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton, QTreeWidgetItem
from rig_project import make_rig

from annotator.domain.progress import Cancelled
from annotator.domain.rigs.rig import Rig
from annotator.session.rigs import rig_work
from annotator.session.session import Session
from annotator.ui.dialogs.rig.refine_rig import RefineRigDialog
from annotator.ui.dialogs.rig.rigs import RigsDialog
from annotator.ui.dialogs.rig.solve_rig import SolveRigDialog
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
LONG = 60_000  # ms, for real refinement on a busy machine
Show = Callable[..., Any]


def click(button: QPushButton) -> None:
    assert button.isEnabled()
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def texts(item: QTreeWidgetItem | None, columns: int) -> list[str]:
    assert item is not None
    return [item.text(column) for column in range(columns)]


def add(session: Session, *rigs: Rig) -> None:
    """As the window does it, so that it is no news of another program."""
    session.store.rigs.add(*rigs)
    session.rigs_changed.emit()


def versions(session: Session) -> list[tuple[str, int, str]]:
    store = session.store
    return [
        (v.name, v.version, v.rig.source) for rig in store.rigs.list() for v in store.rigs.versions(rig.name)
    ]


@pytest.fixture
def shoot(empty_window: MainWindow, session: Session, tmp_path: Path) -> Session:
    """An open project whose rig has a camera that is off; people set half of its moments."""
    with filmed(tmp_path, moments=8, people=4) as store:
        store.rigs.add(bumped_rig())
    session.open_project(store.path)
    return session


@pytest.fixture
def show(qtbot, shoot: Session) -> Iterator[Show]:
    made: list[Any] = []

    def run(kind: type, *arguments: object) -> Any:
        dialog = kind(shoot, *arguments)
        qtbot.addWidget(dialog)
        dialog.show()
        made.append(dialog)
        return dialog

    yield run
    for dialog in made:
        dialog.reject()


def test_rigs_their_versions_and_whether_they_hold(qtbot, shoot: Session, show: Show) -> None:
    add(shoot, make_rig(), bumped_rig())
    dialog = show(RigsDialog)
    top = dialog.table.topLevelItem(0)
    assert texts(top, 4) == ["dome (version 3)", "3", "all", "by hand"]
    assert [texts(top.child(row), 1) for row in range(2)] == [["version 2"], ["version 1"]]
    assert top.text(5) == "looking…"
    qtbot.waitUntil(lambda: top.text(5) != "looking…", timeout=LONG)
    assert top.text(5) == "left 17 px off"
    assert "Refine the rig" in dialog.details.text()
    assert not dialog.back.isEnabled()
    dialog.table.setCurrentItem(top.child(0))
    assert not dialog.refine.isEnabled()
    click(dialog.back)
    assert versions(shoot)[-1] == ("dome", 4, "version 2 again")
    qtbot.waitUntil(lambda: dialog.table.topLevelItem(0).text(5) == "yes", timeout=LONG)


def test_refining_shows_before_and_after_and_keeps_by_its_button(qtbot, shoot: Session, show: Show) -> None:
    dialog = show(RefineRigDialog, "dome")
    assert [part for part, box in dialog.parts.items() if box.isChecked()] == ["rotation", "position"]
    click(dialog.start)
    qtbot.waitUntil(dialog.keep.isVisible, timeout=LONG)
    left = texts(dialog.table.topLevelItem(1), 4)
    assert left[0] == "left"
    assert float(left[1]) > 10 > 4 > float(left[2])
    assert "held out" in dialog.told.text()
    assert len(versions(shoot)) == 1
    assert dialog.keep.text() == "Keep as version 2"
    with qtbot.waitSignals([shoot.rigs_changed, shoot.message]):
        click(dialog.keep)
    assert versions(shoot)[-1] == ("dome", 2, "refined from version 1")
    assert not dialog.isVisible()


def test_what_does_not_help_is_told_and_kept_only_anyway(qtbot, shoot: Session, show: Show) -> None:
    add(shoot, make_rig())
    dialog = show(RefineRigDialog, "dome")
    click(dialog.start)
    qtbot.waitUntil(dialog.keep.isVisible, timeout=LONG)
    assert "does not help" in dialog.told.text()
    assert dialog.keep.text() == "Keep as version 3 anyway"
    click(dialog.buttons.button(dialog.buttons.StandardButton.Close))
    assert len(versions(shoot)) == 2


def endless(told: list[str]) -> Callable[..., Any]:
    def work(_store: Any, _name: str, _moving: Any, progress: Any, stop: Any) -> None:
        progress(3, 10, "Working")
        while not stop():
            time.sleep(0.005)
        told.append("stopped")
        raise Cancelled

    return work


def test_it_shows_progress_and_stops(
    qtbot, shoot: Session, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(rig_work, "refine_rig", endless(told))
    dialog = show(RefineRigDialog, "dome")
    click(dialog.start)
    qtbot.waitUntil(lambda: (dialog.bar.value(), dialog.doing.text()) == (3, "Working"))
    assert not dialog.chosen.isEnabled()
    click(dialog.stop)
    qtbot.waitUntil(lambda: dialog.told.text() == "Stopped. All is as it was.")
    assert not dialog.keep.isVisible()
    click(dialog.start)
    qtbot.waitUntil(lambda: dialog.doing.text() == "Working")
    dialog.reject()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert len(versions(shoot)) == 1


def test_a_choice_that_cannot_be_is_told_in_the_dialog(qtbot, shoot: Session, show: Show) -> None:
    dialog = show(RefineRigDialog, "dome")
    for part in ("rotation", "position"):
        dialog.parts[part].setFocus()
        QTest.keyClick(dialog.parts[part], Qt.Key.Key_Space)
    click(dialog.start)
    assert dialog.told.text().startswith("Nothing may move")
    solve = show(SolveRigDialog)
    solve.takes.setFocus()
    QTest.keyClicks(solve.takes, "nobody/*")
    click(solve.start)
    qtbot.waitUntil(lambda: "No take of the project is called nobody/*" in solve.told.text())


def test_a_rig_is_solved_and_kept(qtbot, shoot: Session, show: Show) -> None:
    dialog = show(SolveRigDialog)
    dialog.focal.setFocus()
    dialog.focal.selectAll()
    QTest.keyClicks(dialog.focal, "5000")
    dialog.name.clear()
    QTest.keyClicks(dialog.name, "dome")
    click(dialog.start)
    qtbot.waitUntil(dialog.keep.isVisible, timeout=LONG)
    assert texts(dialog.table.topLevelItem(0), 3)[0::2] == ["front", "5,000"]
    assert "size is not known" in dialog.told.text()
    assert dialog.keep.text() == "Keep dome as version 2"
    click(dialog.keep)
    assert versions(shoot)[-1] == ("dome", 2, "solved from confirmed landmarks")


def test_the_chosen_version_is_exported_and_removed(
    qtbot, shoot: Session, show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(shoot, make_rig())
    dialog = show(RigsDialog)
    out = tmp_path / "rig"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), "Anipose TOML (*.toml)"))
    click(dialog.export)
    assert "cam_0" in out.with_suffix(".toml").read_text()

    def answer(text: str) -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        button = next(each for each in box.buttons() if each.text() == text)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, lambda: answer("Cancel"))
    click(dialog.remove)
    assert len(versions(shoot)) == 2
    QTimer.singleShot(0, lambda: answer("Remove"))
    click(dialog.remove)
    assert [row[1] for row in versions(shoot)] == [1]
    QTimer.singleShot(0, lambda: answer("Remove"))
    click(dialog.remove)
    assert dialog.details.text().startswith("The project has no rig")
    assert not any(button.isEnabled() for button in (dialog.refine, dialog.export, dialog.remove))


def test_the_menu_and_its_buttons_open_the_dialogs(
    shoot: Session, empty_window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    for kind in (RefineRigDialog, SolveRigDialog):
        monkeypatch.setattr(kind, "exec", lambda dialog: opened.append(dialog.windowTitle()))

    def use(dialog: RigsDialog) -> None:
        dialog.show()
        click(dialog.refine)
        click(dialog.solve)
        dialog.reject()

    monkeypatch.setattr(RigsDialog, "exec", use)
    empty_window.actions_by_id["rigs"].trigger()
    assert opened == ["Refine rig", "Solve rig"]
