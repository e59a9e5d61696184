"""Compare and swap: an edit is written against the state that it was made on, landmark by landmark."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_helpers import SCHEME, frame, make_proposal

from annotator.domain import edits
from annotator.domain.annotation import Annotation, Flag, LandmarkState, ReviewState
from annotator.domain.errors import ProjectError
from annotator.domain.layers import displayed
from annotator.domain.schemes.scheme_file import parse_scheme
from annotator.store.history.changes import Change, people
from annotator.store.history.ledger import LedgerEntry
from annotator.store.project_store import ProjectStore

M, P, C, K = LandmarkState.MISSING, LandmarkState.PROPOSED, LandmarkState.CORRECTED, LandmarkState.CONFIRMED


def change(seen: Annotation, edit: edits.Edit, frame_id: int = 1) -> Change:
    return Change(frame_id, seen, edits.apply(edit, seen)[0], edit.label)


def replayed(entries: list[LedgerEntry], empty: Annotation) -> Annotation:
    """The ledger's story of one frame, each "from" held against what the entries before it left."""
    xy, state, flags, review = empty.xy.copy(), empty.state.copy(), empty.flags.copy(), empty.review
    for entry in entries:
        at = entry.indices
        proposed = entry.from_state == P
        np.testing.assert_array_equal(np.where(proposed, M, entry.from_state), state[at], entry.label)
        np.testing.assert_array_equal(np.where(proposed[:, None], np.nan, entry.from_xy), xy[at], entry.label)
        np.testing.assert_array_equal(entry.from_flags, flags[at], entry.label)
        assert entry.from_review == review, entry.label
        xy[at], state[at], flags[at], review = entry.to_xy, entry.to_state, entry.to_flags, entry.to_review
    return Annotation(empty.scheme_id, xy, state, flags, review)


def test_what_nobody_else_touched_is_written_and_the_rest_is_told(store: ProjectStore) -> None:
    seen = store.annotations.get(1)
    store.annotations.commit_all([change(seen, edits.move([0, 1], [[5, 5], [6, 6]]))])
    (settled,) = store.annotations.commit_guarded([change(seen, edits.move([1, 2], [[7, 7], [8, 8]]))])
    assert settled.lost.tolist() == [1]
    assert not settled.is_whole
    now = store.annotations.get(1)
    assert now == settled.stored
    assert now.xy[:3].tolist() == [[5, 5], [6, 6], [8, 8]]
    assert store.ledger.entries(1)[-1].indices.tolist() == [2]
    assert settled.wanted.xy[1].tolist() == [7, 7]


def test_a_change_that_meets_a_stranger_everywhere_leaves_no_entry(store: ProjectStore) -> None:
    seen = store.annotations.get(1)
    store.annotations.commit_all([change(seen, edits.move([1], [[6, 6]]))])
    (settled,) = store.annotations.commit_guarded([change(seen, edits.move([1], [[7, 7]]))])
    assert (settled.ledger_id, settled.lost.tolist()) == (0, [1])
    assert len(store.ledger.entries(1)) == 1


def test_the_same_wish_twice_is_no_conflict(store: ProjectStore) -> None:
    seen = store.annotations.get(1)
    store.annotations.commit_all([change(seen, edits.move([1], [[6, 6]]))])
    (settled,) = store.annotations.commit_guarded([change(seen, edits.move([1], [[6, 6]]))])
    assert settled.is_whole
    assert settled.ledger_id == 0


def test_flags_and_review_states_are_guarded_like_places(store: ProjectStore) -> None:
    seen = store.annotations.get(1)
    store.annotations.commit_all([change(seen, edits.set_flags(seen, [1], Flag.OCCLUDED, True))])
    store.annotations.commit_all([change(store.annotations.get(1), edits.set_review(ReviewState.REJECTED))])
    wanted = edits.apply(edits.move([1], [[7, 7]]), seen)[0]
    wanted = edits.apply(edits.set_review(ReviewState.APPROVED), wanted)[0]
    (settled,) = store.annotations.commit_guarded([Change(1, seen, wanted, "Both")])
    assert (settled.lost.tolist(), settled.review_lost, settled.ledger_id) == ([1], True, 0)
    assert store.annotations.get(1).review is ReviewState.REJECTED


def test_a_proposal_that_came_meanwhile_is_no_stranger(store: ProjectStore) -> None:
    seen = displayed(store.annotations.get(1), make_proposal(store.scheme, "m"))
    (settled,) = store.annotations.commit_guarded([change(seen, edits.move([1], [[7, 7]]))])
    assert settled.is_whole
    (entry,) = store.ledger.entries(1)
    assert entry.from_state.tolist() == [P]
    assert entry.from_xy.tolist() == [seen.xy[1].tolist()], "the proposed place that was corrected"


def test_an_overwriting_import_still_tells_the_truth(store: ProjectStore) -> None:
    """`commit_edits` writes whatever stands there, but its "from" is what stood there."""
    stale = store.annotations.get(1)
    store.annotations.commit_all([change(stale, edits.move([0], [[1, 1]]))])
    store.annotations.commit_all([change(stale, edits.move([0], [[9, 9]]))])
    assert store.ledger.entries(1)[-1].from_xy.tolist() == [[1, 1]]
    assert replayed(store.ledger.entries(1), stale) == store.annotations.get(1)


