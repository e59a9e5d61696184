"""Who put which point where, by the ledger."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import LandmarkState
from annotator.store.history.ledger import LedgerEntry

Place = tuple[int, float, float]
"""Landmark, x and y in frame pixels, as they are stored."""


def first_placers(entries: Iterable[LedgerEntry]) -> dict[Place, str]:
    """Of each place of a frame's landmarks the person who first put one there by hand.

    Undoing, redoing and taking one side of a conflict bring a landmark back to a place that is somebody's already. Accepting a
    proposal moves nothing: such a place is nobody's.
    """
    found: dict[Place, str] = {}
    for entry in entries:
        if not entry.origin.is_work:
            continue
        put = (entry.to_state == LandmarkState.CORRECTED) & (entry.from_xy != entry.to_xy).any(-1)
        for place in places(entry.indices[put], entry.to_xy[put]):
            found.setdefault(place, entry.user)
    return found


def points_of(entries: Iterable[LedgerEntry], size: int) -> Mapping[str, NDArray[np.float32]]:
    """Of each person float32 [L, 2] frame pixels: where they last put each landmark of a frame, NaN where they did not.

    A point that its person took away, or for somebody else's, is not theirs any more.

    Args:
        entries: of one frame, in order. size: L.
    """
    entries = list(entries)
    owner = first_placers(entries)
    found: dict[str, NDArray[np.float32]] = {}
    for entry in entries:
        if not entry.origin.is_work:
            continue
        own = found.setdefault(entry.user, np.full((size, 2), np.nan, np.float32))
        mine = [owner.get(place) == entry.user for place in places(entry.indices, entry.to_xy)]
        own[entry.indices] = np.where(np.array(mine, np.bool_)[:, None], entry.to_xy, np.float32(np.nan))
    return {user: own for user, own in found.items() if np.isfinite(own).any()}


def places(indices: NDArray[np.int64], xy: NDArray[np.float32]) -> list[Place]:
    """Landmarks with where they are."""
    return [(i, x, y) for i, (x, y) in zip(indices.tolist(), xy.tolist(), strict=True)]
