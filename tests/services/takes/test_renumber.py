"""Frames of cameras that count otherwise are one moment once one camera is numbered as the other, files or movies."""

import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from movie_files import SIDE, write_movie
from rig_project import SCHEME, SIZE, make_rig, place, seen

from annotator.domain.capture import Frame
from annotator.domain.rigs.consensus import FrameConsensus
from annotator.domain.rigs.rig import CameraModel
from annotator.domain.takes.take import TakeError, TakeSettings
from annotator.services.project.captures.import_captures import import_captures
from annotator.services.rigs.apart import cameras_apart
from annotator.services.rigs.consensus import consensus_of
from annotator.services.rigs.moments import moments
from annotator.services.takes.renumber import renumber
from annotator.services.takes.sequences import sequences
from annotator.services.takes.track import TrackWishes
from annotator.services.takes.track_rig import rig_of, track_in_space
from annotator.store.project_store import ProjectStore

RIG = make_rig()
COUNTS = {"front": [f"{n}" for n in range(1001, 1007)], "left": [f"{n:06d}" for n in (1, 2, 3, 5, 6)]}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    """`ada/talk`: six frames of files from 1001 on, and a camera that counts as movies do and lacks the fourth."""
    with ProjectStore.create(tmp_path / "show.annotator", SCHEME, tmp_path) as made:
        made.rigs.add(RIG)
        made.frames.add(
            Frame(0, f"{camera}/{index}.jpg", "ada", "talk", camera, index, *SIZE)
            for camera, indices in COUNTS.items()
            for index in indices
        )
        yield made


def indices(store: ProjectStore, camera: str) -> list[str]:
    return store.sequences.indices_of("ada", "talk")[camera]


def test_frames_are_one_moment_once_they_are_numbered_alike(store: ProjectStore) -> None:
    assert list(moments(store)) == []
    done = renumber(store, "ada", "talk", "left", "1001")
    assert (done.frames, done.before, done.after) == (5, ("000001", "000006"), ("1001", "1006"))
    assert [moment.index for moment in moments(store)] == ["1001", "1002", "1003", "1005", "1006"]
    assert [each.gaps for each in sequences(store, camera="left")] == [((1004, 1004),)]
    assert store.frames.get(store.frames.by_path()["left/000005.jpg"]).index == "1005"


def test_the_number_before_takes_it_back_with_its_digits(store: ProjectStore) -> None:
    before = [row.frame for row in store.frames.list()]
    renumber(store, "ada", "talk", "left", "0998")
    assert indices(store, "left") == ["0998", "0999", "1000", "1002", "1003"]
    assert renumber(store, "ada", "talk", "left", "000001").frames == 5
    assert [row.frame for row in store.frames.list()] == before
    assert renumber(store, "ada", "talk", "left", "000001").frames == 0


def test_all_frames_are_numbered_whatever_range_the_take_has(store: ProjectStore) -> None:
    store.takes.set("ada", "talk", TakeSettings(first=1001, last=1006))
    assert renumber(store, "ada", "talk", "left", "1001").frames == 5
    assert len(sequences(store, camera="left")[0]) == 5


@pytest.mark.parametrize(
    ("camera", "first", "words"),
    [
        ("under", "1", "no camera 'under': front, left"),
        (None, "1", "several cameras; say which"),
        ("left", "-5", "no frame number"),
        ("left", "", "no frame number"),
        ("left", "٣", "no frame number"),
        ("left", "1" * 5000, "at most 12 digits"),
    ],
)
def test_what_cannot_be_a_number_or_a_camera_is_refused(
    store: ProjectStore, camera: str | None, first: str, words: str
) -> None:
    with pytest.raises(TakeError, match=words):
        renumber(store, "ada", "talk", camera, first)
    assert indices(store, "left") == COUNTS["left"]


def test_points_stay_with_their_frames_and_tell_the_other_view(store: ProjectStore) -> None:
    place(store, "left/000002.jpg", seen(RIG.cameras["left"]))
    place(store, "front/1002.jpg", seen(RIG.cameras["front"]))
    renumber(store, "ada", "talk", "left", "1001")
    moment = list(moments(store))[1]
    assert consensus_of(store, moment, None).sightings.trusted[:2].all()


