"""No exception crosses Qt: what Python overrides of Qt's classes (events, painting, models) is guarded, all of it at once.

Where C++ calls Python, an exception has nobody to catch it: a painter stays active and the window's next picture crashes, a model
answers nothing, an event is half done. A guarded override hands the exception to `sys.excepthook` and answers with the least.
"""

import functools
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import shiboken6
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainterPath, QPixmap

_OURS = "annotator."
_GUARDED = "_annotator_guarded"
_LEAST: dict[str, Callable[[], Any]] = {
    "event": bool,
    "eventFilter": bool,
    "viewportEvent": bool,
    "sizeHint": QSize,
    "minimumSizeHint": QSize,
    "boundingRect": QRectF,
    "shape": QPainterPath,
    "rowCount": int,
    "columnCount": int,
    "id": lambda: -1,
    "pixmap": QPixmap,
}
"""What an override answers that failed; None for all others."""


def guard_overrides() -> None:
    """Guard every class of ours that is known by now; calling it again takes those in that came since."""
    for kind in our_classes():
        for name in overrides(kind):
            method = kind.__dict__[name]
            if not hasattr(method, _GUARDED):
                setattr(kind, name, _guarded(method))


def our_classes() -> Iterator[type]:
    """Every class of this program that is a Qt class, too."""
    waiting, seen = [shiboken6.Shiboken.Object], set()
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind not in seen:
                seen.add(kind)
                waiting.append(kind)
                if kind.__module__.startswith(_OURS):
                    yield kind


def overrides(kind: type) -> list[str]:
    """Names of the methods that a class defines in place of those of Qt's own classes."""
    qt = [base for base in kind.__mro__[1:] if base.__module__.startswith("PySide6.")]
    return [
        name
        for name, value in kind.__dict__.items()
        if callable(value)
        and not name.startswith("__")
        and type(value).__name__ == "function"
        and any(name in base.__dict__ for base in qt)
    ]


def is_guarded(kind: type, name: str) -> bool:
    """Whether an override was guarded."""
    return hasattr(kind.__dict__[name], _GUARDED)


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    least = _LEAST.get(method.__name__, lambda: None)

    @functools.wraps(method)
    def run(*arguments: Any) -> Any:
        try:
            return method(*arguments)
        except Exception as error:
            sys.excepthook(type(error), error, error.__traceback__)
            # a painter that lives on in the traceback would stay active
            traceback.clear_frames(error.__traceback__)
            return least()

    setattr(run, _GUARDED, True)
    return run
