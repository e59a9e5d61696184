"""The human layer over the model layer: what the artist sees, and what of it belongs on disk.

The project keeps what people set; a proposal is shown wherever nobody set anything, and never overwrites what
somebody did. This is the only place that knows the rule: views, exports, statistics and queues ask here.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.proposal import Proposal


def shows_through(human: Annotation, proposal: Proposal) -> NDArray[np.bool_]:
    """bool [L]: where the proposal stands in, as no person set the landmark and the model could place it."""
    return np.asarray(~human.is_human & np.isfinite(proposal.xy).all(-1))


def displayed(human: Annotation, proposal: Proposal | None) -> Annotation:
    """The human layer with the proposal's points (state PROPOSED) where no person set one; flags and review as they are."""
    if proposal is None:
        return human
    shown = shows_through(human, proposal)
    xy, state = human.xy.copy(), human.state.copy()
    xy[shown] = proposal.xy[shown]
    state[shown] = LandmarkState.PROPOSED
    return replace(human, xy=xy, state=state)


def corrections(human: Annotation, proposal: Proposal) -> NDArray[np.float64]:
    """float64 [L, 2]: from the proposed place to where a person has the landmark; NaN where no person set it."""
    away = human.xy.astype(np.float64) - proposal.xy
    return np.where(human.is_human[:, None], away, np.nan)


def to_keep(after: Annotation, touched: NDArray[np.int64], proposal: Proposal | None) -> Annotation:
    """What the human layer shall hold after an edit of the displayed annotation.

    Touched landmarks that are merely proposed (an undone move, a flag on a proposed point) go back to missing: the
    proposal shows through there by itself.
    """
    if proposal is None:
        return after
    back = np.zeros(len(after.state), np.bool_)
    back[touched] = True
    back &= (after.state == LandmarkState.PROPOSED) & np.isfinite(proposal.xy).all(-1)
    xy, state = after.xy.copy(), after.state.copy()
    xy[back] = np.nan
    state[back] = LandmarkState.MISSING
    return replace(after, xy=xy, state=state)
