"""`annotator doctor`: what is installed and usable, and for every problem what to do about it.

Nothing heavy is imported: packages are read from their metadata, and trials of torch, OpenGL and Qt run in child processes.
"""

import ctypes.util
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from pathlib import Path

import platformdirs
import psutil
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from annotator.domain.assets import DISTRIBUTION, asset
from annotator.domain.errors import AnnotatorError
from annotator.domain.extensions import faults
from annotator.domain.model_card import CARD, WEIGHTS, read_card
from annotator.domain.outside_files import read_outside
from annotator.domain.schemes.scheme_file import available_schemes, load_scheme
from annotator.services.this_machine import installed_versions, nvidia_gpus, processor_name, usable_cores

_DEVELOPMENT = frozenset({"dev", "test", "tests", "docs"})
_GIB = 1024**3
_APT = "sudo apt-get install -y --no-install-recommends"
_OFFSCREEN_DEBIAN = f"{_APT} libgl1 libegl1 libglib2.0-0 libxkbcommon0 libfontconfig1 libdbus-1-3"
_XCB_DEBIAN = f"{_APT} libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0"
_QT_LIBRARIES = ("GL", "EGL", "xkbcommon", "fontconfig")
_TORCH_PAGE = "https://pytorch.org/get-started/locally"
_REPAIR = "Repair the installation: pip install --force-reinstall, with the wheel that it came from"
_TORCH = """
import torch
name = torch.cuda.get_device_name() if torch.cuda.is_available() else (
    "mps" if torch.backends.mps.is_available() else "cpu")
device = "cuda" if torch.cuda.is_available() else name
torch.ones(64, 64, device=device) @ torch.ones(64, 64, device=device)
print(f"computes on {name}, {torch.get_num_threads()} threads")
"""
_GL = """
import sys, moderngl
context = moderngl.create_context(standalone=True, **({"backend": "egl"} if sys.platform.startswith("linux") else {}))
print(f"{context.info['GL_RENDERER']}, OpenGL {context.version_code}")
"""
_QT = """
from PySide6.QtGui import QGuiApplication
application = QGuiApplication([])
print(f"Qt started on {application.platformName()}")
"""


class Status(Enum):
    """How a check bears on work: as it should be; works, but worth knowing; will not work until the advice is followed."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Check:
    """One line of the report: its heading, what was checked, and what was found; `advice` is a command or a sentence that
    helps, empty where all is well."""

    area: str
    name: str
    status: Status
    value: str
    advice: str = ""


def judged(area: str, name: str, value: str, well: bool, advice: str, otherwise: Status) -> Check:
    """A check that is as it should be where `well` holds, and `otherwise` comes with its advice."""
    return Check(area, name, Status.OK, value) if well else Check(area, name, otherwise, value, advice)


def diagnose(deep: bool = False) -> list[Check]:
    """All checks in the order of the report; `deep` also loads torch, opens a GL context and starts Qt, which takes seconds."""
    python = sys.version_info[:3]
    parts = [
        system_checks(python, psutil.virtual_memory().total),
        package_checks(declared_requirements(), installed_versions(), python),
        graphics_checks(),
        shipped_checks(),
        (Check("extensions", name, Status.NOTE, why, "Update it") for name, why in faults().items()),
        trials() if deep else (),
    ]
    return [check for part in parts for check in part]


def healthy(checks: Sequence[Check]) -> bool:
    """Whether nothing stands in the way of work."""
    return all(check.status is not Status.PROBLEM for check in checks)


def system_checks(python: tuple[int, int, int], memory: int) -> Iterator[Check]:
    """This Python, the operating system, processor, memory (bytes) and disk; writes one temporary file and removes it."""
    advice = "Annotator is tested with 3.11 to 3.13: make an environment of one of them."
    otherwise = Status.PROBLEM if python < (3, 11) else Status.NOTE
    text = f"{'.'.join(map(str, python))} ({sys.executable})"
    yield judged("system", "python", text, (3, 11) <= python[:2] <= (3, 13), advice, otherwise)
    yield Check("system", "operating system", Status.OK, f"{platform.platform()} on {platform.machine()}")
    yield Check("system", "processor", Status.OK, f"{processor_name()}, {usable_cores()} usable cores")
    advice = "Close other programs, or lower the window's memory budget: 4 GiB or more are needed."
    yield judged("system", "memory", f"{memory / _GIB:.1f} GiB", memory >= 4 * _GIB, advice, Status.NOTE)
    yield disk_check("user data", Path(platformdirs.user_data_dir("annotator", appauthor=False)))
    yield disk_check("temporary files", Path(tempfile.gettempdir()))


def disk_check(name: str, folder: Path) -> Check:
    """Whether `folder` (or the nearest one above that exists) can be written to and has room."""
    standing = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=standing):
            free = shutil.disk_usage(standing).free
    except OSError as error:
        advice = f"Make it writable, for example: chmod u+w '{standing}'"
        return Check("system", name, Status.PROBLEM, f"{folder}: {error.strerror}", advice)
    advice = f"Free at least 2 GiB there; training writes to {folder}."
    text = f"{folder}: {free / _GIB:.1f} GiB free"
    return judged("system", name, text, free >= 2 * _GIB, advice, Status.PROBLEM)


def package_checks(
    required: Mapping[str, Sequence[Requirement]], installed: Mapping[str, str], python: tuple[int, ...]
) -> Iterator[Check]:
    """Annotator's own version, what it requires by extra, and combinations that were seen to crash or to shadow each other."""
    yield Check("packages", "annotator", Status.OK, installed.get(DISTRIBUTION, "a checkout, not installed"))
    for extra, wanted in required.items():
        if not extra:
            yield from (required_check(own, installed) for own in wanted)
        elif extra not in _DEVELOPMENT:
            yield extra_check(extra, wanted, installed)
    qt = [installed.get(name, "") for name in ("pyside6", "pyside6-essentials")]
    if python < (3, 12) and any(version.startswith("6.12.0") for version in qt):
        name, text = "PySide6 6.12.0 on Python 3.11", "aborts after some hundred signals"
        yield Check("packages", name, Status.PROBLEM, text, "pip install 'PySide6-Essentials==6.11.3'")
    opencv = sorted(name for name in installed if name.startswith("opencv-") and "python" in name)
    if len(opencv) > 1:
        advice = f"Keep one: pip uninstall {' '.join(opencv)} && pip install opencv-python"
        yield Check("packages", "several OpenCV wheels", Status.PROBLEM, ", ".join(opencv), advice)


