"""Files and folders that appear whole or not at all."""

import os
import time
from pathlib import Path

import pytest

from annotator.domain.errors import FormatError
from annotator.files import atomic_file, atomic_folder, atomic_text, replaced_folder


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


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_folder_that_is_added_to_keeps_its_other_files(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old").write_text("old")
    with atomic_folder(tmp_path / "a") as folder:
        (folder / "new").write_text("new")
    assert names(tmp_path) == ["a", "a/new", "a/old"]


def test_a_folder_is_replaced_as_a_whole_or_stays(tmp_path: Path) -> None:
    for text in ("first", "second"):
        with replaced_folder(tmp_path / "model") as folder:
            (folder / text).write_text(text)
    (tmp_path / "model" / "first").write_text("changed by hand")
    with pytest.raises(ZeroDivisionError), replaced_folder(tmp_path / "model") as folder:
        (folder / "third").write_text(f"half{1 / 0}")
    assert names(tmp_path) == ["model", "model/first", "model/second"]
    assert (tmp_path / "model" / "first").read_text() == "changed by hand"
    with replaced_folder(tmp_path / "model") as folder:
        (folder / "first").unlink()
    assert names(tmp_path) == ["model", "model/second"]


def test_what_a_killed_writer_left_is_taken_away_by_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "model"
    long_ago = time.time() - 48 * 3600
    for name, age in (
        (".model.a.partial", long_ago),
        (".model.b.partial", None),
        (".other.c.partial", long_ago),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weights").write_text("half")
        if age is not None:
            os.utime(tmp_path / name, (age, age))
    with atomic_file(path) as staged:
        assert staged.name.startswith(".")
        staged.write_bytes(b"whole")
    assert path.read_bytes() == b"whole"
    left = {entry.name for entry in tmp_path.iterdir()}
    assert left == {"model", ".model.b.partial", ".other.c.partial"}, (
        "a young one may be at work, others are not ours"
    )
