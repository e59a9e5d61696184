"""A rendered set before a fixed rig: true landmarks and a model's proposals of each moment, kept beside the set."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import WEIGHTS
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.proposal import Proposal
from annotator.domain.rigs.rig import Rig
from annotator.domain.scheme import LandmarkScheme
from annotator.evaluation.truth import GroundTruth, Predictions
from annotator.files import atomic_file
from annotator.inference.predictor import Predictor
from annotator.rigs.files.registry import read_rigs
from annotator.rigs.sightings import Sightings
from annotator.services.models.evaluate import predict
from annotator.services.models.evaluation_sets import EvaluationSet, dataset_set
from annotator.services.rigs.moments import Moment, calibration_floor, sightings
from annotator.store.rigs import ProjectRig

RIG = "rig.json"
CACHE = "proposals-{model}.npz"
_CORNERS = (36, 45)


@dataclass(frozen=True, eq=False)
class Filmed:
    """One moment of the set, views in the rig's order.

    Attributes:
        truth: float64 [V, L, 2]. eyes: distance of the outer eye corners in pixels, the largest of the views.
        proposals: by the view's number.
    """

    truth: NDArray[np.float64]
    eyes: float
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, eq=False)
class FilmedSet:
    """All moments of a set, what they show, and the rig that saw them."""

    rig: Rig
    scheme: LandmarkScheme
    model_id: str
    moments: tuple[Filmed, ...]

    def sightings(self, rig: Rig, filmed: Filmed, people: dict[int, Annotation]) -> Sightings:
        """What a project would have of a moment: the proposals, and people's points in some views."""
        moment = _moment(rig, len(filmed.truth))
        proposals = {view + 1: proposal for view, proposal in enumerate(filmed.proposals)}
        known = {view + 1: annotation for view, annotation in people.items()}
        return sightings(moment, known, proposals, self.scheme.size)

    def floor(self, rig: Rig) -> NDArray[np.float64]:
        """[V, 1] pixels, as in a project."""
        return calibration_floor(_moment(rig, len(rig.cameras)))


def filmed_set(
    folder: Path, model: Path, device: str = "auto", progress: Progress = silent, stop: Stop = never
) -> FilmedSet:
    """Read a set, and propose what was not yet proposed by these weights.

    Raises:
        AnnotatorError: the set is none, or its cameras did not stand still. Cancelled: asked to stop.
    """
    if not (folder / RIG).is_file():
        raise AnnotatorError(
            f"{folder} has no {RIG}: render it before one rig (annotator render {folder} --fixed-rig)."
        )
    rig = read_rigs(folder / RIG).rigs[0]
    predictor = Predictor(model, device)
    scheme = predictor.scheme
    data = dataset_set(folder, scheme)
    made = _proposals(folder, model, predictor, data, progress, stop)
    captures: dict[str, dict[str, int]] = defaultdict(dict)
    for number, name in enumerate(data.truth.names):
        path = PurePosixPath(name)
        captures[path.parent.as_posix()][path.stem] = number
    found = [
        _filmed(scheme, data.truth, made, [numbers[camera] for camera in rig.cameras])
        for numbers in captures.values()
        if numbers.keys() >= rig.cameras.keys()
    ]
    if not found:
        raise AnnotatorError(f"No capture of {folder} was seen by all {len(rig.cameras)} cameras.")
    return FilmedSet(rig, scheme, made.model_id, tuple(found))


def _filmed(scheme: LandmarkScheme, truth: GroundTruth, made: Predictions, numbers: Sequence[int]) -> Filmed:
    true = truth.xy[numbers]
    corners = [scheme.ibug68[corner] for corner in _CORNERS]
    eyes = np.linalg.norm(true[:, corners[0]] - true[:, corners[1]], axis=-1)
    return Filmed(true, float(np.nanmax(eyes)), tuple(_proposal(made, scheme, number) for number in numbers))


def _proposal(made: Predictions, scheme: LandmarkScheme, number: int) -> Proposal:
    assert made.covariance is not None
    xy, covariance = made.xy[number].astype(np.float32), made.covariance[number].astype(np.float32)
    sure, nothing = np.ones(len(xy), np.float32), np.zeros((0, 4), np.float32)
    return Proposal(made.model_id, scheme.id, xy, covariance, sure, nothing, xy, covariance)


def _proposals(
    folder: Path, model: Path, predictor: Predictor, data: EvaluationSet, progress: Progress, stop: Stop
) -> Predictions:
    """Those of the last run, where frames and weights are the same."""
    cache = folder / CACHE.format(model=predictor.card.id)
    stamp = str((model / WEIGHTS).stat().st_mtime_ns)
    try:
        with np.load(cache) as kept:
            if kept["stamp"] == stamp and tuple(kept["names"].tolist()) == data.truth.names:
                return Predictions(predictor.card.id, kept["xy"], kept["covariance"])
    except (OSError, ValueError, KeyError, BadZipFile):
        pass
    made = predict([predictor], data, progress, stop)[0]
    assert made.covariance is not None
    with atomic_file(cache) as staged, staged.open("wb") as file:
        np.savez(file, stamp=stamp, names=np.array(data.truth.names), xy=made.xy, covariance=made.covariance)
    return made


def _moment(rig: Rig, views: int) -> Moment:
    """The moment as a project would have it: a frame a camera."""
    frames = {
        camera.name: Frame(
            number + 1, f"{camera.name}.jpg", "", "", camera.name, "", camera.width, camera.height
        )
        for number, camera in zip(range(views), rig.cameras.values(), strict=False)
    }
    return Moment(ProjectRig(0, 1, rig, datetime.now(UTC), ""), "", "", "", frames)
