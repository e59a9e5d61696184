"""Who is to do what: kept, narrowed, taken away, and filtered by."""

import sqlite3
from contextlib import closing

import pytest

from annotator.domain.assignment import Assignment, Share, Span
from annotator.store.lists.frame_filter import FrameFilter
from annotator.store.people.decisions import ConflictKey, Decision, Took
from annotator.store.project_store import ProjectStore

ADA, TAKE = Share(Span.SUBJECT, "ada"), Share(Span.TAKE, "ada", "t1")


def frames_of(store: ProjectStore, person: str) -> list[str]:
    return [row.frame.path for row in store.frames.list(where=FrameFilter(person=person))]


def single(store: ProjectStore, path: str) -> Share:
    return Share(Span.FRAME, frame_id=store.frames.by_path()[path])


def test_the_narrowest_assignment_of_a_frame_counts(store: ProjectStore) -> None:
    everything = ["ada/left/9.jpg", "ada/left/10.jpg", "ada/right/9.jpg"]
    store.assignments.assign([ADA], ["ann"])
    assert frames_of(store, "ann") == everything
    assert frames_of(store, "ANN") == everything
    assert frames_of(store, "an") == []
    assert frames_of(store, "") == ["bob/left/1.jpg"]
    store.assignments.assign([TAKE], ["ben"])
    assert (frames_of(store, "ann"), frames_of(store, "ben")) == ([], everything)
    store.assignments.assign([single(store, "ada/left/10.jpg")], ["ann", "cem"])
    assert frames_of(store, "ann") == frames_of(store, "cem") == ["ada/left/10.jpg"]
    assert frames_of(store, "ben") == ["ada/left/9.jpg", "ada/right/9.jpg"]
    store.assignments.assign([single(store, "ada/left/10.jpg")], [])
    assert frames_of(store, "ben") == everything, "what the take says counts again"


def test_assignments_are_listed_with_those_taken_away(store: ProjectStore) -> None:
    store.assignments.assign([TAKE, ADA], [" ben ", "ann", "ben"], "lead")
    assert [(each.share, each.people, each.user) for each in store.assignments.all()] == [
        (ADA, ("ann", "ben"), "lead"),
        (TAKE, ("ann", "ben"), "lead"),
    ]
    store.assignments.assign([ADA], [])
    assert [each.share for each in store.assignments.all()] == [TAKE]
    assert [each.people for each in store.assignments.all(with_removed=True)] == [(), ("ann", "ben")]
    assert store.assignments.people() == ["ann", "ben"]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101])
def test_a_name_that_is_none_changes_nothing(store: ProjectStore, name: str) -> None:
    with pytest.raises(ValueError, match="a name is one to 100"):
        store.assignments.assign([ADA], ["ann", name])
    assert store.assignments.all() == []


def test_damaged_rows_are_left_out_and_told(store: ProjectStore) -> None:
    store.assignments.put([Assignment(ADA, ("ann",), "2030", "lead")])
    store.decisions.add([Decision(ConflictKey(3, 1, 2), Took.MINE, "2030", "ann")])
    with closing(sqlite3.connect(store.path)) as raw, raw:
        raw.execute("INSERT INTO assignment VALUES ('shoal', 'x', '', 0, 'ann', '', '')")
        raw.execute("INSERT INTO decision VALUES (3, 1, 9, 'ours', '', '')")
    assert [each.share for each in store.assignments.all()] == [ADA]
    assert [each.key for each in store.decisions.all()] == [ConflictKey(3, 1, 2)]
    told = " ".join(store.left_out.texts)
    assert "assignment" in told
    assert "decision" in told


def test_a_decision_is_kept_once_and_taken_back(store: ProjectStore) -> None:
    key = ConflictKey(-1, 4, 7)
    store.decisions.add([Decision(key, Took.THEIRS)])
    store.decisions.add([Decision(key, Took.MINE), Decision(ConflictKey(2, 4, 7), Took.MINE)])
    assert [(each.key.landmark, each.took) for each in store.decisions.all()] == [(-1, "theirs"), (2, "mine")]
    store.decisions.remove([key])
    assert store.decisions.keys() == {ConflictKey(2, 4, 7)}
