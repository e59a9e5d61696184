"""What stays when the disk is full, the project cannot be written, or another window holds it."""

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import event as sql_event

from annotator.domain import edits
from annotator.domain.annotation import LandmarkState
from annotator.domain.errors import ProjectError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.project import opening
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore

M, P, C, K = LandmarkState.MISSING, LandmarkState.PROPOSED, LandmarkState.CORRECTED, LandmarkState.CONFIRMED


def states(session: Session, frame_id: int = 1) -> list[int]:
    return session.annotations.shown(frame_id).state.tolist()


def on_disk(session: Session, frame_id: int = 1) -> list[int]:
    with ProjectStore.open(session.path) as store:
        return store.annotations.get(frame_id).state.tolist()


def fill_disk(session: Session) -> None:
    """The project file may not grow from now on."""
    engine = session.store._database.engine
    engine.dispose()
    sql_event.listen(engine, "connect", _cap)


def free_disk(session: Session) -> None:
    engine = session.store._database.engine
    sql_event.remove(engine, "connect", _cap)
    engine.dispose()


def _cap(connection: object, _record: object) -> None:
    # Every new transaction needs a page: the file is already over the limit.
    connection.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]
    connection.execute("PRAGMA query_only = ON")  # type: ignore[attr-defined]


def test_a_full_disk_keeps_the_edit_pending_visible_and_in_order(opened: Session, qtbot: QtBot) -> None:
    opened.annotations.submit(opened.frames.current_id, edits.move([0], [[1, 1]]))
    fill_disk(opened)
    with qtbot.waitSignals(
        [opened.annotations.pending_changed, opened.message, opened.annotations.save_state_changed]
    ):
        opened.annotations.submit(opened.frames.current_id, edits.move([1], [[2, 2]]))
    opened.annotations.submit(opened.frames.current_id, edits.move([1], [[3, 3]]))
    assert len(opened.annotations.pending) == 2
    assert opened.annotations.save_state.startswith("2 edits not saved: show.annotator could not be saved")
    assert opened.annotations.human(1).state.tolist() == [C, C, M, M, M]
    assert opened.frames.listed[0].counts.human == 2
    assert opened.annotations.retry() is False
    assert opened.close_project() is False
    assert opened.is_open
    free_disk(opened)
    assert on_disk(opened) == [C, M, M, M, M]
    with qtbot.waitSignal(opened.annotations.pending_changed) as caught:
        opened.annotations.submit(opened.frames.current_id, edits.move([2], [[4, 4]]))
    assert (caught.args, opened.annotations.save_state) == ([0], "All changes saved")
    assert on_disk(opened) == [C, C, C, M, M]
    assert [entry.to_xy.tolist() for entry in opened.annotations.history(1)] == [
        [[4, 4]],
        [[3, 3]],
        [[2, 2]],
        [[1, 1]],
    ]
    assert opened.close_project()


def test_pending_edits_can_be_given_up_on_purpose(opened: Session, project: Path) -> None:
    fill_disk(opened)
    opened.annotations.submit(opened.frames.current_id, edits.move([1], [[2, 2]]))
    assert opened.close_project(discard_pending=True)
    opened.open_project(project)
    assert on_disk(opened) == [M] * 5
    assert len(opened.annotations.pending) == 0


def test_edits_of_a_project_opened_for_reading_stay_pending(session: Session, project: Path) -> None:
    session.open_project(project, read_only=True)
    session.annotations.submit(session.frames.current_id, edits.move([1], [[2, 2]]))
    assert session.store.read_only
    assert session.annotations.human(1).state[1] == C
    assert "reading only" in session.annotations.save_state


def test_a_second_window_on_the_same_project_is_refused(opened: Session, project: Path) -> None:
    other = Session(inference=InferenceProcess("fake_predictor:make"))
    try:
        with pytest.raises(
            ProjectError, match=r"open in another window \(.*, process \d+ on .*show\.annotator\.lock"
        ):
            other.open_project(project)
        assert not other.is_open
        other.open_project(project, read_only=True)
        assert other.frames.listed.ids.tolist() == [1, 2, 3, 4, 5, 6]
        assert other.close_project()
        assert opened.close_project()
        other.open_project(project)
        other.annotations.submit(1, edits.move([0], [[1, 1]]))
        np.testing.assert_array_equal(other.annotations.human(1).xy[0], [1, 1])
    finally:
        other.shutdown()


def test_what_cannot_be_opened_leaves_the_open_project(opened: Session, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.annotator"
    foreign.write_text("nothing that we know")
    with pytest.raises(ProjectError):
        opened.open_project(foreign)
    assert opened.store.path.stem == "show"
    opened.annotations.submit(opened.frames.current_id, edits.move([0], [[1, 1]]))
    assert on_disk(opened)[0] == C


def test_an_older_project_is_told_once_new_ones_take_newer_landmarks(
    tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "older.annotator"
    ProjectStore.create(older, load_scheme("studio-89@1"), tmp_path).close()
    told: list[str] = []
    session.message.connect(lambda _level, text: told.append(text))
    with monkeypatch.context() as before:
        before.setattr(opening, "DEFAULT_SCHEME", "studio-89@1")  # no model places the newer ones yet
        session.open_project(older)
        assert not any("annotator convert" in text for text in told)
        session.close_project()
    session.open_project(older)
    assert any("studio-89@2" in text and "annotator convert older.annotator" in text for text in told)