def test_what_cameras_said_of_moments_that_are_none_any_more_counts_no_longer(store: ProjectStore) -> None:
    renumber(store, "ada", "talk", "left", "1001")
    ids = store.frames.by_path()
    size = SCHEME.size
    places = np.zeros((size, 2), np.float32), np.tile(np.eye(2, dtype=np.float32), (size, 1, 1))
    numbers, none = (np.zeros(size, np.float32),) * 3, np.zeros(size, np.bool_)
    said = FrameConsensus(1, "m", *places, *numbers, none, none.astype(np.uint8), none, taken=True)
    both = [ids["front/1001.jpg"], ids["left/000001.jpg"]]
    store.consensus.save_all((frame_id, said) for frame_id in both)
    assert store.consensus.frame_ids("m") == set(both)
    renumber(store, "ada", "talk", "left", "1002")
    assert store.consensus.frame_ids("m") == set()


def test_cameras_without_a_moment_are_told(store: ProjectStore) -> None:
    (line,) = cameras_apart(store, "ada", "talk", list(RIG.cameras)).values()
    assert "5 frames of left (000001 to 000006)" in line
    assert "--take ada/talk --camera left --number-from 1001" in line
    renumber(store, "ada", "talk", "left", "1001")
    assert cameras_apart(store, "ada", "talk", list(RIG.cameras)) == {}


def _small(camera: CameraModel) -> CameraModel:
    """As the camera of the movie's size would be."""
    matrix = camera.matrix * [[SIDE[0] / SIZE[0]], [SIDE[1] / SIZE[1]], [1]]
    return CameraModel(camera.name, *SIDE, matrix, camera.distortion, camera.camera_from_world)


def test_a_movie_and_files_are_tracked_as_one_take(tmp_path: Path) -> None:
    """The real files: one camera as a movie, the other as pictures that begin at 1001; a key in both is one moment."""
    captures = tmp_path / "captures"
    (captures / "ada" / "talk").mkdir(parents=True)
    write_movie(captures / "ada" / "talk" / "left.mov", 4)
    (captures / "ada" / "talk" / "front").mkdir()
    for number in range(1001, 1005):
        grey = np.full((*SIDE[::-1], 3), 90, np.uint8)
        cv2.imwrite(str(captures / "ada/talk/front" / f"{number}.png"), grey)
    with ProjectStore.create(tmp_path / "show.annotator", SCHEME, captures) as store:
        import_captures(store, captures, "{subject}/{take}/{camera}/####.png")
        import_captures(store, captures, "{subject}/{take}/{camera}.mov")
        small = {name: _small(RIG.cameras[name]) for name in ("front", "left")}
        store.rigs.add(replace(RIG, cameras=small))
        assert list(moments(store)) == []
        renumber(store, "ada", "talk", "left", "1001")
        assert [moment.index for moment in moments(store)] == ["1001", "1002", "1003", "1004"]
        for path in ("ada/talk/front/1001.png", "ada/talk/left.mov/000001"):
            place(store, path, seen(small["front" if "front" in path else "left"]))
        held = rig_of(store, "ada", "talk")
        assert held is not None
        views = held.views(sequences(store, "ada", "talk"))
        first, second = track_in_space(store, views, held.rig, TrackWishes(pictures=True))
        assert (first.failures, second.failures, first.keys, second.keys) == ({}, {}, 1, 1)


def test_frames_that_come_later_go_on_with_the_numbers(tmp_path: Path) -> None:
    captures = tmp_path / "captures"
    captures.mkdir()

    def shot(*numbers: int) -> None:
        for number in numbers:
            cv2.imwrite(str(captures / f"left.{number:04d}.png"), np.zeros((3, 5, 3), np.uint8))

    with ProjectStore.create(tmp_path / "show.annotator", SCHEME, captures) as store:
        shot(5, 6)
        import_captures(store, captures, "{camera}.####.png")
        take = store.frames.get(1).take
        renumber(store, "", take, "left", "1001")
        shot(7, 9, 4)
        import_captures(store, captures, "{camera}.####.png")
        assert store.sequences.indices_of("", take) == {"left": ["1000", "1001", "1002", "1003", "1005"]}
        renumber(store, "", take, "left", "0")
        shot(3)
        summary = import_captures(store, captures, "{camera}.####.png")
        assert "before frame 0" in summary.notes["left.0003.png"]


def test_the_command_that_is_named_can_be_pasted_whatever_a_camera_is_called(tmp_path: Path) -> None:
    camera = 'left "eye" it\'s $2'
    with ProjectStore.create(tmp_path / "odd.annotator", SCHEME, tmp_path) as store:
        store.frames.add(
            Frame(0, f"{number}.jpg", "ada b", "talk", name, number, *SIZE)
            for name, number in (("front", "1001"), (camera, "1"))
        )
        (line,) = cameras_apart(store, "ada b", "talk", ["front", camera]).values()
    command = shlex.split(line[line.index("annotator takes") :])
    assert command[2:] == ["PROJECT", "--take", "ada b/talk", "--camera", camera, "--number-from", "1001"]
