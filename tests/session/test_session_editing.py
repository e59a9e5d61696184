"""Edits through the session: layers, undo across frames, the ledger."""

import math
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.domain import edits
from annotator.domain.annotation import Flag, LandmarkState, ReviewState
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore

M, P, C, K = LandmarkState.MISSING, LandmarkState.PROPOSED, LandmarkState.CORRECTED, LandmarkState.CONFIRMED


@pytest.fixture
def proposed(opened: Session, qtbot: QtBot) -> Session:
    """Frame 1 with the proposal of model one: landmark i at (10 i + 1, 20 i + 2)."""
    qtbot.waitUntil(lambda: opened.proposal(1) is not None, timeout=60_000)
    return opened


def states(session: Session, frame_id: int = 1) -> list[int]:
    return session.annotation(frame_id).state.tolist()


def on_disk(session: Session, frame_id: int = 1) -> list[int]:
    with ProjectStore.open(session.path) as store:
        return store.annotations.get(frame_id).state.tolist()


def test_a_proposal_shows_where_no_person_set_a_point(proposed: Session) -> None:
    shown = proposed.annotation(1)
    assert shown.state.tolist() == [P] * 5
    assert shown.xy[3].tolist() == [31, 62]
    assert proposed.human_annotation(1).state.tolist() == [M] * 5


def test_dragging_a_proposed_point_corrects_it_from_the_proposed_place(proposed: Session) -> None:
    proposed.submit(edits.move([3], [[50, 60]]))
    assert states(proposed) == [P, P, P, C, P]
    assert on_disk(proposed) == [M, M, M, C, M]
    (entry,) = proposed.ledger(1)
    assert (entry.from_xy.tolist(), entry.to_xy.tolist()) == ([[31, 62]], [[50, 60]])
    assert (entry.from_state.tolist(), entry.model_id, entry.label) == ([P], "one", "Move 1 landmark")


def test_a_later_proposal_never_moves_what_a_person_set(proposed: Session, qtbot: QtBot) -> None:
    proposed.submit(edits.move([3], [[50, 60]]))
    with qtbot.waitSignal(proposed.proposal_arrived, timeout=60_000):
        proposed.set_active_model("two")
    assert states(proposed) == [P, P, P, C, P]
    assert proposed.annotation(1).xy[3].tolist() == [50, 60]


def test_undo_brings_the_proposal_back_and_redo_the_correction(proposed: Session) -> None:
    before = proposed.annotation(1)
    proposed.submit(edits.move([3], [[50, 60]]))
    after = proposed.annotation(1)
    proposed.undo_stack.undo()
    assert proposed.annotation(1) == before
    assert on_disk(proposed) == [M] * 5
    proposed.undo_stack.redo()
    assert proposed.annotation(1) == after
    assert [entry.label for entry in proposed.ledger(1)] == [
        "Redo move 1 landmark",
        "Undo move 1 landmark",
        "Move 1 landmark",
    ]


def test_accepting_the_frame_is_one_step(proposed: Session) -> None:
    proposed.submit(edits.move([0], [[5, 5]]))
    proposed.submit(edits.accept(proposed.annotation(1)))
    assert states(proposed) == on_disk(proposed) == [K, K, K, K, K]
    proposed.undo_stack.undo()
    assert states(proposed) == [C, P, P, P, P]


def test_a_flag_on_a_proposed_point_leaves_it_proposed(proposed: Session) -> None:
    proposed.submit(edits.set_flags(proposed.annotation(1), [2], Flag.OCCLUDED, True))
    shown = proposed.annotation(1)
    assert (shown.state.tolist(), shown.flags.tolist()) == ([P] * 5, [0, 0, 1, 0, 0])
    assert on_disk(proposed) == [M] * 5
    proposed.undo_stack.undo()
    assert proposed.annotation(1).flags.tolist() == [0] * 5


def test_clearing_a_correction_goes_back_to_the_proposal(proposed: Session) -> None:
    proposed.submit(edits.move([2], [[1, 1]]))
    proposed.submit(edits.clear([2]))
    assert proposed.annotation(1).xy[2].tolist() == [21, 42]
    assert states(proposed) == [P] * 5


def test_what_changes_nothing_is_no_step(proposed: Session) -> None:
    proposed.submit(edits.clear([2]))
    proposed.submit(edits.set_review(ReviewState.UNREVIEWED))
    assert proposed.undo_stack.count() == 0
    assert proposed.ledger() == []


