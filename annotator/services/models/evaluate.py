"""Measuring one or several models on the same frames: predictions, scores, a report."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.evaluation.aggregate import ModelScore, Scoring, compare, score_model
from annotator.evaluation.breakdown import Row, breakdown
from annotator.evaluation.metrics import Normaliser, failure_rate, frame_nme, normaliser_lengths, point_errors
from annotator.evaluation.offsets import remove_constant_offsets
from annotator.evaluation.report import Report, WorstFrame, write_report
from annotator.evaluation.truth import GroundTruth, Predictions
from annotator.evaluation.uncertainty_figures import (
    reliability_curve,
    sigma_curve,
    told_confidence,
    told_coverage,
)
from annotator.imaging.pyramid import preview_jpeg
from annotator.inference.mediapipe import MODEL_ID, MediaPipePredictor
from annotator.inference.options import OptionChanges
from annotator.inference.predictor import Predictor
from annotator.services.models.evaluation_sets import (
    COMPARABLE_IBUG,
    EvaluationSet,
    load_set,
    scheme_of_project,
)
from annotator.services.models.mediapipe import find_interpreter
from annotator.services.models.registry import find_model

_EYES, _MOUTH, _CHIN = range(36, 48), range(48, 68), (8,)
_WORST_SIDE = 720


@dataclass(frozen=True)
class EvaluateOptions:
    """What to measure.

    Attributes:
        scoring: normaliser, limits and thresholds. comparable_only: count only the points whose meaning markups share
            (chin, eyes, mouth of the 68-point markup). remove_offsets: report also what is left after removing each
            point's constant offset, estimated on the other half of the frames. worst: how many frames to show a model.
        most: measure only the first so many frames; 0 takes all. changes: what models do otherwise than their cards say.
        mediapipe_python: the interpreter for a model named "mediapipe"; None looks where it usually is.
    """

    scoring: Scoring = field(default_factory=Scoring)
    comparable_only: bool = False
    remove_offsets: bool = False
    worst: int = 8
    most: int = 0
    changes: OptionChanges = field(default_factory=OptionChanges)
    mediapipe_python: Path | None = None


class Placer(Protocol):
    """What is measured: anything that proposes landmarks of a scheme."""

    @property
    def card(self) -> ModelCard:
        """The model's card."""
        ...

    @property
    def scheme(self) -> LandmarkScheme:
        """The landmarks that it places."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What went otherwise than asked for."""
        ...

    def propose(self, image: NDArray[Any], heatmaps: bool = True) -> Proposal:
        """Landmarks of one frame."""
        ...


@dataclass(frozen=True)
class Evaluation:
    """The result: what was predicted, its scores, and the report as a value; `page` is its file if it was written."""

    data: EvaluationSet
    predictions: tuple[Predictions, ...]
    report: Report
    page: Path | None = None

    @property
    def scores(self) -> Sequence[ModelScore]:
        """One score a model, in the order that was asked for."""
        return self.report.models


def evaluate(
    models: Sequence[str],
    source: Path,
    out: Path | None = None,
    options: EvaluateOptions | None = None,
    device: str = "auto",
    progress: Progress = silent,
    stop: Stop = never,
) -> Evaluation:
    """Measure models on the frames at `source` and write `report.html` and `report.json` into `out`, if given.

    Args:
        models: ids or folders; all of one scheme. Differences are reported against the first.
        source: a project file or a folder, see `evaluation_sets.load_set`.

    Raises:
        AnnotatorError (ModelError, FormatError ...): a model or the data cannot be used. Cancelled: asked to stop.
    """
    options = options or EvaluateOptions()
    if not models:
        raise AnnotatorError("Name at least one model to evaluate.")
    predictors, data = prepared(models, source, options, device)
    predictions = predict(predictors, data, progress, stop)
    report = build_report(data, predictions, options)
    page = write_report(report, out) if out is not None else None
    return Evaluation(data, tuple(predictions), report, page)


def prepared(
    models: Sequence[str], source: Path, options: EvaluateOptions, device: str = "auto"
) -> tuple[list[Placer], EvaluationSet]:
    """The models, all of one scheme, and the frames to measure them on. Raises AnnotatorError where they do not fit."""
    predictors = open_models(models, options, device, source if source.is_file() else None)
    schemes = {predictor.scheme.id: predictor.scheme for predictor in predictors}
    if len(schemes) > 1:
        raise AnnotatorError(f"Models of one run must share a scheme; these place {', '.join(schemes)}.")
    data = load_set(source, predictors[0].scheme)
    if options.comparable_only:
        data = data.only_ibug(COMPARABLE_IBUG)
    if options.most:
        data = data.subset(range(min(options.most, len(data.paths))))
    return predictors, data


def open_models(
    models: Sequence[str], options: EvaluateOptions, device: str = "auto", project: Path | None = None
) -> list[Placer]:
    """The models, by ids (those of a project too, where one is given) or folders; "mediapipe" takes the scheme of the first
    of the others, or else `studio-89`. Raises AnnotatorError where one cannot be used."""
    held = None if project is None else scheme_of_project(project)
    found = {
        name: Predictor(find_model(name, project, held).folder, device, changes=options.changes)
        for name in models
        if name != MODEL_ID
    }
    scheme = next((own.scheme for own in found.values()), None) or load_scheme(DEFAULT_SCHEME)
    return [
        MediaPipePredictor(find_interpreter(options.mediapipe_python), scheme)
        if name == MODEL_ID
        else found[name]
        for name in models
    ]


