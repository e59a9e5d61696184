"""Models: another one is added by its folder, or it is said why not."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from annotator.domain.model_card import CARD, ModelCard
from annotator.session.session import Session
from annotator.ui.dialogs.models import ModelsDialog
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


@pytest.fixture
def dialog(window: MainWindow, session: Session, qtbot: QtBot) -> ModelsDialog:
    made = ModelsDialog(session, window)
    qtbot.addWidget(made)
    made.show()
    return made


def add(dialog: ModelsDialog, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    QTest.mouseClick(dialog.add, Qt.MouseButton.LeftButton)


def folder_of(card: ModelCard, parent: Path) -> Path:
    folder = parent / f"{card.id} {card.scheme}"
    folder.mkdir()
    (folder / CARD).write_text(card.to_toml(), "utf-8")
    return folder


def ids(session: Session) -> list[str]:
    return [model.id for model in session.models.all()]


def test_a_model_of_another_machine_is_added_and_chosen(
    dialog: ModelsDialog, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ids(session)
    add(dialog, folder_of(ModelCard("far", session.scheme.id, {}, title="From afar"), tmp_path), monkeypatch)
    assert ids(session) == [*before, "far"]
    assert dialog.table.currentItem().text(1) == "From afar"
    assert session.models.active.id == "one", "it is used only if somebody says so"


@pytest.mark.parametrize(
    ("card", "told"),
    [
        (ModelCard("old", "studio-89@1", {}), "Landmarks of the same name lie elsewhere"),
        (ModelCard("two", "studio-89@2", {}, sha256="0" * 64), "another model two already"),
    ],
)
def test_what_does_not_fit_is_told_and_left_out(
    dialog: ModelsDialog, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card, told
) -> None:
    before = ids(session)
    add(dialog, folder_of(card, tmp_path), monkeypatch)
    assert told in dialog.details.text()
    assert ids(session) == before
    add(dialog, tmp_path, monkeypatch)
    assert ids(session) == before, "a folder without a model"
