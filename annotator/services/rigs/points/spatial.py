"""What is exported of a moment: its landmarks in space with all that tells how far to trust them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.capture import Frame
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.rigs.rig import are_meant
from annotator.services.rigs.consensus import consensus_of
from annotator.services.rigs.moments import Moment, moments
from annotator.store.project_store import ProjectStore

PERSON, PROPOSAL = "person", "proposal"


@dataclass(frozen=True, eq=False)
class ViewPoints:
    """A view of a moment, L landmarks.

    Attributes:
        xy: float64 [L, 2] frame pixels, where the view should see the points, NaN where not known. covariance: [L, 2, 2].
        source: who says where the view has each: `person`, `proposal` or "". voted, disagrees: bool [L].
        residuals: float64 [L], standard deviations between what the view has and what the others expect; NaN where not known.
    """

    frame: Frame
    xy: NDArray[np.float64]
    covariance: NDArray[np.float64]
    source: tuple[str, ...]
    voted: NDArray[np.bool_]
    disagrees: NDArray[np.bool_]
    residuals: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SpatialMoment:
    """A moment's landmarks: points float64 [L, 3] in the rig's world and unit, NaN where not known, covariance [L, 3, 3], and the
    views that there are, by camera."""

    moment: Moment
    points: NDArray[np.float64]
    covariance: NDArray[np.float64]
    views: dict[str, ViewPoints]


def wanted_moments(store: ProjectStore, takes: Sequence[str] = ()) -> list[Moment]:
    """The moments of the takes that patterns (`subject/take`) name, or all of them."""
    return [moment for moment in moments(store) if are_meant(takes, moment.subject, moment.take)]


def spatial_moments(
    store: ProjectStore,
    wanted: Sequence[Moment],
    model_id: str | None,
    progress: Progress = silent,
    stop: Stop = never,
) -> Iterator[SpatialMoment]:
    """Each moment in space; one of which no landmark is known is left out.

    Args:
        model_id: whose proposals count where nobody set a point; None: people's points alone. Raises Cancelled on stop.
    """
    for number, moment in enumerate(wanted, 1):
        if stop():
            raise Cancelled("Export stopped; nothing was written.")
        found = _spatial(store, moment, model_id)
        progress(number, len(wanted), moment.name)
        if np.isfinite(found.points).any():
            yield found


def _spatial(store: ProjectStore, moment: Moment, model_id: str | None) -> SpatialMoment:
    together = consensus_of(store, moment, model_id)
    seen, said = together.sightings, together.consensus
    views = {}
    for row, camera in enumerate(moment.rig.rig.cameras):
        frame = moment.frames.get(camera)
        if frame is not None:
            there = np.isfinite(seen.xy[row]).all(-1)
            by = np.where(seen.trusted[row], PERSON, np.where(there, PROPOSAL, ""))
            views[camera] = ViewPoints(
                frame,
                said.xy[row],
                said.xy_covariance[row],
                tuple(by.tolist()),
                seen.usable[row],
                said.disagrees[row] | said.warns[row],
                said.residuals[row],
            )
    return SpatialMoment(moment, said.points, said.covariance, views)
