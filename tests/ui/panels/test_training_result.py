"""What a training came to, in words that its figures bear out: its own run's, one measure, and the better choice first."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from training_helpers import EVENTS, told

from annotator.domain.model_card import ModelCard
from annotator.session.job.job_board import JobState
from annotator.session.session import Session
from annotator.ui.dialogs.train import TrainDialog
from annotator.ui.shell.main_window import MainWindow


@pytest.fixture(autouse=True)
def nothing_is_told(session: Session) -> Iterator[None]:
    """The session outlives a test: so do its jobs and the events of its training."""
    yield
    session.jobs._training._events.clear()
    for job in session.jobs.all:
        session.jobs.end(job.id, JobState.DONE)


def end(**values: Any) -> dict[str, Any]:
    table = {"held_out": True, "frames": 7, "unit": "%", "verdict": "better", **values.pop("table", {})}
    return {**EVENTS[5], "table": table, **values}


def shown_first(window: MainWindow) -> str:
    """The text of the first of the two choices; it alone looks like the default."""
    panel = window.training
    row = panel._buttons
    shown = [
        row.itemAt(n).widget()
        for n in range(row.count())
        if row.itemAt(n).widget() in (panel.keep, panel.use)
    ]
    first, second = shown
    assert (first.objectName(), second.objectName()) == ("primary", "")
    assert not first.isHidden()
    return str(first.text())


@pytest.mark.parametrize(
    ("table", "after", "first"),
    [
        ({}, 3.0, "Use this model"),
        ({"verdict": "worse"}, 21.4, "Keep the present model"),
        ({"verdict": "worse"}, 3.0, "Keep the present model"),
        ({"verdict": "unknown"}, 3.0, "Keep the present model"),
        ({"held_out": False}, 3.0, "Keep the present model"),
    ],
)
def test_the_choice_that_the_figures_speak_for_comes_first(
    window: MainWindow, session: Session, table: dict[str, Any], after: float, first: str
) -> None:
    told(session, [*EVENTS[:5], end(table=table, after={"all": after})])
    window.show_training()
    assert shown_first(window) == first
    window.training.keep.click()
    assert session.models.active is not None
    assert session.models.active.id == "one"
    assert window.training.keep.isHidden()
    assert "stays in use" in window.training.detail.text()


def test_before_and_after_are_seen_side_by_side(window: MainWindow, session: Session, qtbot) -> None:
    card = ModelCard("three", session.scheme.id, {}, title="Model three", parent="one")
    session.store.models.add(card, session.path.parent / "three")
    told(session, [*EVENTS[:5], {**EVENTS[5], "id": "three", "model": "/x/three"}])
    window.show_training()
    panes = window.heatmaps
    qtbot.waitUntil(lambda: window.training.compare.height() > 10)
    QTest.mouseClick(window.training.compare, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panes.other.content.base is not None)
    assert panes.other.content.title == "Model three"
    assert session.models.active.id == "one"
    QTest.mouseClick(window.training.use, Qt.MouseButton.LeftButton)
    QTest.mouseClick(window.training.compare, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panes.other.content.title == "Model one")
    panes.two.compare_with(None)


def test_an_older_project_s_run_has_a_verdict_by_its_figures(window: MainWindow, session: Session) -> None:
    told(session, [*EVENTS[:5], {**EVENTS[5], "before": {"all": 4.0}, "after": {"all": 21.4}}])
    window.show_training()
    assert shown_first(window) == "Keep the present model"
    assert "all points" in window.training.detail.text()


def test_table_and_chart_say_the_same_at_the_end(window: MainWindow, session: Session) -> None:
    """The networks' own curve fell; what artists get became worse."""
    told(session, [*EVENTS[:5], end(before={"all": 4.0}, after={"all": 21.4}, table={"verdict": "worse"})])
    window.show_training()
    panel = window.training
    assert panel.table.item(0, 3).text() == "+435.0 %"
    assert set(panel.curves._nme_curves) == {"all"}
    _, values = panel.curves._nme_curves["all"].getData()
    assert list(values) == [4.0, 21.4]
    assert "As in the table" in panel.curves.nme_plot.plotItem.titleLabel.text


def test_pixels_and_accepted_points_are_named(window: MainWindow, session: Session) -> None:
    accepted = {"points": 84, "before": 0.0, "after": 0.7}
    told(session, [*EVENTS[:5], end(table={"unit": "px", "accepted": accepted})])
    window.show_training()
    panel = window.training
    assert panel.table.item(0, 1).text() == "4.000 px"
    last = panel.table.rowCount() - 1
    assert [panel.table.item(last, column).text() for column in range(4)] == [
        "Accepted, apart",
        "0.000 px",
        "0.700 px",
        "",
    ]
    assert "pixels" in panel.detail.text()


@pytest.mark.parametrize(
    ("event", "title", "words"),
    [
        ({"event": "done", "id": "two", "model": "/x/two"}, "Training is done", "New model two"),
        (
            {"event": "done", "model": "/x/two", "before": {}, "after": {}},
            "Training is done",
            "New model two",
        ),
        ({"event": "stopped", "id": "two", "model": "/x/two"}, "Training was stopped", "so far is two"),
        (
            {"event": "stopped", "message": "Nothing was changed."},
            "Training was stopped",
            "Nothing was changed",
        ),
        ({"event": "error", "message": "no frames"}, "Training failed", "no frames"),
    ],
)
def test_a_run_that_left_a_model_is_not_said_to_have_left_none(
    window: MainWindow, session: Session, event: dict[str, Any], title: str, words: str
) -> None:
    told(session, [EVENTS[0], event])
    window.show_training()
    panel = window.training
    assert panel.title.text() == title
    assert words in panel.detail.text()
    assert ("no new model" in panel.detail.text()) is False
    assert panel.use.isVisible() is ("model" in event)


def test_a_new_run_does_not_show_what_the_last_came_to(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(session, EVENTS)
    window.show_training()
    assert window.training.table.isVisible()
    monkeypatch.setattr(session.jobs._training, "start", lambda *_: None)
    job = session.jobs.start_training({})
    assert (window.training.title.text(), window.training.detail.text()) == ("Training", "Preparing…")
    assert not window.training.table.isVisible()
    assert not window.training.use.isVisible()
    session.jobs.end(job.id, JobState.FAILED, "The training ended with code 3.")
    assert (window.training.title.text(), window.training.detail.text()) == (
        "Training failed",
        "The training ended with code 3.",
    )


def test_another_project_s_training_is_not_shown_as_this_one_s(window: MainWindow, session: Session) -> None:
    window.show_training()
    other = session.jobs.add("train", "Retrain", lambda: None, "another project")
    panel = window.training
    assert panel.title.text() == "No training yet"
    assert not panel.stop.isVisible()
    assert not panel.retrain.isEnabled()
    assert "another project" in panel.retrain.toolTip()
    session.jobs.end(other.id, JobState.DONE)
    assert panel.retrain.isEnabled()
    assert panel.title.text() == "No training yet"


def test_the_dialog_says_what_a_budget_of_none_means(session: Session, window: MainWindow) -> None:
    dialog = TrainDialog(session.models.all(), "one")
    shown = []
    for minutes, steps in ((5, 0), (0, 0), (0, 300)):
        dialog.minutes.setValue(minutes)
        dialog.steps.setValue(steps)
        shown.append((dialog.minutes.text(), dialog.steps.text()))
    assert shown == [
        ("5.0 minutes", "as many as fit"),
        ("as the recipe says", "as the recipe says"),
        ("no limit", "300"),
    ]