def predict(
    predictors: Sequence[Placer], data: EvaluationSet, progress: Progress = silent, stop: Stop = never
) -> list[Predictions]:
    """Every model's points on every frame; each picture is read once. One that cannot be read, or has another size than its
    landmarks, is noted and left out. Raises AnnotatorError where none is left."""
    count, size = data.truth.xy.shape[:2]
    xy = np.full((len(predictors), count, size, 2), np.nan)
    covariance = np.full((len(predictors), count, size, 2, 2), np.nan)
    confidence = np.full((len(predictors), count, size), np.nan)
    seconds = np.full((len(predictors), count), np.nan)
    notes: list[list[str]] = [[] for _ in predictors]
    left_out: dict[str, str] = {}
    for number, path in enumerate(data.paths):
        if stop():
            raise Cancelled("Evaluation was stopped.")
        try:
            image = data.picture(number)
        except AnnotatorError as error:
            left_out[data.truth.names[number]] = str(error)
            for own in notes:
                own.append(f"{data.truth.names[number]}: {error}")
            continue
        for model, predictor in enumerate(predictors):
            start = time.perf_counter()
            proposal = predictor.propose(image, heatmaps=False)
            seconds[model, number] = time.perf_counter() - start
            xy[model, number], covariance[model, number] = proposal.xy, proposal.covariance
            confidence[model, number] = proposal.confidence
            if proposal.message:
                notes[model].append(f"{data.truth.names[number]}: {proposal.message}")
        progress(number + 1, count, path.name)
    if count and len(left_out) == count:
        raise AnnotatorError(
            f"None of the {count} pictures of {data.title} can be used. For example {next(iter(left_out.values()))}"
        )
    return [
        Predictions(
            own.card.id, xy[i], covariance[i], seconds[i], (*own.notes, *notes[i]), left_out, confidence[i]
        )
        for i, own in enumerate(predictors)
    ]


def build_report(data: EvaluationSet, predictions: Sequence[Predictions], options: EvaluateOptions) -> Report:
    """Scores, paired differences, reliability and worst frames of predictions on a set."""
    scores = [score_model(data.truth, own, options.scoring) for own in predictions]
    extra: dict[str, Mapping[str, float]] = {}
    curves = {own.model_id: reliability_curve(data.truth, own) for own in predictions}
    for own in predictions:
        extra[f"{own.model_id}, coverage"] = told_coverage(data.truth, own) | told_confidence(
            data.truth, own, options.scoring
        )
        if options.remove_offsets:
            corrected = remove_constant_offsets(own.xy, data.truth.xy, data.truth.scheme)
            extra[f"{own.model_id}, as predicted"] = part_figures(data.truth, own.xy)
            name, rest = f"{own.model_id}, constant offsets removed", replace(own, xy=corrected)
            extra[name] = {**part_figures(data.truth, corrected), **told_coverage(data.truth, rest)}
            curves[name] = reliability_curve(data.truth, rest)
    notes = [f"Set: {data.title}, {len(data.paths)} frames, scheme {data.truth.scheme.id}."]
    if options.comparable_only:
        notes.append(
            "Only chin, eye and mouth points of the 68-point markup count; other points are placed differently."
        )
    notes += [f"{own.model_id}: {note}" for own in predictions for note in own.notes]
    return Report(
        f"Evaluation on {data.title}",
        scores,
        compare(data.truth, predictions, options.scoring),
        curves,
        {
            score.model_id: _worst(data, own, score, options.worst)
            for own, score in zip(predictions, scores, strict=True)
        },
        notes,
        extra,
        {own.model_id: _breakdown(data, own, options.scoring) for own in predictions if data.attributes},
        {own.model_id: sigma_curve(data.truth, own) for own in predictions if own.covariance is not None},
    )


def part_figures(truth: GroundTruth, predicted: np.ndarray) -> dict[str, float]:
    """NME in % of the outer-eye distance of all counted points, and of eyes, mouth and chin; failures above 10 % in %."""
    errors = point_errors(predicted, truth.xy, truth.mask())
    lengths = normaliser_lengths(truth.xy, truth.scheme, Normaliser.INTER_OCULAR)
    everything = frame_nme(errors, lengths)
    figures = {"NME %": _mean(100 * everything), "failures > 10 %": 100 * failure_rate(everything, 0.1)}
    for name, points in (("eyes", _EYES), ("mouth", _MOUTH), ("chin", _CHIN)):
        indices = np.array([truth.scheme.ibug68[i] for i in points if i in truth.scheme.ibug68], np.int64)
        figures[f"{name} NME %"] = _mean(100 * frame_nme(errors, lengths, indices))
    return figures


def _breakdown(data: EvaluationSet, own: Predictions, scoring: Scoring) -> list[Row]:
    errors = point_errors(own.xy, data.truth.xy, data.truth.mask(scoring.include_occluded))
    lengths = normaliser_lengths(data.truth.xy, data.truth.scheme, scoring.normaliser)
    return breakdown(errors, lengths, data.attributes)


def _worst(data: EvaluationSet, own: Predictions, score: ModelScore, count: int) -> list[WorstFrame]:
    """The frames with the largest NME, with small pictures."""
    values = np.asarray(score.frame_nme, float)
    order = [int(i) for i in np.argsort(-np.nan_to_num(values, nan=-1.0))[:count] if np.isfinite(values[i])]
    frames = []
    for i in order:
        image = data.picture(i)
        picture = preview_jpeg(image, _WORST_SIDE)
        size = (image.shape[1], image.shape[0])
        frames.append(
            WorstFrame(data.truth.names[i], float(values[i]), picture, *size, data.truth.xy[i], own.xy[i])
        )
    return frames


def _mean(values: np.ndarray) -> float:
    kept = values[np.isfinite(values)]
    return float(kept.mean()) if kept.size else float("nan")