def test_a_proposal_of_another_size_is_refused_whole(store: ProjectStore) -> None:
    from dataclasses import replace

    good = replace(make_proposal(store.scheme, "m"), width=640, height=480)
    store.proposals.save(1, good)
    with pytest.raises(ProjectError, match=r"320 x 240 px, but ada/left/9\.jpg is 640 x 480"):
        store.proposals.save_all([(3, good), (2, replace(good, width=320, height=240))])
    assert store.proposals.frame_ids("m") == {1}


WISH = st.tuples(
    st.sampled_from(("move", "confirm", "clear", "flag", "review")),
    st.lists(st.integers(0, 4), unique=True, max_size=5),
    st.integers(0, 3),
)
STEP = st.tuples(st.integers(0, 1), st.booleans(), WISH)
"""Who, whether they look at the project first, and what they want."""


def made(seen: Annotation, wish: tuple[str, list[int], int]) -> edits.Edit:
    kind, at, value = wish
    if kind == "move":
        return edits.move(at, [[value + i, value] for i in at])
    if kind == "confirm":
        return edits.accept(seen, at)
    if kind == "clear":
        return edits.clear(at)
    if kind == "flag":
        return edits.set_flags(seen, at, Flag.OCCLUDED, bool(value % 2))
    return edits.set_review(ReviewState(value))


@settings(max_examples=60)
@given(st.lists(STEP, max_size=12), st.booleans())
def test_two_writers_lose_nothing_and_tell_the_truth(
    steps: list[tuple[int, bool, tuple[str, list[int], int]]], proposed: bool
) -> None:
    """Each works on what it saw last. Whatever is in the project was written by an entry that began where the last one ended."""
    scheme = parse_scheme(SCHEME)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.annotator"
        with ProjectStore.create(path, scheme, Path(folder)) as one, ProjectStore.open(path) as two:
            one.frames.add([frame("a.jpg")])
            empty = one.annotations.get(1)
            proposal = make_proposal(scheme, "m") if proposed else None
            stores, seen = (one, two), [empty, empty]
            for who, looks, wish in steps:
                store = stores[who]
                if looks:
                    seen[who] = store.annotations.get(1)
                held = store.annotations.get(1)
                shown = displayed(seen[who], proposal)
                edit = made(shown, wish)
                wanted = edits.apply(edit, shown)[0]
                (settled,) = store.annotations.commit_guarded([Change(1, shown, wanted, edit.label)])
                now = store.annotations.get(1)
                assert now == settled.stored
                for i in range(scheme.size):
                    mine, before = _at(people(wanted), i), _at(seen[who], i)
                    if mine == before:
                        assert _at(now, i) == _at(held, i), "what nobody wished to change stays"
                    elif before == _at(held, i):
                        assert _at(now, i) == mine, "what was seen truly is written"
                    else:
                        assert _at(now, i) == _at(held, i), "what was not seen is never overwritten"
                        assert i in settled.lost or mine == _at(held, i), "and is told"
                seen[who] = now
            assert replayed(one.ledger.entries(1), empty) == one.annotations.get(1)


def _at(annotation: Annotation, i: int) -> tuple[object, ...]:
    place = [None if np.isnan(v) else float(v) for v in annotation.xy[i]]
    return (*place, int(annotation.state[i]), int(annotation.flags[i]))


_WRITER = """
import sys, json, random
from pathlib import Path
from annotator.domain import edits
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore
who, rounds = int(sys.argv[2]), int(sys.argv[3])
dice, won, lost = random.Random(who), [], 0
with ProjectStore.open(Path(sys.argv[1])) as store:
    for n in range(rounds):
        seen = store.annotations.get(1)
        at = dice.sample(range(5), 2)
        after = edits.apply(edits.move(at, [[1000 * who + n, i] for i in at]), seen)[0]
        (settled,) = store.annotations.commit_guarded([Change(1, seen, after, f"{who}/{n}", user=str(who))])
        lost += len(settled.lost)
        won.append([settled.ledger_id, sorted(set(at) - set(settled.lost.tolist()))])
print(json.dumps([won, lost]))
"""


def test_two_processes_write_one_frame_and_every_write_is_in_the_ledger(store: ProjectStore) -> None:
    empty, rounds = store.annotations.get(1), 60
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(store.path), str(who), str(rounds)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in (1, 2)
    ]
    told = [json.loads(writer.communicate(timeout=240)[0]) for writer in writers]
    entries = store.ledger.entries(1)
    assert replayed(entries, empty) == store.annotations.get(1)
    by_id = {entry.id: entry.indices.tolist() for entry in entries}
    for won, _ in told:
        for ledger_id, indices in won:
            assert by_id.pop(ledger_id, []) == indices
    assert by_id == {}, "no entry that nobody knows of"
