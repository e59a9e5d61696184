"""Files and folders that appear whole or not at all: written beside their place, flushed to the disk, moved there in one step.

What is staged has a name that begins with a dot, ends with `.partial` and tells its process. No reader lists it, and it is
swept away once that process is gone, by the next writer in the folder or at the next start.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from annotator.domain.errors import FormatError
from annotator.domain.outside_files import open_regular
from annotator.staging import MOVED_AWAY, STAGED, prefix, swap, sweep

PROJECT, PICTURE = "a project", "a picture"
_PRECIOUS: Final = {
    b"SQLite format 3\0": PROJECT,
    **dict.fromkeys((b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*", b"v/1\1", b"SDPX", b"XPDS"), PICTURE),
}
"""The first bytes of files that exports leave alone."""
_FLUSHERS: Final = 16
_Seen = dict[Path, tuple[int, int, int]]
"""Relative path: inode, time and size of a file as it was kept."""


@contextmanager
def atomic_file(path: Path, replace: bool = True) -> Iterator[Path]:
    """A path to write a file at; the file takes the place of `path` when the block ends well, and leaves no trace otherwise.

    Missing folders are made. With `replace=False` a file that is there, also since a moment ago, is never replaced.
    Raises FormatError when the disk or permissions do not allow it; `path` is then as it was.
    """
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path.parent)
        temporary = _stage(path)
        try:
            yield temporary
            _finish(temporary)
            if replace:
                temporary.replace(path)
            else:
                _publish(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


@contextmanager
def atomic_text(path: Path, newline: str | None = None) -> Iterator[IO[str]]:
    """A UTF-8 text file to write, as `atomic_file` does."""
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8", newline=newline) as file:
        yield file


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8, as `atomic_file` does."""
    with atomic_file(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def atomic_pair(path: Path, about: Path) -> Iterator[tuple[Path, Path]]:
    """Two paths to write a file at and another one that tells of it, as `atomic_file` does.

    `path` stands beside its own `about`, or for an instant (after a kill, until it is written again) beside none; never beside
    one that tells of another content.
    """
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path.parent)
        staged: list[Path] = []
        try:
            staged += [_stage(path)]
            staged += [_stage(about)]
            yield staged[0], staged[1]
            for temporary in staged:
                _finish(temporary)
            if os.path.lexists(path):
                about.unlink(missing_ok=True)
                _sync_folder(path.parent)
                staged[0].replace(path)
                staged[1].replace(about)
            else:  # a file that is not there yet may be told of
                staged[1].replace(about)
                staged[0].replace(path)
        except BaseException:
            for temporary in staged:
                temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """An empty folder to fill; takes the place of `folder` as a whole when the block ends well, else nothing changes there.

    Files that are in `folder` already and are not written again stay, also those that others write there meanwhile. A reader
    sees the old folder or the new one, never files of both. Links inside `folder` are not followed. Raises FormatError as
    `atomic_file` does.
    """
    folder = folder.resolve() if folder.is_symlink() else folder
    if folder.exists() and not folder.is_dir():
        raise FormatError(f"{folder} is a file; choose another name for the folder")
    with _explained(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        sweep(folder.parent)
        temporary = Path(tempfile.mkdtemp(prefix=prefix(folder), suffix=STAGED, dir=folder.parent))
        try:
            yield temporary
            files = _flush_all(temporary)
            if not folder.exists():
                temporary.chmod(0o777 & ~_umask())
                temporary.rename(folder)
            else:
                _check_targets(temporary, folder, files)
                written = {file.relative_to(temporary) for file in files}
                seen = _keep(folder, temporary)
                _sync_tree(temporary)
                with _replaced(folder, temporary) as old:
                    _follow(old, folder, seen, written)
            _sync_folder(folder.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def publish_folder(draft: Path, folder: Path) -> None:
    """Give what a draft folder holds its place in `folder`, as `atomic_folder` does; the draft is gone then."""
    with atomic_folder(folder) as staging:
        for entry in sorted(draft.iterdir()):
            entry.replace(staging / entry.name)
    draft.rmdir()


def refuse_to_replace(path: Path, inside: Iterable[Path] = ()) -> None:
    """Raise FormatError where an export to `path` would cost somebody a project or a frame, whatever it is called: such a file
    lies there; or a folder that holds one of `inside`, or the folder you are in, which would be swapped under their feet."""
    if path.is_dir():
        for held in (*inside, Path.cwd()):
            if held.resolve().is_relative_to(path.resolve()):
                raise FormatError(f"{path} holds {held}; name a folder of its own for the export")
    kind = holds(path)
    if kind:
        raise FormatError(f"{path} is {kind}, which no export replaces; choose another name")


def holds(path: Path) -> str:
    """What a file is that no export may replace, by its first bytes: `PROJECT`, `PICTURE`, or empty for everything else."""
    try:
        with open_regular(path) as file:
            head = file.read(16)
    except OSError:
        return ""
    return next((kind for first, kind in _PRECIOUS.items() if head.startswith(first)), "")


def refuse_links(folder: Path, target: Path) -> None:
    """Raises FormatError where a folder between `folder` and a file to write below it is a link."""
    for parent in target.parents:
        if parent != folder and parent.is_relative_to(folder) and parent.is_symlink():
            raise FormatError(
                f"{parent} is a link, which may lead anywhere; choose another folder, or take it away"
            )


def _stage(path: Path) -> Path:
    """A new empty file beside the one that is to be written."""
    handle, name = tempfile.mkstemp(prefix=prefix(path), suffix=STAGED, dir=path.parent)
    os.close(handle)
    return Path(name)


def _finish(temporary: Path) -> None:
    """A staged file is on the disk and may be read by whom any new file may be read by."""
    _flush(temporary)
    temporary.chmod(0o666 & ~_umask())


def _publish(temporary: Path, path: Path) -> None:
    """Give a staged file its name without ever replacing another."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise
        temporary.rename(path)
    else:
        temporary.unlink()


def _keep(old: Path, new: Path) -> _Seen:
    """Give a new folder all that is in the old one and not written again, as further links where the file system has them."""
    seen: _Seen = {}
    for parent, folders, names in os.walk(old):
        here = Path(parent)
        there = new / here.relative_to(old)
        for name in [*folders, *names]:
            source, target = here / name, there / name
            if source.is_dir() and not source.is_symlink():
                target.mkdir(exist_ok=True)
            elif not os.path.lexists(target):
                seen[source.relative_to(old)] = _state(source)
                _link(source, target)
        shutil.copystat(here, there)
    return seen


def _link(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _follow(old: Path, new: Path, seen: _Seen, written: set[Path]) -> None:
    """Take over what others wrote into the old folder after its files were kept."""
    for parent, _, names in os.walk(old):
        for name in names:
            source = Path(parent) / name
            inner = source.relative_to(old)
            if inner not in written and _state(source) != seen.get(inner):
                (new / inner).parent.mkdir(parents=True, exist_ok=True)
                source.replace(new / inner)


def _state(path: Path) -> tuple[int, int, int]:
    told = path.lstat()
    return told.st_ino, told.st_mtime_ns, told.st_size


@contextmanager
def _replaced(folder: Path, temporary: Path) -> Iterator[Path]:
    """Put a staged folder in the place of another one, which the block sees where it lies then; it goes in the end."""
    if swap(temporary, folder):
        yield temporary
        return
    # Without an exchange the folder is nowhere for an instant; `sweep` brings it back if this process ends just then.
    aside = Path(tempfile.mkdtemp(prefix=prefix(folder), suffix=MOVED_AWAY, dir=folder.parent))
    old = aside / folder.name
    try:
        folder.rename(old)
        try:
            temporary.rename(folder)
        except BaseException:
            old.rename(folder)
            raise
        yield old
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _flush_all(folder: Path) -> list[Path]:
    """Every file below a folder, on the disk, and the folders, too."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with ThreadPoolExecutor(_FLUSHERS) as pool:  # a drive flushes many files in hardly more time than one
        own = [file for file in files if not file.is_symlink()]  # where a link leads is not ours
        list(pool.map(_flush, own))
    _sync_tree(folder)
    return files


def _check_targets(temporary: Path, folder: Path, files: Sequence[Path]) -> None:
    """Whether each file has a place in the folder itself, where nothing but a file stands."""
    for file in files:
        target = folder / file.relative_to(temporary)
        if target.is_dir() and not target.is_symlink():
            raise FormatError(f"{target} is a folder, a file was to be written there; choose another folder")
        refuse_links(folder, target)
        for parent in target.parents:
            if parent.exists() and not parent.is_dir():
                raise FormatError(f"{parent} is a file, a folder was to be there; choose another folder")


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_tree(folder: Path) -> None:
    for parent, _, _ in os.walk(folder):
        _sync_folder(Path(parent))


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows cannot open folders
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(PermissionError):
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
