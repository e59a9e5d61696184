"""No exception crosses Qt: undo steps, overrides, slots and threads; what is told, and what the log keeps."""

import importlib
import logging
import pkgutil
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtGui import QPainter, QPaintEvent, QUndoStack
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import annotator.session
import annotator.ui
from annotator.domain.errors import ProjectError
from annotator.services.doctor import Check, Status
from annotator.services.log_file import log_files, log_path, start_log, stop_log
from annotator.services.problem_report import without_names, write_report
from annotator.session import guard
from annotator.session.editing.safe_command import SafeCommand
from annotator.session.faults import Faults, fault_text


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(
        "annotator.services.log_file.platformdirs.user_state_dir", lambda *_, **__: tmp_path / "state"
    )
    yield
    stop_log()


class _Step(SafeCommand):
    def __init__(self, told: list[str], fails: str = "", error: Exception | None = None) -> None:
        super().__init__("step", told.append)
        self.fails, self.error = fails, error or RuntimeError("the cause")

    def _redo(self) -> None:
        if self.fails == "redo":
            raise self.error

    def _undo(self) -> None:
        if self.fails == "undo":
            raise self.error


def test_a_step_that_fails_leaves_the_stack_as_it_was(qtbot: QtBot) -> None:
    stack, told = QUndoStack(), []
    stack.push(_Step(told))
    stack.push(_Step(told, "redo"))
    assert (stack.count(), stack.index()) == (1, 1)
    stack.push(_Step(told))
    assert (stack.count(), stack.index()) == (2, 2)
    stack.undo()
    stack.redo()
    assert stack.index() == 2
    assert len(told) == 1
    assert "the cause" in told[0]


def test_an_undo_that_fails_is_told_and_leaves_the_stack(qtbot: QtBot) -> None:
    stack, told = QUndoStack(), []
    stack.push(_Step(told))
    stack.push(_Step(told, "undo", ProjectError("in plain words")))
    stack.undo()
    assert told == ["in plain words"]
    assert (stack.count(), stack.index()) == (1, 1)
    stack.undo()
    assert stack.index() == 0


def test_every_override_of_the_window_is_guarded() -> None:
    for package in (annotator.ui, annotator.session):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    guard.guard_overrides()
    found = [(kind, name) for kind in guard.our_classes() for name in guard.overrides(kind)]
    assert len(found) > 50
    assert [(kind, name) for kind, name in found if not guard.is_guarded(kind, name)] == []


def test_an_exception_while_painting_ends_the_painter(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    caught: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: caught.append(error))

    class Broken(QWidget):
        def paintEvent(self, event: QPaintEvent) -> None:
            self.painter = None
            painter = QPainter(self)
            assert painter.isActive()
            raise ValueError("in the middle of a picture")

    Broken.__module__ = "annotator.made_by_a_test"
    guard.guard_overrides()
    widget = Broken()
    qtbot.addWidget(widget)
    picture = widget.grab()
    again = widget.grab()
    assert not picture.isNull()
    assert not again.isNull()
    assert {str(error) for error in caught} == {"in the middle of a picture"}


def test_what_nobody_caught_is_logged_and_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sys.excepthook
    faults = Faults()
    told: list[str] = []
    faults.told.connect(told.append)

    def fail() -> None:
        raise KeyError("a slot")

    try:
        QTimer.singleShot(0, fail)
        qtbot.waitUntil(lambda: len(told) == 1)
        worker = threading.Thread(target=lambda: 1 / 0)
        worker.start()
        worker.join()
        qtbot.waitUntil(lambda: len(told) == 2)
        qWarning("said by Qt")
    finally:
        faults.end()
    assert "Report a problem" in told[0]
    assert "ZeroDivisionError" in told[1]
    text = log_path().read_text("utf-8")
    assert "KeyError" in text
    assert "ZeroDivisionError" in text
    assert "said by Qt" in text
    assert sys.excepthook is before


def test_the_same_fault_is_told_once_for_a_while(qtbot: QtBot) -> None:
    faults = Faults()
    told: list[str] = []
    faults.told.connect(told.append)
    try:
        for _ in range(20):
            error = ValueError("at every move")
            sys.excepthook(ValueError, error, None)
        qtbot.waitUntil(lambda: bool(told))
    finally:
        faults.end()
    assert told == [fault_text(ValueError("at every move"))]
    assert log_path().read_text("utf-8").count("ValueError: at every move") == 20


def test_the_log_is_cut_into_a_few_files(tmp_path: Path) -> None:
    path = tmp_path / "log" / "annotator.log"
    assert start_log(path) == path
    for number in range(3000):
        logging.getLogger("annotator.test").warning("%d %s", number, "x" * 3000)
    stop_log()
    files = log_files(path)
    assert 2 <= len(files) <= 4
    assert all(file.stat().st_size <= 1 << 21 for file in files)


def test_a_folder_that_cannot_be_written_costs_the_log_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert start_log(tmp_path / "file" / "annotator.log") is None


_LINES = [
    "2026-01-02 03:04:05,678 WARNING 12 annotator.store.file.left_out: Frame 3 is damaged",
    "2026-01-02 03:04:05,678 ERROR 12 annotator.session: /mnt/ada/my show/secret take.jpg is gone",
    "Traceback (most recent call last):",
    '  File "/mnt/ada/venv/lib/python3.11/site-packages/annotator/ui/x.py", line 5, in run',
    '    open("/mnt/ada/secret.jpg")',
    "FileNotFoundError: [Errno 2] No such file: '/mnt/ada/secret.jpg'",
    "ValueError: 3 is not 4",
    "secret show.annotator cannot be saved",
]


def test_without_consent_no_name_is_in_the_report() -> None:
    kept = "\n".join(without_names(_LINES))
    assert "secret" not in kept
    assert "ada" not in kept
    assert "Frame 3 is damaged" in kept
    assert 'annotator/ui/x.py", line 5' in kept
    assert "FileNotFoundError" in kept
    assert "ValueError: 3 is not 4" in kept


@pytest.mark.parametrize("with_names", [False, True])
def test_the_report_is_a_zip_of_the_log_versions_and_findings(tmp_path: Path, with_names: bool) -> None:
    log_path().parent.mkdir(parents=True)
    log_path().write_text("\n".join(_LINES), "utf-8")
    checks = [Check("system", "disk", Status.OK, "/mnt/ada/secret: 3 GiB free")]
    told = write_report(tmp_path / "out" / "report.zip", with_names, checks)
    assert "Nothing was sent" in told
    with zipfile.ZipFile(tmp_path / "out" / "report.zip") as file:
        assert set(file.namelist()) == {"README.txt", "versions.txt", "doctor.txt", "annotator.log"}
        everything = b"".join(file.read(name) for name in file.namelist()).decode()
    assert ("secret" in everything) == with_names
    assert "numpy" in everything
    assert "system / disk" in everything
