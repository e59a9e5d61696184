"""Files that appear whole or not at all: written beside their place, flushed to the disk, then moved there in one step."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from annotator.domain.errors import FormatError

_FLUSHERS: Final = 16


@contextmanager
def atomic_text(path: Path, newline: str | None = None) -> Iterator[IO[str]]:
    """A UTF-8 text file to write; takes the place of `path` when the block ends well, and leaves no trace otherwise.

    Missing folders are made. Raises FormatError when the disk or permissions do not allow it; `path` is then
    as it was.
    """
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:60]}.", suffix=".partial", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline=newline) as file:
                yield file
                _to_disk(file)
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """A new folder to fill; its files take their places under `folder` when the block ends well, else nothing changes there.

    Files that are there already and are not written again stay. Raises FormatError as `atomic_text` does.
    """
    with _explained(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(
            tempfile.mkdtemp(prefix=f".{folder.name[:60]}.", suffix=".partial", dir=folder.parent)
        )
        try:
            yield temporary
            files = sorted(path for path in temporary.rglob("*") if path.is_file())
            _check_targets(temporary, folder, files)
            with ThreadPoolExecutor(
                _FLUSHERS
            ) as pool:  # a drive flushes many files in hardly more time than one
                list(pool.map(_flush, files))
            for file in files:
                target = folder / file.relative_to(temporary)
                target.parent.mkdir(parents=True, exist_ok=True)
                file.replace(target)
            _sync_folder(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


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


def _to_disk(file: IO[str]) -> None:
    file.flush()
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
