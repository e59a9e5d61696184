"""Files and folders appear whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from annotator import files, staging
from annotator.domain.errors import FormatError
from annotator.files import atomic_file, atomic_folder, atomic_pair, atomic_text


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.txt"
    with atomic_text(path) as file:
        file.write("old")
    with pytest.raises(ZeroDivisionError), atomic_text(path) as file:
        file.write(f"new, but not wh{1 / 0}")
    assert path.read_text() == "old"
    with atomic_text(path) as file:
        file.write("new")
    assert path.read_text() == "new"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.txt"]


def test_a_full_disk_is_told_and_harms_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FormatError, match="No space left"), atomic_text(path) as file:
        file.write("new")
    with pytest.raises(FormatError, match="No space left"), atomic_folder(tmp_path) as folder:
        (folder / "a.txt").write_text("new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "model"
    with atomic_folder(folder) as staging:
        (staging / "card").write_text("one")
        (staging / "kept").write_text("kept")
        assert not folder.exists()
    with pytest.raises(ZeroDivisionError), atomic_folder(folder) as staging:
        (staging / "card").write_text(f"two{1 / 0}")
    assert (folder / "card").read_text() == "one"
    with atomic_folder(folder) as staging:
        (staging / "card").write_text("two")
        (staging / "more").write_text("more")
        assert (folder / "card").read_text() == "one"
    assert {file.name: file.read_text() for file in folder.iterdir()} == {
        "card": "two",
        "kept": "kept",
        "more": "more",
    }
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_killed_writer_left_is_swept_away_by_the_next_one(tmp_path: Path, kind: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    mine = staging.prefix(tmp_path / "a")
    child.wait()
    dead = mine.replace(f"-{os.getpid()}-", f"-{child.pid}-")
    gone = [f"{dead}1.partial", f"{dead}2.partial-journal", ".older.1.partial", f"{dead}3.replaced.partial"]
    stays = [f"{mine}1.partial", ".young.1.partial", "b.partial", ".c"]
    for name in gone + stays:
        (tmp_path / name).mkdir()
        (tmp_path / name / "weights").touch()
    os.utime(tmp_path / ".older.1.partial", (0, 0))
    with atomic_file(tmp_path / "a") if kind == "file" else atomic_folder(tmp_path / "a"):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {*stays, "a", "weights"}, "a folder came back, too"


def test_a_folder_that_was_about_to_be_replaced_comes_back(tmp_path: Path) -> None:
    aside = tmp_path / ".model.1.replaced.partial"
    (aside / "model").mkdir(parents=True)
    (aside / "model" / "card").write_text("precious")
    os.utime(aside, (0, 0))
    staging.sweep(tmp_path)
    assert (tmp_path / "model" / "card").read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("exchange", [True, False])
def test_what_others_write_into_a_folder_meanwhile_stays(
    tmp_path: Path, exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    for name in ("deep/kept", "changed", "again"):
        (folder / name).write_text("old")
    (folder / "link").symlink_to("deep")

    def late(one: Path, other: Path) -> bool:
        (other / "changed").unlink()
        (other / "changed").write_text("later")
        (other / "deep/new").write_text("later")
        return exchange and swap(one, other)

    swap = staging.swap
    monkeypatch.setattr(files, "swap", late)
    with atomic_folder(folder) as staged:
        (staged / "again").write_text("new")
    found = {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }
    assert found == {
        "deep/kept": "old", "deep/new": "later", "changed": "later", "again": "new", "link/kept": "old", "link/new": "later",
    } or found == {"deep/kept": "old", "deep/new": "later", "changed": "later", "again": "new"}  # fmt: skip
    assert (folder / "link").is_symlink()
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_no_file_is_written_through_a_link_inside_the_folder(tmp_path: Path) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "folder"
    elsewhere.mkdir()
    folder.mkdir()
    (elsewhere / "file").write_text("mine")
    (folder / "anna").symlink_to(elsewhere)
    (folder / "ben").symlink_to(elsewhere / "file")

    def write_below(name: str) -> None:
        with atomic_folder(folder) as staged:
            (staged / name).mkdir()
            (staged / name / "file").write_text("new")

    with pytest.raises(FormatError, match="anna is a link"):
        write_below("anna")
    with atomic_folder(folder) as staged:
        (staged / "ben").write_text("new")
    assert [path.read_text() for path in elsewhere.iterdir()] == ["mine"]
    assert (folder / "anna").is_symlink()
    assert (folder / "ben").read_text() == "new"


def test_a_file_that_is_told_of_never_stands_beside_older_words(tmp_path: Path) -> None:
    path, about = tmp_path / "a.csv", tmp_path / "a.manifest"
    for text in ("one", "two"):
        with atomic_pair(path, about) as staged:
            for file in staged:
                file.write_text(text)
        assert [path.read_text(), about.read_text()] == [text, text]
    with pytest.raises(ZeroDivisionError), atomic_pair(path, about) as staged:
        staged[0].write_text(f"three{1 / 0}")
    assert [path.read_text(), about.read_text()] == ["two", "two"]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_that_appeared_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a"

    def write_late() -> None:
        with atomic_file(path, replace=False) as staged:
            staged.write_text("mine")
            path.write_text("theirs")

    with pytest.raises(FormatError, match="File exists"):
        write_late()
    assert path.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [path]
