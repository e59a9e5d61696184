"""GPU, OpenGL and the window system, asked without importing torch or Qt."""

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata

from annotator.services.doctor.finding import Finding, Status

_OFFSCREEN_DEBIAN = "libgl1 libegl1 libglib2.0-0 libxkbcommon0 libfontconfig1 libdbus-1-3"
_XCB_DEBIAN = "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0"
_APT = "sudo apt-get install -y --no-install-recommends"
_QT_LIBRARIES = {
    "GL": "libgl1",
    "EGL": "libegl1",
    "xkbcommon": "libxkbcommon0",
    "fontconfig": "libfontconfig1",
}
_GPU_AREA, _WINDOW_AREA = "gpu", "window"
_SMI_SECONDS = 10


def check_graphics() -> Iterator[Finding]:
    """Findings on the GPU, the GL libraries that Qt and the studio load, and the display."""
    yield from gpu_findings(nvidia_gpus(), _version("torch"))
    if sys.platform.startswith("linux"):
        yield from library_findings(
            {name: ctypes.util.find_library(name) for name in (*_QT_LIBRARIES, "xcb-cursor")}
        )
    yield display_finding(os.environ, sys.platform)


def nvidia_gpus() -> list[str]:
    """Name, memory and driver of each NVIDIA GPU as its driver tells; empty without one."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    query = [tool, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=_SMI_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in answer.stdout.splitlines() if line.strip()]


def gpu_findings(gpus: list[str], torch_version: str | None) -> Iterator[Finding]:
    """Whether proposing and training will run on a GPU.

    Args:
        gpus: what `nvidia_gpus` found.
        torch_version: the installed torch, whose local part (`+cpu`, `+cu128`) tells what it was built for.
    """
    if torch_version is None:
        advice = "pip install annotator (proposals and training need torch)"
        yield Finding(_GPU_AREA, "torch", Status.PROBLEM, "missing", advice)
        return
    if gpus and torch_version.endswith("+cpu"):
        advice = (
            "The GPU stays unused: install a CUDA build of torch, see https://pytorch.org/get-started/locally"
        )
        yield Finding(
            _GPU_AREA, "NVIDIA", Status.PROBLEM, f"{'; '.join(gpus)}, but torch {torch_version}", advice
        )
    elif gpus:
        yield Finding(_GPU_AREA, "NVIDIA", Status.OK, f"{'; '.join(gpus)} with torch {torch_version}")
    elif sys.platform == "darwin":
        yield Finding(_GPU_AREA, "Apple", Status.OK, f"torch {torch_version} uses MPS where the Mac has it")
    else:
        advice = (
            "Proposals work on the CPU; training there suits small fine-tunes. See: annotator bench pipeline"
        )
        yield Finding(
            _GPU_AREA, "NVIDIA", Status.NOTE, f"no GPU found; torch {torch_version} on the CPU", advice
        )


def library_findings(found: Mapping[str, str | None]) -> Iterator[Finding]:
    """Whether the shared libraries that the window and the studio load are there.

    Args:
        found: library name (without `lib`) -> file, None where the loader does not know it.
    """
    for name in _QT_LIBRARIES:
        file = found.get(name)
        if file is None:
            advice = f"{_APT} {_OFFSCREEN_DEBIAN}"
            yield Finding(_WINDOW_AREA, f"lib{name}", Status.PROBLEM, "missing; the window needs it", advice)
        else:
            yield Finding(_WINDOW_AREA, f"lib{name}", Status.OK, file)
    if found.get("xcb-cursor") is None:
        advice = f"For a window on X11: {_APT} {_XCB_DEBIAN}"
        yield Finding(_WINDOW_AREA, "libxcb-cursor", Status.NOTE, "missing", advice)


def display_finding(environment: Mapping[str, str], system: str) -> Finding:
    """Which window system Qt will use, or why no window can be shown."""
    chosen = environment.get("QT_QPA_PLATFORM")
    if chosen:
        return Finding(_WINDOW_AREA, "display", Status.OK, f"QT_QPA_PLATFORM={chosen}")
    if not system.startswith("linux"):
        return Finding(_WINDOW_AREA, "display", Status.OK, "native")
    for variable in ("WAYLAND_DISPLAY", "DISPLAY"):
        if environment.get(variable):
            return Finding(_WINDOW_AREA, "display", Status.OK, f"{variable}={environment[variable]}")
    advice = "Commands work; for the window log in with a desktop, use `ssh -X`, or run it by `xvfb-run annotator`."
    return Finding(_WINDOW_AREA, "display", Status.NOTE, "none", advice)


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
