"""The human layer over the tracked over the model layer: what the artist sees, and what of it belongs on disk.

The project keeps what people set; where nobody set anything, what was tracked from other frames of the take is shown, else a
proposal. Neither ever overwrites what somebody did. This is the only place that knows the rule: views, exports, statistics
and queues ask here.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.proposal import Proposal
from annotator.domain.takes.track import Track, TrackState


def shows_through(human: Annotation, proposal: Proposal, track: Track | None = None) -> NDArray[np.bool_]:
    """bool [L]: where the proposal stands in: nobody set or tracked the landmark, and the model could place it."""
    shown = ~human.is_human & np.isfinite(proposal.xy).all(-1)
    return np.asarray(shown if track is None else shown & ~track.is_placed)


def tracked(human: Annotation, track: Track) -> NDArray[np.bool_]:
    """bool [L]: where a track stands in, as no person set the landmark."""
    return np.asarray(~human.is_human & track.is_placed)


def unsurely_tracked(human: Annotation, track: Track | None) -> NDArray[np.bool_]:
    """bool [L]: where a track stands in that is not sure of itself."""
    if track is None:
        return np.zeros(len(human.state), np.bool_)
    return np.asarray(tracked(human, track) & (track.state == TrackState.UNSURE))


def displayed(human: Annotation, proposal: Proposal | None, track: Track | None = None) -> Annotation:
    """The human layer with what was tracked (state TRACKED), else the proposal's points (state PROPOSED), where no person set
    one; flags and review as they are."""
    if proposal is None and track is None:
        return human
    xy, state = human.xy.copy(), human.state.copy()
    if proposal is not None:
        shown = shows_through(human, proposal, track)
        xy[shown] = proposal.xy[shown]
        state[shown] = LandmarkState.PROPOSED
    if track is not None:
        shown = tracked(human, track)
        xy[shown] = track.xy[shown]
        state[shown] = LandmarkState.TRACKED
    return replace(human, xy=xy, state=state)


def corrections(human: Annotation, proposal: Proposal) -> NDArray[np.float64]:
    """float64 [L, 2]: from the proposed place to where a person has the landmark; NaN where no person set it."""
    away = human.xy.astype(np.float64) - proposal.xy
    return np.where(human.is_human[:, None], away, np.nan)


def to_keep(
    after: Annotation, touched: NDArray[np.int64], proposal: Proposal | None, track: Track | None = None
) -> Annotation:
    """What the human layer shall hold after an edit of the displayed annotation.

    Touched landmarks that are merely tracked or proposed (an undone move, a flag on a proposed point) go back to missing: what
    lies below shows through there by itself.
    """
    below = np.zeros(len(after.state), np.bool_)
    if proposal is not None:
        below |= np.isfinite(proposal.xy).all(-1)
    if track is not None:
        below |= track.is_placed
    if not below.any():
        return after
    back = np.zeros(len(after.state), np.bool_)
    back[touched] = True
    back &= after.is_shown_through & below
    xy, state = after.xy.copy(), after.state.copy()
    xy[back] = np.nan
    state[back] = LandmarkState.MISSING
    return replace(after, xy=xy, state=state)
