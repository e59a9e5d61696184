"""Who may approve: own points that stand are one's own work; accepting, undoing and other people's points are not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from project_files import project

from annotator.domain import edits
from annotator.domain.errors import AnnotatorError
from annotator.services.project.people.approval import Approval, approval_of, own_work, refusal, set_approval
from annotator.store.history.changes import Change, Origin
from annotator.store.project_store import ProjectStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    with project(tmp_path) as made:
        yield made


def edit(store: ProjectStore, change: edits.Edit, user: str, origin: Origin = Origin.PERSON) -> None:
    before = store.annotations.get(1)
    after, _ = edits.apply(change, before)
    store.annotations.commit(Change(1, before, after, change.label, user=user, origin=origin))


def test_points_that_a_person_put_there_are_own_work(store: ProjectStore) -> None:
    edit(store, edits.move([2, 3], [[5, 5], [6, 6]]), "ann")
    assert own_work(store, 1, user="ben") == ""
    assert own_work(store, 1, user="ann").startswith("2 points of anna / left are where ann put them")
    edit(store, edits.move([2], [[50, 5]]), "ben")
    assert own_work(store, 1, user="ann").startswith("1 point of anna / left is where ann put it")
    edit(store, edits.accept(store.annotations.get(1)), "cem")
    assert own_work(store, 1, user="cem") == "", "who agrees with others' points may approve"
    edit(store, edits.move([2], [[5, 5]]), "ben")
    assert own_work(store, 1, user="ben") == "", "taken back to where ann had it"
    edit(store, edits.clear([2, 3]), "ann")
    assert own_work(store, 1, user="ann") == ""


def test_imported_points_are_nobodys(store: ProjectStore) -> None:
    edit(store, edits.move([2], [[5, 5]]), "ann", Origin.IMPORT)
    assert own_work(store, 1, user="ann") == ""


def test_the_project_says_what_becomes_of_it(store: ProjectStore) -> None:
    edit(store, edits.move([2], [[5, 5]]), "ann")
    assert approval_of(store) is Approval.ANYBODY
    assert refusal(store, 1, user="ann") == (False, "")
    set_approval(store, "warned")
    is_refused, told = refusal(store, 1, user="ann")
    assert not is_refused
    assert told.startswith("Approved by the person who marked it: 1 point")
    set_approval(store, Approval.APART)
    is_refused, told = refusal(store, 1, user="ann")
    assert is_refused
    assert "somebody else approves" in told
    assert refusal(store, 1, user="ben") == (False, "")


def test_a_rule_that_there_is_not_is_refused_and_a_damaged_one_is_none(store: ProjectStore) -> None:
    with pytest.raises(AnnotatorError, match="anybody, warned, apart"):
        set_approval(store, "boss")
    store.settings.set("approval", ["?"])
    assert approval_of(store) is Approval.ANYBODY