def test_a_gesture_is_one_step_however_many_edits_it_sends(opened: Session) -> None:
    empty = opened.human_annotation(1)
    stroke = opened.new_stroke()
    for x in range(5):
        opened.submit(edits.move([x % 2], [[x, x]], stroke=stroke))
    opened.submit(edits.move([4], [[9, 9]], stroke=opened.new_stroke()))
    assert opened.undo_stack.count() == 2
    opened.undo_stack.undo()
    opened.undo_stack.undo()
    assert opened.human_annotation(1) == empty
    opened.undo_stack.redo()
    assert opened.human_annotation(1).xy[:2].tolist() == [[4, 4], [3, 3]]


def test_undo_goes_to_the_frame_that_it_changes(opened: Session, qtbot: QtBot) -> None:
    opened.submit(edits.move([0], [[1, 1]]))
    opened.go_to(5)
    opened.submit(edits.move([0], [[5, 5]]))
    opened.undo_stack.undo()
    assert opened.current_id == 5
    with qtbot.waitSignals([opened.frame_changed, opened.annotation_changed]):
        opened.undo_stack.undo()
    assert opened.current_id == 1
    assert opened.human_annotation(1).state.tolist() == [M] * 5
    opened.go_to(3)
    opened.undo_stack.redo()
    assert (opened.current_id, opened.human_annotation(1).state[0]) == (1, C)


def test_the_list_follows_edits(opened: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(opened.summary_changed) as caught:
        opened.submit(edits.move([0, 1], [[1, 1], [2, 2]]))
    assert caught.args == [1]
    assert opened.frames[opened.row_of(1)].counts.human == 2
    opened.submit(edits.set_review(ReviewState.APPROVED))
    assert opened.next_by_state("approved") is False  # the only one is where we are
    opened.go_to(4)
    assert opened.next_by_state("approved") is True
    assert opened.current_id == 1


def test_everything_is_there_when_the_project_is_opened_again(proposed: Session, project: Path) -> None:
    proposed.submit(edits.move([3], [[50, 60]]))
    proposed.go_to(4)
    set_by_hand = proposed.human_annotation(1)
    assert proposed.close_project()
    assert not proposed.is_open
    proposed.open_project(project)
    assert proposed.current_id == 4
    assert proposed.human_annotation(1) == set_by_hand
    assert set_by_hand.xy[3].tolist() == [50, 60]
    assert proposed.undo_stack.count() == 0


def test_any_point_of_the_history_can_be_brought_back(proposed: Session, project: Path) -> None:
    proposed.submit(edits.move([3], [[50, 60]]))
    first = proposed.human_annotation(1)
    proposed.submit(edits.move([3, 4], [[1, 2], [3, 4]]))
    proposed.close_project()
    proposed.open_project(project)
    newest, oldest = proposed.ledger(1)
    assert newest.id > oldest.id
    proposed.go_to(2)
    proposed.revert_to(1, oldest.id)
    assert proposed.current_id == 1
    assert proposed.human_annotation(1) == first
    proposed.revert_to(1, 0)
    assert states(proposed) == [P] * 5
    proposed.undo_stack.undo()
    assert proposed.human_annotation(1) == first
    assert len(proposed.ledger(1)) == 5


def test_the_seconds_of_an_edit_run_from_selection_to_release(opened: Session) -> None:
    now = [100.0]
    opened._editor.stopwatch._clock = lambda: now[0]
    opened.selection.select(3)
    now[0] += 1.5
    opened.start_stopwatch()
    now[0] += 0.75
    opened.submit(edits.move([3], [[1, 1]]))
    now[0] += 50
    opened.submit(edits.move([3], [[2, 2]]))
    assert [entry.seconds for entry in opened.ledger(1)] == [0.0, 2.25]


def test_selection_hover_and_cursor_are_shared(opened: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(opened.selection_changed):
        opened.selection.set([4, 1, 1])
    assert (opened.selection.indices, opened.selection.primary) == ((1, 4), 1)
    opened.selection.toggle(2)
    assert (opened.selection.indices, opened.selection.primary) == ((1, 2, 4), 2)
    opened.selection.toggle(2)
    assert (opened.selection.indices, opened.selection.primary) == ((1, 4), 1)
    with qtbot.assertNotEmitted(opened.selection_changed):
        opened.selection.set([1, 4])
    opened.selection.select(4)
    opened.selection.step(1, 5)
    assert opened.selection.indices == (0,)
    opened.selection.step(-1, 5)
    assert opened.selection.indices == (4,)
    with qtbot.waitSignal(opened.cursor_moved) as caught:
        opened.set_cursor(3.5, 4.5)
    assert caught.args == [3.5, 4.5]
    with qtbot.waitSignal(opened.cursor_moved) as caught:
        opened.clear_cursor()
    assert math.isnan(caught.args[0])
    with qtbot.waitSignal(opened.hover_changed):
        opened.set_hover(2)
    with qtbot.assertNotEmitted(opened.hover_changed):
        opened.set_hover(2)
