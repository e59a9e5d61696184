"""Files that appear whole or not at all: written beside their place, flushed to the disk, then moved there in one step."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from annotator.domain.errors import FormatError

_FLUSHERS: Final = 16
_STAGED: Final = ".partial"
_STALE_SECONDS: Final = 24 * 3600


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A path to write a file at; the file takes the place of `path` when the block ends well, and leaves no trace otherwise.

    Missing folders are made. Raises FormatError when the disk or permissions do not allow it; `path` is then
    as it was.
    """
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=_STAGED, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            _flush(temporary)
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


@contextmanager
def atomic_text(path: Path, newline: str | None = None) -> Iterator[IO[str]]:
    """A UTF-8 text file to write, as `atomic_file` does."""
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8", newline=newline) as file:
        yield file


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """A new folder to fill; its files take their places under `folder` when the block ends well, else nothing changes there.

    Files that are there already and are not written again stay. Raises FormatError as `atomic_file` does.
    """
    with _staged(folder) as temporary:
        yield temporary
        files = _flush_all(temporary)
        _check_targets(temporary, folder, files)
        for file in files:
            target = folder / file.relative_to(temporary)
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)
        _sync_folder(folder)


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """A copy of a folder (empty where there is none) to change; takes its place as a whole when the block ends well.

    A reader sees the old folder or the new one, or for an instant none; never files of both. Raises FormatError as
    `atomic_file` does.
    """
    with _staged(folder) as temporary:
        if folder.is_dir():
            shutil.copytree(folder, temporary, dirs_exist_ok=True)
        yield temporary
        _flush_all(temporary)
        temporary.chmod(0o777 & ~_umask())
        if folder.exists():
            old = temporary.with_name(temporary.name.removesuffix(_STAGED) + "-old" + _STAGED)
            folder.replace(old)
            temporary.replace(folder)
            shutil.rmtree(old, ignore_errors=True)
        else:
            temporary.replace(folder)
        _sync_folder(folder.parent)


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """A folder beside the one that is to be written, gone in the end."""
    with _explained(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        temporary = Path(tempfile.mkdtemp(prefix=_prefix(folder), suffix=_STAGED, dir=folder.parent))
        try:
            yield temporary
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _prefix(path: Path) -> str:
    """How the names of what is staged for a path begin: with a dot, as no reader of ours lists."""
    return f".{path.name[:60]}."


def _sweep(path: Path) -> None:
    """Take away what writers of the same path left behind when they were killed; younger ones may still be at work."""
    start = _prefix(path)
    for entry in os.scandir(path.parent):
        if not (entry.name.startswith(start) and entry.name.endswith(_STAGED)):
            continue
        with suppress(OSError):
            if time.time() - entry.stat(follow_symlinks=False).st_mtime > _STALE_SECONDS:
                shutil.rmtree(entry) if entry.is_dir(follow_symlinks=False) else Path(entry).unlink()


def _flush_all(folder: Path) -> list[Path]:
    """Every file below a folder, on the disk."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with ThreadPoolExecutor(_FLUSHERS) as pool:  # a drive flushes many files in hardly more time than one
        list(pool.map(_flush, files))
    return files


def _check_targets(temporary: Path, folder: Path, files: Sequence[Path]) -> None:
    """All or nothing: what could fail half-way is looked at before the first file moves."""
    for file in files:
        target = folder / file.relative_to(temporary)
        if target.is_dir():
            raise FormatError(f"{target} is a folder, a file was to be written there; choose another folder")
        existing = next(parent for parent in target.parents if parent.exists())
        if not existing.is_dir() or not os.access(existing, os.W_OK):
            raise FormatError(f"{existing} cannot be written to; choose another folder")


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows cannot open folders
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    """The process's file mode mask, which mkstemp ignores; POSIX can only tell it by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FormatError(
            f"{path} cannot be written: {error.strerror or error}; free space or choose another place"
        ) from error
