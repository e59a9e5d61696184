"""How a model bears faces that are framed otherwise: the same frames with the face smaller, or rolled, step by step.

Every frame is resampled with its true points onto a square canvas: for `scale` the face takes a share of the canvas and stands
anywhere in it, for `roll` it is turned about its middle. What lies beyond the frame is plain or softly coloured, never a face.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine, bounding_box, invert_affine
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.evaluation.metrics import Normaliser, frame_nme, normaliser_lengths, point_errors
from annotator.evaluation.report import strict_json
from annotator.evaluation.svg import Axis, line_chart
from annotator.evaluation.truth import GroundTruth
from annotator.files import atomic_folder
from annotator.imaging.proxy import network_pixels
from annotator.imaging.reader import read_frame
from annotator.imaging.sampling import sample
from annotator.inference.no_face import is_no_face
from annotator.services.models.evaluate import Placer
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.training.photometry import background

_MOST_SIDE = 4096
_FAILED = 0.1  # of the outer-eye distance


class Sweep(StrEnum):
    """What changes from step to step."""

    SCALE = "scale"
    ROLL = "roll"


STEPS: dict[Sweep, tuple[float, ...]] = {
    Sweep.SCALE: (0.08, 0.12, 0.2, 0.3, 0.45, 0.6, 0.8),
    Sweep.ROLL: (-90.0, -60.0, -45.0, -30.0, -15.0, 0.0, 15.0, 30.0, 45.0, 60.0, 90.0, 180.0),
}
"""Longer side of the landmarks' box over the canvas; degrees, clockwise, added to the roll that a face has."""


@dataclass(frozen=True)
class SweepPoint:
    """One model at one step: mean and median NME of the frames in % of the outer-eye distance, the share of frames above
    10 % of it, and the share of frames of which the model said that it saw no clear face, all in %."""

    model: str
    step: float
    frames: int
    nme: float
    median: float
    failed: float
    refused: float


def sweep(
    predictors: Sequence[Placer],
    data: EvaluationSet,
    kind: Sweep,
    steps: Sequence[float] = (),
    seed: int = 1,
    progress: Progress = silent,
    stop: Stop = never,
) -> list[SweepPoint]:
    """Measure models at every step; places and surroundings are drawn by the seed, alike for all models.

    Raises Cancelled when asked to stop, AnnotatorError when a picture cannot be read.
    """
    chosen = tuple(steps) or STEPS[kind]
    errors = np.full((len(predictors), len(chosen), len(data.paths)), np.nan)
    refused = np.zeros(errors.shape, bool)
    for number, path in enumerate(data.paths):
        image = network_pixels(read_frame(path))
        for position, step in enumerate(chosen):
            if stop():
                raise Cancelled("The sweep was stopped.")
            rng = np.random.default_rng([seed, number, position])
            picture, xy = staged(image, data.truth.xy[number], kind, step, rng)
            for model, predictor in enumerate(predictors):
                proposal = predictor.propose(picture, heatmaps=False)
                errors[model, position, number] = _nme(data.truth, xy, proposal.xy)
                refused[model, position, number] = is_no_face(proposal.message)
        progress(number + 1, len(data.paths), path.name)
    return [
        _point(own.card.id, step, errors[m, s], refused[m, s])
        for m, own in enumerate(predictors)
        for s, step in enumerate(chosen)
    ]


def staged(
    image: NDArray[np.uint8], xy: NDArray[np.float64], kind: Sweep, step: float, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """A frame uint8[H,W,3] and its points [L,2] staged for one step: the canvas uint8[S,S,3] and the points in it."""
    box = bounding_box(xy)
    middle, extent = (box[:2] + box[2:]) / 2, float((box[2:] - box[:2]).max())
    turn, zoom = np.eye(2), 1.0
    if kind is Sweep.ROLL:
        angle = np.deg2rad(step)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        side = max(image.shape[:2])
        place = np.array([side, side]) / 2
    else:
        side = min(int(np.ceil(extent / step)), _MOST_SIDE)
        zoom = step * side / extent
        room = side * (1 - step) / 2
        place = side / 2 + rng.uniform(-room, room, 2) * 0.9
    linear = zoom * turn
    canvas_from_frame: Affine = np.concatenate([linear, (place - linear @ middle)[:, None]], axis=1)
    frame_from_canvas = invert_affine(canvas_from_frame)
    picture = sample(image, frame_from_canvas, side, side)
    covered = sample(np.full((*image.shape[:2], 1), 255, np.uint8), frame_from_canvas, side, side)
    shown = covered.reshape(side, side, 1) > 127
    return np.where(shown, picture, background(rng, side)), apply_affine(canvas_from_frame, xy)


def write_sweep(points: Sequence[SweepPoint], kind: Sweep, folder: Path) -> Path:
    """Write `sweep-KIND.json` and `sweep-KIND.svg` into a folder (made if needed); returns the plot's path."""
    with atomic_folder(folder) as staging:
        text = strict_json([asdict(point) for point in points])
        (staging / f"sweep-{kind}.json").write_text(text, encoding="utf-8")
        (staging / f"sweep-{kind}.svg").write_text(draw_sweep(points, kind), encoding="utf-8")
    return folder / f"sweep-{kind}.svg"


def draw_sweep(points: Sequence[SweepPoint], kind: Sweep) -> str:
    """SVG: median NME of every model over the steps, up to 15 %."""
    steps = [point.step for point in points]
    title = "face / frame" if kind is Sweep.SCALE else "roll added, degrees"
    curves = {
        f"{model}, median": (
            [own.step for own in points if own.model == model],
            [min(own.median, 15.0) for own in points if own.model == model],
        )
        for model in dict.fromkeys(point.model for point in points)
    }
    x = Axis(title, min(steps), max(steps))
    return line_chart(
        f"Error by {'face size' if kind is Sweep.SCALE else kind}", x, Axis("NME %", 0, 15), curves
    )


def _nme(truth: GroundTruth, xy: NDArray[np.float64], found: NDArray[np.floating]) -> float:
    errors = point_errors(np.asarray(found, float)[None], xy[None])
    return float(frame_nme(errors, normaliser_lengths(xy[None], truth.scheme, Normaliser.INTER_OCULAR))[0])


def _point(model: str, step: float, errors: NDArray[np.float64], refused: NDArray[np.bool_]) -> SweepPoint:
    kept = errors[np.isfinite(errors)]
    figures = (
        (np.nan, np.nan, np.nan) if not kept.size else (kept.mean(), np.median(kept), (kept > _FAILED).mean())
    )
    nme, median, failed = (round(100 * float(value), 3) for value in figures)
    return SweepPoint(model, step, len(kept), nme, median, failed, round(100 * float(refused.mean()), 2))
