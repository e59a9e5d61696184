"""What tells a frame from its neighbours comes first in its row, what all frames share comes second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from annotator.domain.capture import Frame

_TOKENS = ("subject", "take", "camera", "index")
_LEAST_ROOM = 40  # px of a part that say something
_MOST = 2  # tokens that a row's first line has room for


def differing_tokens(facets: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The tokens of which a project has more than one; of frame numbers it always has."""
    return frozenset({"index", *(name for name, tokens in facets.items() if len(tokens) > 1)})


def row_names(frame: Frame, differing: Set[str]) -> tuple[str, str]:
    """The two lines of a frame's row."""
    if frame.is_told_by_its_file:  # as in a flat folder
        return frame.file_name, " · ".join(frame.parts[:-1])
    known = [name for name in _TOKENS if getattr(frame, name)]
    first = [name for name in known if name in differing] or known
    for name in ("take", "subject"):  # the frames beside it in the list mostly share them
        if len(first) > _MOST and name in first:
            first.remove(name)
    second = [name for name in known if name not in first]
    texts = [" · ".join(getattr(frame, name) for name in names) for names in (first, second)]
    return texts[0], texts[1]


def fitting_name(name: str, metrics: QFontMetrics, width: float) -> str:
    """A name of several parts within so many pixels: the longest parts are cut in their middle, so that short ones are read."""
    over = metrics.horizontalAdvance(name) - int(width)
    if over <= 0:
        return name
    parts = name.split(" · ")
    rooms = [metrics.horizontalAdvance(part) for part in parts]
    while over > 0 and max(rooms) > _LEAST_ROOM:
        rooms[rooms.index(max(rooms))] -= 1
        over -= 1
    middle = Qt.TextElideMode.ElideMiddle
    cut = [metrics.elidedText(part, middle, room) for part, room in zip(parts, rooms, strict=True)]
    return metrics.elidedText(" · ".join(cut), middle, int(width))


def name_lines(name: str, metrics: QFontMetrics, width: float) -> list[str]:
    """A name of several parts on as many lines as its parts ask for, at most two; cut where a part does not fit by itself."""
    parts = name.split(" · ")
    for count in range(len(parts), 0, -1):
        lines = [" · ".join(parts[:count]), " · ".join(parts[count:])]
        if all(metrics.horizontalAdvance(line) <= width for line in lines):
            return [line for line in lines if line]
    return [fitting_name(name, metrics, width)]
