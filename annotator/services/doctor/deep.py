"""Slow checks for `annotator doctor --deep`: really load torch, really open a GL context, really start Qt."""

import subprocess
import sys
from collections.abc import Iterator

from annotator.services.doctor.finding import Finding, Status

_AREA = "trial runs"
_SECONDS = 120

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
_TRIALS = (
    ("torch", _TORCH, "Reinstall torch for this machine: https://pytorch.org/get-started/locally"),
    (
        "OpenGL for the studio",
        _GL,
        "pip install 'annotator[studio]'; on Debian: sudo apt-get install -y libgl1 libegl1",
    ),
    ("Qt for the window", _QT, "See `window` above; without a display: QT_QPA_PLATFORM=offscreen"),
)


def check_deep() -> Iterator[Finding]:
    """Findings of each trial. They run in child processes, as a broken driver may abort the one that loads it."""
    for name, program, advice in _TRIALS:
        yield trial(name, program, advice)


def trial(name: str, program: str, advice: str, seconds: float = _SECONDS) -> Finding:
    """Run a short Python program and report its last line, or the last line of what went wrong."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return Finding(_AREA, name, Status.PROBLEM, f"no answer in {seconds:g} s", advice)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"ended by signal or code {done.returncode}"]
        return Finding(_AREA, name, Status.PROBLEM, lines[-1], advice)
    return Finding(_AREA, name, Status.OK, done.stdout.strip().splitlines()[-1])
