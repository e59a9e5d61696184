"""Models measured by a published protocol: 68 points on faces cut out as the field does, by both normalisers, set by set.

Stills, and videos for models that see single frames, are cut out by the true points' box, half as large again. A tracker is given
that box where a video begins, and then follows the face through the whole frames by itself.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import bounding_box
from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.scheme import markup_points
from annotator.evaluation.aggregate import Estimate, ModelScore, Scoring, mean_interval, score_model
from annotator.evaluation.metrics import (
    Normaliser,
    auc,
    failure_rate,
    frame_nme,
    mean_over_sets,
    normaliser_lengths,
    point_errors,
)
from annotator.evaluation.report import Report, write_report
from annotator.evaluation.truth import GroundTruth, Predictions
from annotator.inference.predictor import Predictor
from annotator.inference.take_tracker import TakeTracker
from annotator.services.models.evaluate import EvaluateOptions, Placer, open_models
from annotator.services.models.evaluation_sets import face_square
from annotator.services.models.protocols.published import Rows
from annotator.services.models.protocols.sets import CHALLENGING, COMMON, Protocol, ProtocolSet, protocol

LIMITS = (0.08, 0.1)
"""NME at which the curves of AUC end and above which a frame is a failure, both usual."""
NORMALISERS = (Normaliser.INTER_OCULAR, Normaliser.INTER_PUPIL)
POINTS: Mapping[int, slice] = {68: slice(0, 68), 51: slice(17, 68)}
"""Which of the points count: all, or those without the jaw line."""
TWICE = "full, common twice"
_ALL_SETS = "full"
_MOST_LEFT_OUT = 3


@dataclass(frozen=True)
class ProtocolFigures:
    """One model on one set: NME in % over 68 or 51 points by a named normaliser, and of its frames the area under the error's
    curve and the share of failures in %, by limit. `full, common twice` has an NME alone."""

    model: str
    set: str
    points: int
    normaliser: str
    frames: int
    nme: float
    low: float
    high: float
    auc: Mapping[str, float] = field(default_factory=dict)
    failures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ProtocolResult:
    """Figures of all models on all sets, the papers' rows by number of points, what was not as published, whether
    frames were left out, and the report's page."""

    title: str
    figures: Sequence[ProtocolFigures]
    published: Mapping[int, Rows]
    source: str
    notes: Sequence[str]
    left_out: bool
    page: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def run_protocol(
    name: str,
    models: Sequence[str],
    folder: Path,
    out: Path | None = None,
    options: EvaluateOptions | None = None,
    device: str = "auto",
    progress: Progress = silent,
    stop: Stop = never,
) -> ProtocolResult:
    """Measure models by protocol `name` on a folder in its layout, and write a report into `out`, if given.

    Args:
        options: of it, `most` (frames of each set), `changes` and `mediapipe_python` count.

    Raises:
        AnnotatorError: no such protocol, the folder is not as published, or a model cannot be used. Cancelled: asked to stop.
    """
    options = options or EvaluateOptions()
    wanted = protocol(name)
    sets, notes = wanted.read(folder)
    if options.most:
        sets = [own.first(options.most) for own in sets]
        notes.append(f"Only the first {options.most} frames of each set were measured.")
    placers = open_models(models, options, device)
    total, done = sum(len(own.pictures) for own in sets), 0
    found: list[list[Predictions]] = []
    for own in sets:
        seen = [
            _on_takes(placer, device, options) if own.begins is not None else placer for placer in placers
        ]
        found.append(_predict(seen, own, partial(_advance, progress, done, total), stop))
        done += len(own.pictures)
    notes += _told(placers, sets, found)
    figures = [
        figure
        for number, placer in enumerate(placers)
        for figure in _figures(placer.card.id, sets, [own[number] for own in found])
    ]
    page = None if out is None else write_report(_report(wanted, placers, sets, found, figures, notes), out)
    left_out = any(own.left_out for by_model in found for own in by_model)
    return ProtocolResult(wanted.title, figures, wanted.published, wanted.source, notes, left_out, page)


