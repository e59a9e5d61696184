"""The training panel follows a run, however many events come at once, and offers its model without taking it."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from annotator.session.job_board import Job, JobState
from annotator.session.session import Session
from annotator.ui.dialogs.train import TrainDialog
from annotator.ui.panels.training_state import TrainingState, thinned
from annotator.ui.shell.main_window import MainWindow

EVENTS = [
    {"event": "start", "steps": 100, "folder": "/x", "model": "new"},
    {"event": "prepare", "message": "Finding the faces", "done": 1, "total": 2},
    {"event": "step", "step": 1, "steps": 100, "loss": 2.0, "seconds": 1.0},
    {"event": "step", "step": 2, "steps": 100, "loss": 1.5, "seconds": 2.0},
    {"event": "validation", "step": 2, "nme": {"all": 3.5, "mouth": 4.0}},
    {
        "event": "done",
        "id": "two",
        "model": "/x/two",
        "before": {"all": 4.0, "mouth": 5.0},
        "after": {"all": 3.0, "mouth": 5.5},
        "table": {"held_out": True, "frames": 7},
    },
]


def training_job(session: Session) -> Job:
    """A training of the open project, without a process."""
    return session.jobs.add("train", "Retrain", lambda: None, session.keys.project)


def told(session: Session, events: list[dict[str, Any]]) -> None:
    """The events of the project's run, as if its process had told them."""
    session.jobs._training._project = session.keys.project
    session.jobs._training._events[:] = events
    for event in events:
        session.jobs.training_event.emit(event)


@pytest.fixture(autouse=True)
def nothing_is_told(session: Session) -> Iterator[None]:
    """The session outlives a test: so do its jobs and the events of its training."""
    yield
    session.jobs._training._events.clear()
    for job in session.jobs.all:
        session.jobs.end(job.id, JobState.DONE)


def test_training_state_of_events() -> None:
    state = TrainingState.from_events(EVENTS[:3])
    assert (state.status, state.step, state.steps, state.loss) == ("running", 1, 100, [(1, 2.0)])
    state = TrainingState.from_events(EVENTS)
    assert state.nme == {"all": [(2, 3.5)], "mouth": [(2, 4.0)]}
    assert state.rows() == [("all", 4.0, 3.0), ("mouth", 5.0, 5.5)]
    assert (state.status, state.model, state.held_out, state.frames) == ("done", "two", True, 7)
    assert TrainingState.from_events([*EVENTS, EVENTS[0]]).loss == [], "a new run starts anew"


