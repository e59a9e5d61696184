"""A take before a rig: keys in two views serve the third, what was taken from views is no evidence, other cameras stay apart."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simplejpeg
from rig_project import FACE, NAMES, SCHEME, SIZE, make_rig, place
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.domain.takes.take import TakeError
from annotator.domain.takes.track import Merge, Track
from annotator.nn.zoo import architecture
from annotator.rigs.projection import Lenses
from annotator.services.takes import evidence
from annotator.services.takes.sequences import sequences
from annotator.services.takes.track import TrackSummary, TrackWishes
from annotator.services.takes.track_on import track_on_in_space
from annotator.services.takes.track_rig import IN_SPACE, rig_of, track_in_space, where_to_look_in_space
from annotator.store.file.errors import StoreWriteError
from annotator.store.history.changes import Change, Origin
from annotator.store.project_store import ProjectStore

FRAMES = 7
RIG = make_rig()
NO_PICTURES = TrackWishes(pictures=False)
OFF = np.random.default_rng(2).normal(0, 12, (len(NAMES), 1, SCHEME.size, 2))


def truth() -> np.ndarray:
    """float64 [V, N, L, 2]: the face moves to the side."""
    lenses = Lenses.of(list(RIG.cameras.values()))
    return np.stack([lenses.project(FACE + [3.0 * frame, 0, 0]) for frame in range(FRAMES)], axis=1)


TRUTH = truth()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    """`ada/talk` by three cameras, frames 1 to 7 without number 4 of the camera `right`; proposals are off by some 12 px, in each
    view otherwise, and alike in all frames."""
    with ProjectStore.create(tmp_path / "show.annotator", SCHEME, tmp_path) as made:
        paths = [
            (f"{camera}/{number}.jpg", camera, number)
            for camera in NAMES
            for number in range(1, FRAMES + 1)
            if (camera, number) != ("right", 4)
        ]
        made.frames.add(Frame(0, path, "ada", "talk", camera, f"{n}", *SIZE) for path, camera, n in paths)
        made.rigs.add(RIG)
        made.models.add(ModelCard("one", SCHEME.id, architecture("tiny", SCHEME)), tmp_path)
        made.models.activate("one")
        ids = made.frames.by_path()
        for path, camera, number in paths:
            view = NAMES.index(camera)
            made.proposals.save(ids[path], proposal(TRUTH[view, number - 1] + OFF[view, 0]))
        yield made


def proposal(xy: np.ndarray) -> Proposal:
    covariance = np.tile(144 * np.eye(2, dtype=np.float32), (SCHEME.size, 1, 1))
    one, none = np.ones(SCHEME.size, np.float32), np.zeros((0, 4), np.float32)
    places = xy.astype(np.float32)
    return Proposal("one", SCHEME.id, places, covariance, one, none, places, covariance, "", (), *SIZE)


def set_by_hand(store: ProjectStore, camera: str, number: int) -> None:
    place(store, f"{camera}/{number}.jpg", TRUTH[NAMES.index(camera), number - 1])


def track(
    store: ProjectStore, wishes: TrackWishes = NO_PICTURES, cameras: tuple[str, ...] = ()
) -> list[TrackSummary]:
    held = rig_of(store, "ada", "talk")
    assert held is not None
    return track_in_space(store, held.views(sequences(store, "ada")), held.rig, wishes, cameras)


def away(store: ProjectStore, camera: str, number: int) -> np.ndarray:
    """Px from the truth of what was tracked, without the outline, which stays each view's own."""
    found = store.tracks.get(store.frames.by_path()[f"{camera}/{number}.jpg"])
    assert found is not None
    far = np.linalg.norm(found.xy - TRUTH[NAMES.index(camera), number - 1], axis=-1)
    return far[~view_dependent(SCHEME)]


