"""What corrections are worth: a simulated artist corrects some frames, the model is retrained, the other frames are measured.

The artist puts each true point down with a little human noise. Frames are split in two by subject: one half may be
corrected, the other is never trained on. Every retraining starts from the same model. What is done is kept in the work folder
after every step (`loop.json`, `loop.svg`), and the same call goes on from there.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain import edits
from annotator.domain.capture import Frame, evenly
from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled, Stop, never
from annotator.evaluation.metrics import Normaliser, normaliser_lengths
from annotator.evaluation.offsets import remove_constant_offsets
from annotator.evaluation.svg import Axis, line_chart
from annotator.evaluation.touching import needs_touching, touch_errors
from annotator.files import write_whole
from annotator.imaging.probe import probe
from annotator.inference.predictor import Predictor
from annotator.services.models.evaluate import part_figures, predict
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.services.models.registry import project_models_folder
from annotator.services.models.training.learn_convention import ConventionOptions, learn_convention
from annotator.services.models.training.train import TrainOptions, train_project
from annotator.staging import is_staged
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

_STATE = "loop.json"


@dataclass(frozen=True)
class LoopPoint:
    """The model after `corrected` frames, on the frames that are never trained on.

    NME in % of the outer-eye distance as predicted and without each point's constant offset (two-fold); `to_correct`:
    share in % of points that need touching (`evaluation.touching`); the same without offsets; `seconds` of retraining.
    """

    corrected: int
    nme: float
    nme_without_offsets: float
    to_correct: float
    to_correct_without_offsets: float
    seconds: float
    model: str

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True)
class LoopOptions:
    """`counts` of corrected frames to try; `noise` of the artist as a share of the outer-eye distance (standard deviation
    per axis); budgets of each retraining as in `TrainOptions`; `seed` of the noise and the training; `convention`: learn
    the annotation convention in place of retraining."""

    counts: Sequence[int] = (0, 5, 10, 20)
    noise: float = 0.002
    recipe: str = "finetune"
    minutes: float | None = None
    steps: int | None = None
    device: str = "auto"
    seed: int = 1
    convention: bool = False


def correction_loop(
    model_folder: Path,
    data: EvaluationSet,
    work: Path,
    options: LoopOptions | None = None,
    on_point: Callable[[LoopPoint], None] = lambda _: None,
    stop: Stop = never,
) -> list[LoopPoint]:
    """Run the loop; projects and models are made in `work`, which must be new, empty, or that of the same run broken off.

    Raises:
        AnnotatorError: too few subjects to split, or `work` holds something else. Cancelled: asked to stop.
    """
    options = options or LoopOptions()
    pool, test = halves(data)
    run = _described(model_folder, data, options)
    points = _kept(work, run)
    for point in points:
        on_point(point)
    done = {point.corrected for point in points}
    for count in options.counts:
        if min(count, len(pool.paths)) in done:
            continue
        if stop():
            raise Cancelled("The loop was stopped.")
        start = time.monotonic()
        folder = (
            _retrained(model_folder, pool, min(count, len(pool.paths)), work, options, stop)
            if count
            else model_folder
        )
        points.append(
            _measure(folder, test, min(count, len(pool.paths)), time.monotonic() - start, options.device)
        )
        done.add(points[-1].corrected)
        _keep(work, run, points)
        on_point(points[-1])
    return points


def draw_loop(points: Sequence[LoopPoint], title: str) -> str:
    """SVG: NME and the share of points to correct over the corrected frames, with and without constant offsets."""
    xs = [float(point.corrected) for point in points]
    shares = {
        "NME %": [point.nme for point in points],
        "NME %, without offsets": [point.nme_without_offsets for point in points],
        "points to correct, tenths": [point.to_correct / 10 for point in points],
        "points to correct, tenths, without offsets": [
            point.to_correct_without_offsets / 10 for point in points
        ],
    }
    highest = max(
        (value for values in shares.values() for value in values if np.isfinite(value)), default=1.0
    )
    axes = Axis("frames corrected", 0.0, max([*xs, 1.0])), Axis("", 0.0, max(highest, 0.1))
    return line_chart(title, *axes, {name: (xs, values) for name, values in shares.items()})


def _described(model: Path, data: EvaluationSet, options: LoopOptions) -> dict[str, object]:
    """What makes a run the same: everything but the counts, of which more may be asked for later."""
    known = {key: value for key, value in asdict(options).items() if key != "counts"}
    if not known["convention"]:
        del known["convention"]  # it came later: older runs still go on
    return {"model": str(model), "data": data.title, "frames": len(data.paths), **known}


def _kept(work: Path, run: dict[str, object]) -> list[LoopPoint]:
    """The points that an earlier call has finished; the folder is made if needed."""
    state = work / _STATE
    if state.is_file():
        kept = json.loads(state.read_text(encoding="utf-8"))
        if kept["run"] == json.loads(json.dumps(run)):
            return [LoopPoint(**point) for point in kept["points"]]
    elif not work.exists() or all(is_staged(Path(left.name)) for left in work.iterdir()):
        work.mkdir(parents=True, exist_ok=True)
        _keep(work, run, [])
        return []
    raise AnnotatorError(
        f"{work} holds something else: name a new folder for the projects and models of this run."
    )


def _keep(work: Path, run: dict[str, object], points: Sequence[LoopPoint]) -> None:
    """Write what is done, whole or not at all, and the plot of it."""
    write_whole(work / _STATE, json.dumps({"run": run, "points": [asdict(p) for p in points]}, indent=1))
    if points:
        plot = draw_loop(points, f"What corrections are worth: {run['data']}")
        write_whole((work / _STATE).with_suffix(".svg"), plot)


def halves(data: EvaluationSet) -> tuple[EvaluationSet, EvaluationSet]:
    """Every other subject to each half, in order of appearance."""
    subjects = list(dict.fromkeys(data.truth.subjects))
    if len(subjects) < 2:
        raise AnnotatorError(
            "The loop needs frames of at least two subjects: one half is corrected, the other measured."
        )
    even = set(subjects[::2])
    numbers = range(len(data.paths))
    return (
        data.subset([i for i in numbers if data.truth.subjects[i] in even]),
        data.subset([i for i in numbers if data.truth.subjects[i] not in even]),
    )


def corrected_project(path: Path, data: EvaluationSet, noise: float, seed: int) -> None:
    """Make a project whose frames carry the true points of `data`, each moved by normal noise (share of the eye distance)."""
    scheme = data.truth.scheme
    root = Path(os.path.commonpath([own.parent for own in data.paths]))
    lengths = normaliser_lengths(data.truth.xy, scheme, Normaliser.INTER_OCULAR)
    rng = np.random.default_rng(seed)
    with ProjectStore.create(path, scheme, root) as store:
        store.frames.add(
            _frame(own, root, subject) for own, subject in zip(data.paths, data.truth.subjects, strict=True)
        )
        ids = store.frames.by_path()
        for number, own in enumerate(data.paths):
            shift = rng.normal(0.0, noise * np.nan_to_num(lengths[number]), (scheme.size, 2))
            marked = np.flatnonzero(np.isfinite(data.truth.xy[number]).all(axis=-1))
            frame_id = ids[own.relative_to(root).as_posix()]
            before = store.annotations.get(frame_id)
            after, _ = edits.apply(edits.move(marked, (data.truth.xy[number] + shift)[marked]), before)
            store.annotations.commit(Change(frame_id, before, after, "Simulated correction"))


def _retrained(
    model: Path, pool: EvaluationSet, count: int, work: Path, options: LoopOptions, stop: Stop
) -> Path:
    """Folder of the model after corrections of `count` frames, spread evenly over the pool."""
    project = work / f"corrected-{count}.annotator"
    _forget(project)
    corrected_project(
        project, pool.subset(evenly(range(len(pool.paths)), count)), options.noise, options.seed
    )
    training = TrainOptions(
        options.recipe, str(model), options.minutes, options.steps, options.device, options.seed
    )
    convention = ConventionOptions(str(model), options.device)
    with ProjectStore.open(project) as store:
        if options.convention:
            outcome = learn_convention(store, convention, lambda _: None, stop)
        else:
            outcome = train_project(store, training, lambda _: None, stop)
    if outcome.stopped:
        raise Cancelled("The loop was stopped.")
    return outcome.folder


def _forget(project: Path) -> None:
    """Take away what a broken-off step has left: its project and the models beside it."""
    for left in (project, *(project.with_name(project.name + end) for end in ("-wal", "-shm"))):
        left.unlink(missing_ok=True)
    shutil.rmtree(project_models_folder(project), ignore_errors=True)


def _measure(folder: Path, test: EvaluationSet, count: int, seconds: float, device: str) -> LoopPoint:
    xy = predict([Predictor(folder, device)], test)[0].xy
    corrected = remove_constant_offsets(xy, test.truth.xy, test.truth.scheme)
    return LoopPoint(
        count,
        part_figures(test.truth, xy)["NME %"],
        part_figures(test.truth, corrected)["NME %"],
        _to_correct(test, xy),
        _to_correct(test, corrected),
        round(seconds, 1),
        str(folder),
    )


def _to_correct(test: EvaluationSet, xy: NDArray[np.float64]) -> float:
    errors = touch_errors(xy, test.truth.xy, test.truth.scheme, test.truth.mask())
    lengths = normaliser_lengths(test.truth.xy, test.truth.scheme, Normaliser.INTER_OCULAR)
    return 100.0 * needs_touching(errors.whole, lengths)


def _frame(path: Path, root: Path, subject: str) -> Frame:
    info = probe(path)
    return Frame(0, path.relative_to(root).as_posix(), subject, "", "", path.stem, info.width, info.height)
