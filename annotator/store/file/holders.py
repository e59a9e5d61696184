"""Which program writes to a project at this moment, where the system tells."""

import os
import socket
from pathlib import Path

_LOG_WRITE = 120
"""The byte of `-shm` that SQLite locks while it writes in WAL mode."""
_RESERVED = 0x40000001
"""The byte of the file itself that it locks while it writes in any other mode."""


def writer_of(path: Path) -> str:
    """The program that holds the project's write lock, with its number and this machine's name; empty where nobody tells.

    Programs on other machines, and systems without `/proc`, are not seen.
    """
    try:
        locks = Path("/proc/locks").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return ""
    for name, byte in ((f"{path.name}-shm", _LOG_WRITE), (path.name, _RESERVED)):
        pid = _holder(locks, path.with_name(name), byte)
        if pid == os.getpid():
            return "another task of this program"
        if pid:
            return f"{program_name(pid)} (process {pid} on {socket.gethostname()})"
    return ""


def program_name(pid: int) -> str:
    """What a process of this machine is called; `a program` where the system does not tell."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return "a program"
    for word in words[1:4]:  # `python -m annotator propose` is annotator
        if Path(word).name.split(".")[0] == "annotator" or word == "annotator":
            return "annotator"
    return Path(words[0]).name or "a program"


def _holder(locks: list[str], path: Path, byte: int) -> int:
    """Process id of who holds the write lock of a byte of a file, 0 where nobody does."""
    try:
        found = path.stat()
    except OSError:
        return 0
    place = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    for line in locks:
        fields = line.split()
        if len(fields) != 8 or fields[3] != "WRITE" or fields[5] != place:
            continue
        if int(fields[6]) <= byte and (fields[7] == "EOF" or byte <= int(fields[7])):
            return int(fields[4])
    return 0