def declared_requirements() -> dict[str, list[Requirement]]:
    """By extra ("" for what every installation needs): what the installed package declares for this Python and system; in a
    checkout that is not installed, what `pyproject.toml` declares."""
    try:
        lines = metadata.requires(DISTRIBUTION) or []
        always, extras = applicable(lines), metadata.metadata(DISTRIBUTION).get_all("Provides-Extra", [])
        each = {extra: applicable(lines, extra) for extra in sorted(extras)}
        return {"": always} | {extra: [r for r in own if r not in always] for extra, own in each.items()}
    except metadata.PackageNotFoundError:
        text = (asset("resources").parent / "pyproject.toml").read_text(encoding="utf-8")
        project = tomllib.loads(text)["project"]
        groups = {"": project["dependencies"], **project["optional-dependencies"]}
        return {extra: applicable(lines) for extra, lines in groups.items()}


def applicable(lines: Sequence[str], extra: str = "") -> list[Requirement]:
    """The requirements whose markers hold with this extra, on this system and Python."""
    parsed = [Requirement(line) for line in lines]
    return [own for own in parsed if own.marker is None or own.marker.evaluate({"extra": extra})]


def required_check(wanted: Requirement, installed: Mapping[str, str]) -> Check:
    """Whether a package that every installation needs is there, in a version that serves."""
    version = installed.get(canonicalize_name(wanted.name))
    if version is None:
        return Check("packages", wanted.name, Status.PROBLEM, "missing", f"pip install '{wanted}'")
    fits = wanted.specifier.contains(version, prereleases=True)
    text = version if fits else f"{version}, but Annotator asks for {wanted.specifier}"
    advice = f"pip install '{wanted.name}{wanted.specifier}'"
    return judged("packages", wanted.name, text, fits, advice, Status.NOTE)


def extra_check(extra: str, wanted: Sequence[Requirement], installed: Mapping[str, str]) -> Check:
    """Whether an optional group of packages is whole."""
    versions = {own.name: installed.get(canonicalize_name(own.name)) for own in wanted}
    lacking = ", ".join(name for name, version in versions.items() if version is None)
    text = f"not installed: {lacking}" if lacking else ", ".join(map(" ".join, versions.items()))  # type: ignore[arg-type]
    return judged(
        "extras", extra, text, not lacking, f"pip install 'annotator-landmarks[{extra}]'", Status.NOTE
    )


def graphics_checks() -> Iterator[Check]:
    """The GPU, the GL libraries that Qt and the studio load, and the display."""
    try:
        yield gpu_check(nvidia_gpus(), metadata.version("torch"))
    except metadata.PackageNotFoundError:
        yield Check("gpu", "torch", Status.PROBLEM, "missing", "pip install torch (proposals need it)")
    if sys.platform.startswith("linux"):
        yield from map(library_check, _QT_LIBRARIES)
        yield library_check("xcb-cursor", f"For a window on X11: {_XCB_DEBIAN}", Status.NOTE)
    yield display_check(os.environ, sys.platform)


