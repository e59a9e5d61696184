"""An edit never overwrites what the person did not see: merged where hands differ, asked about where they met."""

import pytest
from other_program import chain_is_true, import_places, on_disk
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import event as sql_event

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.domain.errors import ProjectError
from annotator.session import pointer
from annotator.session.editing.conflicts import EditConflict
from annotator.session.session import Session
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

WAIT = 30_000


def test_a_nudge_never_writes_old_places_back(placed: Session) -> None:
    seen = placed.annotations.shown(1)
    import_places(placed.path, {1: {i: (100 + i, 100) for i in range(5)}})
    placed.annotations.submit(placed.frames.current_id, edits.nudge(seen, [0, 1, 2, 3, 4], 0.1, 0))
    theirs = [[100 + i, 100] for i in range(5)]
    assert on_disk(placed).xy.tolist() == theirs, "it stays until a person decides"
    assert placed.annotations.shown(1).xy.tolist() == theirs, "and is shown"
    chain_is_true(placed)


def test_landmarks_of_different_hands_are_merged(
    placed: Session, asked: list[EditConflict], qtbot: QtBot
) -> None:
    import_places(placed.path, {1: {0: (100, 101)}})
    placed.annotations.submit(placed.frames.current_id, edits.move([1], [[7, 8]]))
    assert on_disk(placed).xy[:3].tolist() == [[100, 101], [7, 8], [20, 20]]
    assert placed.annotations.shown(1) == on_disk(placed)
    placed.annotations.undo_stack.undo()
    assert on_disk(placed).xy[:3].tolist() == [[100, 101], [10, 10], [20, 20]]
    chain_is_true(placed)
    placed._watch.look()
    qtbot.waitUntil(lambda: not placed._watch._looking)
    assert asked == []


def test_the_person_is_asked_landmark_by_landmark(
    placed: Session, asked: list[EditConflict], qtbot: QtBot
) -> None:
    import_places(placed.path, {1: {0: (100, 100), 1: (110, 110)}})
    placed.annotations.submit(placed.frames.current_id, edits.move([0, 1, 2], [[1, 1], [2, 2], [3, 3]]))
    assert on_disk(placed).xy[:3].tolist() == [[100, 100], [110, 110], [3, 3]]
    qtbot.waitUntil(lambda: len(asked) == 1)
    (conflict,) = asked
    assert (conflict.frame_id, conflict.indices.tolist(), conflict.review) == (1, [0, 1], False)
    assert conflict.mine.xy[:2].tolist() == [[1, 1], [2, 2]]
    assert conflict.theirs.xy[:2].tolist() == [[100, 100], [110, 110]]
    assert "for your answer" in placed.annotations.save_state
    assert not placed.close_project(), "an answer is still open"
    placed.annotations.resolve(conflict, keep=[1])
    assert on_disk(placed).xy[:3].tolist() == [[100, 100], [2, 2], [3, 3]]
    assert placed.annotations.save_state == "All changes saved"
    placed.annotations.undo_stack.undo()
    assert on_disk(placed).xy[:3].tolist() == [[100, 100], [110, 110], [3, 3]], "the answer is a step"
    placed.annotations.undo_stack.undo()
    assert on_disk(placed).xy[:3].tolist() == [[100, 100], [110, 110], [20, 20]], "theirs is not ours to undo"
    placed.annotations.undo_stack.redo()
    assert on_disk(placed).xy[:3].tolist() == [[100, 100], [110, 110], [3, 3]]
    chain_is_true(placed)
    placed.annotations.resolve(conflict, keep=[0])
    assert on_disk(placed).xy[0].tolist() == [100, 100], "it was answered"


