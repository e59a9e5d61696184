"""Calibrating a model's uncertainty: what its errors on known frames say is written into its card.

Measured are the factor and the floor of the covariances of each network, a factor of each landmark, one for what whole faces
leave of them where the model knows faces, the mean shape of the faces, and how large the face checks usually are. Every frame
is also seen spoilt by light, blur, noise and compression: an uncertainty that is right on clean renders alone is far too small
on photographs. The weights stay as they are.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import CARD, ModelCard
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.proposal import Proposal
from annotator.files import atomic_folder, write_whole
from annotator.imaging.proxy import network_pixels
from annotator.inference.options import OptionChanges
from annotator.inference.predictor import Predictor
from annotator.inference.weighing.shape_prior import ShapePrior
from annotator.services.models.calibration_fit import Known, measure
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.training.config import PhotometryConfig
from annotator.training.photometry import augment_pixels

_HARDER = PhotometryConfig(
    strength=1.0, tone=1.0, light=0.6, blur=0.5, soften=0.4, noise=0.8, jpeg=0.8, occlude=0.15
)
"""Light, blur, noise and compression of the spoilt frames: stronger than in training."""


def calibrate_model(
    folder: Path,
    data: EvaluationSet,
    device: str = "auto",
    progress: Progress = silent,
    stop: Stop = never,
    harder: bool = True,
    prior: ShapePrior | None = None,
    taught: EvaluationSet | None = None,
    left_out: dict[str, str] | None = None,
) -> ModelCard:
    """Measure a model on frames with true landmarks and write what was found into its `model.toml`; returns the new card.

    The frames should be unlike those of training, best in a style that no training frame has. With `harder` each one counts
    twice, as it is and spoilt; without, for frames that are themselves what the model will see, only as it is.
    `prior` is what the model is to know of whole faces, in place of what it knew; it is written with the card. `taught`, best
    frames of its training, tells how the model's errors go together.
    Frames whose picture cannot be read or has another size than its landmarks are left out, and named in `left_out`.
    Networks with fewer than ten counted landmarks keep the factor that they had. Raises AnnotatorError when no
    frame can be read; the card is then as it was.
    """
    predictor = Predictor(folder, device, changes=OptionChanges(shape_prior=False))
    predictor.shape_prior = prior or predictor.shape_prior
    lost: dict[str, str] = {} if left_out is None else left_out
    known = _proposed(predictor, data, harder, progress, stop, lost)
    lessons = None if taught is None else _proposed(predictor, taught, False, progress, stop, lost)
    measured, learnt = measure(predictor, known, lessons)
    card = replace(predictor.card, preprocessing={**predictor.card.preprocessing, **measured})
    with atomic_folder(folder) as staging:
        if learnt is not None and (prior is not None or taught is not None):
            learnt.save(staging)
        write_card(staging, card)
    return card


def _proposed(
    predictor: Predictor,
    data: EvaluationSet,
    harder: bool,
    progress: Progress,
    stop: Stop,
    left_out: dict[str, str],
) -> Known:
    """The frames that can be read, proposed as they are and, with `harder`, spoilt."""
    proposals: list[Proposal] = []
    truth: list[NDArray[np.float64]] = []
    for number, path in enumerate(data.paths):
        if stop():
            raise Cancelled("Calibration was stopped; the model is as it was.")
        try:
            image = data.picture(number)
            seen = [image, spoilt(image, number)] if harder else [image]
            proposals += [predictor.propose(picture, heatmaps=False) for picture in seen]
        except AnnotatorError as error:
            left_out[data.truth.names[number]] = str(error)
            continue
        truth += [data.truth.xy[number]] * len(seen)
        progress(number + 1, len(data.paths), path.name)
    if not proposals:
        raise AnnotatorError("None of the frames can be read: there is nothing to calibrate on.")
    return Known(proposals, np.stack(truth))


def spoilt(image: NDArray[Any], seed: int) -> NDArray[np.uint8]:
    """A frame HxWx3 as a bad camera would give it: uint8, tones, light, blur, noise and compression drawn by the seed."""
    pixels = network_pixels(image)
    height, width = pixels.shape[:2]
    side = max(height, width)
    square = np.zeros((side, side, 3), np.uint8)
    square[:height, :width] = pixels
    changed = augment_pixels(np.random.default_rng(seed), square, _HARDER)
    return np.ascontiguousarray(changed[:height, :width])


def write_card(folder: Path, card: ModelCard) -> None:
    """Put a new card beside unchanged weights; a reader sees the old one or the new one."""
    write_whole(folder / CARD, card.to_toml())
