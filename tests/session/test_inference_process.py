"""The real child process, with a fake predictor in it: order, heatmaps, whole-project runs, crashes."""

import os
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from fake_predictor import BROKEN, CRASH, SLOW, FakePredictor
from pytestqt.qtbot import QtBot
from session_files import write_frame

from annotator.session.job.job_board import JobState
from annotator.session.processes.inference_messages import Ask
from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore

WAIT = 60_000


@pytest.fixture
def inference(real_inference: InferenceProcess) -> InferenceProcess:
    return real_inference


def paint(project: Path, frame_id: int, grey: int) -> None:
    """Change what the fake predictor does with a frame."""
    with ProjectStore.open(project) as store:
        write_frame(store.frames.path(frame_id), grey)


def test_a_proposal_comes_with_its_heatmaps_and_is_on_disk(
    session: Session, project: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.proposals.arrived, timeout=WAIT) as caught:
        session.open_project(project)
    assert caught.args == [1]
    found = session.proposals.get(1)
    assert found is not None
    expected = FakePredictor(Path("one")).propose(np.full((4, 4, 3), 1, np.uint8))
    assert (found.model_id, found.xy.tolist()) == ("one", expected.xy.tolist())
    assert [item.name for item in found.heatmaps] == ["global", "eye_l"]
    for got, wanted in zip(found.heatmaps, expected.heatmaps, strict=True):
        for name in ("indices", "logits", "frame_from_heatmap", "crop", "frame_from_crop"):
            np.testing.assert_array_equal(getattr(got, name), getattr(wanted, name))
    with ProjectStore.open(project) as store:
        kept = store.proposals.get(1, "one")
    assert kept is not None
    assert kept.xy.tolist() == expected.xy.tolist()
    assert session.frames.listed[0].mean_confidence == 0.5


def test_the_process_lets_the_window_go_first(session: Session, project: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.proposals.arrived, timeout=WAIT):
        session.open_project(project)
    pid = session._inference.pid
    assert pid not in (None, os.getpid())
    assert psutil.Process(pid).nice() == max(10, psutil.Process().nice())


def test_the_newest_request_goes_first(session: Session, project: Path, gate: Path, qtbot: QtBot) -> None:
    paint(project, 1, SLOW)
    arrived: list[int] = []
    session.proposals.arrived.connect(arrived.append)
    session.open_project(project)
    qtbot.waitUntil(lambda: session.proposals.state == "working", timeout=WAIT)
    for frame_id in (2, 3, 4):
        session.frames.go_to(frame_id)
    gate.touch()
    qtbot.waitUntil(lambda: len(arrived) == 4, timeout=WAIT)
    assert arrived == [1, 4, 3, 2]


def test_a_frame_that_fails_says_so_and_the_next_one_works(
    session: Session, project: Path, qtbot: QtBot
) -> None:
    paint(project, 1, BROKEN)
    with qtbot.waitSignal(session.proposals.failed, timeout=WAIT) as caught:
        session.open_project(project)
    assert caught.args == [1, "this face cannot be read"]
    with qtbot.waitSignal(session.proposals.arrived, timeout=WAIT) as caught:
        session.frames.go_to(2)
    assert caught.args == [2]


def test_a_region_runs_again_in_a_box_of_the_artists(session: Session, project: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.proposals.arrived, timeout=WAIT):
        session.open_project(project)
    session.proposals.rerun_region(1, "eye_l", np.array([1, 2, 3, 4], np.float32))
    qtbot.waitUntil(lambda: session.proposals.get(1).message == "eye_l", timeout=WAIT)  # type: ignore[union-attr]
    found = session.proposals.get(1)
    assert found is not None
    assert found.rois.tolist() == [[1, 2, 3, 4], [8, 8, 16, 16]]


def test_a_crash_is_a_message_and_a_restart(session: Session, project: Path, qtbot: QtBot) -> None:
    paint(project, 1, CRASH)
    messages: list[str] = []
    session.message.connect(lambda _, text: messages.append(text))
    with qtbot.waitSignal(session.proposals.failed, timeout=WAIT) as caught:
        session.open_project(project)
    assert caught.args[0] == 1
    assert "stopped unexpectedly (exit code -9)" in caught.args[1]
    with qtbot.waitSignal(session.proposals.arrived, timeout=WAIT):
        session.frames.go_to(2)
    assert any("started again" in text for text in messages)


def test_the_process_killed_from_outside_comes_back(
    session: Session, project: Path, gate: Path, qtbot: QtBot
) -> None:
    paint(project, 1, SLOW)
    session.open_project(project)
    qtbot.waitUntil(lambda: session.proposals.state == "working", timeout=WAIT)
    session.proposals.request(2)
    pid = session._inference.pid
    with qtbot.waitSignals([session.proposals.failed, session.proposals.arrived], timeout=WAIT):
        psutil.Process(pid).kill()
    assert session._inference.pid != pid
    assert session.proposals.get(2) is not None


def test_after_three_crashes_in_a_row_it_gives_up(session: Session, project: Path, qtbot: QtBot) -> None:
    for frame_id in range(1, 7):
        paint(project, frame_id, CRASH)
    session.open_project(project)
    with qtbot.waitSignal(session.jobs.ended, timeout=3 * WAIT) as caught:
        session.jobs.start_propose_all()
    (job,) = caught.args
    assert job.state is JobState.FAILED
    assert "3 times in a row" in job.message


