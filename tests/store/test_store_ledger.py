"""The human layer and its append-only ledger."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.domain import edits
from annotator.domain.annotation import Annotation, Flag, LandmarkState, ReviewState
from annotator.domain.errors import ProjectError
from annotator.domain.model_card import ModelCard
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore


def commit(store: ProjectStore, frame_id: int, edit: edits.Edit) -> int:
    before = store.annotations.get(frame_id)
    return store.annotations.commit(Change(frame_id, before, edits.apply(edit, before)[0], edit.label))


def proposed(scheme: LandmarkScheme) -> Annotation:
    """What the artist sees: landmarks 0 and 1 proposed at (10, 20) and (30, 40)."""
    xy = np.full((scheme.size, 2), np.nan, np.float32)
    xy[:2] = [[10, 20], [30, 40]]
    state = np.zeros(scheme.size, np.uint8)
    state[:2] = LandmarkState.PROPOSED
    return Annotation(scheme.id, xy, state, np.zeros(scheme.size, np.uint8))


def test_an_edit_is_there_after_reopening(store: ProjectStore) -> None:
    commit(store, 2, edits.move([1, 4], [[0.1, 2.5], [3, 4]]))
    commit(store, 2, edits.set_flags(store.annotations.get(2), [4], Flag.OCCLUDED | Flag.OUT_OF_FRAME, True))
    commit(store, 2, edits.set_review(ReviewState.NEEDS_WORK))
    value = store.annotations.get(2)
    with ProjectStore.open(store.path) as again:
        assert again.annotations.get(2) == value
    assert value.xy[1].tolist() == [np.float32(0.1), 2.5]
    assert value.flags.tolist() == [0, 0, 0, 0, 3]
    assert value.review is ReviewState.NEEDS_WORK


def test_a_correction_keeps_where_the_model_had_put_the_point(store: ProjectStore) -> None:
    store.models.add(ModelCard("m1", store.scheme.id, {}, sha256="ab" * 32), store.path.parent)
    before = proposed(store.scheme)
    after, _ = edits.apply(edits.move([1], [[33, 44]]), before)
    ledger_id = store.annotations.commit(Change(3, before, after, "Move 1 landmark", 2.5, "m1", "ann"))
    (entry,) = store.ledger.entries(3)
    assert (entry.id, entry.user, entry.seconds, entry.model_id) == (ledger_id, "ann", 2.5, "m1")
    assert entry.model_sha256 == "ab" * 32
    assert entry.indices.tolist() == [1]
    assert entry.from_xy.tolist() == [[30, 40]]
    assert entry.to_xy.tolist() == [[33, 44]]
    assert (entry.from_state[0], entry.to_state[0]) == (LandmarkState.PROPOSED, LandmarkState.CORRECTED)
    assert entry.at.utcoffset() is not None
    # The proposed point that was not touched stays in the model layer.
    assert store.annotations.get(3).state.tolist() == [0, LandmarkState.CORRECTED, 0, 0, 0]


def test_only_what_changed_is_written_over_what_another_window_wrote(store: ProjectStore) -> None:
    stale = store.annotations.get(1)
    with ProjectStore.open(store.path) as other:
        commit(other, 1, edits.move([0], [[1, 1]]))
        commit(other, 1, edits.set_review(ReviewState.APPROVED))
    after, _ = edits.apply(edits.move([3], [[9, 9]]), stale)
    store.annotations.commit(Change(1, stale, after, "mine"))
    value = store.annotations.get(1)
    assert value.xy[[0, 3]].tolist() == [[1, 1], [9, 9]]
    assert value.review is ReviewState.APPROVED


def test_an_edit_that_changes_nothing_leaves_no_entry(store: ProjectStore) -> None:
    assert commit(store, 1, edits.clear([0])) == 0
    first = commit(store, 1, edits.move([0], [[1, 1]]))
    assert commit(store, 1, edits.move([0], [[1, 1]])) == first
    assert len(store.ledger.entries()) == 1


def test_history_cannot_be_changed_or_deleted(store: ProjectStore) -> None:
    commit(store, 1, edits.move([0], [[1, 1]]))
    with closing(sqlite3.connect(store.path)) as raw:
        for statement in ("UPDATE correction SET user = 'x'", "DELETE FROM correction"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                raw.execute(statement)
    assert len(store.ledger.entries()) == 1


def test_the_wrong_scheme_is_refused(store: ProjectStore) -> None:
    foreign = Annotation.empty(load_scheme("ibug-68"))
    after, _ = edits.apply(edits.move([0], [[1, 1]]), foreign)
    with pytest.raises(ProjectError, match="five@1"):
        store.annotations.commit(Change(1, foreign, after, "foreign"))
    assert store.ledger.entries() == []


def test_many_edits_are_written_all_or_none(store: ProjectStore) -> None:
    empty = Annotation.empty(store.scheme)
    after, _ = edits.apply(edits.move([0], [[1, 1]]), empty)
    with pytest.raises(ProjectError):
        store.annotations.commit_all(
            [Change(1, empty, after, "good"), Change(99, empty, after, "no such frame")]
        )
    assert store.annotations.get(1) == empty
    assert len(store.annotations.commit_all([Change(i, empty, after, "good") for i in (1, 2, 3)])) == 3
    assert [frame_id for frame_id, _ in store.annotations.items()] == [1, 2, 3]
    assert [frame_id for frame_id, _ in store.annotations.items([3, 4])] == [3]


def test_the_newest_entries_come_oldest_first(store: ProjectStore) -> None:
    made = [commit(store, 1 + i % 2, edits.move([i], [[i, i]])) for i in range(4)]
    assert [entry.id for entry in store.ledger.entries()] == made
    assert [entry.id for entry in store.ledger.entries(newest=2)] == made[2:]
    assert [entry.id for entry in store.ledger.entries(1)] == [made[0], made[2]]


def test_a_frame_has_no_other_frames_history(store: ProjectStore) -> None:
    ledger_id = commit(store, 1, edits.move([0], [[1, 1]]))
    with pytest.raises(ProjectError, match="no history entry"):
        store.annotations.at(2, ledger_id)


coordinate = st.floats(-50, 9000, width=32)
moves = st.builds(
    lambda at, x, y: edits.move(sorted(at), [[x + i, y] for i in range(len(at))]),
    st.sets(st.integers(0, 4), min_size=1),
    coordinate,
    coordinate,
)
clears = st.builds(lambda at: edits.clear(sorted(at)), st.sets(st.integers(0, 4), min_size=1))
reviews = st.builds(edits.set_review, st.sampled_from(ReviewState))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.one_of(moves, clears, reviews), max_size=8))
def test_any_point_of_the_ledger_can_be_brought_back(store: ProjectStore, changes: list[edits.Edit]) -> None:
    start = max((entry.id for entry in store.ledger.entries(1)), default=0)
    after = {start: store.annotations.get(1)}
    for change in changes:
        ledger_id = commit(store, 1, change)
        after[ledger_id] = store.annotations.get(1)
    for ledger_id, value in after.items():
        assert store.annotations.at(1, ledger_id) == value
    commit(store, 1, edits.replace_all(Annotation.empty(store.scheme)))
    assert store.annotations.at(1, 0) == Annotation.empty(store.scheme) == store.annotations.get(1)
