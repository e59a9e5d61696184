"""Jobs in threads, export and import through the session, and the training process."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot
from session_files import write_frame

from annotator.domain import edits
from annotator.domain.annotation import LandmarkState
from annotator.domain.errors import AnnotatorError, ModelError
from annotator.domain.progress import Cancelled, Progress, Stop
from annotator.services.project.export_filter import ExportFilter
from annotator.session.job.job_board import JobBoard, JobState
from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.processes.training_process import TrainingProcess
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore

WAIT = 60_000
TRAIN = Path(__file__).with_name("fake_train.py")


@pytest.fixture
def board(qtbot: QtBot) -> Iterator[JobBoard]:
    made = JobBoard()
    yield made
    made.shutdown()


@pytest.fixture
def session(qtbot: QtBot, inference: InferenceProcess) -> Iterator[Session]:
    made = Session(inference=inference, training=TrainingProcess((sys.executable, str(TRAIN))))
    yield made
    made.shutdown()


def test_a_job_tells_how_far_it_is_and_what_it_did(board: JobBoard, qtbot: QtBot) -> None:
    seen: list[tuple[JobState, int, int, str]] = []
    board.changed.connect(lambda job: seen.append((job.state, job.done, job.total, job.message)))

    def work(progress: Progress, stop: Stop) -> str:
        progress(1, 2, "half")
        progress(2, 2, "all")
        return "two things done"

    with qtbot.waitSignal(board.ended, timeout=WAIT) as caught:
        board.run("export", "Export", work)
    assert seen == [
        (JobState.RUNNING, 0, 0, ""),
        (JobState.RUNNING, 1, 2, "half"),
        (JobState.RUNNING, 2, 2, "all"),
        (JobState.DONE, 2, 2, "two things done"),
    ]
    assert caught.args[0].result == "two things done"


@pytest.mark.parametrize(
    ("error", "state", "message"),
    [
        (AnnotatorError("do this instead"), JobState.FAILED, "do this instead"),
        (ZeroDivisionError("oh"), JobState.FAILED, "ZeroDivisionError: oh"),
        (Cancelled("3 were done"), JobState.CANCELLED, "3 were done"),
    ],
)
def test_a_job_that_fails_says_why(
    board: JobBoard, error: Exception, state: JobState, message: str, qtbot: QtBot
) -> None:
    def work(progress: Progress, stop: Stop) -> None:
        raise error

    with qtbot.waitSignal(board.ended, timeout=WAIT) as caught:
        board.run("export", "Export", work)
    assert (caught.args[0].state, caught.args[0].message) == (state, message)


def test_a_job_stops_when_it_is_asked_to(board: JobBoard, qtbot: QtBot) -> None:
    begun = threading.Event()

    def work(progress: Progress, stop: Stop) -> None:
        begun.set()
        while not stop():
            pass

    job = board.run("export", "Export", work)
    assert begun.wait(20)
    with qtbot.waitSignal(board.ended, timeout=WAIT) as caught:
        board.cancel(job.id)
        assert board.job(job.id).state is JobState.STOPPING
    assert caught.args[0].state is JobState.CANCELLED
    board.cancel(job.id)
    assert board.job(job.id).state is JobState.CANCELLED


def test_export_and_import_again_as_jobs(opened: Session, tmp_path: Path, qtbot: QtBot) -> None:
    opened.annotations.submit(
        opened.frames.current_id, edits.move(range(5), [[i + 0.5, 2 * i + 0.5] for i in range(5)])
    )
    kept = opened.annotations.human(1)
    file = tmp_path / "out.json"
    with qtbot.waitSignal(opened.jobs.ended, timeout=WAIT) as caught:
        opened.jobs.start_export(file, "coco", ExportFilter(subjects=("ada",)))
    assert (caught.args[0].state, caught.args[0].message) == (
        JobState.DONE,
        "5 landmarks of 1 frames; 5 frames had none to export",
    )
    assert json.loads(file.read_text())["annotations"]
    opened.annotations.submit(opened.frames.current_id, edits.clear(range(5)))
    with qtbot.waitSignal(opened.jobs.ended, timeout=WAIT) as caught:
        opened.jobs.start_import_annotations(file, "coco")
    assert caught.args[0].state is JobState.DONE
    assert opened.annotations.human(1).xy.tolist() == kept.xy.tolist()
    assert opened.frames.listed[0].counts.human == 5


def test_an_import_over_many_frames_is_one_step_to_undo(
    opened: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    ids = [int(frame) for frame in opened.frames.listed.ids[:3]]
    for frame_id in ids:
        opened.annotations.submit(frame_id, edits.move(range(5), [[i + 0.5, 2 * i + 0.5] for i in range(5)]))
    file = tmp_path / "out.json"
    with qtbot.waitSignal(opened.jobs.ended, timeout=WAIT):
        opened.jobs.start_export(file, "coco")
    for frame_id in ids:
        opened.annotations.submit(frame_id, edits.clear(range(5)))
    opened.annotations.submit(ids[1], edits.move((4,), [[7.5, 8.5]]))
    before = {frame_id: opened.annotations.human(frame_id) for frame_id in ids}
    with qtbot.waitSignal(opened.jobs.ended, timeout=WAIT):
        opened.jobs.start_import_annotations(file, "coco")
    assert opened.annotations.undo_stack.undoText() == "Import out.json"
    after = {frame_id: opened.annotations.human(frame_id) for frame_id in ids}
    assert all(after[i].is_human[:5].all() for i in ids)
    assert after[ids[1]].xy[4].tolist() == [7.5, 8.5]
    for step, wanted in (
        (opened.annotations.undo_stack.undo, before),
        (opened.annotations.undo_stack.redo, after),
    ):
        with qtbot.waitSignal(opened.jobs.ended, timeout=WAIT) as caught:
            step()
        assert caught.args[0].state is JobState.DONE, caught.args[0].message
        assert {i: opened.annotations.human(i) for i in ids} == wanted
        assert {i: opened.store.annotations.get(i) for i in ids} == wanted, "on disk"
    opened.annotations.submit(ids[0], edits.move((0,), [[50.0, 60.0]]))  # say, by another program
    with qtbot.waitSignal(opened.jobs.ended, timeout=WAIT):
        opened.jobs.start_take_back(
            [entry.id for entry in opened.annotations.history(ids[0]) if entry.label.startswith("Import")],
            False,
        )
    assert opened.annotations.human(ids[0]).xy[0].tolist() == [50.0, 60.0], "what was changed since stays"
    assert not opened.annotations.human(ids[0]).is_human[1:5].any()


def test_proposals_of_a_file_are_shown_like_a_models(opened: Session, tmp_path: Path, qtbot: QtBot) -> None:
    opened.annotations.submit(
        opened.frames.current_id, edits.move(range(5), [[i + 0.5, 2 * i + 0.5] for i in range(5)])
    )
    kept = opened.annotations.human(1)
    file = tmp_path / "out.csv"
    with qtbot.waitSignal(opened.jobs.ended, timeout=WAIT):
        opened.jobs.start_export(file, "csv", ExportFilter(subjects=("ada",)))
    opened.annotations.submit(opened.frames.current_id, edits.clear(range(5)))
    with qtbot.waitSignal(opened.models.changed, timeout=WAIT):
        opened.jobs.start_import_annotations(file, "csv", as_proposals=True)
    opened.models.set_active("import:csv")
    shown = opened.annotations.shown(1)
    assert shown.xy[:5].tolist() == kept.xy[:5].tolist()
    assert (shown.state[:5] == LandmarkState.PROPOSED).all()
    assert not opened.annotations.human(1).is_human.any()
    assert not opened.proposals.request(1, force=True)
    with pytest.raises(ModelError, match="came in a file"):
        opened.jobs.start_propose_all()


def test_an_export_that_cannot_be_is_a_failed_job(opened: Session, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(opened.jobs.ended, timeout=WAIT) as caught:
        opened.jobs.start_export(tmp_path / "out.json", "coco")
    assert caught.args[0].state is JobState.FAILED
    assert "nothing was written" in caught.args[0].message
    assert not (tmp_path / "out.json").exists()


def test_imported_frames_are_listed(opened: Session, qtbot: QtBot) -> None:
    for name in ("a", "b"):
        write_frame(opened.store.frames.capture_root / f"cleo/right/{name}.jpg", 40)
    with qtbot.waitSignals([opened.jobs.ended, opened.frames.list_changed], timeout=WAIT):
        opened.jobs.start_import_captures(opened.store.frames.capture_root, "{subject}/{camera}/{frame}.jpg")
    assert opened.jobs.all[-1].message.startswith("2 frames added")
    assert len(opened.frames.listed) == 8
    assert opened.store.frames.facets()["subject"] == ["ada", "cleo"]


def test_training_events_curves_and_end(opened: Session, project: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignals([opened.jobs.ended, opened.models.changed], timeout=WAIT):
        opened.jobs.start_training({"recipe": "light", "steps": 2, "minutes": None, "resume": True})
    job = opened.jobs.all[-1]
    assert (job.state, job.done, job.total) == (JobState.DONE, 2, 2)
    assert job.result["after"] == {"all": 2.5}  # type: ignore[index]
    events = opened.jobs.training_events
    assert [event["event"] for event in events] == ["start", "step", "step", "done"]
    arguments = events[0]["arguments"]
    assert arguments[0] == "train"
    assert arguments[-5:] == ["--recipe", "light", "--steps", "2", "--resume"]
    opened.close_project()
    with ProjectStore.open(project) as store:  # as the real child does
        store.settings.set("training_run", {"folder": "show.run", "pid": 0})
    opened.open_project(project)
    assert [event["event"] for event in opened.jobs.training_events] == ["start", "step", "step", "done"]


def test_a_convention_is_learnt_by_its_own_command(opened: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignals([opened.jobs.ended, opened.models.changed], timeout=WAIT):
        opened.jobs.start_learning_convention({"model": "one"})
    arguments = opened.jobs.training_events[0]["arguments"]
    assert (arguments[0], arguments[-2:]) == ("learn-convention", ["--model", "one"])
    with pytest.raises(AnnotatorError, match="steps"):
        opened.jobs.start_learning_convention({"steps": 2})


@pytest.mark.parametrize(
    ("mode", "words"), [("error", "nothing to learn from"), ("crash", "Traceback: out of everything")]
)
def test_a_training_that_fails_says_why(
    opened: Session, monkeypatch: pytest.MonkeyPatch, mode: str, words: str, qtbot: QtBot
) -> None:
    monkeypatch.setenv("FAKE_TRAIN", mode)
    with qtbot.waitSignal(opened.jobs.ended, timeout=WAIT) as caught:
        opened.jobs.start_training({})
    assert caught.args[0].state is JobState.FAILED
    assert words in caught.args[0].message


def test_a_training_is_stopped_by_a_line_on_its_input(
    opened: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setenv("FAKE_TRAIN", "wait")
    job = opened.jobs.start_training({})
    qtbot.waitUntil(lambda: len(opened.jobs.training_events) == 3, timeout=WAIT)
    with pytest.raises(AnnotatorError, match="already"):
        opened.jobs.start_training({})
    with qtbot.waitSignal(opened.jobs.ended, timeout=WAIT) as caught:
        opened.jobs.cancel(job.id)
    assert caught.args[0].state is JobState.CANCELLED
    assert opened.jobs.training_events[-1]["asked"] == {"cmd": "stop"}


@pytest.mark.parametrize(("own", "used"), [(None, "7"), ("3", "3")])
def test_a_training_lets_the_window_go_first(
    opened: Session, monkeypatch: pytest.MonkeyPatch, own: str | None, used: str, qtbot: QtBot
) -> None:
    monkeypatch.setenv("FAKE_TRAIN", "wait")
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    if own is None:
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    else:
        monkeypatch.setenv("OMP_NUM_THREADS", own)
    job = opened.jobs.start_training({})
    qtbot.waitUntil(lambda: len(opened.jobs.training_events) == 3, timeout=WAIT)
    assert opened.jobs.training_events[0]["threads"] == used
    assert psutil.Process(opened.jobs._training.pid).nice() != psutil.Process().nice()
    with qtbot.waitSignal(opened.jobs.ended, timeout=WAIT):
        opened.jobs.cancel(job.id)


def test_an_unknown_option_starts_nothing(opened: Session) -> None:
    with pytest.raises(AnnotatorError, match="speed"):
        opened.jobs.start_training({"speed": 2})
    assert opened.jobs.all == []


def test_a_program_that_is_not_there_fails(qtbot: QtBot) -> None:
    process = TrainingProcess(("no-such-program-anywhere",))
    with qtbot.waitSignal(process.ended, timeout=WAIT) as caught:
        process.start([])
    assert caught.args[0] == "failed"
    assert "could not be started" in caught.args[1]


def test_a_restarted_window_follows_a_training_that_outlived_the_last(
    session: Session, project: Path, qtbot: QtBot
) -> None:
    command = [sys.executable, str(TRAIN), "train", str(project)]
    environment = {**os.environ, "FAKE_TRAIN": "wait"}
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    try:
        assert child.stdout is not None
        while b'"step": 2' not in child.stdout.readline():
            pass
        with ProjectStore.open(project) as store:
            store.settings.set("training_run", {"folder": "show.run", "pid": child.pid})
        session.open_project(project)
        assert [event["event"] for event in session.jobs.training_events] == ["start", "step", "step"]
        (job,) = session.jobs.all
        assert job.kind == "train"
        assert job.is_active
        with qtbot.waitSignal(session.jobs.ended, timeout=WAIT) as caught:
            child.communicate(b"{}\n")
        assert caught.args[0].state is JobState.CANCELLED
        assert session.jobs.training_events[-1]["event"] == "stopped"
    finally:
        child.kill()
        child.wait()
