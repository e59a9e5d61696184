"""Python, operating system, processor, memory and disk."""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from annotator.services.doctor.finding import Finding, Status

OLDEST, NEWEST = (3, 11), (3, 13)
"""Python versions that Annotator is tested with."""
_GIB = 1024**3
_SCARCE_DISK, _SCARCE_MEMORY = 2 * _GIB, 4 * _GIB
_AREA = "system"


def check_system() -> Iterator[Finding]:
    """Findings on the machine itself; nothing is imported or changed but a file that is written and removed."""
    yield python_finding(sys.version_info[:3])
    yield Finding(_AREA, "operating system", Status.OK, f"{platform.platform()} on {platform.machine()}")
    yield Finding(_AREA, "processor", Status.OK, f"{processor_name()}, {usable_cores()} usable cores")
    yield memory_finding(total_memory())
    yield disk_finding("user data", Path(platformdirs.user_data_dir("annotator", appauthor=False)))
    yield disk_finding("temporary files", Path(tempfile.gettempdir()))


def python_finding(version: tuple[int, int, int]) -> Finding:
    """Whether this Python is one that Annotator is tested with."""
    text = ".".join(map(str, version))
    if version[:2] < OLDEST:
        advice = f"Install Python {_dotted(OLDEST)} to {_dotted(NEWEST)} and make a fresh environment."
        return Finding(_AREA, "python", Status.PROBLEM, text, advice)
    if version[:2] > NEWEST:
        advice = f"Not tested with it; {_dotted(OLDEST)} to {_dotted(NEWEST)} are."
        return Finding(_AREA, "python", Status.NOTE, text, advice)
    return Finding(_AREA, "python", Status.OK, f"{text} ({sys.executable})")


def memory_finding(total: int) -> Finding:
    """Whether memory suffices for 4096 frames, the model and the window. `total`: bytes, 0 where unknown."""
    if not total:
        return Finding(_AREA, "memory", Status.NOTE, "unknown", "4 GiB or more are needed.")
    text = f"{total / _GIB:.1f} GiB"
    if total < _SCARCE_MEMORY:
        advice = "Close other programs, or lower the window's memory budget: 4 GiB or more are needed."
        return Finding(_AREA, "memory", Status.NOTE, text, advice)
    return Finding(_AREA, "memory", Status.OK, text)


def disk_finding(name: str, folder: Path) -> Finding:
    """Whether `folder` (or the nearest one above that exists) can be written to and has room."""
    standing = folder
    while not standing.exists():
        standing = standing.parent
    try:
        with tempfile.TemporaryFile(dir=standing):
            pass
        free = shutil.disk_usage(standing).free
    except OSError as error:
        advice = f"Make it writable, for example: chmod u+w '{standing}'"
        return Finding(_AREA, name, Status.PROBLEM, f"{folder}: {error.strerror}", advice)
    text = f"{folder}: {free / _GIB:.1f} GiB free"
    if free < _SCARCE_DISK:
        return Finding(
            _AREA, name, Status.PROBLEM, text, f"Free at least 2 GiB there; training writes to {folder}."
        )
    return Finding(_AREA, name, Status.OK, text)


def usable_cores() -> int:
    """Cores that this process may use, which containers and farms limit."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor_name() -> str:
    """The processor as its maker names it, else its architecture."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def total_memory() -> int:
    """Bytes of physical memory; 0 where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