def test_theirs_is_kept_where_the_person_says_nothing(
    placed: Session, asked: list[EditConflict], qtbot: QtBot
) -> None:
    count = placed.annotations.undo_stack.count()
    import_places(placed.path, {1: {0: (100, 100)}})
    placed.annotations.submit(placed.frames.current_id, edits.move([0], [[1, 1]]))
    assert placed.annotations.undo_stack.count() == count, "nothing was done that could be undone"
    qtbot.waitUntil(lambda: len(asked) == 1)
    placed.annotations.resolve(asked[0])
    assert on_disk(placed).xy[0].tolist() == [100, 100]
    assert placed.close_project()


@pytest.mark.parametrize("noticed", [False, True])
def test_undo_never_takes_back_what_another_program_set(
    placed: Session, asked: list[EditConflict], qtbot: QtBot, noticed: bool
) -> None:
    placed.annotations.submit(placed.frames.current_id, edits.move([0, 1], [[1, 1], [2, 2]]))
    import_places(placed.path, {1: {0: (100, 100)}})
    if noticed:
        qtbot.waitUntil(lambda: placed.annotations.shown(1).xy[0].tolist() == [100, 100], timeout=WAIT)
    placed.annotations.undo_stack.undo()
    assert on_disk(placed).xy[:2].tolist() == [[100, 100], [10, 10]]
    qtbot.waitUntil(lambda: len(asked) == 1)
    assert asked[0].indices.tolist() == [0]
    assert asked[0].label == "Undo move 2 landmarks"
    assert asked[0].mine.xy[0].tolist() == [0, 0]
    placed.annotations.undo_stack.redo()
    assert on_disk(placed).xy[:2].tolist() == [[100, 100], [2, 2]], "redo brings back its own landmark alone"
    placed.annotations.resolve(asked[0], keep=[0])
    assert on_disk(placed).xy[0].tolist() == [0, 0], "mine was offered, and taken"
    chain_is_true(placed)


def test_redo_never_takes_back_what_another_program_set(placed: Session) -> None:
    placed.annotations.submit(placed.frames.current_id, edits.move([0, 1], [[1, 1], [2, 2]]))
    placed.annotations.undo_stack.undo()
    import_places(placed.path, {1: {1: (110, 110)}})
    placed.annotations.undo_stack.redo()
    assert on_disk(placed).xy[:2].tolist() == [[1, 1], [110, 110]]
    chain_is_true(placed)


def test_an_undo_of_which_nothing_is_left_is_no_step_any_more(
    placed: Session, asked: list[EditConflict], qtbot: QtBot
) -> None:
    placed.annotations.submit(placed.frames.current_id, edits.move([0], [[1, 1]]))
    import_places(placed.path, {1: {0: (100, 100)}})
    placed.annotations.undo_stack.undo()
    assert not placed.annotations.undo_stack.canRedo()
    assert on_disk(placed).xy[0].tolist() == [100, 100]
    qtbot.waitUntil(lambda: len(asked) == 1)


def test_a_stroke_that_another_program_broke_into_is_undone_without_its_landmarks(placed: Session) -> None:
    stroke = placed.annotations.new_stroke()
    placed.annotations.submit(placed.frames.current_id, edits.move([0, 1], [[1, 1], [2, 2]], stroke))
    import_places(placed.path, {1: {1: (110, 110)}})
    placed.annotations.submit(placed.frames.current_id, edits.move([0], [[3, 3]], stroke))
    placed.annotations.undo_stack.undo()
    assert on_disk(placed).xy[:2].tolist() == [[0, 0], [110, 110]]
    chain_is_true(placed)


def test_review_states_are_asked_about_too(placed: Session, asked: list[EditConflict], qtbot: QtBot) -> None:
    with ProjectStore.open(placed.path) as store:
        held = store.annotations.get(1)
        rejected = edits.apply(edits.set_review(ReviewState.REJECTED), held)[0]
        store.annotations.commit(Change(1, held, rejected, "Reject", user="vendor"))
    placed.annotations.submit(placed.frames.current_id, edits.set_review(ReviewState.APPROVED))
    assert on_disk(placed).review is ReviewState.REJECTED
    qtbot.waitUntil(lambda: len(asked) == 1)
    assert (asked[0].review, asked[0].indices.tolist()) == (True, [])
    placed.annotations.resolve(asked[0], review=True)
    assert on_disk(placed).review is ReviewState.APPROVED


