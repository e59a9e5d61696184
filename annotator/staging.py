"""Names of what is being written, by which readers pass it over and the next start takes it away; two folders exchanged."""

import ctypes
import errno
import hashlib
import os
import platform
import re
import shutil
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

STAGED: Final = ".partial"
"""How the name of what is staged ends."""
MOVED_AWAY: Final = ".replaced.partial"
"""How the name of a folder ends that holds another one for the instant in which its successor takes its place."""
_STALE_SECONDS: Final = 24 * 3600
_NAME: Final = re.compile(r"\..*\.partial(-journal|-wal|-shm)?")
_OWNER: Final = re.compile(r".*\.([0-9a-f]{6})-(\d+)-[^.]*(\.replaced)?\.partial(-journal|-wal|-shm)?")
_EXCHANGE: Final = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
_HERE: Final = {"linux": -100, "darwin": -2}  # AT_FDCWD
_NOT_POSSIBLE: Final = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EXDEV, errno.EPERM)


def is_staged(path: Path) -> bool:
    """Whether a file or folder is being written, or was when its writer was killed: no reader may take it for a finished one."""
    return any(_NAME.fullmatch(part) for part in path.parts)


def prefix(path: Path) -> str:
    """How the name of what is staged for a path begins: it tells machine and process.

    Dots become dashes, so that nobody who looks for `*.backup*` or the like finds it.
    """
    return f".{path.name[:40].replace('.', '-')}.{_machine()}-{os.getpid()}-"


def sweep(folder: Path) -> None:
    """Take away what killed writers left in a folder, and bring back a folder that one of them was about to replace.

    What a living process of this machine stages stays; what another machine staged stays for a day. Never raises.
    """
    with suppress(OSError):
        left = [Path(entry.path) for entry in os.scandir(folder) if _NAME.fullmatch(entry.name)]
        for path in left:
            with suppress(OSError):
                if _is_dead(path):
                    _take_away(path)


def swap(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where system or file system cannot, and nothing was done.

    Raises OSError where it can, and failed.
    """
    if sys.platform not in _HERE:
        return False
    libc: Any = ctypes.CDLL(None, use_errno=True)
    call = getattr(libc, "renameat2" if sys.platform == "linux" else "renameatx_np", None)
    if call is None:
        return False
    here = _HERE[sys.platform]
    if call(here, os.fsencode(one), here, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _NOT_POSSIBLE:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _take_away(path: Path) -> None:
    if path.name.endswith(MOVED_AWAY):
        for old in path.iterdir():
            if not os.path.lexists(path.parent / old.name):
                old.rename(path.parent / old.name)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _is_dead(path: Path) -> bool:
    """Whether nobody works on a staged path any more."""
    made = path.lstat().st_mtime
    owner = _OWNER.fullmatch(path.name)
    if owner is None or owner[1] != _machine():
        return time.time() - made > _STALE_SECONDS
    import psutil  # here, as it takes a while and is seldom needed

    try:
        return bool(psutil.Process(int(owner[2])).create_time() > made + 1)  # the number was given anew
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return time.time() - made > _STALE_SECONDS


@cache
def _machine() -> str:
    """Six digits for this machine; a container that counts processes of its own is a machine, too."""
    own = ""
    with suppress(OSError):
        own = str(Path("/proc/self/ns/pid").readlink())
    return hashlib.sha256(f"{platform.node()} {own}".encode()).hexdigest()[:6]
