"""Every answer is for the project, the frame and the file that it was asked for; what does not match is dropped."""

import sys
from pathlib import Path
from threading import Event

import numpy as np
import psutil
import pytest
from fake_predictor import CRASH, SLOW
from pytestqt.qtbot import QtBot
from session_files import write_frame

from annotator.domain.faces.propagation import Suggestions
from annotator.session.job import jobs
from annotator.session.job.job_board import JobState
from annotator.session.pixels import frame_loader
from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.processes.training_process import TrainingProcess
from annotator.session.session import Session
from annotator.session.suggestions import SuggestionDesk
from annotator.store.project_store import ProjectStore

WAIT = 60_000


@pytest.fixture
def inference(real_inference: InferenceProcess) -> InferenceProcess:
    return real_inference


def file_of(project: Path, frame_id: int) -> Path:
    with ProjectStore.open(project, read_only=True) as store:
        return store.frames.path(frame_id)


def start_slowly(session: Session, project: Path, qtbot: QtBot) -> None:
    """Frame 1 of a project is with the model, and stays there until the gate opens."""
    write_frame(file_of(project, 1), SLOW)
    session.open_project(project)
    qtbot.waitUntil(lambda: session.proposals.state == "working", timeout=WAIT)


def first(session: Session, frame_id: int = 1) -> list[float]:
    """Where the proposal has landmark 0: at (grey, 2 grey)."""
    found = session.proposals.get(frame_id)
    assert found is not None
    return found.xy[0].tolist()


def test_a_proposal_of_the_project_before_is_never_shown(
    session: Session, project: Path, other: Path, gate: Path, qtbot: QtBot
) -> None:
    start_slowly(session, project, qtbot)
    session.open_project(other)
    shown: list[list[float]] = []
    session.proposals.arrived.connect(lambda frame_id: shown.append([frame_id, *first(session, frame_id)]))
    assert session.frames.current_id == 1
    gate.touch()
    qtbot.waitUntil(lambda: len(shown) >= 2, timeout=WAIT)
    assert shown[:2] == [[1, 21, 42], [2, 22, 44]]
    assert session.annotations.shown(1).xy[0].tolist() == [21, 42]
    with ProjectStore.open(other, read_only=True) as store:
        kept = store.proposals.get(1, "one")
    assert kept is not None
    assert kept.xy[0].tolist() == [21, 42]


def test_a_failure_of_the_project_before_is_not_told_of_this_one(
    session: Session, project: Path, other: Path, gate: Path, qtbot: QtBot
) -> None:
    start_slowly(session, project, qtbot)
    failed: list[int] = []
    session.proposals.failed.connect(lambda frame_id, _text: failed.append(frame_id))
    session.open_project(other)
    psutil.Process(session._inference.pid).kill()
    qtbot.waitUntil(lambda: session.proposals.get(1) is not None, timeout=WAIT)
    assert failed == []
    assert first(session) == [21, 42]


def test_a_run_over_the_project_before_never_goes_on_in_this_one(
    session: Session, project: Path, other: Path, gate: Path, qtbot: QtBot
) -> None:
    write_frame(file_of(project, 1), CRASH)
    write_frame(file_of(project, 3), SLOW)
    with ProjectStore.open(project) as store:
        store.settings.set("current_frame", 2)
    with qtbot.waitSignal(session.proposals.arrived, timeout=WAIT):
        session.open_project(project)
    ended: list[JobState] = []
    session.jobs.ended.connect(lambda job: ended.append(job.state))
    session.jobs.start_propose_all([3, 2])
    psutil.Process(session._inference.pid).suspend()
    session.open_project(other)
    psutil.Process(session._inference.pid).kill()
    gate.touch()
    qtbot.waitUntil(lambda: session.proposals.get(1) is not None and bool(ended), timeout=WAIT)
    qtbot.waitUntil(lambda: session._inference.is_idle, timeout=WAIT)
    assert ended == [JobState.CANCELLED]
    with ProjectStore.open(other, read_only=True) as store:
        assert 3 not in store.proposals.frame_ids("one")


def test_a_file_that_is_replaced_while_it_is_proposed_is_proposed_as_it_is_now(
    session: Session, project: Path, gate: Path, qtbot: QtBot
) -> None:
    start_slowly(session, project, qtbot)
    write_frame(file_of(project, 1), 7)
    shown: list[list[float]] = []
    session.proposals.arrived.connect(lambda frame_id: shown.append([frame_id, *first(session, frame_id)]))
    gate.touch()
    qtbot.waitUntil(lambda: bool(shown), timeout=WAIT)
    assert shown[0] == [1, 7, 14]
    with ProjectStore.open(project, read_only=True) as store:
        kept = store.proposals.get(1, "one")
    assert kept is not None
    assert kept.xy[0].tolist() == [7, 14]


def test_a_frame_of_another_size_than_its_file_gets_no_proposal(
    session: Session, project: Path, qtbot: QtBot
) -> None:
    write_frame(file_of(project, 1), 7, (160, 120))
    with qtbot.waitSignal(session.proposals.failed, timeout=WAIT) as caught:
        session.open_project(project)
    assert caught.args[0] == 1
    assert "160 x 120 now; it was 320 x 240" in caught.args[1]
    with qtbot.waitSignal(session.jobs.ended, timeout=WAIT) as ended:
        session.jobs.start_propose_all([1, 2])
    assert "160 x 120 now; it was 320 x 240" in ended.args[0].message
    with ProjectStore.open(project, read_only=True) as store:
        assert store.proposals.frame_ids("one") == {2}
    assert session.proposals.get(1) is None


