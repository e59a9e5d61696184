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
    qtbot.waitUntil(lambda: opened.proposals.get(1) is not None, timeout=60_000)
    return opened


def states(session: Session, frame_id: int = 1) -> list[int]:
    return session.annotations.shown(frame_id).state.tolist()


def on_disk(session: Session, frame_id: int = 1) -> list[int]:
    with ProjectStore.open(session.path) as store:
        return store.annotations.get(frame_id).state.tolist()


def test_a_proposal_shows_where_no_person_set_a_point(proposed: Session) -> None:
    shown = proposed.annotations.shown(1)
    assert shown.state.tolist() == [P] * 5
    assert shown.xy[3].tolist() == [31, 62]
    assert proposed.annotations.human(1).state.tolist() == [M] * 5


def test_dragging_a_proposed_point_corrects_it_from_the_proposed_place(proposed: Session) -> None:
    proposed.annotations.submit(proposed.frames.current_id, edits.move([3], [[50, 60]]))
    assert states(proposed) == [P, P, P, C, P]
    assert on_disk(proposed) == [M, M, M, C, M]
    (entry,) = proposed.annotations.history(1)
    assert (entry.from_xy.tolist(), entry.to_xy.tolist()) == ([[31, 62]], [[50, 60]])
    assert (entry.from_state.tolist(), entry.model_id, entry.label) == ([P], "one", "Move 1 landmark")


def test_a_later_proposal_never_moves_what_a_person_set(proposed: Session, qtbot: QtBot) -> None:
    proposed.annotations.submit(proposed.frames.current_id, edits.move([3], [[50, 60]]))
    with qtbot.waitSignal(proposed.proposals.arrived, timeout=60_000):
        proposed.models.set_active("two")
    assert states(proposed) == [P, P, P, C, P]
    assert proposed.annotations.shown(1).xy[3].tolist() == [50, 60]


def test_undo_brings_the_proposal_back_and_redo_the_correction(proposed: Session) -> None:
    before = proposed.annotations.shown(1)
    proposed.annotations.submit(proposed.frames.current_id, edits.move([3], [[50, 60]]))
    after = proposed.annotations.shown(1)
    proposed.annotations.undo_stack.undo()
    assert proposed.annotations.shown(1) == before
    assert on_disk(proposed) == [M] * 5
    proposed.annotations.undo_stack.redo()
    assert proposed.annotations.shown(1) == after
    assert [entry.label for entry in proposed.annotations.history(1)] == [
        "Redo move 1 landmark",
        "Undo move 1 landmark",
        "Move 1 landmark",
    ]


def test_accepting_the_frame_is_one_step(proposed: Session) -> None:
    proposed.annotations.submit(proposed.frames.current_id, edits.move([0], [[5, 5]]))
    proposed.annotations.submit(proposed.frames.current_id, edits.accept(proposed.annotations.shown(1)))
    assert states(proposed) == on_disk(proposed) == [K, K, K, K, K]
    proposed.annotations.undo_stack.undo()
    assert states(proposed) == [C, P, P, P, P]


def test_a_flag_on_a_proposed_point_leaves_it_proposed(proposed: Session) -> None:
    proposed.annotations.submit(
        proposed.frames.current_id, edits.set_flags(proposed.annotations.shown(1), [2], Flag.OCCLUDED, True)
    )
    shown = proposed.annotations.shown(1)
    assert (shown.state.tolist(), shown.flags.tolist()) == ([P] * 5, [0, 0, 1, 0, 0])
    assert on_disk(proposed) == [M] * 5
    proposed.annotations.undo_stack.undo()
    assert proposed.annotations.shown(1).flags.tolist() == [0] * 5


def test_clearing_a_correction_goes_back_to_the_proposal(proposed: Session) -> None:
    proposed.annotations.submit(proposed.frames.current_id, edits.move([2], [[1, 1]]))
    proposed.annotations.submit(proposed.frames.current_id, edits.clear([2]))
    assert proposed.annotations.shown(1).xy[2].tolist() == [21, 42]
    assert states(proposed) == [P] * 5


def test_what_changes_nothing_is_no_step(proposed: Session) -> None:
    proposed.annotations.submit(proposed.frames.current_id, edits.clear([2]))
    proposed.annotations.submit(proposed.frames.current_id, edits.set_review(ReviewState.UNREVIEWED))
    assert proposed.annotations.undo_stack.count() == 0
    assert proposed.annotations.history() == []


def test_a_gesture_is_one_step_however_many_edits_it_sends(opened: Session) -> None:
    empty = opened.annotations.human(1)
    stroke = opened.annotations.new_stroke()
    for x in range(5):
        opened.annotations.submit(opened.frames.current_id, edits.move([x % 2], [[x, x]], stroke=stroke))
    opened.annotations.submit(
        opened.frames.current_id, edits.move([4], [[9, 9]], stroke=opened.annotations.new_stroke())
    )
    assert opened.annotations.undo_stack.count() == 2
    opened.annotations.undo_stack.undo()
    opened.annotations.undo_stack.undo()
    assert opened.annotations.human(1) == empty
    opened.annotations.undo_stack.redo()
    assert opened.annotations.human(1).xy[:2].tolist() == [[4, 4], [3, 3]]


