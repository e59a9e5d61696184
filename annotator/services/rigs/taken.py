"""Landmarks that a person took from the other views of a moment: theirs, but no evidence of its own for where the landmark is."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.store.history.changes import Origin
from annotator.store.project_store import ProjectStore

TakenPlaces = Sequence[tuple[NDArray[np.int64], NDArray[np.float32]]]
"""Landmarks [K] and where they were put [K, 2], take by take."""


def witnesses(store: ProjectStore, frame_ids: Sequence[int]) -> dict[int, Annotation]:
    """The human layers of those frames that have one, as evidence for the other views: without what was taken from these."""
    places = taken_places(store, frame_ids)
    return {
        frame_id: without_taken(human, places.get(frame_id, ()))
        for frame_id, human in store.annotations.items(frame_ids)
    }


def taken_places(store: ProjectStore, frame_ids: Sequence[int]) -> dict[int, TakenPlaces]:
    """By frame, what was ever taken there."""
    found: dict[int, list[tuple[NDArray[np.int64], NDArray[np.float32]]]] = {}
    for entry in store.ledger.of_origin(frame_ids, Origin.VIEWS):
        found.setdefault(entry.frame_id, []).append((entry.indices, entry.to_xy))
    return {frame_id: tuple(places) for frame_id, places in found.items()}


def without_taken(human: Annotation, places: TakenPlaces) -> Annotation:
    """The human layer without the landmarks that stand where they were taken.

    They were computed from the other views, which would else agree with themselves and outvote whoever corrects one of them. One
    that a person moved or accepted since stays.
    """
    taken = np.zeros(len(human.state), np.bool_)
    for indices, xy in places:
        taken[indices] |= (human.xy[indices] == xy).all(-1)
    taken &= human.state == LandmarkState.CORRECTED
    if not taken.any():
        return human
    xy, state = human.xy.copy(), human.state.copy()
    xy[taken], state[taken] = np.nan, LandmarkState.MISSING
    return replace(human, xy=xy, state=state)