def test_the_whole_project_is_proposed_beside_the_window(
    session: Session, project: Path, qtbot: QtBot
) -> None:
    paint(project, 5, BROKEN)
    session.open_project(project)
    with qtbot.waitSignal(session.jobs.ended, timeout=WAIT) as caught:
        session.jobs.start_propose_all()
    (job,) = caught.args
    assert job.state is JobState.DONE
    assert "5.jpg: this face cannot be read" in job.message
    assert session.store.proposals.frame_ids("one") == {1, 2, 3, 4, 6}
    assert session.frames.listed[3].mean_confidence == 0.5
    assert (job.done, job.total) in ((5, 5), (6, 6))
    with qtbot.waitSignal(session.jobs.ended, timeout=WAIT) as caught:
        session.jobs.start_propose_all([1, 2])
    assert "0 proposed by one, 2 already there" in caught.args[0].message


def test_the_frame_that_is_looked_at_goes_before_the_rest(
    session: Session, project: Path, gate: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[Any, ...]] = []
    send = Connection.send

    def noted(pipe: Connection, message: tuple[Any, ...]) -> None:
        send(pipe, message)
        sent.append(message)

    monkeypatch.setattr(Connection, "send", noted)
    paint(project, 3, SLOW)
    with qtbot.waitSignal(session.proposals.arrived, timeout=WAIT):
        session.open_project(project)
    arrived: list[int] = []
    session.proposals.arrived.connect(arrived.append)
    job = session.jobs.start_propose_all([3, 4, 5])
    session.frames.go_to(6)
    # Frame 3 is held until the pipe holds the request: an empty outbox would not tell, and frame 2 may still be first.
    qtbot.waitUntil(lambda: any(m[0] is Ask.PROPOSE and m[2].frame_id == 6 for m in sent), timeout=WAIT)
    gate.touch()
    qtbot.waitUntil(lambda: {3, 4, 5, 6} <= set(arrived), timeout=WAIT)
    assert arrived.index(6) < arrived.index(4)
    qtbot.waitUntil(lambda: not session.jobs.job(job.id).is_active, timeout=WAIT)


def test_a_run_can_be_stopped_and_keeps_what_it_did(
    session: Session, project: Path, gate: Path, qtbot: QtBot
) -> None:
    paint(project, 3, SLOW)
    with qtbot.waitSignal(session.proposals.arrived, timeout=WAIT):
        session.open_project(project)
    job = session.jobs.start_propose_all()
    qtbot.waitUntil(lambda: 2 in session.store.proposals.frame_ids("one"), timeout=WAIT)
    session.jobs.cancel(job.id)
    assert session.jobs.all[0].state is JobState.STOPPING
    with qtbot.waitSignal(session.jobs.ended, timeout=WAIT) as caught:
        gate.touch()
    assert caught.args[0].state is JobState.CANCELLED
    assert {1, 2} <= session.store.proposals.frame_ids("one") < {1, 2, 3, 4, 5, 6}


def test_a_proposal_of_the_model_before_is_kept_but_not_shown(
    session: Session, project: Path, gate: Path, qtbot: QtBot
) -> None:
    paint(project, 1, SLOW)
    session.open_project(project)
    qtbot.waitUntil(lambda: session.proposals.state == "working", timeout=WAIT)
    session.models.set_active("two")
    gate.touch()
    qtbot.waitUntil(lambda: session.proposals.get(1) is not None, timeout=WAIT)
    assert session.proposals.get(1).model_id == "two"  # type: ignore[union-attr]
    assert session.store.proposals.get(1, "one") is not None


def test_the_next_frame_is_proposed_ahead_when_nothing_else_is_to_do(
    session: Session, project: Path, qtbot: QtBot
) -> None:
    arrived: list[int] = []
    session.proposals.arrived.connect(arrived.append)
    session.open_project(project)
    qtbot.waitUntil(lambda: arrived == [1, 2], timeout=WAIT)
    found = session.proposals.get(2)
    assert found is not None
    assert found.heatmaps


def test_closing_the_project_ends_its_run(session: Session, project: Path, gate: Path, qtbot: QtBot) -> None:
    paint(project, 3, SLOW)
    session.open_project(project)
    session.jobs.start_propose_all()
    qtbot.waitUntil(lambda: 2 in session.store.proposals.frame_ids("one"), timeout=WAIT)
    assert session.close_project()
    with qtbot.waitSignal(session.jobs.ended, timeout=WAIT) as caught:
        gate.touch()
    assert caught.args[0].state is JobState.CANCELLED
    session.open_project(project)
    with qtbot.waitSignal(session.jobs.ended, timeout=WAIT) as caught:
        session.jobs.start_propose_all()
    assert caught.args[0].state is JobState.DONE
    assert session.store.proposals.frame_ids("one") == {1, 2, 3, 4, 5, 6}


def test_a_run_that_was_being_stopped_stays_stopped_after_a_crash(
    session: Session, project: Path, gate: Path, qtbot: QtBot
) -> None:
    paint(project, 3, SLOW)
    session.open_project(project)
    job = session.jobs.start_propose_all()
    qtbot.waitUntil(lambda: 2 in session.store.proposals.frame_ids("one"), timeout=WAIT)
    session.jobs.cancel(job.id)
    with qtbot.waitSignal(session.jobs.ended, timeout=WAIT) as caught:
        psutil.Process(session._inference.pid).kill()
    assert caught.args[0].state is JobState.CANCELLED
    assert session.store.proposals.frame_ids("one") <= {1, 2}