def test_a_moment_set_in_two_views_serves_the_third(store: ProjectStore) -> None:
    set_by_hand(store, "front", 3)
    set_by_hand(store, "left", 3)
    summaries = track(store)
    assert [each.frames for each in summaries] == [
        6,
        6,
        6,
    ]  # two views without their key, the third lacks a frame
    assert [each.keys for each in summaries] == [1, 1, 0]
    assert max(away(store, "right", number).mean() for number in (1, 3, 6)) < 4  # of 15
    assert store.tracks.get(store.frames.by_path()["front/3.jpg"]) is None
    run = store.tracks.runs()[-1]
    assert run.maker == IN_SPACE
    assert run.detail["rig"] == "dome (version 1)"


def test_points_taken_from_the_other_views_stay_but_are_no_evidence(store: ProjectStore) -> None:
    """What a person took into the third view lies 60 px off; were it evidence, the whole take would follow."""
    set_by_hand(store, "front", 3)
    set_by_hand(store, "left", 3)
    frame = store.frames.by_path()["right/3.jpg"]
    wrong = TRUTH[2, 2] + (60.0, 0.0)
    before = store.annotations.get(frame)
    after = edits.apply(edits.move(range(SCHEME.size), wrong), before)[0]
    store.annotations.commit(Change(frame, before, after, "Take", origin=Origin.VIEWS))
    track(store)
    assert away(store, "right", 5).mean() < 4
    assert store.tracks.get(frame) is None
    np.testing.assert_allclose(store.annotations.get(frame).xy, wrong, atol=1e-3)


def test_only_the_cameras_that_are_asked_for_are_written(store: ProjectStore) -> None:
    set_by_hand(store, "front", 3)
    set_by_hand(store, "left", 3)
    (summary,) = track(store, replace(NO_PICTURES, first=5, last=6), ("right",))
    assert summary.frames == 2
    paths = store.frames.by_path()
    assert store.tracks.frame_ids() == {paths["right/5.jpg"], paths["right/6.jpg"]}


def test_landmarks_that_nobody_asked_for_stay_out(store: ProjectStore) -> None:
    set_by_hand(store, "front", 3)
    set_by_hand(store, "left", 3)
    track(store, replace(NO_PICTURES, landmarks=(4, 7)))
    found = store.tracks.get(store.frames.by_path()["right/2.jpg"])
    assert found is not None
    assert np.flatnonzero(found.is_placed).tolist() == [4, 7]


def test_frames_of_another_size_than_the_calibration_are_no_views(store: ProjectStore) -> None:
    held = rig_of(store, "ada", "talk")
    assert held is not None
    assert [view.camera for view in held.views(sequences(store, "ada"))] == list(NAMES)
    assert held.views(sequences(store, "ada", camera="front")) == []
    small = make_rig(size=(1024, 768)).cameras
    store.rigs.add(replace(RIG, cameras=dict(RIG.cameras) | {"right": small["right"]}))
    held = rig_of(store, "ada", "talk")
    assert held is not None
    assert [view.camera for view in held.views(sequences(store, "ada"))] == ["front", "left"]
    store.rigs.add(replace(RIG, cameras=small))
    assert rig_of(store, "ada", "talk") is None


def test_nothing_is_written_where_nothing_can_be_done(store: ProjectStore) -> None:
    with pytest.raises(TakeError, match="no frame between"):
        track(store, replace(NO_PICTURES, first=50, last=60))
    held = rig_of(store, "ada", "talk")
    assert held is not None
    views = held.views(sequences(store, "ada"))
    with pytest.raises(Cancelled):
        track_in_space(store, views, held.rig, TrackWishes(), stop=lambda: True)
    assert store.tracks.runs() == ()