def _advance(progress: Progress, before: int, total: int, done: int, name: str) -> None:
    progress(before + done, total, name)


def _on_takes(placer: Placer, device: str, options: EvaluateOptions) -> "Placer | TakeTracker":
    """What sees a video: a tracker follows it."""
    if isinstance(placer, Predictor) and placer.looks_back:
        return TakeTracker(placer.folder, device, options.changes)
    return placer


def _predict(
    placers: "Sequence[Placer | TakeTracker]",
    own: ProtocolSet,
    advance: Callable[[int, str], None],
    stop: Stop,
) -> list[Predictions]:
    """68 points of every model on a set's frames; what cannot be read is left out of all of them."""
    count = len(own.pictures)
    xy = np.full((len(placers), count, 68, 2), np.nan)
    seconds = np.full((len(placers), count), np.nan)
    left_out: dict[str, str] = {}
    for number, read in enumerate(own.pictures):
        if stop():
            raise Cancelled("Evaluation was stopped.")
        name, box = own.truth.names[number], face_square(own.truth.xy[number])
        try:
            whole = read()
            cut, corner = (whole, np.zeros(2)) if box is None else _cut_out(whole, box)
        except AnnotatorError as error:
            left_out[name] = str(error)
            continue
        for model, placer in enumerate(placers):
            start = time.perf_counter()
            if isinstance(placer, TakeTracker):
                if number in (own.begins or ()):
                    placer.begin(_box_of(own.truth.xy[number]))
                found = placer.propose(whole).xy.astype(float)
            else:
                found = placer.propose(cut, heatmaps=False).xy + corner
            seconds[model, number] = time.perf_counter() - start
            xy[model, number] = markup_points(placer.scheme, found)
        advance(number + 1, f"{own.name}: {name}")
    if len(left_out) == count:
        raise AnnotatorError(
            f"No picture of {own.name} can be used. For example {next(iter(left_out.values()))}"
        )
    return [
        Predictions(placer.card.id, xy[i], None, seconds[i], (), left_out) for i, placer in enumerate(placers)
    ]


def _box_of(xy: NDArray[np.float64]) -> NDArray[np.float64] | None:
    known = xy[np.isfinite(xy).all(axis=-1)]
    return bounding_box(known) if len(known) > 1 else None


