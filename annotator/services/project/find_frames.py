"""Which frames of a project a question leads to: by what was filmed, by review, and by how sure a model is of some landmarks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, ReviewState
from annotator.domain.errors import AnnotatorError
from annotator.domain.layers import shows_through
from annotator.domain.scheme import LandmarkScheme
from annotator.store.lists.frame_filter import FrameFilter
from annotator.store.project_store import ProjectStore


@dataclass(frozen=True)
class FrameQuery:
    """Which frames; empty tuples, empty text and None mean any.

    Attributes:
        subjects, takes, cameras: exact names. text: part of the path, whatever the case. reviews: review states.
        touched: whether a person set some landmark. person: whose to do, "" for nobody's.
        regions, landmarks: names; the landmarks that `confidence_below` is asked of, all where both are empty.
        confidence_below: some of those landmarks, neither set nor tracked, is proposed by the active model with less
            than this (0..1).
    """

    subjects: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    text: str = ""
    reviews: tuple[ReviewState, ...] = ()
    touched: bool | None = None
    person: str | None = None
    regions: tuple[str, ...] = ()
    landmarks: tuple[str, ...] = ()
    confidence_below: float | None = None


def find_frames(store: ProjectStore, query: FrameQuery) -> list[int]:
    """Ids of the frames that all conditions let through, in capture order.

    Raises:
        AnnotatorError: a region or landmark that the scheme lacks, a confidence outside 0..1, or a confidence where no model is
        active.
    """
    wanted = landmark_mask(store.scheme, query.regions, query.landmarks)
    listed = store.frames.list(where=FrameFilter(text=query.text, touched=query.touched, person=query.person))
    tokens = (query.subjects, query.takes, query.cameras)
    found = [
        summary.frame.id
        for summary in listed
        if (not query.reviews or summary.review in query.reviews)
        and all(
            not names or own in names
            for names, own in zip(
                tokens, (summary.frame.subject, summary.frame.take, summary.frame.camera), strict=True
            )
        )
    ]
    if query.confidence_below is None:
        return found
    if not 0 <= query.confidence_below <= 1:
        raise AnnotatorError(f"A confidence lies between 0 and 1, not {query.confidence_below}.")
    return _unsure(store, found, wanted, query.confidence_below)


def landmark_mask(
    scheme: LandmarkScheme, regions: Sequence[str], landmarks: Sequence[str]
) -> NDArray[np.bool_]:
    """bool [L]: the landmarks of those regions and names, all where neither is given; raises `AnnotatorError` that tells which
    there are."""
    mask = np.full(scheme.size, not regions and not landmarks, np.bool_)
    known = {region.name: region.indices for region in scheme.regions}
    for name in regions:
        if name not in known:
            raise AnnotatorError(f"{scheme.id} has no region {name!r}; it has {', '.join(known)}.")
        mask[list(known[name])] = True
    for name in landmarks:
        if name not in scheme.names:
            raise AnnotatorError(f"{scheme.id} has no landmark {name!r}; see the names in project.landmarks.")
        mask[scheme.names.index(name)] = True
    return mask


def _unsure(store: ProjectStore, ids: list[int], wanted: NDArray[np.bool_], below: float) -> list[int]:
    """Those frames in which a landmark that the proposal shows is less sure than that."""
    active = store.models.active()
    if active is None:
        raise AnnotatorError("No model is active, so there are no confidences; propose first.")
    human, tracks = dict(store.annotations.items(ids)), dict(store.tracks.items(ids))
    nobody = Annotation.empty(store.scheme)
    unsure = {
        frame_id
        for frame_id, proposal in store.proposals.items(ids, active.id)
        if (
            wanted
            & shows_through(human.get(frame_id, nobody), proposal, tracks.get(frame_id))
            & (proposal.confidence < np.float32(below))
        ).any()
    }
    return [frame_id for frame_id in ids if frame_id in unsure]
