"""Training one system of an experiment in a folder of its own: skipped when it is finished, gone on with when it broke off."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import CARD
from annotator.domain.progress import Cancelled, Stop, never
from annotator.domain.scheme import LandmarkScheme
from annotator.files import atomic_text
from annotator.nn.checkpoint import load_model
from annotator.research.experiments.configure import training_config
from annotator.research.experiments.dlib_baseline import train_dlib
from annotator.research.experiments.options import ExperimentOptions
from annotator.research.experiments.presets import DLIB, System
from annotator.training.config import TrainingConfig
from annotator.training.events import Event
from annotator.training.job import TrainingJob
from annotator.training.loop import train
from annotator.training.source import SampleSource

PLAN, SUMMARY, MODEL, RUN = "plan.json", "summary.json", "model", "run"
OnSystemEvent = Callable[[System, Event], None]
_LENGTH = ("steps", "minutes")


@dataclass(frozen=True)
class Work:
    """What systems of one kind and size are trained on: `source` is called only when something is to be trained."""

    scheme: LandmarkScheme
    source: Callable[[int], SampleSource]
    looked_at: SampleSource | None


def system_folder(system: System, options: ExperimentOptions) -> Path:
    """Where a system lives; presets that share systems share them there, too."""
    return options.out / "systems" / system.name


def train_system(
    system: System, options: ExperimentOptions, work: Work, on_event: OnSystemEvent, stop: Stop = never
) -> dict[str, Any]:
    """Train a system unless it is finished; the summary: steps, seconds, parameters, and the maps' peak and spread.

    Raises:
        AnnotatorError: the folder holds the system made in another way. Cancelled: stopped; what was learnt is kept.
    """
    folder = system_folder(system, options)
    plan = _plan(system, options, work.scheme)
    before = _read(folder / PLAN)
    if before is not None and system.architecture != DLIB:
        # options that came later had their defaults then
        before = {**_plain(TrainingConfig(system.name)), **before}
    if before is not None and _fixed(before) != _fixed(plan):
        raise AnnotatorError(
            f"{folder} was made with other data or settings: choose another --out, or delete it."
        )
    summary = _read(folder / SUMMARY)
    if summary is not None and before == plan:
        return summary
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / PLAN, plan)
    make = _train_shapes if system.architecture == DLIB else _train_network
    summary = make(system, options, work, on_event, stop)
    _write(folder / SUMMARY, summary)
    return summary


def _train_network(
    system: System, options: ExperimentOptions, work: Work, on_event: OnSystemEvent, stop: Stop
) -> dict[str, Any]:
    folder = system_folder(system, options)
    parent = options.out / "systems" / system.parent / MODEL if system.parent else None
    if parent is not None and not (parent / CARD).is_file():
        raise AnnotatorError(
            f"{system.name} starts from the weights of {system.parent}, which is not trained yet: "
            f"add --only {system.parent}, or train --from-scratch."
        )
    last: dict[str, dict[str, Any]] = {}

    def take(event: dict[str, Any]) -> None:
        last[event["event"]] = event
        on_event(system, event)

    job = TrainingJob(
        work.scheme,
        work.source(system.size),
        work.looked_at,
        folder / RUN,
        folder / MODEL,
        system.name,
        parent,
        options.device,
    )
    train(training_config(system, options), job, take, stop)
    if "stopped" in last:
        raise Cancelled("The experiment was stopped.")
    module, card = load_model(folder / MODEL)
    seen = last.get("validation", {})
    return {
        "steps": last["done"]["step"],
        "minutes": card.data["minutes"],
        "machine": card.data["machine"],
        "parameters": sum(value.numel() for value in module.parameters()),
        "loss": last.get("step", {}).get("loss"),
        **{name: seen.get(name) for name in ("peak", "spread", "outside")},
    }


def _train_shapes(
    system: System, options: ExperimentOptions, work: Work, on_event: OnSystemEvent, _: Stop
) -> dict[str, Any]:
    start = time.monotonic()
    on_event(system, {"event": "prepare", "message": "dlib trains in one piece", "done": 0, "total": 1})
    file = train_dlib(
        work.source(system.size),
        work.scheme,
        system.size,
        system_folder(system, options) / MODEL,
        options.seed,
        **_forest(options),
    )
    minutes = (time.monotonic() - start) / 60
    return {"steps": None, "minutes": round(minutes, 1), "bytes": file.stat().st_size}


def _plan(system: System, options: ExperimentOptions, scheme: LandmarkScheme) -> dict[str, Any]:
    """Everything that a system's weights depend on."""
    common = {"scheme": scheme.id, "train": options.train.name, "seed": options.seed, "parent": system.parent}
    if system.architecture == DLIB:
        return {**common, "architecture": DLIB, "size": system.size, **_forest(options)}
    return {**common, **_plain(training_config(system, options))}


def _plain(config: TrainingConfig) -> dict[str, Any]:
    """What a recipe's result depends on, as JSON gives it back."""
    values = {name: v for name, v in config.plain().items() if name not in ("workers", "save_minutes")}
    kept: dict[str, Any] = json.loads(json.dumps(values))
    return kept


def _forest(options: ExperimentOptions) -> dict[str, int]:
    """dlib's own size, or a smaller one where the networks are narrowed, too."""
    if options.width is None:
        return {"trees": 500, "starts": 20}
    return {"trees": max(10, min(500, 4 * options.width)), "starts": 5}


def _fixed(plan: dict[str, Any]) -> dict[str, Any]:
    """A plan without the length of the run, which may grow."""
    return {name: value for name, value in plan.items() if name not in _LENGTH}


def _read(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _write(path: Path, value: dict[str, Any]) -> None:
    with atomic_text(path) as file:
        json.dump(value, file, indent=1)
