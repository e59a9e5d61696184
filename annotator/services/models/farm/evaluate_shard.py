"""One machine's share of measuring models: side files of what they say of a set's frames, and the figures of all of them.

Blocks are those of `propose_shard`. A side file's name follows from the models, how they are run and the block's frames, so that
who gathers knows which files there must be. Its ending is another one than that of proposals: `merge` passes it over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.words import counted
from annotator.evaluation.report import write_report
from annotator.evaluation.truth import Predictions
from annotator.inference.options import OptionChanges
from annotator.services.models.evaluate import EvaluateOptions, Evaluation, Placer, build_report, prepared
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.services.models.farm.propose_shard import ALL, Shard
from annotator.services.models.farm.side_file import (
    SideModel,
    SideRow,
    arrow,
    file_named,
    read_side_file,
    write_side_file,
)

EVALUATED: Final = ".evaluated"


@dataclass
class EvaluateShardSummary:
    """Frames that were measured, that were measured before, and that could not be shown to the models (name: why)."""

    measured: int
    known: int
    left_out: dict[str, str]
    stopped: bool = False

    @property
    def text(self) -> str:
        """One line for people."""
        parts = [f"{counted(self.measured, 'frame')} measured", f"{self.known} measured before"]
        if self.left_out:
            parts.append(f"{len(self.left_out)} left out")
        return ", ".join(parts) + (" (stopped)" if self.stopped else "")


def evaluate_shard(
    models: Sequence[str],
    source: Path,
    shard: Shard,
    folder: Path,
    options: EvaluateOptions | None = None,
    device: str = "auto",
    progress: Progress = silent,
    stop: Stop = never,
) -> EvaluateShardSummary:
    """Shows a shard of a set's frames to models and writes side files; resumable, and nothing else is written.

    Every shard must name the same models, set and options. A block whose files are whole and of the present pictures is passed
    over. Raises AnnotatorError as `evaluate` does, and where pyarrow is not installed; FormatError: the folder cannot be written.
    """
    arrow()  # before any work
    options = options or EvaluateOptions()
    predictors, data = prepared(models, source, options, device)
    summary = EvaluateShardSummary(0, 0, {})
    blocks = list(shard.blocks(range(len(data.paths))))
    total, done = sum(map(len, blocks)), 0
    progress(0, total, "starting")
    for block in blocks:
        files = [_file(folder, own, options.changes, data, block) for own in predictors]
        if all(
            len(_rows(file, own, data, block)) == len(block)
            for file, own in zip(files, predictors, strict=True)
        ):
            summary.known += len(block)
        else:
            rows: list[list[SideRow]] = [[] for _ in predictors]
            for number in block:
                if stop():  # a block is whole or not there
                    summary.stopped = True
                    return summary
                try:
                    identity, image = _identity(data.paths[number]), data.picture(number)
                except AnnotatorError as error:
                    summary.left_out[data.truth.names[number]] = str(error)
                    continue
                height, width = image.shape[:2]
                for own, told in zip(rows, predictors, strict=True):
                    proposal = told.propose(image, heatmaps=False)
                    own.append(SideRow(_key(data, number), width, height, *identity, proposal))
            for file, own, told in zip(files, rows, predictors, strict=True):
                write_side_file(file, _model(told), told.scheme.id, own)
            summary.measured += len(rows[0])
        done += len(block)
        progress(done, total, data.paths[block[-1]].name)
    return summary


def gather_shards(
    models: Sequence[str],
    source: Path,
    folder: Path,
    out: Path | None = None,
    options: EvaluateOptions | None = None,
) -> Evaluation:
    """The figures of `evaluate` from the side files of all shards: the same but for the seconds a frame, which are not told.

    Raises AnnotatorError as `evaluate` does, and where a block is missing, damaged, or of a picture or model that changed.
    """
    options = options or EvaluateOptions()
    predictors, data = prepared(models, source, options, "cpu")
    predictions = [_gathered(own, data, folder, options.changes) for own in predictors]
    report = build_report(data, predictions, options)
    page = write_report(report, out) if out is not None else None
    return Evaluation(data, tuple(predictions), report, page)


def _gathered(predictor: Placer, data: EvaluationSet, folder: Path, changes: OptionChanges) -> Predictions:
    count, size = data.truth.xy.shape[:2]
    xy, covariance = np.full((count, size, 2), np.nan), np.full((count, size, 2, 2), np.nan)
    confidence = np.full((count, size), np.nan)
    notes, left_out, missing = list(predictor.notes), dict[str, str](), list[str]()
    for block in ALL.blocks(range(count)):
        file = _file(folder, predictor, changes, data, block)
        rows = _rows(file, predictor, data, block)
        for number in block:
            name, row = data.truth.names[number], rows.get(number)
            if row is not None:
                xy[number], covariance[number] = row.proposal.xy, row.proposal.covariance
                confidence[number] = row.proposal.confidence
                if row.proposal.message:
                    notes.append(f"{name}: {row.proposal.message}")
            elif (why := _unreadable(data, number) if file.is_file() else None) is not None:
                left_out[name] = why
                notes.append(f"{name}: {why}")
            else:
                missing.append(name)
    if missing:
        raise AnnotatorError(
            f"{folder} lacks {counted(len(missing), 'frame')} by {predictor.card.id} as model and pictures are now, such as "
            f"{missing[0]}. Run all shards with the same models, data and options; what is there is not done again."
        )
    if len(left_out) == count:
        raise AnnotatorError(f"None of the {count} pictures of {data.title} can be used.")
    return Predictions(predictor.card.id, xy, covariance, None, tuple(notes), left_out, confidence)


def _unreadable(data: EvaluationSet, number: int) -> str | None:
    """Why a picture cannot be shown to a model, here as on the machine that had it; None where it can."""
    try:
        data.picture(number)
    except AnnotatorError as error:
        return str(error)
    return None


def _rows(file: Path, predictor: Placer, data: EvaluationSet, block: Sequence[int]) -> dict[int, SideRow]:
    """What a side file says of a block's frames, by number; only what is of the present model and pictures."""
    if not file.is_file():
        return {}
    try:
        found = read_side_file(file, predictor.scheme)
    except AnnotatorError:
        return {}
    if found.model.sha256 != predictor.card.sha256:
        return {}
    told = {row.path: row for row in found.rows}
    rows = {number: told[_key(data, number)] for number in block if _key(data, number) in told}
    return {n: row for n, row in rows.items() if (row.nbytes, row.mtime_ns) == _identity(data.paths[n])}


def _key(data: EvaluationSet, number: int) -> str:
    """What a frame is called in a side file: two of a set may have one name."""
    return f"{number}: {data.truth.names[number]}"


def _identity(path: Path) -> tuple[int, int]:
    """Bytes and time (ns) of a picture's file; zeros where it is none of its own, or not there."""
    try:
        about = path.stat()
    except OSError:
        return 0, 0
    return about.st_size, about.st_mtime_ns


def _model(predictor: Placer) -> SideModel:
    return SideModel(predictor.card.id, predictor.card.sha256, "")


def _file(
    folder: Path, predictor: Placer, changes: OptionChanges, data: EvaluationSet, block: Sequence[int]
) -> Path:
    names = [data.truth.names[number] for number in block]
    return file_named(
        folder, "", (predictor.card.id, predictor.card.sha256, repr(changes), *names), EVALUATED
    )