def gpu_check(gpus: Sequence[str], torch: str) -> Check:
    """Whether proposing and training will run on a GPU; `torch` is its version, whose local part (`+cpu`, `+cu128`) tells what
    it was built for."""
    if gpus:
        advice = f"The GPU stays unused: install a CUDA build of torch, see {_TORCH_PAGE}"
        text = f"{'; '.join(gpus)} with torch {torch}"
        return judged("gpu", "NVIDIA", text, not torch.endswith("+cpu"), advice, Status.PROBLEM)
    if sys.platform == "darwin":
        return Check("gpu", "Apple", Status.OK, f"torch {torch} uses MPS where the Mac has it")
    advice = "Proposals work on the CPU; training there suits small fine-tunes. See: annotator bench pipeline"
    return Check("gpu", "NVIDIA", Status.NOTE, f"no GPU found; torch {torch} on the CPU", advice)


def library_check(name: str, advice: str = _OFFSCREEN_DEBIAN, otherwise: Status = Status.PROBLEM) -> Check:
    """Whether the loader knows a shared library (its name without `lib`) that the window needs."""
    file = ctypes.util.find_library(name)
    return judged("window", f"lib{name}", file or "missing", file is not None, advice, otherwise)


def display_check(environment: Mapping[str, str], system: str) -> Check:
    """Which window system Qt will use, or why no window can be shown."""
    screens = ("WAYLAND_DISPLAY", "DISPLAY") if system.startswith("linux") else ()
    for variable in ("QT_QPA_PLATFORM", *screens):
        if environment.get(variable):
            return Check("window", "display", Status.OK, f"{variable}={environment[variable]}")
    advice = "Commands work; for the window log in with a desktop, use `ssh -X`, or run it by `xvfb-run annotator`."
    return judged("window", "display", "none" if screens else "native", not screens, advice, Status.NOTE)


def shipped_checks() -> Iterator[Check]:
    """Schemes that load, samples that are there, models whose weights are those that their cards name (16 MB take 0.02 s)."""
    for name, file in sorted(available_schemes().items()):
        try:
            scheme = load_scheme(file)
            text = f"{scheme.id}: {scheme.size} landmarks, {len(scheme.regions)} regions"
            yield Check("shipped files", f"scheme {name}", Status.OK, text)
        except AnnotatorError as error:
            yield Check("shipped files", f"scheme {name}", Status.PROBLEM, str(error), f"Correct {file}")
    samples = asset("resources/samples")
    count = sum(1 for _ in samples.rglob("*.jpg"))
    yield judged(
        "shipped files", "samples", f"{count} frames in {samples}", count > 0, _REPAIR, Status.PROBLEM
    )
    folders = sorted(path.parent for path in asset("models").glob(f"[!.]*/{CARD}"))
    yield from map(model_check, folders)
    if not folders:
        yield Check("shipped files", "models", Status.PROBLEM, f"none in {asset('models')}", _REPAIR)


def model_check(folder: Path) -> Check:
    """Whether a model folder is whole: a readable card, and weights with the hash that the card names."""
    name, weights = f"model {folder.name}", folder / WEIGHTS
    try:
        card = read_card(folder)
        content = read_outside(weights, 1 << 31)
    except (AnnotatorError, OSError) as error:
        return Check("shipped files", name, Status.PROBLEM, str(error), _REPAIR)
    whole = hashlib.sha256(content).hexdigest() == card.sha256
    text = f"{card.scheme}, {len(content) / 2**20:.1f} MiB, hash checked"
    text = text if whole else f"{weights} is not what its card describes"
    return judged("shipped files", name, text, whole, _REPAIR, Status.PROBLEM)


def trials() -> Iterator[Check]:
    """Really load torch, open a GL context and start Qt."""
    yield trial("torch", _TORCH, f"Reinstall torch for this machine: {_TORCH_PAGE}")
    advice = "pip install 'annotator-landmarks[studio]'; on Debian: sudo apt-get install -y libgl1 libegl1"
    yield trial("OpenGL for the studio", _GL, advice)
    advice = "See `window` above; without a display: QT_QPA_PLATFORM=offscreen"
    yield trial("Qt for the window", _QT, advice)


def trial(name: str, program: str, advice: str, seconds: float = 120) -> Check:
    """The last line that a Python program prints, or of what went wrong; in a child process, which a broken driver may abort."""
    command = [sys.executable, "-c", program]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return Check("trial runs", name, Status.PROBLEM, f"no answer in {seconds:g} s", advice)
    lines = (done.stderr if done.returncode else done.stdout).strip().splitlines()
    text = lines[-1] if lines else f"ended by signal or code {done.returncode}"
    return judged("trial runs", name, text, done.returncode == 0, advice, Status.PROBLEM)