def test_all_views_are_written_or_none(store: ProjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last view's row cannot be written: those before it are not there, either."""
    set_by_hand(store, "front", 3)
    put = store.tracks._put

    def fail_late(connection: Connection, frame_id: int, value: Track | None) -> None:
        if frame_id == store.frames.by_path()["right/7.jpg"]:
            raise OperationalError("disk", {}, OSError("full"))
        put(connection, frame_id, value)

    monkeypatch.setattr(store.tracks, "_put", fail_late)
    with pytest.raises(StoreWriteError):
        track(store)
    assert store.tracks.frame_ids() == set()
    assert store.tracks.runs() == ()


def on(store: ProjectStore, start: int, forward: bool, **wishes: Any) -> list[TrackSummary]:
    held = rig_of(store, "ada", "talk")
    assert held is not None
    views = held.views(sequences(store, "ada"))
    asked = TrackWishes(pictures=False, mode=Merge.REPLACE, **wishes)
    return track_on_in_space(store, views, held.rig, start, forward, asked)


def written(store: ProjectStore, camera: str) -> list[int]:
    paths, ids = store.frames.by_path(), store.tracks.frame_ids()
    numbers = [n for n in range(1, FRAMES + 1) if f"{camera}/{n}.jpg" in paths]
    return [n for n in numbers if paths[f"{camera}/{n}.jpg"] in ids]


def test_a_moment_is_tracked_on_in_all_views(store: ProjectStore) -> None:
    set_by_hand(store, "front", 3)
    set_by_hand(store, "left", 3)
    on(store, 3, True)
    assert {name: written(store, name) for name in NAMES} == {
        "front": [4, 5, 6, 7],
        "left": [4, 5, 6, 7],
        "right": [5, 6, 7],
    }
    assert away(store, "right", 5).mean() < 4  # of 15
    assert {run.maker for run in store.tracks.runs()} == {IN_SPACE}
    on(store, 2, False)
    assert written(store, "right") == [1, 2, 5, 6, 7], (
        "from the key behind it, in a view that has no frame there"
    )


def test_tracking_on_in_space_goes_back_and_stops_at_the_next_key_of_any_view(store: ProjectStore) -> None:
    set_by_hand(store, "front", 6)
    set_by_hand(store, "left", 6)
    set_by_hand(store, "right", 2)
    on(store, 6, False, landmarks=(4, 7))
    assert {name: written(store, name) for name in NAMES} == {
        "front": [3, 4, 5],
        "left": [3, 4, 5],
        "right": [3, 5],
    }
    found = store.tracks.get(store.frames.by_path()["right/5.jpg"])
    assert found is not None
    assert np.flatnonzero(found.is_placed).tolist() == [4, 7]


def test_shards_of_all_views_are_one_process_bit_for_bit(
    store: ProjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    from annotator.services.models.farm.merge_shards import merge_shards
    from annotator.services.models.farm.propose_shard import Shard
    from annotator.services.models.farm.track_shard import track_shard

    for path in store.frames.by_path():
        noise = np.random.default_rng(len(path)).integers(0, 255, (SIZE[1] // 8, SIZE[0] // 8, 3), np.uint8)
        picture = np.ascontiguousarray(noise.repeat(8, 0).repeat(8, 1))
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(simplejpeg.encode_jpeg(picture))
    for camera in NAMES[:2]:
        set_by_hand(store, camera, 1)
    store.copy_to(tmp_path / "alone.annotator")
    with ProjectStore.open(tmp_path / "alone.annotator") as alone:
        assert sum(summary.evidence for summary in track(alone, TrackWishes())) == 2 * 6 + 4
        expected = layer(alone)
    held = rig_of(store, "ada", "talk")
    assert held is not None
    views = held.views(sequences(store))
    for number in (2, 1):
        work = where_to_look_in_space(store, views, TrackWishes())
        track_shard(store, work, Shard(number, 2), tmp_path / "farm")
    assert merge_shards(store, tmp_path / "farm").evidence == 2 * 6 + 4
    monkeypatch.setattr(evidence, "pixels_of", lambda key: pytest.fail(f"{key.path} was read"))
    track(store, TrackWishes())
    assert layer(store) == expected


def layer(store: ProjectStore) -> dict[int, bytes]:
    return {
        frame_id: b"".join(part.tobytes() for part in (value.xy, value.covariance, value.state))
        for frame_id, value in store.tracks.items(list(store.tracks.frame_ids()))
    }
