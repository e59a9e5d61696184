"""Running a preset: every system is trained on the same data and measured on the same frames; then come the tables.

The same command goes on where it was stopped or killed: finished systems and measurements are kept, a broken training resumes
from its checkpoint.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import read_card
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.evaluation.truth import Predictions
from annotator.files import atomic_folder
from annotator.research.experiments import dlib_baseline
from annotator.research.experiments.data import training_source
from annotator.research.experiments.measure import load_predictions, network, predict, save_predictions
from annotator.research.experiments.options import ExperimentOptions
from annotator.research.experiments.presets import DLIB, Preset, System, preset
from annotator.research.experiments.table import MeasuredSystem, Table, write_table
from annotator.research.experiments.table_text import markdown
from annotator.research.experiments.train_system import (
    MODEL,
    OnSystemEvent,
    Work,
    system_folder,
    train_system,
)
from annotator.services.models.training.frames_source import FramesSource, FrameWindows, evaluation_frames
from annotator.training.source import SampleSource


def run_experiment(
    name: str, options: ExperimentOptions, progress: Progress = silent, stop: Stop = never
) -> Table:
    """Train and measure all systems of a preset, and write its tables into `out/NAME`.

    Raises:
        AnnotatorError: no such preset, system or data; a folder made in another way. Cancelled: stopped, all kept.
    """
    wanted = preset(name)
    scheme = load_scheme(wanted.scheme)
    cut_out = bool(wanted.sets)
    sets = {part: evaluation_frames(options.test / part, scheme, cut_out) for part in wanted.sets or ("",)}
    systems, notes = _chosen(wanted, options)
    first = next(iter(sets.values()))
    work = Work(
        scheme, _sources(options, wanted), FramesSource(first, max(system.size for system in systems))
    )
    measured: list[MeasuredSystem] = []
    for number, system in enumerate(systems):
        place = f"{number + 1} of {len(systems)}"
        summary = train_system(system, options, work, _teller(progress, place), stop)
        for part, frames in sets.items():
            for size in _sizes(system, wanted, options):
                own = _measure(system, options, frames, part, size, progress, stop)
                measured.append(MeasuredSystem(system, part, size, own, summary))
    table = Table(name, wanted, options, {part: own.data for part, own in sets.items()}, measured, notes)
    with atomic_folder(options.out / name) as staging:
        write_table(table, staging)
        (staging / "table.md").write_text(markdown(table), encoding="utf-8")
    return table


def _chosen(wanted: Preset, options: ExperimentOptions) -> tuple[list[System], list[str]]:
    """The systems to run, and what is left out and why."""
    systems = list(wanted.make(options.sizes or wanted.sizes, options.progressive))
    unknown = set(options.only) - {system.name for system in systems}
    if unknown:
        known = ", ".join(system.name for system in systems)
        raise AnnotatorError(f"There is no system {', '.join(sorted(unknown))}; there are {known}.")
    if options.only:
        systems = [system for system in systems if system.name in options.only]
    without_dlib = [system for system in systems if system.architecture != DLIB]
    if len(without_dlib) == len(systems) or dlib_baseline.available():
        return systems, []
    if options.only:
        raise AnnotatorError(
            "dlib is not installed: pip install 'annotator-landmarks[dlib]', or leave it out of --only."
        )
    return without_dlib, ["dlib is left out: it is not installed (pip install 'annotator-landmarks[dlib]')."]


def _sources(options: ExperimentOptions, wanted: Preset) -> Callable[[int], SampleSource]:
    """Training samples by size; the latest size stays in memory, as systems of one size often follow each other."""
    scheme = load_scheme(wanted.scheme)

    @lru_cache(maxsize=1)
    def source(size: int) -> SampleSource:
        return training_source(options.train, scheme, size, bool(wanted.sets))

    return source


def _sizes(system: System, wanted: Preset, options: ExperimentOptions) -> Iterator[int]:
    """At which sizes a system is shown the test frames; a holistic one sees its proxy whatever the size."""
    if wanted.across:
        yield from sorted(options.sizes or wanted.sizes)
    else:
        yield system.size


def _measure(
    system: System,
    options: ExperimentOptions,
    frames: FrameWindows,
    part: str,
    size: int,
    progress: Progress,
    stop: Stop,
) -> Predictions:
    """Points of a finished system, kept beside it."""
    folder = system_folder(system, options)
    label = f"{system.name} at {size}" if system.size != size else system.name
    key = _key(folder / MODEL, system, frames, size)
    path = folder / f"points-{part or 'test'}-{size}.npz"
    kept = load_predictions(path, label, key)
    if kept is not None:
        return kept
    if system.architecture == DLIB:
        find = dlib_baseline.dlib_network(folder / MODEL, frames, options.seed)
    else:
        find = network(folder / MODEL, options.device)
    found = predict(find, frames, size, label, progress, stop)
    save_predictions(path, found, key)
    return found


def _key(model: Path, system: System, frames: FrameWindows, size: int) -> str:
    """A hash of the weights, the frames and their true points."""
    mark = hashlib.sha256()
    if system.architecture == DLIB:
        mark.update((model / dlib_baseline.MODEL).read_bytes())
    else:
        mark.update(read_card(model).sha256.encode())
    mark.update("\n".join(frames.data.truth.names).encode())
    mark.update(frames.data.truth.xy.tobytes() + str(size).encode())
    return mark.hexdigest()


def _teller(progress: Progress, place: str) -> OnSystemEvent:
    """Training events as progress."""

    def tell(system: System, event: dict[str, Any]) -> None:
        if event["event"] == "step":
            share = event["progress"]
            text = f"{place}: {system.name}, step {event['step']}, loss {event['loss']:.3g}"
            progress(round(1000 * share), 1000, text)
        elif event["event"] == "prepare":
            progress(event["done"], event["total"], f"{place}: {system.name}, {event['message']}")

    return tell