def test_undo_goes_to_the_frame_that_it_changes(opened: Session, qtbot: QtBot) -> None:
    opened.annotations.submit(opened.frames.current_id, edits.move([0], [[1, 1]]))
    opened.frames.go_to(5)
    opened.annotations.submit(opened.frames.current_id, edits.move([0], [[5, 5]]))
    opened.annotations.undo_stack.undo()
    assert opened.frames.current_id == 5
    with qtbot.waitSignals([opened.frames.current_changed, opened.annotations.changed]):
        opened.annotations.undo_stack.undo()
    assert opened.frames.current_id == 1
    assert opened.annotations.human(1).state.tolist() == [M] * 5
    opened.frames.go_to(3)
    opened.annotations.undo_stack.redo()
    assert (opened.frames.current_id, opened.annotations.human(1).state[0]) == (1, C)


def test_the_list_follows_edits(opened: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(opened.frames.summary_changed) as caught:
        opened.annotations.submit(opened.frames.current_id, edits.move([0, 1], [[1, 1], [2, 2]]))
    assert caught.args == [1]
    assert opened.frames.listed[opened.frames.listed.row_of(1)].counts.human == 2
    opened.annotations.submit(opened.frames.current_id, edits.set_review(ReviewState.APPROVED))
    assert opened.frames.next_by_state("approved") is False  # the only one is where we are
    opened.frames.go_to(4)
    assert opened.frames.next_by_state("approved") is True
    assert opened.frames.current_id == 1


def test_everything_is_there_when_the_project_is_opened_again(proposed: Session, project: Path) -> None:
    proposed.annotations.submit(proposed.frames.current_id, edits.move([3], [[50, 60]]))
    proposed.frames.go_to(4)
    set_by_hand = proposed.annotations.human(1)
    assert proposed.close_project()
    assert not proposed.is_open
    proposed.open_project(project)
    assert proposed.frames.current_id == 4
    assert proposed.annotations.human(1) == set_by_hand
    assert set_by_hand.xy[3].tolist() == [50, 60]
    assert proposed.annotations.undo_stack.count() == 0


def test_any_point_of_the_history_can_be_brought_back(proposed: Session, project: Path) -> None:
    proposed.annotations.submit(proposed.frames.current_id, edits.move([3], [[50, 60]]))
    first = proposed.annotations.human(1)
    proposed.annotations.submit(proposed.frames.current_id, edits.move([3, 4], [[1, 2], [3, 4]]))
    proposed.close_project()
    proposed.open_project(project)
    newest, oldest = proposed.annotations.history(1)
    assert newest.id > oldest.id
    proposed.frames.go_to(2)
    proposed.annotations.revert_to(1, oldest.id)
    assert proposed.frames.current_id == 1
    assert proposed.annotations.human(1) == first
    proposed.annotations.revert_to(1, 0)
    assert states(proposed) == [P] * 5
    proposed.annotations.undo_stack.undo()
    assert proposed.annotations.human(1) == first
    assert len(proposed.annotations.history(1)) == 5


def test_the_seconds_of_an_edit_run_from_selection_to_release(opened: Session) -> None:
    now = [100.0]
    opened.annotations.stopwatch._clock = lambda: now[0]
    opened.selection.select(3)
    now[0] += 1.5
    opened.annotations.stopwatch.start()
    now[0] += 0.75
    opened.annotations.submit(opened.frames.current_id, edits.move([3], [[1, 1]]))
    now[0] += 50
    opened.annotations.submit(opened.frames.current_id, edits.move([3], [[2, 2]]))
    assert [entry.seconds for entry in opened.annotations.history(1)] == [0.0, 2.25]


def test_selection_hover_and_cursor_are_shared(opened: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(opened.selection.changed):
        opened.selection.set([4, 1, 1])
    assert (opened.selection.indices, opened.selection.primary) == ((1, 4), 1)
    opened.selection.toggle(2)
    assert (opened.selection.indices, opened.selection.primary) == ((1, 2, 4), 2)
    opened.selection.toggle(2)
    assert (opened.selection.indices, opened.selection.primary) == ((1, 4), 1)
    with qtbot.assertNotEmitted(opened.selection.changed):
        opened.selection.set([1, 4])
    opened.selection.select(4)
    opened.selection.step(1, 5)
    assert opened.selection.indices == (0,)
    opened.selection.step(-1, 5)
    assert opened.selection.indices == (4,)
    with qtbot.waitSignal(opened.pointer.moved) as caught:
        opened.pointer.move_to(3.5, 4.5)
    assert caught.args == [3.5, 4.5]
    with qtbot.waitSignal(opened.pointer.moved) as caught:
        opened.pointer.leave()
    assert math.isnan(caught.args[0])
    with qtbot.waitSignal(opened.pointer.hover_changed):
        opened.pointer.set_hover(2)
    with qtbot.assertNotEmitted(opened.pointer.hover_changed):
        opened.pointer.set_hover(2)
