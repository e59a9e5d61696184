"""The track layer of a project: laid over older tracks as asked, with a ledger that stays; takes and image evidence beside it."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from store_helpers import make_proposal

from annotator.domain.annotation import Annotation
from annotator.domain.errors import ProjectError
from annotator.domain.takes.motion import Motion
from annotator.domain.takes.take import TakeSettings
from annotator.domain.takes.track import Merge, Track, TrackState
from annotator.store.project_store import ProjectStore
from annotator.store.sequences.tracks import TrackRun

RUN = TrackRun("smoother 1", "ada", "t1", "left", "first", {"mode": "fill", "keys": [9]}, "ann")


def track(store: ProjectStore, **states: int) -> Track:
    """Landmarks by name with their state, each at its own number."""
    value = Track.empty(store.scheme)
    xy, state = value.xy.copy(), value.state.copy()
    covariance = value.covariance.copy()
    for name, code in states.items():
        at = store.scheme.index(name)
        xy[at], state[at], covariance[at] = (at, at + 0.5), code, np.eye(2)
    return replace(value, xy=xy, state=state, covariance=covariance)


def test_what_was_tracked_comes_back_with_who_made_it(store: ProjectStore) -> None:
    number = store.tracks.write(RUN, {2: track(store, chin=TrackState.TRACKED)}, Merge.FILL)
    kept = store.tracks.get(2)
    assert kept is not None
    assert kept.xy[4].tolist() == [4.0, 4.5]
    assert kept.state.tolist() == [0, 0, 0, 0, TrackState.TRACKED]
    assert kept.run.tolist() == [0, 0, 0, 0, number]
    (run,) = store.tracks.runs()
    assert replace(run, id=0, at=None) == RUN
    assert run.at is not None
    assert (run.id, store.tracks.newest_run()) == (number, number)
    assert store.tracks.get(1) is None
    assert store.annotations.get(2) == Annotation.empty(store.scheme)
    assert store.ledger.entries() == []


@pytest.mark.parametrize(
    ("mode", "runs"),
    [(Merge.FILL, [1, 2, 2, 0, 0]), (Merge.REPLACE, [2, 2, 2, 0, 0]), (Merge.KEEP, [1, 1, 2, 0, 0])],
)
def test_a_new_track_is_laid_over_the_older_one_as_asked(
    store: ProjectStore, mode: Merge, runs: list[int]
) -> None:
    sure, unsure = TrackState.TRACKED, TrackState.UNSURE
    store.tracks.write(RUN, {2: track(store, eye_l=sure, lid_l=unsure)}, Merge.FILL)
    store.tracks.write(RUN, {2: track(store, eye_l=sure, lid_l=sure, eye_r=sure)}, mode)
    kept = store.tracks.get(2)
    assert kept is not None
    assert kept.run.tolist() == runs


def test_a_run_is_taken_back_by_putting_what_was_there(store: ProjectStore) -> None:
    before = {frame: store.tracks.get(frame) for frame in (1, 2)}
    store.tracks.write(RUN, {1: track(store, chin=1), 2: track(store, chin=1)}, Merge.REPLACE)
    store.tracks.put(replace(RUN, maker="undo"), before)
    assert store.tracks.frame_ids() == set()
    assert [run.maker for run in store.tracks.runs()] == ["smoother 1", "undo"]
    assert [run.maker for run in store.tracks.runs(newest=1)] == ["undo"]


def test_the_ledger_of_the_layer_only_grows(store: ProjectStore) -> None:
    store.tracks.write(RUN, {2: track(store, chin=1)}, Merge.FILL)
    store.close()
    with closing(sqlite3.connect(store.path)) as raw:
        for statement in ("UPDATE track_run SET user = 'bob'", "DELETE FROM track_run"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                raw.execute(statement)


def test_a_track_of_another_scheme_is_refused_whole(store: ProjectStore) -> None:
    other = replace(track(store, chin=1), scheme_id="other@1")
    with pytest.raises(ProjectError, match="this project holds five@1"):
        store.tracks.write(RUN, {1: track(store, chin=1), 2: other}, Merge.FILL)
    assert store.tracks.frame_ids() == set()
    assert store.tracks.runs() == ()


def test_damaged_rows_are_left_out_and_told(store: ProjectStore) -> None:
    store.tracks.write(RUN, {1: track(store, chin=1), 2: track(store, chin=1)}, Merge.FILL)
    store.takes.set("ada", "t1", TakeSettings(Fraction(25)))
    with closing(sqlite3.connect(store.path)) as raw:
        raw.execute("UPDATE track SET arrays = x'0100' WHERE frame_id = 1")
        raw.execute("UPDATE take SET rate = 'film'")
        raw.commit()
    assert [frame_id for frame_id, _ in store.tracks.items([1, 2, 3])] == [2]
    assert store.takes.get("ada", "t1") == TakeSettings()
    told = " ".join(str(each) for each in store.left_out.texts)
    assert "tracked of frame 1" in told
    assert "take ada / t1" in told


def test_what_is_said_of_a_take_is_kept(store: ProjectStore) -> None:
    assert store.takes.get("ada", "t1") == TakeSettings()
    said = TakeSettings(Fraction(24000, 1001), 9, None, 4)
    store.takes.set("ada", "t1", TakeSettings(Fraction(25)))
    store.takes.set("ada", "t1", said)
    with ProjectStore.open(store.path, read_only=True) as again:
        assert again.takes.get("ada", "t1") == said
        assert again.takes.get("bob", "t1") == TakeSettings()


def test_image_evidence_is_kept_until_the_picture_changes_its_size(store: ProjectStore) -> None:
    seen = Motion(
        np.ones((5, 2), np.float32), np.full((5, 2), 0.5, np.float32), np.ones((5, 2, 2), np.float32)
    )
    store.motions.save_all([(1, 2, "a", seen), (2, 3, "b", seen)])
    store.motions.save_all([(1, 2, "c", Motion.unseen(5))])
    found = store.motions.of([1, 2, 3])
    assert {later: (before, files) for later, (before, files, _) in found.items()} == {
        1: (2, "c"),
        2: (3, "b"),
    }
    assert not found[1][2].is_seen.any()
    np.testing.assert_array_equal(found[2][2].step, seen.step)
    store.tracks.write(RUN, {2: track(store, chin=1)}, Merge.FILL)
    store.proposals.save(2, make_proposal(store.scheme, "first"))
    store.annotations.resize(2, (320, 240), lambda human: human, "smaller", None)
    assert store.motions.of([1, 2]) == {}  # both begin or end in the picture that changed
    assert store.tracks.get(2) is None
