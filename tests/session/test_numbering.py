"""A camera of a take that counts otherwise is numbered as the others, as one undo step."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from rig_project import SCHEME, SIZE, make_rig

from annotator.domain.capture import Frame
from annotator.domain.takes.take import TakeError
from annotator.session.rigs.rigs import Alone, Rigs
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore

WAIT = 60_000


@pytest.fixture
def shown(qtbot: QtBot, session: Session, tmp_path: Path) -> Session:
    """`ada/talk`: 1001 to 1003 of one camera, 000001 to 000003 of another, which is shown (frame 4)."""
    path = tmp_path / "show.annotator"
    with ProjectStore.create(path, SCHEME, tmp_path) as made:
        made.rigs.add(make_rig())
        made.frames.add(
            Frame(0, f"{camera}/{index}.jpg", "ada", "talk", camera, index, *SIZE)
            for camera, indices in (
                ("front", ("1001", "1002", "1003")),
                ("left", ("000001", "000002", "000003")),
            )
            for index in indices
        )
        left = made.frames.by_path()["left/000001.jpg"]
    session.open_project(path)
    session.frames.go_to(left)
    qtbot.waitUntil(lambda: session.time.take.place == 0, timeout=WAIT)
    return session


def numbers(session: Session) -> list[str]:
    return session.store.sequences.indices_of("ada", "talk")["left"]


def test_frames_are_numbered_and_numbered_back(shown: Session, qtbot: QtBot) -> None:
    sequence, frame_id = shown.time.take.state.sequence, shown.frames.current_id
    done = shown.numbering.renumber(sequence, "1001")
    assert done.frames == 3
    assert numbers(shown) == ["1001", "1002", "1003"]
    assert (shown.frames.current_id, shown.frames.current.index) == (frame_id, "1001")
    qtbot.waitUntil(
        lambda: shown.time.take.state.sequence.numbers.tolist() == [1001, 1002, 1003], timeout=WAIT
    )
    assert shown.annotations.undo_stack.undoText() == "Number ada / talk / left from 1001"
    shown.annotations.undo()
    assert numbers(shown) == ["000001", "000002", "000003"]
    assert shown.frames.current.index == "000001"
    shown.annotations.redo()
    assert numbers(shown) == ["1001", "1002", "1003"]


def test_what_is_no_number_changes_nothing(shown: Session) -> None:
    with pytest.raises(TakeError, match="no frame number"):
        shown.numbering.renumber(shown.time.take.state.sequence, "ten")
    assert numbers(shown) == ["000001", "000002", "000003"]
    assert not shown.annotations.undo_stack.canUndo()


def test_the_same_number_is_no_step(shown: Session) -> None:
    assert not shown.numbering.renumber(shown.time.take.state.sequence, "000001").new
    assert not shown.annotations.undo_stack.canUndo()


def test_a_camera_that_shares_no_moment_says_what_to_do(shown: Session, qtbot: QtBot) -> None:
    rigs = Rigs(shown, shown)
    rigs.look()
    qtbot.waitUntil(lambda: rigs.why_alone is Alone.APART, timeout=WAIT)
    shown.numbering.renumber(shown.time.take.state.sequence, "1001")
    qtbot.waitUntil(lambda: rigs.moment is not None, timeout=WAIT)
    assert len(rigs.frame_ids()) == 2
    assert rigs.why_alone is None
