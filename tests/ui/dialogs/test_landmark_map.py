"""File > Import annotations: a file whose names are not known is asked about, and cancelling leaves all as it was."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QMessageBox

from annotator.domain.scheme import LandmarkScheme
from annotator.services.project.landmark_names import remembered_names
from annotator.session.session import Session
from annotator.ui.dialogs.landmark_map import LandmarkMapDialog
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui

FOREIGN = {"Chin": "chin", "Kinn links": "", "eye_left_outer_": "eye_left_outer", "Ohr": ""}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [f"ada/left.jpg,{name},{60 + 20 * i},{50 + 15 * i}" for i, name in enumerate(FOREIGN)]
    path = tmp_path / "vendor.csv"
    path.write_text("\n".join(["frame,landmark,x,y", *rows]), encoding="utf-8")
    return path


@pytest.fixture
def ask(
    qtbot, window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch, file: Path
) -> Callable[[], None]:
    """Chooses the file, and that its landmarks are annotations."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))

    def begin(always: bool = False) -> None:
        window.actions_by_id["import_annotations"].trigger()
        box = next(found for found in window.findChildren(QMessageBox) if found.isVisible())
        check = box.checkBox()
        assert check is not None
        check.setChecked(always)
        QTest.mouseClick(box.defaultButton(), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not window.findChildren(QMessageBox))

    return begin


def shown(qtbot, window: MainWindow) -> LandmarkMapDialog:
    def found() -> list[LandmarkMapDialog]:
        return [each for each in window.findChildren(LandmarkMapDialog) if each.isVisible()]

    qtbot.waitUntil(lambda: bool(found()))
    return found()[0]


def placed(session: Session, scheme: LandmarkScheme) -> set[str]:
    """Landmarks of the first frame that the project holds."""
    return {scheme.names[i] for i in np.flatnonzero(session.store.annotations.get(1).is_human)}


def test_unknown_names_are_asked_about_by_keys_and_remembered(
    qtbot, window: MainWindow, session: Session, scheme: LandmarkScheme, ask, file: Path
) -> None:
    ask()
    dialog = shown(qtbot, window)
    known = {name: ours for name, ours in dialog.names().items() if ours}
    assert known["Chin"] == "chin"
    assert dialog.names()["Ohr"] == ""
    row = list(FOREIGN).index("Ohr")
    dialog.table.setCurrentCell(row, 0)
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    box = dialog.table.findChild(QComboBox)
    assert box is not None
    line = box.lineEdit()
    assert line is not None
    line.selectAll()
    QTest.keyClicks(line, "cheek_left")
    QTest.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.names()["Ohr"] == "cheek_left")
    assert dialog.table.item(row, 2).text() == "as you say"
    assert "Kinn links" in dialog.note.text()
    with qtbot.waitSignal(session.jobs.ended) as ended:
        QTest.mouseClick(dialog.import_button, Qt.MouseButton.LeftButton)
    assert "Kinn links" in ended.args[0].message
    assert {"chin", "cheek_left"} <= placed(session, scheme)
    assert remembered_names(session.store, "csv")["Ohr"] == "cheek_left"
    assert remembered_names(session.store, "csv")["Kinn links"] == ""
    with qtbot.waitSignal(session.jobs.ended):
        ask()  # known now: nothing is asked
    ask(always=True)
    again = shown(qtbot, window)
    assert again.names()["Ohr"] == "cheek_left"
    QTest.keyClick(again, Qt.Key.Key_Escape)


def test_cancelling_leaves_all_as_it_was(
    qtbot, window: MainWindow, session: Session, scheme: LandmarkScheme, ask
) -> None:
    ask()
    dialog = shown(qtbot, window)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.findChildren(LandmarkMapDialog))
    assert not placed(session, scheme)
    assert remembered_names(session.store, "csv") == {}
    assert session.jobs.written == set()


def test_a_landmark_is_of_one_point_and_delete_leaves_a_point_out(qtbot, window: MainWindow, ask) -> None:
    ask()
    dialog = shown(qtbot, window)
    dialog.mean(3, "chin")
    assert (dialog.names()["Ohr"], dialog.names()["Chin"]) == ("chin", "")
    dialog.table.setCurrentCell(3, 1)
    QTest.keyClick(dialog.table, Qt.Key.Key_Delete)
    assert dialog.names()["Ohr"] == ""
    QTest.mouseClick(dialog.nothing, Qt.MouseButton.LeftButton)
    assert not dialog.import_button.isEnabled()
    QTest.mouseClick(dialog.again, Qt.MouseButton.LeftButton)
    assert dialog.names()["Chin"] == "chin"
    QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_the_picture_selects_points_and_gives_landmarks(
    qtbot, window: MainWindow, scheme: LandmarkScheme, ask
) -> None:
    ask()
    dialog = shown(qtbot, window)
    left, faces = Qt.MouseButton.LeftButton, dialog.faces
    for row in (3, 1):
        QTest.mouseClick(faces, left, pos=faces.place_of_point(row).toPoint())
        assert dialog.table.currentRow() == row
    where = faces.place_of_landmark(scheme.index("nose_tip")).toPoint()
    QTest.mouseClick(faces, left, Qt.KeyboardModifier.ShiftModifier, where)
    assert dialog.names()["Kinn links"] == "nose_tip"
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
