"""Steps that a job makes and steps that are made at once are undone and redone in their order, however quickly."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from other_program import chain_is_true, on_disk
from pytestqt.qtbot import QtBot

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.formats.base import DatasetFrame, DatasetView
from annotator.formats.registry import format_named
from annotator.session.job.turns import Turns
from annotator.session.session import Session

WAIT = 30_000


def imported(session: Session, qtbot: QtBot, place: list[float]) -> None:
    """Landmark 0 of frame 1 comes from a file, over what a person set."""
    value = Annotation.empty(session.scheme)
    xy, state = value.xy.copy(), value.state.copy()
    xy[0], state[0] = place, 3
    frame = DatasetFrame(
        session.store.frames.get(1), Annotation(session.scheme.id, xy, state, value.flags.copy())
    )
    file = session.path.parent / "vendor.csv"
    format_named("csv").write(DatasetView(session.scheme, [frame]), file)
    with qtbot.waitSignal(session.jobs.ended, timeout=WAIT):
        session.jobs.start_import_annotations(file, overwrite=True)


def rest(session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: not any(job.is_active for job in session.jobs.all) and not len(session.annotations.pending),
        timeout=WAIT,
    )


def by_keys(session: Session) -> None:
    session.annotations.undo()
    session.annotations.undo()


def by_the_list_of_steps(session: Session) -> None:
    session.annotations.undo_stack.setIndex(session.annotations.undo_stack.index() - 2)


@pytest.mark.parametrize("back", [by_keys, by_the_list_of_steps])
def test_an_edit_before_an_import_is_undone_right_after_it(
    placed: Session, qtbot: QtBot, back: Callable[[Session], None]
) -> None:
    asked: list[object] = []
    placed.annotations.conflict_found.connect(asked.append)
    before = on_disk(placed).xy[0].tolist()
    placed.annotations.submit(1, edits.move([0], [[10, 10]]))
    imported(placed, qtbot, [20, 20])
    back(placed)
    assert placed.annotations.shown(1).xy[0].tolist() == before, "it is shown at once"
    assert "“Undo the import” is under way" in placed.annotations.save_state
    rest(placed, qtbot)
    assert (on_disk(placed).xy[0].tolist(), asked) == (before, [])
    placed.annotations.redo()
    assert on_disk(placed).xy[0].tolist() == [10, 10]
    placed.annotations.redo()
    rest(placed, qtbot)
    assert (on_disk(placed).xy[0].tolist(), asked) == ([20, 20], [])
    chain_is_true(placed)


def test_a_new_edit_waits_for_no_job(placed: Session, qtbot: QtBot) -> None:
    imported(placed, qtbot, [20, 20])
    placed.annotations.undo()
    placed.annotations.submit(1, edits.move([1], [[7, 8]]))
    assert on_disk(placed).xy[1].tolist() == [7, 8], "on disk when `submit` returns"
    rest(placed, qtbot)
    assert on_disk(placed).xy[1].tolist() == [7, 8]
    assert on_disk(placed).xy[0].tolist() != [20, 20]
    chain_is_true(placed)


def test_a_project_is_closed_with_a_step_that_waits_for_a_job(placed: Session, qtbot: QtBot) -> None:
    placed.annotations.submit(1, edits.move([1], [[7, 8]]))
    imported(placed, qtbot, [20, 20])
    before = placed.annotations.shown(1).xy[1].tolist()
    placed.annotations.undo()
    placed.annotations.undo()
    path = placed.path
    assert placed.close_project()
    placed.open_project(path)
    assert before == [7, 8]
    assert on_disk(placed).xy[1].tolist() != [7, 8]


def test_turns_come_in_the_order_in_which_they_were_asked_for() -> None:
    turns, done = Turns(), list[int]()
    numbers = [turns.ask() for _ in range(4)]

    def work(number: int) -> None:
        with turns.wait(number):
            done.append(number)

    with ThreadPoolExecutor(4) as pool:
        for number in reversed(numbers):
            pool.submit(work, number)
    assert done == numbers
