"""Which of a frame's landmarks stand where a person put them, and which where a model proposed them and a person merely agreed.

A model that is measured on points that people accepted from it is measured on its own answers: they say that it was about
right, not how far off it is.
"""

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.store.project_store import ProjectStore


def placed_by_hand(store: ProjectStore, frame_id: int, annotation: Annotation) -> NDArray[np.bool_]:
    """bool [L]: the human landmarks of a frame that lie where no model proposed them, by the ledger and the kept proposals."""
    accepted = np.zeros(len(annotation.xy), bool)
    for entry in store.ledger.entries(frame_id):
        for xy, state in ((entry.from_xy, entry.from_state), (entry.to_xy, entry.to_state)):
            shown = np.isin(state, (LandmarkState.PROPOSED, LandmarkState.TRACKED))
            here = shown & (xy == annotation.xy[entry.indices]).all(-1)
            accepted[entry.indices[here]] = True
    for model in store.models.all():
        proposal = store.proposals.get(frame_id, model.id)
        if proposal is not None:
            accepted |= (proposal.xy == annotation.xy).all(-1)
    return np.asarray(annotation.is_human & ~accepted)
