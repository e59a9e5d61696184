"""What signs of an error are worth (`inference.expected_error`), learnt from frames with true landmarks.

The logarithm of each squared error, in units of the covariance that whole faces leave, is regressed on the signs (ridge); a
landmark's own part is drawn towards that of all. Renders teach as they are, as a bad camera gives them and with something before
the face; photographs with the constant offsets of their markup taken out. Every kind of frame counts alike.

Legend: N frames, L landmarks, S signs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.uncertainty import mahalanobis_squared
from annotator.evaluation.calibration import expected_coverage
from annotator.evaluation.offsets import remove_constant_offsets
from annotator.imaging.proxy import network_pixels
from annotator.inference.expected_error import SIGNS, ExpectedError, scaled_signs
from annotator.inference.predictor import Predictor
from annotator.services.models.calibrate import spoilt, write_card
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.services.models.spoil import KINDS, Marked, spoil_face

Floats = NDArray[np.float64]
LEAST_FRAMES = 10
"""It takes to learn what tells of errors."""
_KIND, _RIDGE, _SINGLE = 3000.0, 30.0, 20.0
"""Points that each kind of frame counts for; points that say that a sign is worth nothing; that a landmark is like all."""
_LOG_MEAN = float(
    np.log(2.0) - np.euler_gamma
)  # mean logarithm of a squared error over its variance, in two dimensions
_NONE = 1e-3  # squared deviations, below which an error is none


@dataclass(frozen=True, eq=False)
class Lesson:
    """One kind of frames: signs float64[N,L,S], squared errors float64[N,L] in units of the claimed covariances, NaN where a
    landmark is not marked."""

    signs: Floats
    squares: Floats


def fit_expected_error(lessons: Sequence[Lesson], size: int) -> ExpectedError:
    """What signs say of `size` landmarks, by frames of several kinds; two sigma then hold as many errors as they should.

    Raises AnnotatorError where there are too few frames of every kind.
    """
    if max((len(own.signs) for own in lessons), default=0) < LEAST_FRAMES:
        raise AnnotatorError(f"It takes {LEAST_FRAMES} frames to learn what tells of errors.")
    known = [np.isfinite(own.squares) for own in lessons]
    every = np.concatenate([own.signs.reshape(-1, len(SIGNS)) for own in lessons])
    there = np.isfinite(every)
    count = there.sum(0).clip(1)
    middle = np.where(there, every, 0.0).sum(0) / count
    spread = np.sqrt(np.where(there, (every - middle) ** 2, 0.0).sum(0) / count) + 1e-6
    signs = np.concatenate(
        [scaled_signs(own.signs[at], middle, spread) for own, at in zip(lessons, known, strict=True)]
    )
    logs = np.concatenate([np.log(own.squares[at] + _NONE) for own, at in zip(lessons, known, strict=True)])
    counts = np.concatenate([np.full(at.sum(), _KIND / max(at.sum(), 1)) for at in known])
    landmark = np.concatenate([np.nonzero(at)[1] for at in known])
    table = np.concatenate([signs, np.ones((len(signs), 1))], axis=1)
    little = _RIDGE * np.diag([*np.ones(len(SIGNS)), 0.0])
    weights = np.linalg.solve(
        table.T @ (table * counts[:, None]) + little, table.T @ (counts * (logs - _LOG_MEAN))
    )
    left = logs - _LOG_MEAN - table @ weights
    total = np.bincount(landmark, counts, size)
    single = weights[-1] + np.bincount(landmark, counts * left, size) / (total + _SINGLE)
    found = ExpectedError(middle, spread, weights[:-1], single)
    beyond = []
    for own, at in zip(lessons, known, strict=True):
        claimed = (own.squares / found.factors(own.signs))[at]
        beyond.append(np.log(np.quantile(claimed, expected_coverage(2.0)) / 4.0) if claimed.size else 0.0)
    return replace(found, landmarks=single + float(np.mean(beyond)))


def calibrate_expected_error(
    folder: Path,
    data: EvaluationSet,
    photographs: Sequence[EvaluationSet] = (),
    device: str = "auto",
    progress: Progress = silent,
    stop: Stop = never,
    left_out: dict[str, str] | None = None,
) -> ModelCard:
    """Learn on frames with true landmarks what tells of a model's errors, and write it into its card; returns the new card.

    Args:
        data: each frame counts as it is, as a bad camera gives it, and covered (see `spoil`). photographs: sets of another
            markup; as they are, without its constant offsets.
        left_out: gets the frames that cannot be read, and why.

    Raises:
        AnnotatorError: the model knows nothing of whole faces, or too few frames can be read. Cancelled: asked to stop; the card
        is as it was.
    """
    predictor = Predictor(folder, device)
    if predictor.shape_prior is None:
        raise AnnotatorError(f"{predictor.card.id} knows no shapes of whole faces, by which errors are told.")
    lost: dict[str, str] = {} if left_out is None else left_out
    total = len(data.paths) + sum(len(own.paths) for own in photographs)
    done = 0
    kinds: dict[str, list[_Seen]] = {}
    for number, own in enumerate((data, *photographs)):
        for frame in range(len(own.paths)):
            if stop():
                raise Cancelled("Calibration was stopped; the model is as it was.")
            try:
                pictures = (
                    _pictures(own, frame) if number == 0 else {f"photographs {number}": own.picture(frame)}
                )
                for kind, picture in pictures.items():
                    if (seen := _seen(predictor, picture, own.truth.xy[frame])) is not None:
                        kinds.setdefault(kind, []).append(seen)
            except AnnotatorError as error:
                lost[own.truth.names[frame]] = str(error)
            done += 1
            progress(done, total, own.paths[frame].name)
    lessons = [_lesson(kind, seen, predictor.scheme) for kind, seen in kinds.items()]
    found = fit_expected_error(lessons, predictor.scheme.size)
    preprocessing = {**predictor.card.preprocessing, "expected_error": found.to_card()}
    card = replace(predictor.card, preprocessing=preprocessing)
    write_card(folder, card)
    return card


@dataclass(frozen=True, eq=False)
class _Seen:
    """A frame: its signs [L,S], points [L,2] with the covariances that whole faces leave [L,2,2], and true points [L,2]."""

    signs: Floats
    xy: Floats
    covariance: Floats
    truth: Floats


def _pictures(data: EvaluationSet, number: int) -> Mapping[str, NDArray[Any]]:
    """A frame as it is, as a bad camera gives it, and covered."""
    image, count = data.picture(number), len(data.paths)
    other = (number + count // 2) % count
    own = Marked(network_pixels(image), data.truth.xy[number])
    try:
        further = Marked(network_pixels(data.picture(other)), data.truth.xy[other])
    except AnnotatorError:  # told when its own turn comes
        further = own
    kind = list(KINDS)[number % len(KINDS)]
    covered, _ = spoil_face(kind, np.random.default_rng(number), own, further, data.truth.scheme)
    return {"as it is": image, "bad camera": spoilt(image, number), "covered": covered}


def _seen(predictor: Predictor, picture: NDArray[Any], truth: Floats) -> _Seen | None:
    weighed = predictor.weighed(picture)
    if weighed.signs is None:
        return None
    return _Seen(weighed.signs, weighed.points.xy, weighed.bare, truth)


def _lesson(kind: str, frames: Sequence[_Seen], scheme: LandmarkScheme) -> Lesson:
    """What frames of one kind teach; those of another markup without its constant offsets."""
    signs, xy, covariance, truth = (
        np.stack([getattr(own, name) for own in frames]) for name in ("signs", "xy", "covariance", "truth")
    )
    if kind.startswith("photographs") and len(frames) > 1:
        xy = remove_constant_offsets(xy, truth, scheme)
    return Lesson(signs, mahalanobis_squared(xy - truth, covariance))
