"""What rows of the frame list say: what tells a frame from its neighbours first, and what is wrong with its picture."""

from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot
from ui_helpers import HEIGHT, WIDTH

from annotator.domain.capture import Frame
from annotator.session.file_states import FileState
from annotator.session.job.job_board import Job, JobState
from annotator.session.session import Session
from annotator.ui.panels.frame_names import differing_tokens, fitting_name, name_lines, row_names
from annotator.ui.panels.frame_rows import STATE_ROLE
from annotator.ui.panels.jobs import time_left
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def frame(subject: str, take: str, camera: str, index: str, path: str = "") -> Frame:
    return Frame(
        1, path or f"{subject}/{take}/{camera}/{index}.jpg", subject, take, camera, index, WIDTH, HEIGHT
    )


@pytest.mark.parametrize(
    ("facets", "lines"),
    [
        ({"subject": ["ada"], "take": ["t1"], "camera": ["left"]}, ("0007", "ada · t1 · left")),
        ({"subject": ["ada"], "take": ["t1"], "camera": ["left", "right"]}, ("left · 0007", "ada · t1")),
        (
            {"subject": ["ada", "ben"], "take": ["t1", "t2"], "camera": ["left", "top"]},
            ("left · 0007", "ada · t1"),
        ),
    ],
)
def test_what_differs_comes_first(facets: dict[str, list[str]], lines: tuple[str, str]) -> None:
    assert row_names(frame("ada", "t1", "left", "0007"), differing_tokens(facets)) == lines


def test_in_a_flat_folder_the_file_comes_first() -> None:
    flat = frame("shoot", "", "", "", "portrait of a woman.jpg")
    assert row_names(flat, differing_tokens({"subject": ["shoot"]})) == ("portrait of a woman.jpg", "")


def test_one_frame_alone_has_a_name_all_the_same() -> None:
    alone = frame("ada", "", "left", "", "ada/left.jpg")
    assert row_names(alone, differing_tokens({"subject": ["ada"], "camera": ["left"]})) == ("ada · left", "")


def test_a_missing_picture_is_told_beside_the_cure(
    window: MainWindow, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root, moved = session.store.frames.capture_root, tmp_path / "moved"
    rows, lost = window.frames.rows, window.frames.lost
    rows.states.of(3)
    qtbot.waitUntil(lambda: rows.states.of(3) is FileState.FINE)
    assert not lost.isVisible()
    root.rename(moved)
    session.frames.reload()
    qtbot.waitUntil(lambda: rows.index(2, 0).data(STATE_ROLE) is FileState.MISSING)
    assert lost.isVisible()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(moved))
    QTest.mouseClick(lost.buttons[FileState.MISSING], Qt.MouseButton.LeftButton)
    assert session.store.frames.capture_root == moved
    qtbot.waitUntil(lambda: rows.index(2, 0).data(STATE_ROLE) is FileState.FINE)
    assert not lost.isVisible()


def test_a_picture_of_another_size_is_told_beside_the_cure(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:

    file = session.store.frames.path(4)
    file.write_bytes(simplejpeg.encode_jpeg(np.zeros((HEIGHT // 2, WIDTH // 2, 3), np.uint8)))
    session.frames.reload()
    rows, lost = window.frames.rows, window.frames.lost
    qtbot.waitUntil(lambda: rows.index(3, 0).data(STATE_ROLE) is FileState.CHANGED)
    QTest.mouseClick(lost.buttons[FileState.CHANGED], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.banners.sizes.bar.isVisible)
    QTest.mouseClick(window.banners.sizes.scale, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rows.index(3, 0).data(STATE_ROLE) is FileState.FINE)


def test_a_job_tells_how_long_it_still_takes() -> None:
    job = Job(1, "import", "Import", done=100, total=400, started=1000.0)
    assert time_left(job, 1060.0) == "about 3 min left"
    assert time_left(job, 1001.0) == "", "too early to say"
    assert time_left(Job(1, "import", "Import", JobState.DONE, 4, 4, started=0.0), 60.0) == ""


def test_of_a_name_that_is_too_long_the_longest_part_is_cut(window: MainWindow) -> None:
    metrics = QFontMetrics(window.font())
    name = "subject_03009 · three_quarter_view"
    cut = fitting_name(name, metrics, metrics.horizontalAdvance(name) - 20)
    assert cut.startswith("subject_03009 · thr")
    assert "…" in cut
    assert metrics.horizontalAdvance(cut) <= metrics.horizontalAdvance(name) - 20
    assert fitting_name(name, metrics, metrics.horizontalAdvance(name)) == name
    short = fitting_name(name, metrics, 60)
    assert metrics.horizontalAdvance(short) <= 60


def test_a_name_that_is_too_long_for_a_line_goes_on_below(qapp: QApplication) -> None:
    metrics, name = QFontMetrics(qapp.font()), "subject_03009 · big_smile · three_quarter"
    whole = metrics.horizontalAdvance(name)
    assert name_lines(name, metrics, whole) == [name]
    assert name_lines(name, metrics, whole - 1) == ["subject_03009 · big_smile", "three_quarter"]
    narrow = metrics.horizontalAdvance("big_smile · three_quarter")
    assert name_lines(name, metrics, narrow) == ["subject_03009", "big_smile · three_quarter"]
    (cut,) = name_lines(name, metrics, whole // 4)
    assert metrics.horizontalAdvance(cut) <= whole // 4
