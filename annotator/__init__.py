"""Annotator: facial landmark proposals, review and retraining for very high resolution captures.

`annotator.open` opens a project for a script (docs/api.md). Importing this package costs next to nothing: what a script uses is
loaded when it uses it.
"""

from typing import TYPE_CHECKING, Any

from annotator.domain.version import __version__

if TYPE_CHECKING:
    from annotator.api.frames import Frame, Frames
    from annotator.api.points import Point, Points
    from annotator.api.project import Project
    from annotator.api.project import open_project as open
    from annotator.domain.errors import AnnotatorError

__all__ = ["AnnotatorError", "Frame", "Frames", "Point", "Points", "Project", "__version__", "open"]

_PLACES = {
    "AnnotatorError": ("annotator.domain.errors", "AnnotatorError"),
    "Frame": ("annotator.api.frames", "Frame"),
    "Frames": ("annotator.api.frames", "Frames"),
    "Point": ("annotator.api.points", "Point"),
    "Points": ("annotator.api.points", "Points"),
    "Project": ("annotator.api.project", "Project"),
    "open": ("annotator.api.project", "open_project"),
}


def __getattr__(name: str) -> Any:
    """What a script asks for, loaded now."""
    from importlib import import_module

    if name not in _PLACES:
        raise AttributeError(f"module 'annotator' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    return getattr(import_module(module), attribute)