def _cut_out(whole: NDArray[Any], box: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """The pixels of a box to whole pixels, black beyond the frame, and its corner x y."""
    x0, y0 = np.floor(box[:2]).astype(int)
    x1, y1 = np.ceil(box[2:]).astype(int)
    result = np.zeros((y1 - y0, x1 - x0, 3), whole.dtype)
    height, width = whole.shape[:2]
    left, top = max(x0, 0), max(y0, 0)
    part = whole[top : max(top, min(y1, height)), left : max(left, min(x1, width))]
    result[top - y0 : top - y0 + part.shape[0], left - x0 : left - x0 + part.shape[1]] = part
    return result, np.array([x0, y0], float)


def _figures(model: str, sets: Sequence[ProtocolSet], found: Sequence[Predictions]) -> list[ProtocolFigures]:
    """Every normaliser and number of points, set by set, then all sets together."""
    figures = []
    subjects = [subject for own in sets for subject in own.truth.subjects]
    for normaliser in NORMALISERS:
        for points, chosen in POINTS.items():
            by_set = {
                own.name: _nme(own.truth, predicted, normaliser, chosen)
                for own, predicted in zip(sets, found, strict=True)
            }
            named = {own.name: own.truth.subjects for own in sets}
            whole = np.concatenate(list(by_set.values()))
            for name, values in {**by_set, **({_ALL_SETS: whole} if len(sets) > 1 else {})}.items():
                own_subjects = named.get(name, subjects)
                figures.append(_figure(model, name, points, normaliser, values, own_subjects))
            if {COMMON, CHALLENGING} <= by_set.keys():
                means = {name: float(np.nanmean(values)) for name, values in by_set.items()}
                twice = 100 * mean_over_sets(means, {COMMON: 2.0, CHALLENGING: 1.0})
                counted = int(np.isfinite(whole).sum())
                nothing = float("nan")
                figures.append(
                    ProtocolFigures(model, TWICE, points, normaliser.value, counted, twice, nothing, nothing)
                )
    return figures


def _nme(
    truth: GroundTruth, predicted: Predictions, normaliser: Normaliser, chosen: slice
) -> NDArray[np.float64]:
    """float64[N]: of each frame, over those of the chosen points that the model places."""
    errors = point_errors(predicted.xy, truth.xy, truth.mask())[:, chosen]
    return frame_nme(errors, normaliser_lengths(truth.xy, truth.scheme, normaliser))


def _figure(
    model: str,
    name: str,
    points: int,
    normaliser: Normaliser,
    values: NDArray[np.float64],
    subjects: Sequence[str],
) -> ProtocolFigures:
    nme: Estimate = mean_interval(100 * values, subjects)
    return ProtocolFigures(
        model,
        name,
        points,
        normaliser.value,
        nme.count,
        nme.value,
        nme.low,
        nme.high,
        {f"{limit:g}": auc(values, limit) for limit in LIMITS},
        {f"{limit:g}": 100 * failure_rate(values, limit) for limit in LIMITS},
    )


def _told(
    placers: Sequence[Placer], sets: Sequence[ProtocolSet], found: Sequence[Sequence[Predictions]]
) -> list[str]:
    """What did not go as published."""
    notes = []
    for number, placer in enumerate(placers):
        placed = int(np.isfinite(found[0][number].xy).all(axis=-1).any(axis=0).sum())
        if placed < 68:
            notes.append(
                f"{placer.card.id} places {placed} of the 68 points ({placer.scheme.id}): its figures are over these."
            )
        elif placer.scheme.id.partition("@")[0] != sets[0].truth.scheme.name:
            notes.append(
                f"{placer.card.id} was taught {placer.scheme.id}, whose convention differs from the set's."
            )
        notes += [f"{placer.card.id}: {note}" for note in placer.notes]
    left_out = {name: reason for by_model in found for name, reason in by_model[0].left_out.items()}
    notes += [f"{name}: {reason}" for name, reason in list(left_out.items())[:_MOST_LEFT_OUT]]
    if len(left_out) > _MOST_LEFT_OUT:
        notes.append(f"{len(left_out)} frames in all could not be used.")
    return notes


def _report(
    wanted: Protocol,
    placers: Sequence[Placer],
    sets: Sequence[ProtocolSet],
    found: Sequence[Sequence[Predictions]],
    figures: Sequence[ProtocolFigures],
    notes: Sequence[str],
) -> Report:
    """A curve for each model and set, and all figures, the papers' with them, in one table."""
    scores: list[ModelScore] = [
        score_model(own.truth, replace(by_model[number], model_id=f"{placer.card.id}: {own.name}"), Scoring())
        for number, placer in enumerate(placers)
        for own, by_model in zip(sets, found, strict=True)
    ]
    extra: dict[str, dict[str, float]] = {}
    for figure in figures:
        row = extra.setdefault(f"{figure.model}, {figure.points} points, {figure.normaliser}", {})
        row[f"{figure.set}: NME %"] = figure.nme
        for limit, share in figure.failures.items():
            row[f"{figure.set}: above {100 * float(limit):g} %"] = share
    for points, rows in wanted.published.items():
        for name, values in rows.items():
            extra[f"{name}, {points} points, as published ({wanted.source})"] = {
                f"{column}: NME %": value for column, value in values.items()
            }
    return Report(f"Evaluation by the protocol of {wanted.title}", scores, notes=notes, extra=extra)
