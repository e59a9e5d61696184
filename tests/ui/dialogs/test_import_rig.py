"""File > Import rig: what fits is shown before anything is done, and a person says which camera is which."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog
from ui_helpers import HEIGHT, WIDTH

from annotator.domain.rigs.rig import CameraModel, Rig
from annotator.rigs.files.registry import write_rig
from annotator.session.session import Session
from annotator.ui.dialogs.rig.import_rig import ImportRigDialog
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def write(file: Path, *names: str, share: float = 1.0) -> Path:
    size = (round(WIDTH * share), round(HEIGHT * share))
    matrix = np.array([[900.0, 0, size[0] / 2], [0, 900, size[1] / 2], [0, 0, 1]])
    cameras = [CameraModel(name, *size, matrix, np.zeros(5), np.eye(3, 4)) for name in names]
    write_rig(Rig(file.stem, {camera.name: camera for camera in cameras}), file)
    return file


@pytest.fixture
def dialog(qtbot, window: MainWindow, session: Session) -> Iterator[ImportRigDialog]:
    made = ImportRigDialog(
        lambda work, then: session.read_beside("rig preview", work, then), ["left", "right"]
    )
    qtbot.addWidget(made)
    made.show()
    yield made
    made.reject()


def rows(dialog: ImportRigDialog) -> list[tuple[str, str, str]]:
    found = []
    for number in range(dialog.table.topLevelItemCount()):
        item = dialog.table.topLevelItem(number)
        box = dialog.table.itemWidget(item, 1)
        meant = box.currentText() if isinstance(box, QComboBox) else item.text(1)
        found.append((item.text(0), meant, item.text(2)))
    return found


def test_what_fits_is_shown_live(qtbot, dialog: ImportRigDialog, tmp_path: Path) -> None:
    assert not dialog.import_button.isEnabled()
    QTest.keyClicks(dialog.file, str(write(tmp_path / "calib.toml", "CAM_Left", "right", "top")))
    qtbot.waitUntil(lambda: dialog.import_button.isEnabled())
    assert dialog.summary.text() == "Anipose TOML · 1 rig for 4 frames"
    size = f"{WIDTH} × {HEIGHT}"
    assert rows(dialog) == [
        ("CAM_Left", "left", size), ("right", "right", size), ("top", "None", size),
    ]  # fmt: skip
    assert "CAM_Left = left" in dialog.note.text()
    assert "top: no camera of the project has such a name." in dialog.note.text()
    QTest.keyClicks(dialog.takes, "cem/*")
    assert not dialog.import_button.isEnabled(), "what was shown holds no longer"
    qtbot.waitUntil(lambda: "No take of the project" in dialog.note.text())
    assert not dialog.import_button.isEnabled()
    dialog.takes.setText("ada/*")
    qtbot.waitUntil(lambda: dialog.import_button.isEnabled())
    assert "2 frames" in dialog.summary.text()
    assert dialog.wishes().takes == ("ada/*",)


def test_a_person_says_which_camera_is_which(qtbot, dialog: ImportRigDialog, tmp_path: Path) -> None:
    dialog.file.setText(str(write(tmp_path / "calib.json", "A", "B")))
    qtbot.waitUntil(lambda: len(rows(dialog)) == 4)  # two of the file, two of the project without calibration
    assert not dialog.import_button.isEnabled()
    for name, camera in (("A", "right"), ("B", "left")):
        box = next(b for b in dialog.table.findChildren(QComboBox) if b.accessibleName().startswith(name))
        box.setFocus()
        for _ in range(box.findText(camera)):
            QTest.keyClick(box, Qt.Key.Key_Down)
        qtbot.waitUntil(lambda n=name, c=camera: (n, c) in [row[:2] for row in rows(dialog)])
    qtbot.waitUntil(lambda: dialog.import_button.isEnabled())
    assert dialog.wishes().mapping == {"A": "right", "B": "left"}
    dialog.file.setText(str(write(tmp_path / "other.json", "left", "right")))
    assert dialog.wishes().mapping == {}


def test_another_size_needs_the_tick(qtbot, dialog: ImportRigDialog, tmp_path: Path) -> None:
    dialog.file.setText(str(write(tmp_path / "calib.json", "left", "right", share=0.5)))
    qtbot.waitUntil(lambda: "allow to scale" in dialog.note.text())
    assert not dialog.import_button.isEnabled()
    dialog.scale.setFocus()
    QTest.keyClick(dialog.scale, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: dialog.import_button.isEnabled())
    assert "are scaled" in dialog.note.text()


def test_a_file_that_is_none_is_told_in_the_dialog(qtbot, dialog: ImportRigDialog, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing of the kind")
    dialog.file.setText(str(tmp_path / "notes.txt"))
    qtbot.waitUntil(lambda: "holds no calibration" in dialog.note.text())
    assert dialog.summary.text() == "Nothing to import"


def test_an_answer_to_a_closed_dialog_is_let_go(
    qtbot, dialog: ImportRigDialog, session: Session, tmp_path: Path
) -> None:
    dialog.file.setText(str(write(tmp_path / "calib.json", "left", "right")))
    dialog._look()
    dialog.reject()
    answered: list[int] = []
    session.read_beside("after", lambda _store: 1, answered.append)
    qtbot.waitUntil(lambda: bool(answered))
    assert not dialog.import_button.isEnabled()


def test_the_menu_imports_what_was_chosen(
    qtbot, window: MainWindow, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "calib.yml", "left", "right")

    def fill(dialog: ImportRigDialog) -> int:
        dialog.file.setText(str(file))
        dialog.name.setText("tuesday")
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(ImportRigDialog, "exec", fill)
    with qtbot.waitSignal(session.message) as told:
        window.actions_by_id["import_rig"].trigger()
    assert told.args == ["info", "Imported tuesday (version 1): 2 cameras"]
    assert session.store.rigs.of_take("ada", "").name == "tuesday"
    file.write_text("damaged")
    with qtbot.waitSignal(session.message) as told:
        window.actions_by_id["import_rig"].trigger()
    assert told.args[0] == "error"
