"""Where MediaPipe runs: an environment of its own, named by the user or made on request."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import platformdirs

from annotator.domain.errors import AnnotatorError

REQUIREMENT = "mediapipe==0.10.21"
"""The last version tried; its wheel carries the models, so that nothing is downloaded later."""
SETTING = "ANNOTATOR_MEDIAPIPE_PYTHON"


def default_environment() -> Path:
    """The folder of the environment that `make_environment` makes."""
    return Path(platformdirs.user_data_dir("annotator", appauthor=False)) / "mediapipe"


def find_interpreter(named: Path | None = None) -> Path:
    """The Python to run MediaPipe with: the named one, that of the setting, the environment made before, or this one.

    Raises AnnotatorError that says what to do where there is none.
    """
    given = named or (Path(os.environ[SETTING]) if os.environ.get(SETTING) else None)
    if given is not None:
        if not given.is_file():
            raise AnnotatorError(f"{given} is no Python interpreter: name one that has {REQUIREMENT}.")
        return given
    own = _python_of(default_environment())
    if own.is_file():
        return own
    if importlib.util.find_spec("mediapipe") is not None:
        return Path(sys.executable)
    raise AnnotatorError(
        "MediaPipe is not installed. It needs an environment of its own: `annotator propose` with --make-mediapipe makes one; "
        f"or name its Python by --mediapipe-python or {SETTING} (pip install {REQUIREMENT})."
    )


def known_interpreter() -> Path | None:
    """The same, or None where there is none: for what only takes MediaPipe along if it is there."""
    try:
        return find_interpreter()
    except AnnotatorError:
        return None


def make_environment(folder: Path | None = None) -> Path:
    """Make an environment with MediaPipe (it downloads about 150 MB) unless it is there; returns its Python.

    Raises AnnotatorError with the installer's last words when that fails.
    """
    folder = folder or default_environment()
    python = _python_of(folder)
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", REQUIREMENT],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            words = (done.stderr or done.stdout).strip().splitlines()
            raise AnnotatorError(
                f"The environment for MediaPipe could not be made in {folder}: {words[-1] if words else 'no reason given'}"
            )
    return python


def _python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
