"""Files that come from outside: only regular ones are read, no more of them than asked for, nested no deeper than people write.

Every read of a file that Annotator did not make in this moment passes here: pictures, annotations, models, schemes, settings.
"""

import errno
import json
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any, BinaryIO, Final
from xml.etree import ElementTree

MOST_TEXT: Final = 32 << 20
"""Bytes of a card, scheme, keymap or recipe."""
_DEEPEST: Final = 64
_KINDS: Final = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


_TAKEN: Final = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])(?:\..*)?", re.IGNORECASE | re.DOTALL
)


def unusable_name(name: str) -> str:
    """Why a file or folder cannot be called so on all systems, in words; empty where it can."""
    if _TAKEN.fullmatch(name):
        return "Windows keeps that name for a device"
    if name.endswith((".", " ")):
        return "a dot or space at the end is lost on Windows"
    return ""


class NoRegularFile(OSError):
    """The path leads to a pipe, a socket or a device: opening it may wait for ever, or never end."""


def check_regular(path: Path) -> os.stat_result:
    """What the system says of a file, before a library opens it by name.

    Raises OSError where there is none or it may not be looked at, `IsADirectoryError` and `NoRegularFile`; each has a `strerror`.
    """
    found = path.stat()
    _check_kind(path, found.st_mode)
    return found


def check_no_link(path: Path) -> None:
    """Raises OSError for a link: what is taken along with a folder of somebody else must lie in it, not name a file of ours."""
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link, which is not followed", str(path))


def open_regular(path: Path) -> BinaryIO:
    """A regular file to read; raises as `check_regular` does, before anything else is opened."""
    check_regular(path)
    file = path.open("rb")
    try:
        _check_kind(path, os.fstat(file.fileno()).st_mode)  # it may have been swapped meanwhile
    except BaseException:
        file.close()
        raise
    return file


def read_outside(path: Path, most: int) -> bytes:
    """The bytes of a regular file; raises OSError as `open_regular` does, and where it has more than `most`."""
    with open_regular(path) as file:
        # as many bytes are asked for as are there: `read` makes room for all that it is asked for
        data = file.read(min(most, os.fstat(file.fileno()).st_size) + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it has more than {most / 2**20:.0f} MiB, which are too many", str(path))
    return data


def read_outside_text(path: Path, most: int = MOST_TEXT, encoding: str = "utf-8") -> str:
    """As `read_outside`, as text with the line ends that Python reads; raises UnicodeDecodeError, too."""
    text = read_outside(path, most).decode(encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_toml(text: str) -> dict[str, Any]:
    """The table in a TOML text; raises ValueError (mostly `tomllib.TOMLDecodeError`) for everything that cannot be one."""
    try:
        values = tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    _check_depth(values)
    return values


def parse_json(text: str | bytes) -> Any:
    """The value in a JSON text; raises ValueError (mostly `json.JSONDecodeError`) for everything that cannot be one."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    _check_depth(value)
    return value


def parse_xml(text: str) -> ElementTree.Element:
    """The root of an XML text; raises ValueError for one that is damaged, nested too deeply, or declares entities: they may
    grow without end."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("it declares XML entities, which such a file never needs")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, RecursionError) as error:
        raise ValueError(f"the XML is damaged ({error})") from None
    level = [root]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in outer]
        if not level:
            return root
    raise ValueError("it is nested too deeply")


def _check_kind(path: Path, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    kind = next((words for is_kind, words in _KINDS if is_kind(mode)), "something else")
    raise NoRegularFile(errno.EINVAL, f"it is {kind}, not a file", str(path))


def _check_depth(value: Any) -> None:
    """A level at a time, so that looking at it needs no depth of its own."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise ValueError("it is nested too deeply")
