"""Which part of its frame each view shows, so that all of them show the same part of the face."""

from __future__ import annotations

import numpy as np

from annotator.rigs.same_place import same_place
from annotator.session.rigs.outlook import Outlook
from annotator.ui.rig_views.camera_view import Place


def carried(outlook: Outlook, row: int, place: Place) -> dict[int, Place]:
    """By frame id, the part of the face that the frame shows; none where it is not known."""
    places = same_place(outlook.cameras, row, outlook.found.points, np.array(place))
    found: dict[int, Place] = {}
    for own, (frame, there) in enumerate(zip(outlook.frames, places.tolist(), strict=True)):
        if frame is not None and outlook.fits[own] and outlook.fits[row] and np.isfinite(there).all():
            found[frame.id] = (there[0], there[1], there[2])
    return found
