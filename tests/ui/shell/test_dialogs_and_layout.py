"""Dialogs show what they will do; the window's layout is remembered; the composition root opens the right project."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot
from ui_helpers import has_pixels

from annotator import app
from annotator.domain.annotation import ReviewState
from annotator.domain.errors import ProjectError
from annotator.domain.model_card import ModelCard
from annotator.session.session import Session
from annotator.ui.commands.keys.keymap import standard_keys
from annotator.ui.commands.keys.shortcuts_dialog import ShortcutsDialog
from annotator.ui.commands.table import COMMANDS
from annotator.ui.dialogs.export import ExportDialog
from annotator.ui.dialogs.import_captures import ImportCapturesDialog
from annotator.ui.dialogs.models import ModelsDialog
from annotator.ui.dialogs.new_project import NewProjectDialog
from annotator.ui.dialogs.train import TrainDialog
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def test_no_two_commands_share_a_shortcut() -> None:
    seen: dict[str, str] = {}
    for spec in COMMANDS:
        for keys in spec.keys:
            assert keys not in seen, f"{keys}: {spec.id} and {seen.get(keys)}"
            seen[keys] = spec.id


def test_every_command_is_in_a_menu_and_does_something(window: MainWindow) -> None:
    for spec in COMMANDS:
        action = window.actions_by_id[spec.id]
        assert any(type(owner).__name__ == "QMenu" for owner in action.associatedObjects()), spec.id
        assert action.receivers("2triggered(bool)") + action.receivers("2toggled(bool)") > 0, spec.id


def test_the_shortcut_list_can_be_searched(qtbot) -> None:
    dialog = ShortcutsDialog(standard_keys())
    qtbot.addWidget(dialog)
    dialog.search.setText("occluded")
    visible = [
        group.child(row).text(0)
        for group in dialog._groups.values()
        for row in range(group.childCount())
        if not group.child(row).isHidden()
    ]
    assert visible == ["Occluded"]


def test_import_shows_what_it_would_take(qtbot, project: Path) -> None:
    dialog = ImportCapturesDialog(project.parent / "captures")
    qtbot.addWidget(dialog)
    dialog.pattern.setEditText("{subject}/{camera}.jpg")
    qtbot.waitUntil(lambda: dialog.table.topLevelItemCount() == 4)
    assert dialog.summary.text() == "4 frames · 2 subjects · 2 cameras"
    assert [dialog.table.topLevelItem(0).text(column) for column in (1, 3)] == ["ada", "left"]
    assert dialog.import_button.isEnabled()
    dialog.pattern.setEditText("{nonsense}/x.jpg")
    qtbot.waitUntil(lambda: "nonsense" in dialog.note.text())
    assert not dialog.import_button.isEnabled()
    dialog.reject()


def test_import_from_the_menu_adds_frames(qtbot, window: MainWindow, session: Session, monkeypatch) -> None:
    extra = session.store.frames.capture_root / "cem"
    extra.mkdir()
    (extra / "left.jpg").write_bytes((session.store.frames.capture_root / "ada/left.jpg").read_bytes())

    def fill(dialog: ImportCapturesDialog) -> int:
        dialog.folder.line.setText(str(session.store.frames.capture_root))
        dialog.pattern.setEditText("{subject}/{camera}.jpg")
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(ImportCapturesDialog, "exec", fill)
    with qtbot.waitSignal(session.jobs.ended):
        window.actions_by_id["import_captures"].trigger()
    assert [summary.frame.subject for summary in session.frames.listed] == ["ada", "ada", "ben", "ben", "cem"]
    assert window.frames.rows.rowCount() == 5


def test_export_filters_and_writes(
    qtbot, window: MainWindow, session: Session, tmp_path, monkeypatch
) -> None:
    window.edits.accept_frame()

    def fill(dialog: ExportDialog) -> int:
        dialog.file.setText(str(tmp_path / "out"))
        dialog.confirmed.setChecked(True)
        dialog.approved.setChecked(True)
        dialog.subject.setCurrentText("ada")
        filters = dialog.filters()
        assert (filters.include, filters.subjects) == ("confirmed", ("ada",))
        assert filters.reviews == (ReviewState.APPROVED,)
        assert dialog.convention.text()
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(ExportDialog, "exec", fill)
    with qtbot.waitSignal(session.jobs.ended) as ended:
        window.actions_by_id["export"].trigger()
    assert "89 landmarks of 1 frames" in ended.args[0].message
    assert (tmp_path / "out.json").is_file()


@pytest.mark.parametrize(("answer", "layer"), [("Annotations", False), ("Proposals", True), ("Cancel", None)])
def test_an_import_asks_what_the_landmarks_are(
    qtbot, window: MainWindow, session: Session, monkeypatch, tmp_path: Path, answer: str, layer: bool | None
) -> None:
    asked: list[tuple[tuple[Path, str | None, bool], dict[str, object]]] = []
    file = tmp_path / "vendor.csv"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(
        session.jobs, "start_import_annotations", lambda *told, **names: asked.append((told, names))
    )
    window.actions_by_id["import_annotations"].trigger()
    box = next(found for found in window.findChildren(QMessageBox) if found.isVisible())
    assert asked == [], "the window waits for nobody"
    button = next(each for each in box.buttons() if each.text().replace("&", "") == answer)
    with qtbot.waitSignal(box.destroyed):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    if layer is not None:  # no such file is there, so it names no points to ask about
        qtbot.waitUntil(lambda: bool(asked))
    assert asked == ([] if layer is None else [((file, None, layer), {"names": None})])


def test_a_failed_command_becomes_a_message(window: MainWindow, session: Session, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        raise ProjectError("No. Do this instead.")

    monkeypatch.setattr(session.jobs, "start_propose_all", refuse)
    window.actions_by_id["propose_all"].trigger()
    assert window.banners.notice_text.text() == "No. Do this instead."


def test_new_project_says_what_is_missing(qtbot, tmp_path: Path) -> None:
    dialog = NewProjectDialog()
    qtbot.addWidget(dialog)
    ok = dialog.buttons.button(dialog.buttons.StandardButton.Ok)
    assert not ok.isEnabled()
    (tmp_path / "shoot").mkdir()
    dialog.captures.line.setText(str(tmp_path / "shoot"))
    assert dialog.file.line.text() == str(tmp_path / "shoot.annotator")
    assert ok.isEnabled()
    value = dialog.result_value()
    assert (value.path, value.capture_root) == (tmp_path / "shoot.annotator", tmp_path / "shoot")
    value.path.touch()
    dialog.file.line.setText(str(tmp_path / "other"))
    dialog.file.line.setText(str(value.path))
    assert not ok.isEnabled()
    assert "exists" in dialog.problem.text()


def test_train_dialog_leaves_out_what_is_not_limited(qtbot, window: MainWindow, session: Session) -> None:
    dialog = TrainDialog(session.models.all(), "one")
    qtbot.addWidget(dialog)
    dialog.minutes.setValue(2.5)
    plain = {"device": "auto", "model": "one"}
    assert dialog.options() == {**plain, "minutes": 2.5}
    dialog.minutes.setValue(0)
    dialog.steps.setValue(40)
    assert dialog.options() == {**plain, "steps": 40}


def test_learning_a_convention_takes_no_budget(qtbot, window: MainWindow, session: Session) -> None:
    dialog = TrainDialog(session.models.all(), "one")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.way.setFocus()
    qtbot.keyClick(dialog.way, Qt.Key.Key_End)
    assert not dialog.minutes.isEnabled()
    assert "seconds" in dialog.way.currentText()
    assert dialog.learns_convention
    assert dialog.options() == {"device": "auto", "model": "one"}
    qtbot.keyClick(dialog.way, Qt.Key.Key_Home)
    assert not dialog.learns_convention
    assert dialog.options()["minutes"] == 5


def test_models_dialog_uses_and_goes_back(qtbot, window: MainWindow, session: Session) -> None:
    dialog = ModelsDialog(session)
    qtbot.addWidget(dialog)
    rows = {dialog.table.topLevelItem(row).text(1): dialog.table.topLevelItem(row) for row in range(2)}
    dialog.table.setCurrentItem(rows["Model two"])
    dialog.use.click()
    assert session.models.active.id == "two"
    dialog.back.click()
    assert session.models.active.id == "one"


def test_toggles_keep_what_earlier_versions_remembered(
    qtbot: QtBot, own_session: Session, tmp_path: Path
) -> None:
    settings = QSettings(str(tmp_path / "old.ini"), QSettings.Format.IniFormat)
    settings.setValue("view/ghosts", 1)
    settings.setValue("view/carry", 0)
    window = MainWindow(own_session, settings)
    qtbot.addWidget(window)
    assert (window.options.value.moved, window.options.value.suggestions) == (True, False)


def test_the_layout_is_remembered(qtbot: QtBot, own_session: Session, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "layout.ini"), QSettings.Format.IniFormat)
    first, second = MainWindow(own_session, settings), MainWindow(own_session, settings)
    qtbot.addWidget(first)
    qtbot.addWidget(second)
    first.resize(790, 700)
    first.show()
    first.arrangement.splitters["columns"].setSizes([220, 330, 228])
    sizes = first.arrangement.splitters["columns"].sizes()
    first.close()
    second.restore_layout()
    second.show()
    assert (second.width(), second.height()) == (790, 700)
    assert second.arrangement.splitters["columns"].sizes() == sizes


def test_the_root_opens_the_wanted_then_the_last_then_the_sample_project(
    qtbot, window: MainWindow, session: Session, project: Path, tmp_path: Path, monkeypatch
) -> None:
    settings = QSettings(str(tmp_path / "root.ini"), QSettings.Format.IniFormat)
    session.close_project()
    app.open_first(session, settings, project)
    assert session.path == project
    session.close_project()
    settings.setValue("project/last", str(project))
    app.open_first(session, settings, None)
    assert session.path == project
    session.close_project()
    settings.setValue("project/last", str(tmp_path / "gone.annotator"))
    monkeypatch.setattr(app, "ensure_sample_project", lambda: project)
    app.open_first(session, settings, None)
    assert session.path == project
    qtbot.waitUntil(lambda: has_pixels(session))
    session.close_project()
    app.open_first(session, settings, tmp_path / "gone.annotator")
    assert not session.is_open
    assert window.banners.notice.isVisible()


def test_opening_again_shows_everything_that_was_set(qtbot, window: MainWindow, session: Session) -> None:
    window.edits.accept_frame()
    path = session.path
    window.actions_by_id["close_project"].trigger()
    assert not session.is_open
    assert window.frames.rows.rowCount() == 0
    session.open_project(path)
    assert session.annotations.shown(1).review is ReviewState.APPROVED
    assert (session.annotations.shown(1).state == 3).all()
    assert window.inspector.review[ReviewState.APPROVED].isChecked()


def test_an_export_replaces_what_the_chooser_asked_about(
    window: MainWindow, session: Session, monkeypatch, tmp_path: Path
) -> None:
    dialog = ExportDialog({})
    for name, replaces in (("there.json", True), ("new.json", False)):
        (tmp_path / "there.json").touch()
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, name=name: (str(tmp_path / name), ""))
        dialog._browse()
        assert dialog.options().overwrite is replaces


def test_the_list_of_models_tells_what_trainings_came_to(
    window: MainWindow, session: Session, tmp_path: Path
) -> None:
    rows = [{"region": "all", "before": 5.2, "after": 1.31}]
    card = ModelCard("three", session.scheme.id, {}, metrics={"project": {"unit": "px", "rows": rows}})
    session.store.models.add(card, tmp_path / "three")
    dialog = ModelsDialog(session, window)
    shown = [dialog.table.topLevelItem(n).text(4) for n in range(dialog.table.topLevelItemCount())]
    assert [text for text in shown if text] == ["5.20 → 1.31 px"]


def test_an_export_has_a_name_a_count_and_a_reason(
    qtbot, window: MainWindow, session: Session, project: Path, monkeypatch
) -> None:
    window.edits.accept_frame()
    seen: list[str] = []

    def look(dialog: ExportDialog) -> int:
        button, told = dialog.export_button, dialog.told
        qtbot.waitUntil(lambda: button.text() == "Export 1")
        seen.append(dialog.path.name)
        dialog.show()
        dialog.subject.setCurrentText("ben")
        qtbot.waitUntil(lambda: not button.isEnabled())
        seen.append(told.text().partition(" that")[0])
        dialog.subject.setCurrentText("All")
        qtbot.waitUntil(lambda: button.text() == "Export 1")
        dialog.file.clear()
        seen.append(told.text())
        assert not button.isEnabled()
        return QDialog.DialogCode.Rejected

    monkeypatch.setattr(ExportDialog, "exec", look)
    window.actions_by_id["export"].trigger()
    assert seen == ["show.json", "None of the 2 frames", "Choose a file."]
