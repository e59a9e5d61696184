"""What is known of landmarks in one frame of the curves, for people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from annotator.domain.annotation import LandmarkState
from annotator.domain.scheme import LandmarkScheme
from annotator.session.time.curves import CurveData

_MOST = 6
_STATES = {
    LandmarkState.MISSING: "not placed",
    LandmarkState.PROPOSED: "proposed",
    LandmarkState.TRACKED: "tracked",
    LandmarkState.CORRECTED: "key",
    LandmarkState.CONFIRMED: "key, confirmed",
}


def told_of(data: CurveData, row: int, number: int, landmarks: Sequence[int], scheme: LandmarkScheme) -> str:
    """A line a landmark: where it is in a frame, and how sure that is."""
    lines = [f"Frame {number}"]
    for landmark in landmarks[:_MOST]:
        x, y = data.xy[row, landmark].tolist()
        words = _STATES[LandmarkState(int(data.state[row, landmark]))]
        if data.unsure[row, landmark]:
            words += ", unsure"
        sigma = data.sigma[row, landmark]
        if np.isfinite(sigma).all():
            words += f" ± {float(sigma.max()):.1f} px"
        at = "" if x != x else f"  {x:.1f}, {y:.1f}"
        lines.append(f"{scheme.names[landmark]}{at}  {words}")
    if len(landmarks) > _MOST:
        lines.append(f"and {len(landmarks) - _MOST} more")
    return "\n".join(lines)
