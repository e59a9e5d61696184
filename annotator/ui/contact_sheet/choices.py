"""What the contact sheet can show and how it tells of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from annotator.domain.annotation import Flag, LandmarkState
from annotator.domain.words import counted
from annotator.services.project.contact_sheet import Sheet, SheetCell, SheetOrder

ORDERS = {
    SheetOrder.DISAGREEMENT: "Farthest from the model first",
    SheetOrder.UNCERTAINTY: "Least certain first",
    SheetOrder.QUEUE: "In the order of the queue",
    SheetOrder.CAPTURE: "In capture order",
}
SHOWN: dict[str, Callable[[SheetCell], bool]] = {
    "All states": lambda cell: True,
    "Proposed": lambda cell: cell.state == LandmarkState.PROPOSED,
    "Tracked": lambda cell: cell.state == LandmarkState.TRACKED,
    "Set by people": lambda cell: cell.state in (LandmarkState.CORRECTED, LandmarkState.CONFIRMED),
    "Corrected": lambda cell: cell.state == LandmarkState.CORRECTED,
    "Confirmed": lambda cell: cell.state == LandmarkState.CONFIRMED,
    "Occluded": lambda cell: bool(cell.flags & Flag.OCCLUDED),
    "Out of frame": lambda cell: bool(cell.flags & Flag.OUT_OF_FRAME),
}


def is_same(one: SheetCell, other: SheetCell) -> bool:
    """Whether a point stands as it stood."""
    return one.state == other.state and one.flags == other.flags and bool(np.array_equal(one.xy, other.xy))


def count_text(sheet: Sheet, shown: int) -> str:
    """How many patches of how many frames are shown."""
    of = f"{sheet.frames:,} of {sheet.of_frames:,} frames" if sheet.of_frames > sheet.frames else ""
    count = f"{shown:,} patch{'' if shown == 1 else 'es'}"
    return f"{count} · {of}" if of else f"{count} · {counted(sheet.frames, 'frame')}"
