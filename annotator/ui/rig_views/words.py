"""What the views say, in words: badges, notes, the inspector's line."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotator.domain.words import counted
from annotator.session.rigs.outlook import Outlook


def badge_of(
    outlook: Outlook, row: int, xy: NDArray[np.float64], hidden: NDArray[np.bool_], primary: int
) -> tuple[str, bool]:
    """What a view's corner says of the selected landmark, else of all, and whether that is a warning.

    Args:
        xy: float64 [L, 2], where its landmarks are shown. hidden: bool [L], what it probably cannot see.
    """
    if not outlook.fits[row]:
        return "", False
    if primary < 0:
        count, unseen = int(outlook.found.disagrees[row].sum()), int(hidden.sum())
        found = [f"{count} off"] * bool(count) + [f"{unseen} hidden?"] * bool(unseen)
        return " · ".join(found), bool(count)
    off = float(outlook.apart(row, xy)[primary])
    parts = [] if np.isnan(off) else [f"{off:.1f} px"]
    if hidden[primary]:
        parts.append("hidden?")
    return " · ".join(parts), bool(outlook.found.disagrees[row, primary])


def size_note(outlook: Outlook, row: int) -> str:
    """Why a view tells nothing, empty where it does."""
    frame = outlook.frames[row]
    if frame is None or outlook.fits[row]:
        return ""
    camera = outlook.cameras[row]
    return f"{frame.width} × {frame.height}, but calibrated at {camera.width} × {camera.height}"


def views_text(outlook: Outlook, row: int, xy: NDArray[np.float64], primary: int) -> str:
    """One line of the selected landmark for the inspector."""
    off = float(outlook.apart(row, xy)[primary])
    voted = int(outlook.found.voted[primary])
    if np.isnan(off):
        return f"not known ({counted(voted, 'view')})"
    text = f"{off:.2f} px from where {counted(voted, 'view')} see it"
    if outlook.found.disagrees[row, primary]:
        text += ", too far to be chance"
    if outlook.view_dependent[primary]:
        text += " (its place depends on the view)"
    return text
