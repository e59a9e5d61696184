"""Tracking on from a key until landmarks are no longer sure, and taking that back."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from moving_take import moving_take, set_key, truth

from annotator.domain.progress import Cancelled
from annotator.domain.takes.take import TakeError
from annotator.domain.takes.track import Merge, TrackState
from annotator.services.takes.sequences import sequences
from annotator.services.takes.take_back import TrackStep, swap_step
from annotator.services.takes.track import TrackWishes
from annotator.services.takes.track_on import track_on
from annotator.store.project_store import ProjectStore

SOME = [4, 5, 6]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    with ProjectStore.open(moving_take(tmp_path)) as made:
        yield made


def test_landmarks_of_a_key_are_tracked_to_the_end_and_no_others(store: ProjectStore) -> None:
    set_key(store, 4, 4, SOME)
    (sequence,) = sequences(store, "ada")
    summary = track_on(store, sequence, 4, forward=True)
    assert (summary.frames, summary.unsure, summary.keys) == (6, 0, 1)
    assert store.tracks.frame_ids() == {5, 6, 7, 8, 9, 10}
    for frame_id in range(5, 11):
        track = store.tracks.get(frame_id)
        assert np.flatnonzero(track.is_placed).tolist() == SOME
        assert np.linalg.norm(track.xy - truth(frame_id), axis=-1)[SOME].max() < 1.5  # proposals are 3 px off
    assert track_on(store, sequence, 4, forward=False).frames == 3
    assert store.tracks.frame_ids() == {1, 2, 3, 5, 6, 7, 8, 9, 10}


def test_it_ends_at_the_next_key_and_at_the_bound(store: ProjectStore) -> None:
    set_key(store, 2, 2, SOME)
    set_key(store, 8, 8, SOME)
    (sequence,) = sequences(store, "ada")
    track_on(store, sequence, 2, True)
    assert store.tracks.frame_ids() == {3, 4, 5, 6, 7}
    track_on(store, sequence, 9, True, TrackWishes(last=9))  # from a frame behind the key
    assert store.tracks.frame_ids() == {3, 4, 5, 6, 7, 9}


def test_a_landmark_ends_before_the_first_frame_in_which_it_is_unsure(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = moving_take(tmp_path_factory.mktemp("bare"), 60, proposed=False)
    with ProjectStore.open(path) as store:
        set_key(store, 1, 1, SOME)
        (sequence,) = sequences(store, "ada")
        summary = track_on(store, sequence, 1, True, TrackWishes(pictures=False))
        written = store.tracks.frame_ids()
        assert len(written) < 59, "nothing but a key is known: it cannot be sure to the end"
        assert written == set(range(2, 2 + len(written)))
        assert all(
            (track.state[SOME] != TrackState.UNSURE).all() for _, track in store.tracks.items(list(written))
        )
        assert "no longer sure" in summary.notes[0]


def test_without_a_key_it_says_what_to_do_and_a_stop_leaves_the_tracks(store: ProjectStore) -> None:
    (sequence,) = sequences(store, "ada")
    with pytest.raises(TakeError, match="set them here first"):
        track_on(store, sequence, 4, True)
    set_key(store, 4, 4, SOME)
    with pytest.raises(Cancelled):
        track_on(store, sequence, 4, True, stop=lambda: True)
    assert store.tracks.frame_ids() == set()
    assert store.tracks.runs() == ()


def test_a_step_is_taken_back_and_brought_again_but_for_what_another_run_set(store: ProjectStore) -> None:
    set_key(store, 4, 4, SOME)
    (sequence,) = sequences(store, "ada")
    run = track_on(store, sequence, 4, True).run
    after = dict(store.tracks.items(list(range(1, 11))))
    step = TrackStep((run,), "ada", "talk", ("left",), dict.fromkeys(after), after)
    assert sorted(swap_step(store, step, again=False)) == [5, 6, 7, 8, 9, 10]
    assert store.tracks.frame_ids() == set()
    swap_step(store, step, again=True)
    assert store.tracks.get(6).xy[SOME].tolist() == after[6].xy[SOME].tolist()
    other = track_on(store, sequence, 4, True, TrackWishes((5,), last=6, mode=Merge.REPLACE)).run
    swap_step(store, step, again=False)
    assert store.tracks.frame_ids() == {5, 6}
    assert np.flatnonzero(store.tracks.get(5).run == other).tolist() == [5]
    assert np.flatnonzero(store.tracks.get(5).is_placed).tolist() == [5]
