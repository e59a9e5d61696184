"""The window on a project with damage in it: it opens, tells, and edits go on."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from ui_helpers import HEIGHT, WIDTH

from annotator.domain.annotation import ReviewState
from annotator.domain.edits import set_review
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def _change(project: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(project)) as file, file:
        file.execute(statement, values)


@pytest.fixture
def told(session: Session) -> list[str]:
    heard: list[str] = []
    session.message.connect(lambda _level, text: heard.append(text))
    return heard


def test_a_card_with_a_date_costs_that_model_alone(
    qtbot: QtBot, session: Session, empty_window: MainWindow, project: Path, told: list[str]
) -> None:
    folder = project.with_suffix(".models") / "odd"
    folder.mkdir(parents=True)
    (folder / "model.toml").write_text(
        'schema = 1\nid = "odd"\nscheme = "studio-89@1"\ncreated = 2026-01-01\n[architecture]\n'
    )
    session.open_project(project)
    assert session.is_open
    qtbot.waitUntil(lambda: any("odd" in text and "created" in text for text in told))


def test_edits_go_on_over_a_damaged_proposal(
    qtbot: QtBot, session: Session, empty_window: MainWindow, project: Path, told: list[str]
) -> None:
    _change(project, "INSERT INTO proposal VALUES (1, 'one', 0, 0, '', '2026-01-01', ?, 9)", b"\x01\x02")
    session.open_project(project)
    for review in (ReviewState.NEEDS_WORK, ReviewState.APPROVED):
        session.annotations.submit(1, set_review(review))
        assert session.store.annotations.get(1).review is review
    session.annotations.undo()
    assert session.store.annotations.get(1).review is ReviewState.NEEDS_WORK
    assert session.annotations.undo_stack.count() == 2
    qtbot.waitUntil(lambda: any("proposal of one is damaged" in text for text in told))


def test_nothing_is_written_over_a_damaged_annotation(
    qtbot: QtBot, session: Session, empty_window: MainWindow, project: Path, told: list[str]
) -> None:
    _change(project, "INSERT INTO annotation VALUES (1, 0, 0, 0, 0, 0, '2026-01-01', ?)", b"\x01")
    session.open_project(project)
    session.annotations.submit(1, set_review(ReviewState.APPROVED))
    assert session.annotations.undo_stack.count() == 0
    session.annotations.submit(2, set_review(ReviewState.APPROVED))
    assert session.annotations.undo_stack.count() == 1
    qtbot.waitUntil(lambda: any("annotation of frame 1 is damaged" in text for text in told))
    assert np.isnan(session.annotations.human(1).xy).all()


def test_a_fault_inside_an_edit_is_a_message_and_the_stack_goes_on(
    session: Session, window: MainWindow, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    session.annotations.submit(1, set_review(ReviewState.NEEDS_WORK))

    def fail(*_: object) -> None:
        raise RuntimeError("the cause")

    with monkeypatch.context() as patch:
        patch.setattr(session.annotations.pending, "write", fail)
        session.annotations.submit(1, set_review(ReviewState.APPROVED))
        session.annotations.undo()
    assert any("the cause" in text for text in told)
    session.annotations.submit(2, set_review(ReviewState.APPROVED))
    assert session.store.annotations.get(2).review is ReviewState.APPROVED


def test_a_damaged_frame_is_listed_and_leads_to_no_file(
    qtbot: QtBot, session: Session, empty_window: MainWindow, project: Path, told: list[str], jpeg: bytes
) -> None:
    _change(project, "UPDATE frame SET path = ?, width = 'abc' WHERE id = 2", b"\xff\xfe")
    _change(project, "INSERT INTO preview VALUES (2, ?)", jpeg)
    session.open_project(project)
    session.frames.go_to(2)
    assert not empty_window.grab().isNull()
    shown = session.frames.image(2)
    assert shown is not None
    assert (shown.width, shown.height) == (WIDTH, HEIGHT)  # the preview's own: the frame's size is not known
    session.annotations.submit(2, set_review(ReviewState.APPROVED))
    session.frames.go_to(1)
    assert len(session.frames.listed) == 4
    qtbot.waitUntil(lambda: any("Frame 2 of the project is damaged" in text for text in told))
