"""Rigs of a project: versions that stay, the right one for a take, values that are checked."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from annotator.domain.errors import ProjectError
from annotator.domain.rigs.rig import CameraModel, Rig, RigError
from annotator.domain.rigs.rig_values import rig_to_plain
from annotator.store.file.migrations import VERSION
from annotator.store.project_store import ProjectStore

DATA = Path(__file__).parent / "data"


def make_rig(name: str = "dome", takes: tuple[str, ...] = (), focal: float = 900.0) -> Rig:
    matrix = np.array([[focal, 0, 320], [0, focal, 240], [0, 0, 1]])
    cameras = [CameraModel(n, 640, 480, matrix, np.zeros(5), np.eye(3, 4)) for n in ("left", "right")]
    return Rig(name, {camera.name: camera for camera in cameras}, takes, 1.0, "calib.toml")


def test_a_rig_comes_back_as_it_was_also_after_reopening(store: ProjectStore) -> None:
    (added,) = store.rigs.add(make_rig(takes=("ada/*",)), user="ann")
    assert (added.version, added.user, added.name) == (1, "ann", "dome")
    with ProjectStore.open(store.path, read_only=True) as again:
        (kept,) = again.rigs.list()
    assert rig_to_plain(kept.rig) == rig_to_plain(make_rig(takes=("ada/*",)))
    assert (kept.id, kept.added) == (added.id, added.added)


def test_a_rig_of_a_known_name_is_its_next_version(store: ProjectStore) -> None:
    store.rigs.add(make_rig(focal=900))
    store.rigs.add(make_rig(focal=901), make_rig("booth"))
    assert [(known.name, known.version) for known in store.rigs.list()] == [("dome", 2), ("booth", 1)]
    assert [known.rig.cameras["left"].matrix[0, 0] for known in store.rigs.versions("dome")] == [900, 901]
    assert store.rigs.get("dome").version == 2
    assert store.rigs.get("dome", 1).rig.cameras["left"].matrix[0, 0] == 900
    with pytest.raises(ProjectError, match=r"no rig dome \(version 3\); it has dome \(version 2\), booth"):
        store.rigs.get("dome", 3)


def test_the_rig_of_a_take_is_the_one_that_names_it_then_the_latest(store: ProjectStore) -> None:
    assert store.rigs.of_take("ada", "t1") is None
    store.rigs.add(make_rig("tuesday", ("ada/*",)), make_rig("all"), make_rig("ada once more", ("ada/t1",)))
    found = [store.rigs.of_take(*take) for take in (("ada", "t1"), ("ada", "t2"), ("ben", "t1"))]
    assert [known.name if known else None for known in found] == ["ada once more", "tuesday", "all"]


def test_a_removed_version_is_out_of_use_and_its_number_never_comes_again(store: ProjectStore) -> None:
    store.rigs.add(make_rig(), make_rig(), make_rig())
    assert store.rigs.remove("dome", 3) == 1
    assert store.rigs.get("dome").version == 2
    assert store.rigs.remove("dome") == 2
    assert store.rigs.list() == ()
    with pytest.raises(ProjectError, match="no rig dome; it has none"):
        store.rigs.remove("dome")
    assert store.rigs.add(make_rig())[0].version == 4


def test_sqlite_itself_refuses_to_change_a_version(store: ProjectStore) -> None:
    store.rigs.add(make_rig())
    with closing(sqlite3.connect(store.path)) as raw:
        for statement in ("UPDATE rig SET rig_json = '{}'", "DELETE FROM rig", "UPDATE rig SET version = 7"):
            with pytest.raises(sqlite3.IntegrityError):
                raw.execute(statement)


@pytest.mark.parametrize("text", ["{}", "no JSON", "[" * 5000, '{"kind": "annotator-rig", "schema": 9}'])
def test_a_damaged_rig_is_told_by_its_number(text: str, store: ProjectStore) -> None:
    with closing(sqlite3.connect(store.path)) as raw:
        raw.execute(
            "INSERT INTO rig VALUES (1, 'dome', 1, '[]', ?, '2026-11-29T00:00:00+00:00', 'ann', NULL)",
            (text,),
        )
        raw.commit()
    for ask in (store.rigs.list, lambda: store.rigs.of_take("ada", "t1")):
        with pytest.raises(ProjectError, match="rig 1 of the project is damaged"):
            ask()


@pytest.mark.parametrize("number", range(1, 4))  # the versions before there were rigs
def test_a_project_of_an_older_version_takes_rigs(number: int, tmp_path: Path) -> None:
    path = tmp_path / "old.annotator"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((DATA / f"version_{number}.sql").read_text(encoding="utf-8"))
    with ProjectStore.open(path) as store:
        assert store.rigs.list() == ()
        assert store.rigs.add(make_rig())[0].version == 1
    with closing(sqlite3.connect(path)) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute("DELETE FROM rig")


def test_shots_count_frames_of_a_camera_by_size(store: ProjectStore) -> None:
    assert [(shot.subject, shot.camera, shot.width, shot.frames) for shot in store.frames.shots()] == [
        ("ada", "left", 640, 2), ("ada", "right", 640, 1), ("bob", "left", 640, 1),
    ]  # fmt: skip


def test_a_rig_that_could_not_be_read_again_is_refused(store: ProjectStore) -> None:
    with pytest.raises(RigError, match="name of the rig"):
        store.rigs.add(make_rig(), make_rig("a\x00b"))
    assert store.rigs.list() == ()


def test_the_rig_of_a_stored_project_of_this_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "stored.annotator"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((DATA / f"version_{VERSION}.sql").read_text(encoding="utf-8"))
    with ProjectStore.open(path, read_only=True) as store:
        assert rig_to_plain(store.rigs.get("dome").rig) == rig_to_plain(make_rig(takes=("ada/*",)))
        assert store.rigs.of_take("ada", "t1").user == "ann"
