"""The projects that were opened last, as the settings remember them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QSettings

from annotator.ui.common.saved import saved_table

MOST = 6
"""How many are remembered."""
_KEY = "project/recent"


def recent_projects(settings: QSettings) -> list[Path]:
    """Their files, the last one first; whether they are still there nobody has looked at."""
    kept = saved_table(settings, _KEY).get("paths")
    return (
        [Path(each) for each in kept if isinstance(each, str) and each][:MOST]
        if isinstance(kept, list)
        else []
    )


def remember_project(settings: QSettings, path: Path) -> None:
    """A project was opened: it is the last one now."""
    _keep(settings, [path, *(each for each in recent_projects(settings) if each != path)])


def forget_lost_projects(settings: QSettings) -> list[Path]:
    """As `recent_projects`, after a look at the disk; what is gone is forgotten."""
    known = recent_projects(settings)
    there = []
    for path in known:
        with suppress(OSError, ValueError):  # a name that no file can have
            if path.is_file():
                there.append(path)
    if there != known:
        _keep(settings, there)
    return there


def _keep(settings: QSettings, paths: list[Path]) -> None:
    settings.setValue(_KEY, json.dumps({"paths": [str(path) for path in paths[:MOST]]}))
