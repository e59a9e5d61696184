"""The training panel follows a run, however many events come at once, and offers its model without taking it."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from training_helpers import EVENTS, training_job

from annotator.session.job.job_board import JobState
from annotator.session.session import Session
from annotator.ui.panels.training_state import TrainingState, thinned
from annotator.ui.shell.main_window import MainWindow


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