def test_pending_edits_obey_the_same_rule(placed: Session, asked: list[EditConflict], qtbot: QtBot) -> None:
    def full(connection: object, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON")  # type: ignore[attr-defined]

    engine = placed.store._database.engine
    engine.dispose()
    sql_event.listen(engine, "connect", full)
    placed.annotations.submit(placed.frames.current_id, edits.move([0], [[1, 1]]))
    placed.annotations.submit(placed.frames.current_id, edits.move([0, 2], [[4, 4], [5, 5]]))
    placed.annotations.submit(placed.frames.current_id, edits.move([3], [[6, 6]]))
    placed.annotations.undo_stack.undo()
    assert len(placed.annotations.pending) == 4
    news: list[str] = []
    placed.message.connect(lambda _level, text: news.append(text))
    import_places(placed.path, {1: {0: (100, 100), 3: (130, 130)}})
    qtbot.waitUntil(lambda: "Another program changed 1 frame" in news, timeout=WAIT)
    assert placed.annotations.shown(1).xy[0].tolist() == [4, 4], "what waits is shown"
    sql_event.remove(engine, "connect", full)
    engine.dispose()
    assert placed.annotations.retry()
    assert on_disk(placed).xy[:4].tolist() == [[100, 100], [10, 10], [5, 5], [130, 130]]
    assert placed.annotations.shown(1) == on_disk(placed)
    qtbot.waitUntil(lambda: len(asked) == 1)
    assert asked[0].indices.tolist() == [0], (
        "landmark 3 was moved and moved back: nobody wants anything of it"
    )
    placed.annotations.resolve(asked[0], keep=[0])
    assert on_disk(placed).xy[0].tolist() == [4, 4]
    chain_is_true(placed)


class Pressed(QGuiApplication):
    """A mouse whose button is down as long as the test says so."""

    down = Qt.MouseButton.LeftButton

    @classmethod
    def mouseButtons(cls) -> Qt.MouseButton:
        return cls.down


def test_nothing_moves_under_a_hand_that_is_pressed(
    placed: Session, asked: list[EditConflict], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drag that began before is made on what was seen then: it is asked about, never merged by chance."""
    monkeypatch.setattr(pointer, "QGuiApplication", Pressed)
    monkeypatch.setattr(Pressed, "down", Qt.MouseButton.LeftButton)
    import_places(placed.path, {1: {0: (100, 100)}})
    qtbot.waitUntil(lambda: bool(placed._watch._untold), timeout=WAIT)
    assert placed.annotations.shown(1).xy[0].tolist() == [0, 0]
    placed.annotations.submit(placed.frames.current_id, edits.move([0], [[1, 1]]))
    assert on_disk(placed).xy[0].tolist() == [100, 100]
    monkeypatch.setattr(Pressed, "down", Qt.MouseButton.NoButton)
    qtbot.waitUntil(lambda: len(asked) == 1 and not placed._watch._untold)


def test_a_conflict_of_a_project_that_was_closed_is_nobodys(
    placed: Session, asked: list[EditConflict], qtbot: QtBot
) -> None:
    import_places(placed.path, {1: {0: (100, 100)}})
    placed.annotations.submit(placed.frames.current_id, edits.move([0], [[1, 1]]))
    qtbot.waitUntil(lambda: len(asked) == 1)
    path = placed.path
    other = path.with_name("other.annotator")
    ProjectStore.create(other, placed.scheme, path.parent).close()
    with pytest.raises(ProjectError, match="not saved"):
        placed.open_project(other)
    assert placed.close_project(discard_pending=True)
    placed.open_project(path)
    placed.annotations.resolve(asked[0], keep=[0])
    assert on_disk(placed).xy[0].tolist() == [100, 100]
