"""Files and folders appear whole or not at all."""

import os
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


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "model"
    with replaced_folder(folder) as staging:
        (staging / "card").write_text("one")
        (staging / "kept").write_text("kept")
        assert not folder.exists()
    with pytest.raises(ZeroDivisionError), replaced_folder(folder) as staging:
        (staging / "card").write_text(f"two{1 / 0}")
    assert (folder / "card").read_text() == "one"
    with replaced_folder(folder) as staging:
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
def test_what_a_killed_writer_left_is_swept_away_later(tmp_path: Path, kind: str) -> None:
    stale, young, other = (tmp_path / name for name in (".a.1.partial", ".a.2.partial", ".b.1.partial"))
    for left in (stale, young, other):
        left.mkdir()
        (left / "weights").touch()
    for old in (stale, other):
        os.utime(old, (0, 0))
    with atomic_file(tmp_path / "a") if kind == "file" else replaced_folder(tmp_path / "a"):
        pass
    assert not stale.exists()
    assert young.exists(), "its writer may still be at work"
    assert other.exists(), "it belongs to another path"
