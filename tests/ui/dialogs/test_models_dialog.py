"""Models by mouse: notes, deleting after a question, measuring and importing as jobs, what a child says when it fails."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from blank_model import blank_model
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QInputDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from annotator.domain import edits
from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import read_card
from annotator.domain.progress import Cancelled, Progress, Stop
from annotator.services.models.known.measured import SETTING, Measured
from annotator.session import model_work
from annotator.session.job.child_command import run_command
from annotator.session.session import Session
from annotator.store.history.changes import Change
from annotator.ui.dialogs.models import ModelsDialog
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


@pytest.fixture
def dialog(window: MainWindow, session: Session) -> Iterator[ModelsDialog]:
    made = ModelsDialog(session, window)
    made.show()
    yield made
    made.reject()
    made.deleteLater()


def choose(dialog: ModelsDialog, title: str) -> None:
    (item,) = dialog.table.findItems(title, Qt.MatchFlag.MatchExactly, 1)
    dialog.table.setCurrentItem(item)


def when_asked(do: Callable[[QWidget], None]) -> None:
    """Does something with the next question, once it stands."""

    def look() -> None:
        asked = QApplication.activeModalWidget()
        if asked is None:
            QTimer.singleShot(10, look)
        else:
            do(asked)

    QTimer.singleShot(0, look)


def press(name: str) -> Callable[[QWidget], None]:
    def do(asked: QWidget) -> None:
        assert isinstance(asked, QMessageBox)
        (button,) = (own for own in asked.buttons() if own.text().replace("&", "") == name)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    return do


def test_a_note_is_written(dialog: ModelsDialog, session: Session) -> None:
    def write(asked: QWidget) -> None:
        assert isinstance(asked, QInputDialog)
        asked.setTextValue("weak on profiles")
        buttons = asked.findChildren(QDialogButtonBox)[0]
        QTest.mouseClick(buttons.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)

    choose(dialog, "Model two")
    when_asked(write)
    QTest.mouseClick(dialog.note, Qt.MouseButton.LeftButton)
    assert {own.id: own.note for own in session.models.known()}["two"] == "weak on profiles"
    assert "Note: weak on profiles" in dialog.details.text()
    assert dialog.table.findItems("weak on profiles", Qt.MatchFlag.MatchExactly, 6)


def test_the_active_model_is_deleted_only_by_saying_so(dialog: ModelsDialog, session: Session) -> None:
    session.models.set_active("two")
    choose(dialog, "Model two")
    when_asked(press("Cancel"))
    QTest.mouseClick(dialog.delete, Qt.MouseButton.LeftButton)
    assert "two" in {own.id for own in session.models.all()}
    seen: list[str] = []

    def all_the_same(asked: QWidget) -> None:
        assert isinstance(asked, QMessageBox)
        seen.append(asked.informativeText())
        press("Delete all the same")(asked)

    when_asked(all_the_same)
    QTest.mouseClick(dialog.delete, Qt.MouseButton.LeftButton)
    assert "it is the active model" in seen[0]
    assert "two" not in {own.id for own in session.models.all()}
    assert session.models.active is not None
    assert session.models.active.id == "one"
    assert session.proposals.model_id == "one"


def test_measured_models_stand_side_by_side(dialog: ModelsDialog, session: Session) -> None:
    rows = {
        name: asdict(Measured(name, 3, 120, True, "%", {"all": error, "mouth": error + 1}, "", ""))
        for name, error in (("one", 1.25), ("two", 0.75))
    }
    session.store.settings.set(SETTING, {"frames": "", "models": rows})
    session.models.changed.emit()
    items = [dialog.table.topLevelItem(row) for row in range(dialog.table.topLevelItemCount())]
    shown = {item.text(1): item.text(5) for item in items}
    assert (shown["Model one"], shown["Model two"]) == ("1.25 %", "0.75 %")
    choose(dialog, "Model two")
    assert "all 0.75 (1.25), mouth 1.75 (2.25)" in dialog.details.text()
    assert "120 points of 3 frames kept back from training" in dialog.details.text()


def test_measuring_tells_how_far_it_is_and_stops_by_its_button(
    qtbot: QtBot, dialog: ModelsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_arguments: object, stop: Stop, progress: Progress) -> object:
        progress(3, 8, "one: 0001.jpg")
        moment = threading.Event()
        while not stop():
            moment.wait(0.01)
        raise Cancelled("Stopped")

    monkeypatch.setattr(model_work, "run_command", run)
    assert not dialog.job_row.isVisible()
    QTest.mouseClick(dialog.measure, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: (dialog.job_row.bar.value(), dialog.job_row.bar.maximum()) == (3, 8))
    assert dialog.job_row.isVisible()
    assert dialog.job_row.doing.text() == "one: 0001.jpg"
    assert not dialog.measure.isEnabled()
    QTest.mouseClick(dialog.job_row.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.job_row.isVisible())
    qtbot.waitUntil(lambda: "What was measured stays" in dialog.details.text())
    assert dialog.measure.isEnabled()


def test_a_child_tells_its_progress(tmp_path: Path, dialog: ModelsDialog, session: Session) -> None:
    told: list[tuple[int, int, str]] = []
    store = session.store
    before = store.annotations.get(1)
    after, _ = edits.apply(edits.move([0], [[5.0, 6.0]]), before)
    store.annotations.commit(Change(1, before, after, "Move"))
    file = tmp_path / "out.csv"
    run_command(["export", str(store.path), str(file)], lambda: False, lambda *step: told.append(step))
    assert file.is_file()
    done, total, _ = told[-1]
    assert done == total > 0


def test_a_model_is_imported_after_a_check_beside_the_window(
    qtbot: QtBot, dialog: ModelsDialog, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = blank_model(tmp_path, session.scheme)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    QTest.mouseClick(dialog.bring, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "blank" in {own.id for own in session.models.all()}, timeout=60_000)
    qtbot.waitUntil(lambda: "blank is a model of the project" in dialog.details.text())
    assert read_card(session.path.with_suffix(".models") / "blank").id == "blank"
    (folder / "weights.safetensors").write_bytes(b"other")
    QTest.mouseClick(dialog.bring, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "its hash differs" in dialog.details.text(), timeout=60_000)
    choose(dialog, "blank")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "out"), ""))
    QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "blank is in" in dialog.details.text())
    assert read_card(tmp_path / "out").id == "blank"
    shutil.rmtree(tmp_path / "out")


def test_a_child_that_fails_speaks_for_itself_and_one_that_is_stopped_ends() -> None:
    with pytest.raises(AnnotatorError, match=r"nowhere\.annotator"):
        run_command(["models", "list", "nowhere.annotator"], lambda: False)
    with pytest.raises(Cancelled):
        run_command(["models", "list"], lambda: True)
