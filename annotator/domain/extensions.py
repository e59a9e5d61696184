"""What other installed packages add, by entry points: formats, schemes, models, recipes and queues.

A package says so in its `pyproject.toml`: `[project.entry-points."annotator.formats"]`, `name = "its.module:thing"`. A format
is a class (or object) as `formats/base.py` says, a queue one as `services/project/queue/added_queues.py` says; the others are a
path, or a function that gives one: of a scheme's TOML file, of a folder of model folders, of a folder of recipes. What fails to
load is left out, and told by `faults`: a broken package never keeps Annotator from starting.
"""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

GROUPS: Final = ("formats", "schemes", "models", "recipes", "queues")
_left_out: dict[str, str] = {}


@cache
def _loaded(group: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in sorted(entry_points(group=f"annotator.{group}"), key=lambda entry: entry.name):
        try:
            found[entry.name] = entry.load()
        except Exception as error:  # the code of others, which may fail in any way
            leave_out(group, entry.name, f"{entry.value} cannot be loaded: {type(error).__name__}: {error}")
    return found


def extensions(group: str) -> dict[str, Any]:
    """Name -> what a package gives under it, by name; `group` is one of `GROUPS`."""
    return {name: thing for name, thing in _loaded(group).items() if f"{group}: {name}" not in _left_out}


def extension_paths(group: str) -> dict[str, Path]:
    """Name -> the file or folder that a package gives; what gives none that is there is left out."""
    found: dict[str, Path] = {}
    for name, thing in extensions(group).items():
        try:
            path = Path(thing() if callable(thing) else thing)
        except Exception as error:  # as above
            leave_out(group, name, f"gives no path: {type(error).__name__}: {error}")
            continue
        if path.exists():
            found[name] = path
        else:
            leave_out(group, name, f"{path} is not there")
    return found


def extension_objects(group: str, parts: Sequence[str]) -> dict[str, Any]:
    """Name -> the object that a package gives, or one of the class that it gives; one without these `parts` is left out."""
    found: dict[str, Any] = {}
    for name, thing in extensions(group).items():
        try:
            made = thing() if isinstance(thing, type) else thing
            lacking = [part for part in parts if not hasattr(made, part)]
        except Exception as error:  # as above
            lacking = [f"what makes it ({error})"]
        if lacking:
            leave_out(group, name, f"is no {group.removesuffix('s')}: it lacks {', '.join(lacking)}")
        else:
            found[name] = made
    return found


def leave_out(group: str, name: str, reason: str) -> None:
    """Leave an extension out from now on, and tell why."""
    _left_out[f"{group}: {name}"] = reason


def faults() -> dict[str, str]:
    """Group and name of an entry point -> why it was left out."""
    for group in GROUPS:
        extensions(group)
    return dict(_left_out)


def look_again() -> None:
    """Forget what was found, as where packages were installed since."""
    _loaded.cache_clear()
    _left_out.clear()
