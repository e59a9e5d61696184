"""Tracking a take of a project: keys stay, the layer and its history, ranges, merge modes, resuming, missing pictures."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import simplejpeg

from annotator.domain import edits
from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.capture import Frame
from annotator.domain.layers import displayed, to_keep
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.domain.takes.take import TakeError, TakeSettings
from annotator.domain.takes.track import Merge, TrackState
from annotator.imaging.sampling import sample
from annotator.nn.zoo import architecture
from annotator.services.takes import evidence as evidence_module
from annotator.services.takes.sequences import named_take, sequences
from annotator.services.takes.suggest import suggested_keys
from annotator.services.takes.track import TrackWishes, track_sequence
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SCHEME = load_scheme("ibug-68")
L = SCHEME.size
SIDE, FRAMES = 200, 12
STEP = np.array([1.5, -0.5])


def face() -> np.ndarray:
    """float64 [L, 2], spread over the middle of the picture."""
    return np.random.default_rng(5).uniform(50, 150, (L, 2))


def truth(number: int) -> np.ndarray:
    return face() + number * STEP


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    """Twelve frames 1..12 of a picture that moves by 1.5, -0.5 px a frame; proposals are 3 px off, all alike."""
    coarse = np.random.default_rng(0).uniform(0, 255, (60, 60, 3)).astype(np.uint8)
    captures = tmp_path / "captures"
    captures.mkdir()
    for number in range(FRAMES):
        frame_from_target = np.array(
            [[0.2, 0, 10 - 0.2 * number * STEP[0]], [0, 0.2, 10 - 0.2 * number * STEP[1]]]
        )
        picture = sample(coarse, frame_from_target, SIDE, SIDE)
        (captures / f"f_{number + 1:04d}.jpg").write_bytes(simplejpeg.encode_jpeg(picture, quality=95))
    with ProjectStore.create(tmp_path / "p.annotator", SCHEME, captures) as made:
        made.frames.add(
            Frame(0, f"f_{n:04d}.jpg", "ada", "talk", "left", f"{n:04d}", SIDE, SIDE)
            for n in range(1, FRAMES + 1)
        )
        register(made)
        for number in range(FRAMES):
            made.proposals.save(number + 1, proposal(made.scheme, truth(number) + (3.0, 0.0)))
        yield made


def register(store: ProjectStore) -> None:
    """A model that is active."""
    card = ModelCard("blank", store.scheme.id, architecture("tiny", store.scheme))
    store.models.add(card, store.path.parent)
    store.models.activate(card.id)


def proposal(scheme: LandmarkScheme, xy: np.ndarray) -> Proposal:
    covariance = np.tile(4 * np.eye(2, dtype=np.float32), (scheme.size, 1, 1))
    one, none = np.ones(scheme.size, np.float32), np.zeros((0, 4), np.float32)
    places = xy.astype(np.float32)
    return Proposal("blank", scheme.id, places, covariance, one, none, places, covariance)


def set_key(store: ProjectStore, number: int, landmarks: list[int]) -> None:
    """A person puts landmarks of frame `number` (from 0) where they are."""
    before = store.annotations.get(number + 1)
    after = edits.apply(edits.move(landmarks, truth(number)[landmarks]), before)[0]
    store.annotations.commit(Change(number + 1, before, after, "Move", user="ann"))


def run(store: ProjectStore, **wishes: object) -> object:
    (sequence,) = sequences(store, "ada")
    return track_sequence(store, sequence, TrackWishes(**wishes), user="ann")  # type: ignore[arg-type]


def test_a_key_is_carried_through_the_take_and_stays_as_it_is(store: ProjectStore) -> None:
    set_key(store, 3, list(range(L)))
    human = store.annotations.get(4)
    summary = run(store)
    assert store.annotations.get(4) == human
    assert store.tracks.get(4) is None  # all of it is a person's
    assert (summary.frames, summary.keys, summary.points) == (FRAMES - 1, 1, (FRAMES - 1) * L)
    assert (summary.evidence, summary.failures) == (FRAMES - 1, {})
    for number in set(range(FRAMES)) - {3}:
        track = store.tracks.get(number + 1)
        assert track is not None
        assert np.linalg.norm(track.xy - truth(number), axis=-1).mean() < 0.6  # the proposals are 3 px off
        shown = displayed(store.annotations.get(number + 1), proposal(SCHEME, truth(number) + 3), track)
        assert (shown.state == LandmarkState.TRACKED).all()
        assert not shown.is_human.any()
    (entry,) = store.tracks.runs()
    assert (entry.user, entry.maker.split()[0], entry.model_id) == ("ann", "smoother", "blank")
    assert entry.detail["keys"] == [4]
    assert entry.id == summary.run


def test_some_landmarks_of_some_frames_alone(store: ProjectStore) -> None:
    set_key(store, 0, [36, 45])
    summary = run(store, landmarks=(36, 45, 8), first=3, last=5)
    assert store.tracks.frame_ids() == {3, 4, 5}
    track = store.tracks.get(3)
    assert track is not None
    assert np.flatnonzero(track.is_placed).tolist() == [8, 36, 45]
    assert np.linalg.norm(track.xy[[36, 45]] - truth(2)[[36, 45]], axis=-1).max() < 1
    assert summary.evidence == 4  # from the key to the end of the range, no further


def test_work_that_was_stopped_goes_on_and_a_new_key_reads_little_anew(
    store: ProjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_module, "_BATCH", 2)
    (sequence,) = sequences(store)
    asked = iter([False] * 5)
    with pytest.raises(Cancelled):
        track_sequence(store, sequence, stop=lambda: next(asked, True))
    assert store.tracks.runs() == ()
    again = track_sequence(store, sequence)
    assert (again.kept, again.evidence) == (5, FRAMES - 6)
    same = track_sequence(store, sequence)
    assert (same.kept, same.evidence) == (FRAMES - 1, 0)


def test_a_picture_that_cannot_be_read_is_told_and_the_rest_is_tracked(store: ProjectStore) -> None:
    (store.frames.capture_root / "f_0006.jpg").unlink()
    set_key(store, 0, list(range(L)))
    summary = run(store)
    assert list(summary.failures) == [6]
    assert summary.evidence == FRAMES - 3
    assert store.tracks.get(6) is not None


def test_gaps_are_told_and_not_filled(store: ProjectStore) -> None:
    store.frames.add([Frame(0, "f_0020.jpg", "ada", "talk", "left", "0020", SIDE, SIDE)])
    summary = run(store, pictures=False)
    assert summary.notes == ["ada / talk / left: frames 13 to 19 are missing; tracked across, not filled"]
    assert store.tracks.get(13) is not None  # frame 20, of which only its neighbours tell


def test_handles_are_tracked_and_the_rest_is_not(store: ProjectStore) -> None:
    store.takes.set("ada", "talk", TakeSettings(Fraction(25), 5, 6, 1))
    run(store, pictures=False)
    assert store.tracks.frame_ids() == {4, 5, 6, 7}


@pytest.mark.parametrize(("mode", "runs"), [(Merge.FILL, {1}), (Merge.KEEP, {1}), (Merge.REPLACE, {2})])
def test_modes_say_what_becomes_of_older_tracks(store: ProjectStore, mode: Merge, runs: set[int]) -> None:
    set_key(store, 0, list(range(L)))
    run(store, pictures=False)
    run(store, pictures=False, mode=mode)
    track = store.tracks.get(2)
    assert track is not None
    assert set(track.run[track.state == TrackState.TRACKED].tolist()) == runs


def test_a_person_accepts_a_tracked_point_and_takes_it_back(store: ProjectStore) -> None:
    set_key(store, 0, list(range(L)))
    run(store, pictures=False)
    track = store.tracks.get(2)
    shown = displayed(store.annotations.get(2), None, track)
    accepted, back = edits.apply(edits.accept(shown, [8]), shown)
    store.annotations.commit(Change(2, shown, to_keep(accepted, np.array([8]), None, track), "Accept"))
    kept = store.annotations.get(2)
    assert kept.state[8] == LandmarkState.CONFIRMED
    assert kept.is_human.sum() == 1
    (entry,) = store.ledger.entries(2)
    assert entry.from_state.tolist() == [LandmarkState.TRACKED]
    undone = to_keep(edits.apply(back, displayed(kept, None, track))[0], np.array([8]), None, track)
    assert undone.state[8] == LandmarkState.MISSING
    assert displayed(undone, None, track).state[8] == LandmarkState.TRACKED


def test_nothing_known_is_refused_with_what_to_do(store: ProjectStore) -> None:
    store.frames.add([Frame(0, "x/1.jpg", "bob", "walk", "left", "1", SIDE, SIDE)])
    (sequence,) = sequences(store, "bob")
    with pytest.raises(TakeError, match="Propose the take, or set them in one frame"):
        track_sequence(store, sequence)
    with pytest.raises(TakeError, match="no frame between 50 and 60"):
        run(store, first=50, last=60)
    assert store.tracks.runs() == ()


def test_takes_are_named_by_subject_and_take(store: ProjectStore) -> None:
    store.frames.add([Frame(0, "x/1.jpg", "bob", "talk", "left", "1", SIDE, SIDE)])
    assert named_take(store, "ada/talk") == ("ada", "talk")
    with pytest.raises(TakeError, match="several takes 'talk': ada/talk, bob/talk"):
        named_take(store, "talk")
    with pytest.raises(TakeError, match="no take 'run': ada/talk, bob/talk"):
        named_take(store, "run")


def test_next_keys_are_suggested_by_number(store: ProjectStore) -> None:
    (sequence,) = sequences(store)
    first = suggested_keys(store, sequence, 2)
    assert len(set(first)) == 2
    assert set(first) <= set(range(1, FRAMES + 1))
    set_key(store, first[0] - 1, [8])
    assert suggested_keys(store, sequence, 1) == [first[1]]


def test_an_empty_annotation_is_shown_as_it_is() -> None:
    nobody = Annotation.empty(SCHEME)
    assert displayed(nobody, None) is nobody
    assert replace(nobody) == nobody
