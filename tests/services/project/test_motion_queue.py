"""The queue *breaks in motion* follows every write: proposals, corrections, tracks, and what is taken back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from moving_take import SCHEME, moving_take, proposal, set_key, truth

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.domain.takes.track import Merge, Track, TrackState
from annotator.services.project.queue.queues import Queue, read_queue
from annotator.services.project.queue.refresh_queues import refresh_queues
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore
from annotator.store.sequences.tracks import TrackRun

JUMPS, LANDMARK = 6, 4


@pytest.fixture
def store(tmp_path: Path):
    """Twelve frames whose ids are their numbers; in the sixth one landmark's proposal jumps."""
    with ProjectStore.open(moving_take(tmp_path, 12)) as store:
        propose(store, JUMPS, (20, 0))
        yield store


def propose(store: ProjectStore, number: int, off: tuple[float, float]) -> None:
    xy = truth(number) + (3.0, 0.0)
    xy[LANDMARK] += off
    store.proposals.save(number, proposal(xy))


def queue(store: ProjectStore) -> list[tuple[int, tuple[int, ...]]]:
    return [(item.frame.id, item.landmarks) for item in read_queue(store, Queue.MOTION).items]


def test_a_proposal_that_jumps_is_in_it_until_it_does_not(store: ProjectStore) -> None:
    assert queue(store) == [(JUMPS, (LANDMARK,))]
    (item,) = read_queue(store, Queue.MOTION).items
    assert "1 point out of its way" in item.reason
    propose(store, JUMPS, (0, 0))
    assert queue(store) == []
    assert "moves otherwise" in read_queue(store, Queue.MOTION).why


def test_a_write_beside_it_asks_again(store: ProjectStore) -> None:
    propose(store, JUMPS, (0, 0))
    propose(store, JUMPS + 1, (20, 0))
    assert queue(store) == [(JUMPS + 1, (LANDMARK,))]
    propose(store, JUMPS + 2, (20, 0))
    propose(store, JUMPS, (20, 0))
    assert JUMPS + 1 not in [frame_id for frame_id, _ in queue(store)]


def test_what_a_person_set_or_decided_leaves_it(store: ProjectStore) -> None:
    set_key(store, JUMPS, JUMPS, [LANDMARK])
    assert queue(store) == []
    before = store.annotations.get(JUMPS)
    nothing = edits.apply(edits.clear([LANDMARK]), before)[0]
    store.annotations.commit(Change(JUMPS, before, nothing, "Clear"))
    assert queue(store) == [(JUMPS, (LANDMARK,))]
    approved = replace(nothing, review=ReviewState.APPROVED)
    store.annotations.commit(Change(JUMPS, nothing, approved, "Approve"))
    assert queue(store) == []


def test_what_is_put_off_is_asked_when_the_store_catches_up(store: ProjectStore) -> None:
    store.findings.puts_off = True
    assert not store.findings.catch_up()
    set_key(store, JUMPS, JUMPS, [LANDMARK])
    assert queue(store) == [(JUMPS, (LANDMARK,))]
    assert store.findings.catch_up()
    assert queue(store) == []
    assert not store.findings.catch_up()


def test_tracks_stand_in_for_proposals(store: ProjectStore) -> None:
    run = TrackRun("test", "ada", "talk", "left")
    store.tracks.write(run, {number: track(number) for number in range(1, 13)}, Merge.REPLACE)
    assert queue(store) == []
    jumped = track(9, (0, 15))
    before = store.tracks.get(9)
    store.tracks.write(run, {9: jumped}, Merge.REPLACE)
    assert queue(store) == [(9, (LANDMARK,))]
    store.tracks.swap(run, {9: store.tracks.get(9)}, {9: before})
    assert queue(store) == []


def track(number: int, off: tuple[float, float] = (0, 0)) -> Track:
    xy = truth(number).astype(np.float32)
    xy[LANDMARK] += off
    covariance = np.tile(np.eye(2, dtype=np.float32), (SCHEME.size, 1, 1))
    state = np.full(SCHEME.size, TrackState.TRACKED, np.uint8)
    return Track(SCHEME.id, xy, covariance, state, np.zeros(SCHEME.size, np.int32))


def test_all_frames_at_once_and_a_refresh_give_the_same(store: ProjectStore, tmp_path: Path) -> None:
    entries = dict(store.proposals.items(list(range(1, 13)), "one"))
    store.proposals.save_all(list(entries.items()))
    assert queue(store) == [(JUMPS, (LANDMARK,))]
    store.findings.rescore([(number, "one") for number in range(1, 13)])
    assert queue(store) == [(JUMPS, (LANDMARK,))]
    refresh_queues(store)
    assert queue(store) == [(JUMPS, (LANDMARK,))]
