"""What other installed packages add, by entry points: formats, schemes, models, recipes, queues.

A package says so in its `pyproject.toml`: `[project.entry-points."annotator.formats"]`, `name = "its.module:thing"`. What fails
to load is left out, and told by `faults`: a broken package never keeps Annotator from starting.
"""

from functools import cache
from importlib.metadata import entry_points
from typing import Any

GROUPS = ("formats", "schemes", "models", "recipes", "queues")


@cache
def _loaded(group: str) -> tuple[dict[str, Any], dict[str, str]]:
    found: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for entry in sorted(entry_points(group=f"annotator.{group}"), key=lambda entry: entry.name):
        try:
            found[entry.name] = entry.load()
        except Exception as error:  # the code of others, which may fail in any way
            failed[f"{group}: {entry.name}"] = (
                f"{entry.value} cannot be loaded: {type(error).__name__}: {error}"
            )
    return found, failed


def extensions(group: str) -> dict[str, Any]:
    """Name -> what a package gives under it, by name; `group` is one of `GROUPS`."""
    return dict(_loaded(group)[0])


def faults() -> dict[str, str]:
    """Group and name of an entry point -> why it was left out."""
    return {name: reason for group in GROUPS for name, reason in _loaded(group)[1].items()}


def look_again() -> None:
    """Forget what was found, as where packages were installed since."""
    _loaded.cache_clear()
