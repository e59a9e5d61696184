"""The folder of a training run: its name, its settings for resuming, and the events that a window follows.

shots.annotator
shots.models/                       models that this project trained
    shots-2026-11-21-1/             one of them
    runs/shots-2026-11-21-1/        how it came about: events.jsonl, run.json, work/ (checkpoint, curves); until it is
                                    finished also draft/, the model
"""

import json
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from annotator.domain.errors import AnnotatorError, ProjectError
from annotator.files import atomic_folder, atomic_text, write_whole
from annotator.services.models.registry import project_models_folder
from annotator.store.paths import portable, resolve
from annotator.store.project_store import ProjectStore
from annotator.training.events import EVENTS, Event

SETTINGS = "run.json"
_ENDS = ("done", "error")
_LAST_RUN = "training_run"


@dataclass(frozen=True)
class RunSettings:
    """What a resumed run needs to go on as it began; `recipes` is the folder of the studio's own ones, if it named one;
    `from_consensus`: whether frames teach that nobody touched."""

    model_id: str
    parent: str
    recipe: str
    steps: int | None
    minutes: float | None
    seed: int
    recipes: str = ""
    from_consensus: bool = False


@dataclass(frozen=True)
class TrainingRun:
    """A run's places; `settings` are written when it is made."""

    folder: Path
    model_folder: Path
    settings: RunSettings

    @property
    def work(self) -> Path:
        """The loop's own folder: checkpoint and curves."""
        return self.folder / "work"

    def with_budget(self, steps: int | None, minutes: float | None) -> "TrainingRun":
        """The run with other budgets, written into its folder; with None for both it is as it was."""
        if steps is None and minutes is None:
            return self
        run = replace(self, settings=replace(self.settings, steps=steps, minutes=minutes))
        _write_settings(run)
        return run

    @property
    def draft(self) -> Path:
        """Where the model lies until all of it is there: no list of models looks here."""
        return self.folder / "draft"


def new_run(project: Path, settings: RunSettings) -> TrainingRun:
    """Make the folder of a run and write its settings into it."""
    run = _run(project, settings)
    with atomic_folder(run.folder) as staging:
        write_whole(staging / SETTINGS, _settings_text(settings))
    return run


def remember_run(store: ProjectStore, run: TrainingRun) -> None:
    """Keep in the project where this process writes its run, for windows that are opened meanwhile or later."""
    store.settings.set(_LAST_RUN, {"folder": portable(run.folder, store.path.parent), "pid": os.getpid()})


def remembered_run(store: ProjectStore) -> tuple[Path, int] | None:
    """Folder and process id of the project's last run, whose process may be gone; None where there was none."""
    kept = store.settings.get(_LAST_RUN)
    if not isinstance(kept, dict):
        return None
    try:
        return resolve(str(kept.get("folder", "")), store.path.parent), int(kept.get("pid", 0))
    except (ProjectError, ValueError, TypeError):
        return None  # written by hand, or by a newer version


def last_unfinished_run(project: Path) -> TrainingRun:
    """The newest run that was stopped or broken off; raises AnnotatorError if there is none to go on with."""
    runs = project_models_folder(project) / "runs"
    for path in sorted(runs.glob(f"[!.]*/{SETTINGS}"), key=lambda path: path.stat().st_mtime, reverse=True):
        if _ended(path.parent) in _ENDS or not any((path.parent / "work").glob("checkpoint*")):
            continue
        try:
            return _run(project, RunSettings(**json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, TypeError) as error:
            raise AnnotatorError(
                f"{path} is damaged: {error}. Delete {path.parent} and train anew."
            ) from error
    raise AnnotatorError("There is no stopped training to resume: start a new one.")


def new_model_id(project: Path, now: datetime | None = None) -> str:
    """A name that no model and no run of the project has: its own name, the day, a number."""
    stem = re.sub(r"[^a-z0-9]+", "-", project.stem.lower()).strip("-") or "project"
    day = (now or datetime.now(UTC)).strftime("%Y-%m-%d")
    parent = project_models_folder(project)
    number = 1
    while (parent / f"{stem}-{day}-{number}").exists() or (
        parent / "runs" / f"{stem}-{day}-{number}"
    ).exists():
        number += 1
    return f"{stem}-{day}-{number}"


def _write_settings(run: TrainingRun) -> None:
    with atomic_text(run.folder / SETTINGS) as file:
        file.write(_settings_text(run.settings))


def _settings_text(settings: RunSettings) -> str:
    return json.dumps(asdict(settings), indent=1)


def _run(project: Path, settings: RunSettings) -> TrainingRun:
    parent = project_models_folder(project)
    return TrainingRun(parent / "runs" / settings.model_id, parent / settings.model_id, settings)


def run_events(folder: Path) -> tuple[Event, ...]:
    """All events of a run so far; none where its file cannot be read, and none of a line that is half written."""
    events = []
    try:
        lines = (folder / EVENTS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return ()
    for line in lines:
        with suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict) and "event" in event:
                events.append(event)
    return tuple(events)


def _ended(folder: Path) -> str:
    """Kind of the last event of a run, empty where there is none."""
    events = run_events(folder)
    return str(events[-1]["event"]) if events else ""
