"""Conflicts of merged copies by keys and mouse: drawn, taken one by one or together, undone, left as they are."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from ui_helpers import has_pixels, key

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.services.project.copies.merge_copies import merge_copies
from annotator.services.project.copies.merge_record import merge_conflicts
from annotator.services.project.people.approval import Approval, set_approval
from annotator.services.project.queue.queues import Queue
from annotator.session.session import Session
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
_ALT = Qt.KeyboardModifier.AltModifier
MINE, THEIRS = [[200, 200], [300, 200]], [[220, 210], [300, 230]]


def edit(store: ProjectStore, frame_id: int, change: edits.Edit, user: str, at: str) -> None:
    before = store.annotations.get(frame_id)
    after, _ = edits.apply(change, before)
    store.annotations.commit(
        Change(frame_id, before, after, change.label, user=user, at=f"2030-01-01T{at}:00.000+00:00")
    )


@pytest.fixture
def merged(
    qtbot: QtBot, session: Session, project: Path, tmp_path: Path, empty_window: MainWindow
) -> Iterator[MainWindow]:
    """Frame 2: landmarks 4 and 5 by Anna and by Bo, who was later. Frame 3: approved by Anna, rejected by Bo."""
    other = tmp_path / "of-bo.annotator"
    with ProjectStore.open(project) as store:
        store.copy_to(other)
        with ProjectStore.open(other) as copy:
            edit(store, 2, edits.move([4, 5], MINE), "anna", "10:00")
            edit(copy, 2, edits.move([4, 5], THEIRS), "bo", "11:00")
            edit(store, 3, edits.set_review(ReviewState.APPROVED), "anna", "10:00")
            edit(copy, 3, edits.set_review(ReviewState.REJECTED), "bo", "11:00")
            merge_copies(store, copy)
    session.open_project(project)
    qtbot.waitUntil(lambda: has_pixels(session))
    empty_window.actions_by_id["queue_conflicts"].trigger()
    qtbot.waitUntil(lambda: len(empty_window.queues.rows.items) == 2)
    key(empty_window.view, Qt.Key.Key_J)
    assert session.frames.current_id == 2
    empty_window.view.setFocus()
    yield empty_window
    empty_window.queues.show_queue(Queue.UNCERTAIN)
    empty_window.show_queue(False)


def places(session: Session) -> NDArray[np.float32]:
    return session.annotations.human(2).xy[[4, 5]]


def test_both_places_are_drawn_and_said_whose_they_are(merged: MainWindow, session: Session) -> None:
    marks = merged.conflicts
    drawn = [(each.mine.x(), each.theirs.x(), each.named) for each in marks.item.shown]
    assert drawn == [(200, 220, True), (300, 300, False)]
    assert merged.frame_panel.badges.legend.isVisible()
    assert "anna (Alt+J)" in merged.frame_panel.badges.legend.text()
    assert "bo (Alt+K)" in merged.frame_panel.badges.legend.text()
    session.frames.go_to(1)
    assert not marks.item.shown
    assert not merged.frame_panel.badges.legend.isVisible()


def test_a_key_takes_my_side_and_goes_on_and_undo_brings_the_conflict_back(
    qtbot: QtBot, merged: MainWindow, session: Session
) -> None:
    assert set(session.selection.indices) == {4, 5}
    key(merged.view, Qt.Key.Key_J, _ALT)
    assert places(session).tolist() == MINE
    assert merge_conflicts(session.store, 2) == []
    qtbot.waitUntil(lambda: [item.frame.id for item in merged.queues.rows.items] == [3])
    merged.actions_by_id["undo"].trigger()
    assert places(session).tolist() == THEIRS
    assert len(merge_conflicts(session.store, 2)) == 2
    assert session.frames.current_id == 2
    merged.actions_by_id["redo"].trigger()
    assert places(session).tolist() == MINE
    assert merge_conflicts(session.store, 2) == []


def test_one_landmark_is_decided_at_a_time(merged: MainWindow, session: Session) -> None:
    session.selection.set((5,), 5)
    key(merged.view, Qt.Key.Key_K, _ALT)
    assert places(session).tolist() == THEIRS, "it stood there already"
    assert [each.key.landmark for each in merge_conflicts(session.store, 2)] == [4]
    assert session.selection.indices == (4,), "the next one is selected"
    key(merged.view, Qt.Key.Key_J, _ALT)
    assert places(session).tolist() == [MINE[0], THEIRS[1]]
    assert session.annotations.undo_stack.count() == 2
    session.frames.go_to(2)
    session.selection.set((7,), 7)
    key(merged.view, Qt.Key.Key_J, _ALT)
    assert session.annotations.undo_stack.count() == 2
    assert "No conflict" in merged.banners.notice_text.text()


def test_a_side_that_another_program_moved_is_undone_and_never_decided_again(
    qtbot: QtBot, merged: MainWindow, session: Session
) -> None:
    key(merged.view, Qt.Key.Key_J, _ALT)
    edit(session.store, 2, edits.move([4, 5], [[1, 2], [3, 4]]), "zoe", "12:00")
    merged.actions_by_id["undo"].trigger()
    session.annotations.conflicts.clear()  # theirs is kept
    for name in ("redo", "undo", "redo"):
        merged.actions_by_id[name].trigger()
    assert places(session).tolist() == [[1, 2], [3, 4]]
    assert len(merge_conflicts(session.store, 2)) == 2, "neither side was taken"


def test_a_side_that_is_taken_or_given_back_while_another_program_writes(
    qtbot: QtBot, merged: MainWindow, session: Session
) -> None:
    def all_is_written() -> bool:
        return not len(session.annotations.pending) and not session.merged.waiting

    for name, held, conflicts in (("take_mine", MINE, 0), ("undo", THEIRS, 2), ("redo", MINE, 0)):
        with closing(sqlite3.connect(session.path, isolation_level=None, timeout=5)) as other:
            other.execute("begin immediate")
            merged.actions_by_id[name].trigger()
            other.execute("rollback")
        qtbot.waitUntil(all_is_written)
        assert places(session).tolist() == held
        assert len(merge_conflicts(session.store, 2)) == conflicts, name


def test_a_landmark_without_a_conflict_takes_nothing(merged: MainWindow, session: Session) -> None:
    session.selection.set((7,), 7)
    key(merged.view, Qt.Key.Key_J, _ALT)
    assert "Select a landmark that is in conflict" in merged.banners.notice_text.text()
    assert len(merge_conflicts(session.store, 2)) == 2


def test_a_review_state_is_taken(merged: MainWindow, session: Session) -> None:
    session.frames.go_to(3)
    assert "anna: approved" in merged.frame_panel.badges.legend.text()
    key(merged.view, Qt.Key.Key_K, _ALT)
    assert session.annotations.human(3).review is ReviewState.REJECTED
    merged.actions_by_id["undo"].trigger()
    assert session.annotations.human(3).review is ReviewState.NEEDS_WORK


def test_what_looks_right_stays_as_it_is(qtbot: QtBot, merged: MainWindow, session: Session) -> None:
    QTest.mouseClick(merged.queues.right, Qt.MouseButton.LeftButton)
    assert places(session).tolist() == THEIRS
    assert [each.took for each in session.store.decisions.all()] == ["neither", "neither"]
    qtbot.waitUntil(lambda: [item.frame.id for item in merged.queues.rows.items] == [3])
    merged.actions_by_id["undo"].trigger()
    assert len(merge_conflicts(session.store, 2)) == 2


def test_a_side_that_may_not_be_taken_leaves_the_conflict(
    merged: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who placed points in a frame may not approve it, also not by taking a side."""
    monkeypatch.setattr("annotator.services.project.people.approval.os_user", lambda: "cem")
    edit(session.store, 3, edits.move([1], [[9, 9]]), "cem", "12:00")
    session.annotations.forget()
    set_approval(session.store, Approval.APART)
    session.frames.go_to(3)
    key(merged.view, Qt.Key.Key_J, _ALT)
    assert "somebody else approves" in merged.banners.notice_text.text()
    assert session.annotations.human(3).review is ReviewState.NEEDS_WORK
    assert len(merge_conflicts(session.store, 3)) == 1
    assert session.annotations.undo_stack.count() == 0


def test_whose_marks_they_are_stands_beside_what_else_is_said(merged: MainWindow, session: Session) -> None:
    session.frames.go_to(2)
    panel, badges = merged.frame_panel, merged.frame_panel.badges
    merged.resize(1100, 720)
    panel.show_notice("6 suggestions   ·   Return accepts   ·   Esc ignores")
    legend = badges.legend.geometry()
    assert badges.legend.isVisible()
    assert merged.view.rect().contains(legend)
    for badge in (badges.state, badges.zoom, badges.name):
        assert not badge.geometry().intersects(legend)
    panel.show_notice("")
    session.frames.go_to(1)
    assert not badges.legend.isVisible()
    merged.resize(1500, 900)
