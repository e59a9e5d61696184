"""What a rig's views say together of the landmarks of a moment, from the project's points and a model's proposals."""

from collections.abc import Mapping
from dataclasses import dataclass

from annotator.domain.annotation import Annotation
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import Consensus, triangulate
from annotator.services.rigs.moments import SHARED_ERROR, Moment, calibration_floor, sightings
from annotator.services.rigs.taken import witnesses
from annotator.store.project_store import ProjectStore


@dataclass(frozen=True, eq=False)
class MomentConsensus:
    """A moment, what each view has of it, and where all of them together place its landmarks; views in the rig's order."""

    moment: Moment
    sightings: Sightings
    consensus: Consensus


def consensus_of(
    store: ProjectStore,
    moment: Moment,
    model_id: str | None,
    annotations: Mapping[int, Annotation] | None = None,
    proposals: Mapping[int, Proposal] | None = None,
) -> MomentConsensus:
    """Triangulate a moment from what the project has.

    Args:
        model_id: whose own proposals count, whatever the cameras said before; None: people's points alone.
        annotations, proposals: by frame id, where they are newer than the project's, such as of a point that is being dragged;
            the proposals are the model's own as well.
    """
    ids = [frame.id for frame in moment.frames.values()]
    known = witnesses(store, ids) | dict(annotations or {})
    proposed = {} if model_id is None else dict(store.proposals.own_items(ids, model_id))
    seen = sightings(moment, known, proposed | dict(proposals or {}), store.scheme.size)
    found = triangulate(
        list(moment.rig.rig.cameras.values()),
        seen,
        calibration_floor(moment),
        view_dependent(store.scheme),
        SHARED_ERROR,
    )
    return MomentConsensus(moment, seen, found)
