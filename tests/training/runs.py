"""Short runs of the loop, for tests."""

from pathlib import Path
from typing import Any

from list_source import ListSource

from annotator.domain.scheme import LandmarkScheme
from annotator.training.config import AugmentConfig, TrainingConfig
from annotator.training.job import TrainingJob
from annotator.training.loop import train

QUICK = TrainingConfig(
    "quick",
    architecture="tiny",
    steps=6,
    batch=2,
    source=64,
    precision="32-true",
    augment=AugmentConfig(),
    validate_every=0,
    save_minutes=1e9,
)


def job(folder: Path, scheme: LandmarkScheme, source: ListSource, **changes: Any) -> TrainingJob:
    values = {"run_folder": folder / "run", "model_folder": folder / "model", "model_id": "toy", **changes}
    return TrainingJob(scheme, source, values.pop("validation", None), device="cpu", **values)


def run(config: TrainingConfig, work: TrainingJob, stop_after: int | None = None) -> list[dict[str, Any]]:
    """Trains; `stop_after` asks it to stop after so many steps of this call."""
    events: list[dict[str, Any]] = []
    asked = iter(range(1, 10**9))
    train(config, work, events.append, lambda: stop_after is not None and next(asked) >= stop_after)
    return events
