"""What the cameras of a rig agree on as labels that nobody had to set, for frames that nobody touched.

A landmark teaches a view by how much better all cameras together know it than the view alone: 1 less the share of the view's own
variance that is left. Where the cameras do not agree, or know no more, it does not teach.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotator.domain.capture import Frame
from annotator.domain.faces.wild_points import far_from_face
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.services.models.training.training_source import Labels
from annotator.services.rigs.consensus import MomentConsensus, consensus_of
from annotator.services.rigs.moments import Moment
from annotator.store.project_store import ProjectStore

LEAST_VIEWS = 3
"""Cameras that must agree where no two people's points do: two always meet somewhere."""


def consensus_labels(
    store: ProjectStore,
    model_id: str,
    moments: Sequence[Moment],
    progress: Progress = silent,
    stop: Stop = never,
) -> dict[int, Labels]:
    """Labels of the untouched frames of moments, by frame id; frames that nothing is known of are left out.

    Args:
        model_id: whose proposals vote beside people's points. Raises Cancelled on stop.
    """
    soft = view_dependent(store.scheme)
    found: dict[int, Labels] = {}
    for number, moment in enumerate(moments):
        if stop():
            raise Cancelled("Stopped before the training began; nothing was changed.")
        together = consensus_of(store, moment, model_id)
        touched = dict(store.annotations.items([frame.id for frame in moment.frames.values()]))
        for frame in moment.frames.values():
            if frame.id not in touched or not touched[frame.id].is_human.any():
                labels = _labels(together, moment.row(frame.id), frame, soft)
                if (labels.weight > 0).any():
                    found[frame.id] = labels
        progress(number + 1, len(moments), moment.name)
    return found


def _labels(together: MomentConsensus, row: int, frame: Frame, soft: NDArray[np.bool_]) -> Labels:
    seen, said = together.sightings, together.consensus
    agree = seen.usable & ~said.disagrees & np.isfinite(said.residuals)
    enough = (agree.sum(0) >= LEAST_VIEWS) & (2 * agree.sum(0) > said.voted)
    enough |= (agree & seen.trusted).sum(0) >= 2
    xy = said.xy[row]
    with np.errstate(invalid="ignore"):
        inside = (xy > 0).all(-1) & (xy < [frame.width, frame.height]).all(-1)
        left = np.trace(said.xy_covariance[row], axis1=-2, axis2=-1)
        own = np.trace(seen.covariance[row], axis1=-2, axis2=-1)
        better = np.where(np.isfinite(seen.xy[row]).all(-1), 1.0 - left / own, 1.0)
    teaches = enough & inside & ~soft & ~far_from_face(xy) & np.isfinite(better)
    weight = np.where(teaches, np.clip(better, 0.0, 1.0), 0.0).astype(np.float32)
    return Labels(np.where(weight[:, None] > 0, xy, np.nan).astype(np.float32), weight)
