"""Annotator in the menu of a Linux desktop: its entry, its icon, and projects that open by a double click (freedesktop.org)."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from annotator.domain.assets import asset
from annotator.domain.errors import AnnotatorError
from annotator.files import write_whole

NAME: Final = "annotator"
"""Of the entry, the icon and the window's class, by which a desktop knows whose window it is."""
MIME_TYPE: Final = "application/x-annotator-project"
_FILES: Final = {
    "entry": f"applications/{NAME}.desktop",
    "type": f"mime/packages/{NAME}.xml",
    "icons/annotator.svg": f"icons/hicolor/scalable/apps/{NAME}.svg",
    "icons/annotator-256.png": f"icons/hicolor/256x256/apps/{NAME}.png",
}
"""What is written -> its place below the data folder; the last two are files of ours."""
_ENTRY: Final = """[Desktop Entry]
Type=Application
Version=1.5
Name=Annotator
GenericName=Facial landmark annotation
Comment=Propose, review and correct facial landmarks on very high resolution captures
Exec={command} %f
Icon={name}
Terminal=false
Categories=Graphics;Photography;
Keywords=landmarks;face;annotation;VFX;
MimeType={mime};
StartupNotify=true
StartupWMClass={name}
"""
_TYPE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{mime}">
    <comment>Annotator project</comment>
    <sub-class-of type="application/vnd.sqlite3"/>
    <icon name="{name}"/>
    <magic priority="60"><match type="string" value="ANNO" offset="68"/></magic>
    <glob pattern="*.annotator"/>
  </mime-type>
</mime-info>
"""
_REFRESHERS: Final = {"update-desktop-database": "applications", "update-mime-database": "mime"}


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where a person's desktop entries lie: `$XDG_DATA_HOME`, or `~/.local/share`; a relative value counts as none."""
    given = Path(environment.get("XDG_DATA_HOME", ""))
    return given if given.is_absolute() else Path.home() / ".local" / "share"


def launch_command() -> list[str]:
    """How this installation is started: its `annotator` program, or this Python with the package."""
    program = Path(sys.executable).with_name(NAME)
    return [str(program)] if program.is_file() else [sys.executable, "-m", "annotator"]


def install_entry(folder: Path, command: list[str]) -> list[Path]:
    """Writes entry, type and icons below a data folder, over those of an earlier installation; returns the files.

    Raises AnnotatorError on systems without such desktops, FormatError where it cannot be written.
    """
    _check_system()
    texts = {
        "entry": _ENTRY.format(command=" ".join(map(quoted, command)), name=NAME, mime=MIME_TYPE),
        "type": _TYPE.format(name=NAME, mime=MIME_TYPE),
    }
    written = []
    for source, place in _FILES.items():
        target = folder / place
        write_whole(target, texts.get(source) or asset(f"resources/{source}").read_bytes())
        written.append(target)
    _refresh(folder)
    return written


def remove_entry(folder: Path) -> list[Path]:
    """Takes away what `install_entry` wrote and nothing else; returns the files that were there."""
    _check_system()
    there = [folder / place for place in _FILES.values() if (folder / place).is_file()]
    for path in there:
        path.unlink()
    if there:
        _refresh(folder)
    return there


def quoted(argument: str) -> str:
    """One argument of the key Exec: in quotes, escaped once for the quotes and once for the value's string, `%` doubled."""
    inner = "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in argument)
    return '"' + inner.replace("\\", "\\\\").replace("%", "%%") + '"'


def _check_system() -> None:
    if not sys.platform.startswith("linux"):
        raise AnnotatorError(
            "Desktop entries are for Linux. Elsewhere make a link to the program `annotator` by hand."
        )


def _refresh(folder: Path) -> None:
    """Lets a running desktop know; one that lacks these programs looks by itself at its next start."""
    for program, below in _REFRESHERS.items():
        found = shutil.which(program)
        if found and (folder / below).is_dir():
            with suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run([found, str(folder / below)], capture_output=True, timeout=30, check=False)
