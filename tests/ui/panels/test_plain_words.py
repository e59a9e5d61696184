"""Words from files are shown as they are, never as HTML; rows of jobs do not pile up."""

import gc
import html

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QWidget

from annotator.domain.capture import Frame
from annotator.session.job.job_board import JobState
from annotator.session.session import Session
from annotator.ui.common.plain import legend, plain
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
EVIL = "<img src='file:///etc/passwd'><b>ada</b>.jpg"


@pytest.mark.parametrize(
    "text", [EVIL, "<?xml version='1.0'?><b>", "a <b>b</b>", "<!doctype html>", "<a href='x'>"]
)
def test_no_text_is_taken_for_html(text: str) -> None:
    assert not Qt.mightBeRichText(plain(text))
    assert plain(text).replace("\u200b", "") == text
    assert html.unescape(legend(text)) == text
    assert "<" not in legend(text)


@pytest.mark.parametrize("text", ["ada/1.jpg", "1 < 2", "a\nb", ""])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert plain(text) == text


def test_a_name_in_the_list_is_no_html(window: MainWindow, session: Session) -> None:
    session.store.frames.add([Frame(0, EVIL, EVIL, "", "", "0", 64, 48)])
    session.show_new_frames()
    found = []
    for view in window.findChildren(QWidget):
        model = getattr(view, "model", None)
        model = model() if callable(model) else None
        if model is None or not hasattr(model, "rowCount"):
            continue
        for row in range(model.rowCount()):
            tip = model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)
            found += [tip] if isinstance(tip, str) else []
    assert any("img" in tip for tip in found)
    assert not any(Qt.mightBeRichText(tip) for tip in found)


def test_finished_jobs_leave_a_bounded_number_of_widgets(window: MainWindow, session: Session) -> None:
    def run(count: int) -> int:
        for number in range(count):
            job = session.jobs.add("export", f"Export {number} {EVIL}", lambda: None)
            session.jobs.progress(job.id, 1, 2, EVIL)
            session.jobs.end(job.id, JobState.FAILED, EVIL)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        return len(window.findChildren(QWidget))

    few = run(25)
    assert run(150) == few
    tips = [widget.toolTip() for widget in window.findChildren(QWidget)]
    assert not any(Qt.mightBeRichText(tip) and "img" in tip for tip in tips)