def test_pixels_of_a_file_that_was_replaced_are_read_again(
    session: Session, project: Path, qtbot: QtBot
) -> None:
    def grey(frame_id: int) -> int:
        image = session.frames.image(frame_id)
        return -1 if image is None or image.is_preview else int(image.levels[0][0, 0, 0])

    session.open_project(project)
    qtbot.waitUntil(lambda: grey(1) == 1 and session.frames.preview(1) is not None, timeout=WAIT)
    session.frames.go_to(2)
    write_frame(file_of(project, 1), 9)
    session.frames.go_to(1)
    assert grey(1) == -1, "neither the old pixels"
    assert session.frames.image(1) is None, "nor the old preview"
    qtbot.waitUntil(lambda: grey(1) == 9, timeout=WAIT)
    session.close_project()
    session.open_project(project)
    image = session.frames.image(1)
    assert image is not None
    assert int(np.median(image.levels[0])) == 9, "the preview was made anew, too"


def test_a_file_that_is_replaced_while_it_is_decoded_shows_as_it_is_now(
    session: Session, project: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode, seen = frame_loader.decode, []

    def replaced_meanwhile(path: Path) -> object:
        found = decode(path)
        if path.name == "1.jpg" and not seen:
            seen.append(path)
            write_frame(path, 9)
        return found

    monkeypatch.setattr(frame_loader, "decode", replaced_meanwhile)
    shown: list[int] = []

    def note(frame_id: int) -> None:
        image = session.frames.image(frame_id)
        assert image is not None
        if frame_id == 1:
            shown.append(int(image.levels[0][0, 0, 0]))

    session.frames.image_loaded.connect(note)
    session.open_project(project)
    qtbot.waitUntil(lambda: bool(shown), timeout=WAIT)
    assert shown == [9]


def test_what_is_read_beside_one_project_is_not_answered_in_another(
    session: Session, project: Path, other: Path, qtbot: QtBot
) -> None:
    told: list[str] = []
    session.open_project(project)
    session.read_beside("a", lambda store: store.path.stem, told.append)
    session.open_project(other)
    session.read_beside("b", lambda store: store.path.stem, told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=WAIT)
    assert told == ["other"]


def test_jobs_of_the_project_before_change_nothing_here_and_hold_nothing_up(
    session: Session, project: Path, other: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = Event()

    def slow(store: ProjectStore, *_: object) -> object:
        go.wait(30)
        return type("Report", (), {"text": store.path.stem})

    monkeypatch.setattr(jobs, "refresh_queues", slow)
    session.open_project(project)
    ended: list[str] = []
    session.jobs.ended.connect(lambda job: ended.append(job.message))
    assert session.queues.start_refresh() is not None
    assert session.queues.start_refresh() is None
    session.open_project(other)
    changed: list[bool] = []
    assert session.queues.start_refresh() is not None, "the other project's look is not ours"
    session.queues.changed.connect(lambda: changed.append(True))
    go.set()
    qtbot.waitUntil(lambda: sorted(ended) == ["other", "show"], timeout=WAIT)
    assert changed == [True]


def test_a_training_of_the_project_before_is_no_news_of_this_one(
    inference: InferenceProcess, project: Path, other: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_TRAIN", "wait")
    script = Path(__file__).with_name("fake_train.py")
    session = Session(inference=inference, training=TrainingProcess((sys.executable, str(script))))
    try:
        session.open_project(project)
        job = session.jobs.start_training({})
        qtbot.waitUntil(lambda: len(session.jobs.training_events) == 3, timeout=WAIT)
        told: list[dict[str, object]] = []
        session.open_project(other)
        session.jobs.training_event.connect(told.append)
        assert session.jobs.training_events == ()
        with qtbot.waitSignal(session.jobs.ended, timeout=WAIT) as caught:
            session.jobs.cancel(job.id)
        assert caught.args[0].state is JobState.CANCELLED
        assert told == []
        assert session.jobs.training_events == ()
        session.open_project(project)
        assert session.jobs.training_events[-1]["event"] == "stopped"
    finally:
        session.shutdown()


def test_suggestions_are_taken_where_they_were_made(
    session: Session, project: Path, other: Path, qtbot: QtBot
) -> None:
    desk = SuggestionDesk(session)
    session.open_project(project)
    qtbot.waitUntil(lambda: session.proposals.get(1) is not None, timeout=WAIT)
    stale, key = Suggestions(np.array([1]), np.array([[7.0, 8.0]]), np.array([0.9])), session.keys.of(1)
    session.open_project(other)
    desk._current, desk._key = stale, key  # as if the news had not come yet
    assert desk.accept() == 0
    assert not session.annotations.human(1).is_human.any()
    session.open_project(project)
    session.frames.go_to(2)
    desk._current, desk._key = stale, key
    assert desk.accept() == 1
    assert session.annotations.human(1).xy[1].tolist() == [7, 8]
    assert not session.annotations.human(2).is_human.any()


def test_a_replaced_file_is_shown_as_soon_as_anybody_asks_about_it(
    session: Session, project: Path, qtbot: QtBot
) -> None:
    """The proposal's request sees it first; the pixels under it follow, so that no points lie on another picture."""
    session.open_project(project)
    qtbot.waitUntil(lambda: session.proposals.get(1) is not None, timeout=WAIT)
    write_frame(file_of(project, 1), 9)
    session.proposals.request(1, force=True)
    assert session.proposals.get(1) is None, "the stored one is of the file before"
    qtbot.waitUntil(lambda: session.proposals.get(1) is not None, timeout=WAIT)
    assert first(session) == [9, 18]

    def grey() -> int:
        image = session.frames.image(1)
        return -1 if image is None else int(image.levels[0][0, 0, 0])

    qtbot.waitUntil(lambda: grey() == 9, timeout=WAIT)
