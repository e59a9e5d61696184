"""The machine that this runs on and the packages that it has, for the doctor and for figures of benchmarks."""

import os
import platform
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name


@cache
def installed_versions() -> dict[str, str]:
    """Version of every installed distribution by its normalised name; of several, the one that is imported."""
    found: dict[str, str] = {}
    for distribution in metadata.distributions():
        if distribution.metadata["Name"]:
            found.setdefault(canonicalize_name(distribution.metadata["Name"]), distribution.version)
    return found


def nvidia_gpus() -> list[str]:
    """Name, memory and driver of each NVIDIA GPU as its driver says; empty without one."""
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in answer.stdout.splitlines() if line.strip()]


def usable_cores() -> int:
    """Cores that this process may use, which containers and farms limit."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor_name() -> str:
    """The processor as its maker names it, else its architecture."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(errors="replace").splitlines() if info.is_file() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
