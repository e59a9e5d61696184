"""What the shown annotation can be compared with, and how that other side is made from the session."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.layers import displayed
from annotator.domain.proposal import Proposal
from annotator.domain.takes.track import Track, TrackState
from annotator.session.session import Session
from annotator.ui.canvas.overlay.data import OverlayData


class Against(Enum):
    """The other side of a comparison; the value is what menus say."""

    PROPOSAL = "The proposal"
    PEOPLE = "What people set"
    MODEL = "Another model's proposal"
    CAMERA = "The camera before"
    FRAME = "The frame before"


@dataclass(frozen=True)
class OtherSide:
    """Something to compare with: a caption, landmarks, and the frame whose pixels lie below them.

    Without landmarks (``data`` is None) the caption says why there is nothing.
    """

    caption: str
    data: OverlayData | None = None
    frame_id: int = 0


def other_side(session: Session, against: Against) -> OtherSide:
    """The other side for the current frame."""
    frame_id = session.frames.current_id
    if against is Against.PEOPLE:
        return OtherSide(
            "What people set", overlay_data(session, session.annotations.human(frame_id)), frame_id
        )
    if against is Against.MODEL:
        return _other_model(session, frame_id)
    if against in (Against.CAMERA, Against.FRAME):
        return _other_frame(session, against)
    proposal = session.proposals.get(frame_id)
    if proposal is None:
        return OtherSide("There is no proposal to compare with yet")
    return OtherSide("Proposal of the model", _proposed(session, proposal), frame_id)


def overlay_data(
    session: Session, annotation: Annotation, proposal: Proposal | None = None, track: Track | None = None
) -> OverlayData:
    """Landmarks and what belongs to a proposal and a track, for an overlay; the selection is the session's."""
    data = OverlayData(
        scheme=session.scheme,
        xy=annotation.xy.astype(np.float64),
        state=annotation.state,
        flags=annotation.flags,
        selected=frozenset(session.selection.indices),
    )
    if proposal is not None:
        data.proposed_xy = proposal.xy.astype(np.float64)
        data.covariance = proposal.covariance.astype(np.float64)
        data.confidence = proposal.confidence.astype(np.float64)
        data.rois = proposal.rois.astype(np.float64)
    if track is not None:
        seen = (annotation.state == LandmarkState.TRACKED) & track.is_placed
        data.unsure = seen & (track.state == TrackState.UNSURE)
        if proposal is None:
            data.proposed_xy = np.full_like(data.xy, np.nan)
            data.covariance = np.full((len(seen), 2, 2), np.nan)
        data.proposed_xy[seen] = track.xy[seen]
        data.covariance[seen] = track.covariance[seen]
    return data


def _proposed(session: Session, proposal: Proposal) -> OverlayData:
    return overlay_data(session, displayed(Annotation.empty(session.scheme), proposal), proposal)


def _other_model(session: Session, frame_id: int) -> OtherSide:
    """The newest other model that proposed this frame."""
    active = session.models.active
    for model in reversed(session.models.all()):
        if active is not None and model.id == active.id:
            continue
        proposal = session.proposals.get(frame_id, model.id)
        if proposal is not None:
            return OtherSide(model.card.title or model.id, _proposed(session, proposal), frame_id)
    return OtherSide("No other model proposed this frame: make one active, then propose it again")


def _other_frame(session: Session, against: Against) -> OtherSide:
    if against is Against.CAMERA:
        number, missing = (
            session.frames.camera_before(session.frames.current_id),
            "This moment has no other camera",
        )
    else:
        row = session.frames.current_row - 1
        number = int(session.frames.listed.ids[row]) if row >= 0 else 0
        missing = "This is the first frame of the list"
    if not number:
        return OtherSide(missing)
    data = overlay_data(session, session.annotations.shown(number), session.proposals.get(number))
    return OtherSide(session.store.frames.listed(number).name, data, number)
