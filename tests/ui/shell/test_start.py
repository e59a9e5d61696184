"""How work begins: recent projects, drops on the window, buttons where there is nothing, Enter in the filter box."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot
from ui_helpers import key

from annotator.session.session import Session
from annotator.ui.commands.rows import file_commands
from annotator.ui.dialogs.import_captures import ImportCapturesDialog
from annotator.ui.dialogs.new_project import NewProjectDialog
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
_LEFT = Qt.MouseButton.LeftButton


def drop(window: MainWindow, *paths: Path) -> bool:
    """Drops files on the picture, as a file manager does; whether the window takes them."""
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(300, 300), copy, files, _LEFT, none)
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(QPointF(300, 300), copy, files, _LEFT, none))
    return enter.isAccepted()


def test_the_start_page_opens_a_recent_project(
    window: MainWindow, session: Session, project: Path, qtbot: QtBot
) -> None:
    page = window.start.page
    assert not page.isVisible()
    window.actions_by_id["close_project"].trigger()
    assert page.isVisible()
    assert page.size() == window.frame_panel.size()
    assert project.stem in page.recent[0].text()
    QTest.mouseClick(page.recent[0], _LEFT)
    assert session.is_open
    assert session.path == project
    assert not page.isVisible()


def test_the_file_menu_lists_recent_projects(window: MainWindow, session: Session, project: Path) -> None:
    first, last = window.actions_by_id["open_recent_1"], window.actions_by_id["open_recent_6"]
    assert project.stem in first.text()
    assert str(project.parent) in first.text()
    assert first.isVisible()
    window.actions_by_id["close_project"].trigger()
    first.trigger()
    assert session.path == project
    assert not last.isVisible() or last.text() != "Recent project 6"


def test_a_recent_project_that_is_gone_says_so_and_leaves_the_list(
    window: MainWindow, session: Session, project: Path
) -> None:
    window.actions_by_id["close_project"].trigger()
    project.rename(project.with_name("elsewhere.annotator"))
    window.actions_by_id["open_recent_1"].trigger()
    assert not session.is_open
    assert "not there any more" in window.banners.notice_text.text()
    window.actions_by_id.refresh()
    assert str(project.parent) not in window.actions_by_id["open_recent_1"].text()


def test_places_that_are_empty_have_buttons(
    empty_window: MainWindow, session: Session, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(NewProjectDialog, "exec", lambda _self: asked.append("new"))
    QTest.mouseClick(empty_window.frames.stack.words.buttons["new_project"], _LEFT)
    QTest.mouseClick(empty_window.start.page.buttons["new_project"], _LEFT)
    assert asked == ["new", "new"]


def test_a_filter_that_lets_nothing_through_is_cleared_by_a_button(
    window: MainWindow, session: Session
) -> None:
    window.frames.filter.setFocus()
    QTest.keyClicks(window.frames.filter, "nobody")
    key(window.frames.filter, Qt.Key.Key_Return)
    assert not len(session.frames.listed)
    QTest.mouseClick(window.frames.stack.words.buttons["clear_filter"], _LEFT)
    assert len(session.frames.listed) == 4
    assert window.frames.filter.text() == ""


def test_enter_in_the_filter_box_opens_the_first_frame_that_matches(
    window: MainWindow, session: Session
) -> None:
    key(window.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(window.frames.filter, "subject:ben")
    key(window.frames.filter, Qt.Key.Key_Return)
    assert session.frames.current is not None
    assert session.frames.current.subject == "ben"
    assert window.view.hasFocus(), "the next key is the frame's"


def test_a_dropped_project_opens(
    empty_window: MainWindow, session: Session, project: Path, qtbot: QtBot
) -> None:
    assert drop(empty_window, project)
    qtbot.waitUntil(lambda: session.is_open)
    assert session.path == project


def test_dropped_frames_come_in_alone(
    window: MainWindow, session: Session, jpeg: bytes, qtbot: QtBot
) -> None:
    folder = session.store.frames.capture_root / "cem"
    folder.mkdir()
    for name in ("left", "right", "top"):
        (folder / f"{name}.jpg").write_bytes(jpeg)
    with qtbot.waitSignal(session.jobs.ended) as ended:
        assert drop(window, folder / "left.jpg", folder / "top.jpg")
    assert ended.args[0].message.startswith("2 frames added")
    assert {row.frame.file_name for row in session.frames.listed if "cem" in row.frame.path} == {
        "left.jpg",
        "top.jpg",
    }


def test_a_dropped_folder_is_shown_before_it_comes_in(
    window: MainWindow, session: Session, jpeg: bytes, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    folder = session.store.frames.capture_root / "dan"
    folder.mkdir()
    (folder / "left.jpg").write_bytes(jpeg)
    seen: list[Path] = []

    def accept(dialog: ImportCapturesDialog) -> int:
        seen.append(dialog.chosen_folder)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(ImportCapturesDialog, "exec", accept)
    with qtbot.waitSignal(session.jobs.ended):
        drop(window, folder)
    assert seen == [folder]
    assert len(session.frames.listed) == 5


def test_without_a_project_a_dropped_folder_makes_one(
    empty_window: MainWindow, session: Session, tmp_path: Path, jpeg: bytes, monkeypatch, qtbot: QtBot
) -> None:
    folder = tmp_path / "shoot"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(jpeg)
    monkeypatch.setattr(NewProjectDialog, "exec", lambda _self: QDialog.DialogCode.Accepted)
    monkeypatch.setattr(ImportCapturesDialog, "exec", lambda _self: QDialog.DialogCode.Accepted)
    with qtbot.waitSignal(session.jobs.ended):
        drop(empty_window, folder)
    assert session.path == tmp_path / "shoot.annotator"
    assert session.frames.current is not None


def test_what_is_no_use_here_is_refused_in_words(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "notes.docx"
    file.write_text("hello")
    drop(window, file)
    qtbot.waitUntil(lambda: "notes.docx" in window.banners.notice_text.text())


def test_a_drag_without_files_is_left_alone(window: MainWindow) -> None:
    assert not drop(window)
    assert file_commands.FILE
