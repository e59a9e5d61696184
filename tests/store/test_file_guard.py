"""A project file that is replaced, moved, deleted or overwritten under an open store: nothing is spoilt or written past it."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from store_helpers import frame

from annotator.domain import edits
from annotator.domain.errors import ProjectError
from annotator.domain.scheme import LandmarkScheme
from annotator.store.file.errors import FileLostError
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps open files in their place")

WRITE = (
    "import sys; from pathlib import Path; from annotator.store.project_store import ProjectStore\n"
    "with ProjectStore.open(Path(sys.argv[1])) as store:\n"
    "    for number in range(int(sys.argv[2])): store.previews.save(1 + number % 4, bytes([number % 256]) * 50_000)"
)


def move(store: ProjectStore, x: float, frame_id: int = 1) -> None:
    before = store.annotations.get(frame_id)
    after = edits.apply(edits.move([0], [[x, x]]), before)[0]
    store.annotations.commit(Change(frame_id, before, after, f"to {x}"))


def places(path: Path) -> list[float]:
    """What the ledger of a project says, which must be whole."""
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with ProjectStore.open(path, read_only=True) as store:
        return [float(entry.to_xy[0, 0]) for entry in store.ledger.entries()]


@pytest.fixture
def other(tmp_path: Path, scheme: LandmarkScheme) -> Path:
    """Another project of the same scheme, with more in it."""
    path = tmp_path / "elsewhere" / "other.annotator"
    path.parent.mkdir()
    with ProjectStore.create(path, scheme, tmp_path / "captures") as made:
        made.frames.add([frame(f"zoe/{number}.jpg", "zoe") for number in range(60)])
        for number in range(30):
            move(made, 500 + number)
    return path


def older(store: ProjectStore, other: Path) -> Path:
    """The project as it was before its last edits."""
    copy = other.with_name("older.annotator")
    store.copy_to(copy)
    move(store, 2)
    assert store.fold()
    return copy


def newer(store: ProjectStore, other: Path) -> Path:
    """A copy of the project that went on elsewhere; the project rests."""
    copy = other.with_name("newer.annotator")
    store.copy_to(copy)
    with ProjectStore.open(copy) as there:
        for number in range(20):
            move(there, 900 + number)
    assert store.fold()
    return copy


def foreign(_store: ProjectStore, other: Path) -> Path:
    return other


def diverged(store: ProjectStore, other: Path) -> Path:
    """A copy that went on elsewhere, by less than the project itself."""
    copy = other.with_name("diverged.annotator")
    store.copy_to(copy)
    with ProjectStore.open(copy) as there:
        move(there, 900)
    for number in range(3):
        move(store, 2 + number)
    return copy


def garbage(_store: ProjectStore, other: Path) -> Path:
    file = other.with_name("garbage")
    file.write_bytes(b"no project at all" * 10_000)
    return file


REPLACEMENTS = [foreign, older, newer, diverged]


@pytest.mark.parametrize("make", [*REPLACEMENTS, garbage])
@pytest.mark.parametrize("rest", [True, False], ids=["at rest", "in the middle"])
def test_a_file_that_is_overwritten_in_place_is_not_written_to(
    store: ProjectStore, other: Path, make: Callable[[ProjectStore, Path], Path], rest: bool
) -> None:
    move(store, 1)
    replacement = make(store, other)
    if rest:
        store.fold()
    shutil.copyfile(replacement, store.path)
    content = replacement.read_bytes()
    for _ in range(3):
        with pytest.raises(FileLostError, match=r"show\.annotator was overwritten by another program"):
            move(store, 3)
    with pytest.raises(FileLostError):
        store.check_file()
    store.close()
    assert store.path.read_bytes() == content


@pytest.mark.parametrize("make", REPLACEMENTS)
def test_a_file_that_is_replaced_stays_whole_and_so_does_its_replacement(
    store: ProjectStore, other: Path, make: Callable[[ProjectStore, Path], Path], tmp_path: Path
) -> None:
    move(store, 1)
    replacement = make(store, other)
    wanted = places(replacement)
    before = [float(entry.to_xy[0, 0]) for entry in store.ledger.entries()]
    old = tmp_path / "old.annotator"
    store.path.rename(old)
    replacement.replace(store.path)
    for _ in range(3):
        with pytest.raises(FileLostError, match=r"show\.annotator was replaced"):
            move(store, 3)
    assert store.fold()
    assert places(store.path) == wanted
    store.close()
    assert places(store.path) == wanted
    assert places(old) == before


def test_a_deleted_file_can_be_saved_under_another_name(store: ProjectStore, tmp_path: Path) -> None:
    move(store, 1)
    store.path.unlink()
    for _ in range(20):
        with pytest.raises(FileLostError, match=r"show\.annotator was moved or deleted"):
            move(store, 3)
    with pytest.raises(ProjectError):
        store.again()
    assert not store.path.exists(), "no empty file is made in its place"
    copy = tmp_path / "saved.annotator"
    store.copy_to(copy)
    assert places(copy) == [1]


def test_a_file_that_is_put_back_is_written_again(store: ProjectStore, tmp_path: Path) -> None:
    move(store, 1)
    aside = tmp_path / "aside.annotator"
    store.path.rename(aside)
    with pytest.raises(FileLostError):
        move(store, 2)
    aside.rename(store.path)
    move(store, 3)
    store.close()
    assert places(store.path) == [1, 3]


def test_what_other_programs_write_is_no_alarm(store: ProjectStore) -> None:
    """They fold the log into the file, too, while this store goes on."""
    commands = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(store.path), "120"], stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    count = 0
    while any(command.poll() is None for command in commands):
        count += 1
        move(store, count)
        store.check_file()
        if count % 5 == 0:
            store.fold()
    assert [command.communicate()[1] for command in commands] == [b"", b""]
    assert count > 3
    store.close()
    assert places(store.path) == list(range(1, count + 1))


def test_a_link_is_the_project_itself(store: ProjectStore, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere.annotator"
    link.symlink_to(store.path)
    with ProjectStore.open(link) as second:
        assert second.path == store.path
        move(second, 1)
    assert not list(tmp_path.glob("elsewhere*-wal"))


def test_a_file_of_two_names_is_only_read(store: ProjectStore, tmp_path: Path) -> None:
    os.link(store.path, tmp_path / "second.annotator")
    with ProjectStore.open(tmp_path / "second.annotator") as second:
        assert second.read_only


def test_a_copy_is_whole_and_finds_captures_and_models(store: ProjectStore, tmp_path: Path) -> None:
    move(store, 1)
    folder = tmp_path / "far" / "away"
    folder.mkdir(parents=True)
    store.copy_to(folder / "copy.annotator")
    assert places(folder / "copy.annotator") == [1]
    with ProjectStore.open(folder / "copy.annotator") as copy:
        assert copy.frames.capture_root == store.frames.capture_root
    assert sorted(item.name for item in folder.iterdir()) == ["copy.annotator"]


def test_a_plain_copy_of_a_folded_file_is_whole(store: ProjectStore, tmp_path: Path) -> None:
    move(store, 1)
    move(store, 2)
    assert store.fold()
    shutil.copyfile(store.path, tmp_path / "plain.annotator")
    assert places(tmp_path / "plain.annotator") == [1, 2]
