"""Assigning by names, how far people are, what is mine, and assignments of a merged copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from project_files import project

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.domain.assignment import Share, Span
from annotator.domain.errors import AnnotatorError
from annotator.services.project.copies.merge_copies import merge_copies
from annotator.services.project.people.assign import OwnFrames, PersonWork, assign, people_work, share_rows
from annotator.services.project.queue.queues import Queue, read_queue
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore
from annotator.store.rows import os_user


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    """Frames 1, 2 of anna, 3, 4 of bo; all of one take without a name."""
    with project(tmp_path) as made:
        yield made


def edit(store: ProjectStore, frame_id: int, change: edits.Edit, user: str = "ann") -> None:
    before = store.annotations.get(frame_id)
    after, _ = edits.apply(change, before)
    store.annotations.commit(Change(frame_id, before, after, change.label, user=user))


def test_people_are_told_how_far_they_are(store: ProjectStore) -> None:
    assign(store, ["vera"], subjects=["anna"], user="lead")
    assign(store, ["Vera", "otto"], frames=[3])
    edit(store, 1, edits.move([0], [[5, 5]]))
    edit(store, 2, edits.set_review(ReviewState.APPROVED))
    assert people_work(store) == [PersonWork("otto", 1, 0, 0), PersonWork("vera", 3, 1, 1)]
    rows = [(row.title, row.assignment.people, row.frames, row.approved) for row in share_rows(store)]
    assert rows == [("anna", ("vera",), 2, 1), ("bo/left.jpg", ("otto", "vera"), 1, 0)]
    assign(store, [], subjects=["anna"])
    assert [row.title for row in share_rows(store)] == ["bo/left.jpg"]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"subjects": ["cy"]}, "no subject 'cy'; there are: anna, bo"),
        ({"takes": ["t9"]}, "no take 't9'"),
        ({"frames": [1, 99]}, "no frame 99"),
        ({}, "Name what to assign"),
    ],
)
def test_what_there_is_not_is_refused(store: ProjectStore, wanted: dict[str, list[str]], told: str) -> None:
    with pytest.raises(AnnotatorError, match=told):
        assign(store, ["vera"], **wanted)
    with pytest.raises(AnnotatorError, match="Nothing was assigned"):
        assign(store, ["\x1b"], subjects=["anna"])
    assert store.assignments.all() == []


def test_a_take_is_assigned_of_the_subjects_that_are_named(store: ProjectStore) -> None:
    assert assign(store, ["vera"], takes=[""]) == [Share(Span.TAKE, "anna"), Share(Span.TAKE, "bo")]
    assert assign(store, ["otto"], takes=[""], subjects=["bo"]) == [Share(Span.TAKE, "bo")]
    assert people_work(store) == [PersonWork("otto", 2, 0, 0), PersonWork("vera", 2, 0, 0)]


def test_mine_is_what_is_left_for_the_one_at_the_machine(store: ProjectStore) -> None:
    assert "Nothing is assigned to you" in read_queue(store, Queue.MINE).why
    assign(store, [os_user()], subjects=["anna", "bo"])
    edit(store, 1, edits.set_review(ReviewState.APPROVED))
    edit(store, 4, edits.set_review(ReviewState.NEEDS_WORK))
    edit(store, 4, edits.move([0, 1], [[5, 5], [6, 6]]))
    page = read_queue(store, Queue.MINE, limit=2)
    assert [(item.frame.id, item.reason) for item in page.items] == [
        (4, "needs work · 2 of 68 points set"),
        (2, "not begun"),
    ]
    assert page.total == 3
    assert len(OwnFrames(store, "vera")) == 0


def test_the_later_assignment_of_two_copies_counts_whichever_way_they_are_merged(
    store: ProjectStore, tmp_path: Path
) -> None:
    assign(store, ["vera"], subjects=["anna", "bo"])
    other = tmp_path / "other.annotator"
    store.copy_to(other)
    with ProjectStore.open(other) as copy:
        assign(copy, ["otto"], subjects=["bo"], frames=[1])
        assign(store, [], subjects=["anna"])
        assert merge_copies(store, copy).assigned == 2
        assert merge_copies(copy, store).assigned == 1
        assert store.assignments.all(with_removed=True) == copy.assignments.all(with_removed=True)
        assert merge_copies(store, copy).assigned == merge_copies(copy, store).assigned == 0
        assert [(each.share.span, each.people) for each in store.assignments.all()] == [
            ("subject", ("otto",)),
            ("frame", ("otto",)),
        ]