def test_training_is_followed_live_and_its_model_used_only_on_request(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    panel = window.training
    window.show_training()
    job = training_job(session)
    for event in EVENTS[:5]:
        session.jobs.training_event.emit(event)
    qtbot.waitUntil(lambda: panel.curves._loss_curve.getData()[0] is not None)
    x, y = panel.curves._loss_curve.getData()
    assert (list(x), list(y)) == ([1, 2], [2.0, 1.75]), "the mean of the last losses"
    assert "about 1 min 38 s left" in panel.detail.text()
    session.jobs.training_event.emit(EVENTS[5])
    session.jobs._training._project = session.keys.project
    session.jobs._training._events[:] = EVENTS
    session.jobs.end(job.id, JobState.DONE)
    assert panel.table.item(0, 3).text() == "-25.0 %"
    assert panel.table.item(1, 3).text() == "+10.0 %"
    assert session.models.active.id == "one", "nothing changes by itself"
    panel.use.click()
    assert session.models.active.id == "two"
    assert not panel.use.isEnabled()
    assert not panel.back.isHidden()
    session.jobs._training._events.clear()
    panel.back.click()
    assert session.models.active.id == "one"


def test_a_model_whose_networks_stayed_has_a_table_and_no_plots(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    panel = window.training
    window.show_training()
    for event in (*EVENTS[:2], EVENTS[5]):
        session.jobs.training_event.emit(event)
    assert panel.table.isVisible()
    assert not panel.curves.loss_plot.isVisible()
    assert not panel.curves.nme_plot.isVisible()
    session.jobs.training_event.emit(EVENTS[0])
    qtbot.waitUntil(panel.curves.loss_plot.isVisible)


def steps(count: int) -> list[dict[str, Any]]:
    return [
        {"event": "step", "step": n, "steps": count, "loss": float(n), "seconds": 1.0}
        for n in range(1, count + 1)
    ]


def test_the_trend_is_the_mean_of_the_last_25_losses() -> None:
    state = TrainingState.from_events(steps(30))
    assert state.trend[1] == (2, 1.5)
    assert state.trend[-1] == (30, sum(range(6, 31)) / 25)


def test_a_long_run_is_drawn_with_as_many_points_as_a_plot_can_show() -> None:
    points = [(n, float(n)) for n in range(1, 7202)]
    some = thinned(points, 800)
    assert 600 <= len(some) <= 800
    assert some[-1] == points[-1]
    assert some == sorted(some)
    assert thinned(points[:800], 800) == points[:800]
    assert thinned([], 800) == []


def test_events_that_come_together_are_drawn_once(
    window: MainWindow, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = window.training
    drawn: list[int] = []
    redraw = panel.curves.show_state
    monkeypatch.setattr(
        panel.curves,
        "show_state",
        lambda state, regions: (drawn.append(state.step), redraw(state, regions)),
    )
    for event in steps(100):
        session.jobs.training_event.emit(event)
    qtbot.wait(150)
    assert drawn == [], "the panel is hidden"
    window.show_training()
    assert drawn == [100]
    for event in steps(100):
        session.jobs.training_event.emit(event)
    qtbot.waitUntil(lambda: len(drawn) == 2)
    assert panel.bar.format() == "step 100  ·  100%"


def test_only_the_beginning_and_the_end_of_a_training_ask_which_model_is_in_use(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = window.training
    asked: list[bool] = []
    refresh = panel._show_buttons
    monkeypatch.setattr(panel, "_show_buttons", lambda: (asked.append(True), refresh()))
    job = training_job(session)
    assert not panel.stop.isHidden()
    asked.clear()
    for done in range(5):
        session.jobs.progress(job.id, done, 5, "")
    other = session.jobs.add("propose", "Propose", lambda: None)
    session.jobs.progress(other.id, 1, 2, "")
    assert asked == []
    for one in (job, other):
        session.jobs.end(one.id, JobState.DONE)


def test_the_first_points_of_a_run_are_not_drawn_over_parts_of_a_step(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    panel = window.training
    window.show_training()
    session.jobs.training_event.emit({"event": "start", "steps": 100})
    session.jobs.training_event.emit({"event": "validation", "step": 0, "nme": {"all": 3.5}})
    session.jobs.training_event.emit({"event": "step", "step": 1, "steps": 100, "loss": 2.0})
    qtbot.waitUntil(lambda: bool(panel.curves._nme_curves))
    for plot in (panel.curves.loss_plot, panel.curves.nme_plot):
        low, high = plot.getViewBox().viewRange()[0]
        assert -0.5 <= low <= 0
        assert high - low >= 10


def test_a_run_that_was_cut_off_is_not_shown_as_running(window: MainWindow, session: Session) -> None:
    panel = window.training
    window.show_training()
    job = training_job(session)
    assert (panel.title.text(), panel.detail.text()) == ("Training", "Preparing…")
    for event in steps(3):
        session.jobs.training_event.emit(event)
    assert not panel.bar.isHidden()
    session.jobs._training._project = session.keys.project
    session.jobs._training._events[:] = steps(3)  # as the next start of the window finds them
    session.jobs.end(job.id, JobState.CANCELLED)
    assert panel.title.text() == "Training was stopped"
    assert "cut off" in panel.detail.text()
    assert panel.bar.isHidden()
    session.jobs._training._events.clear()


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
    assert "as in the table" in panel.curves.nme_plot.plotItem.titleLabel.text


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
