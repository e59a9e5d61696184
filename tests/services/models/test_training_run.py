"""Names, folders and events of training runs."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annotator.domain.errors import AnnotatorError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.services.models.training.training_run import (
    RunSettings,
    TrainingRun,
    last_unfinished_run,
    new_model_id,
    new_run,
    remember_run,
    remembered_run,
)
from annotator.store.project_store import ProjectStore
from annotator.training.events import EventLog

DAY = datetime(2026, 3, 4, tzinfo=UTC)


def _run(project: Path, name: str) -> TrainingRun:
    run = new_run(project, RunSettings(name, "/models/x", "finetune", 10, None, 1))
    run.work.mkdir()
    (run.work / "checkpoint.safetensors").write_bytes(b"x")
    return run


def test_names_are_tame_and_new(tmp_path: Path) -> None:
    project = tmp_path / "My Show: Épisode 2.annotator"
    assert new_model_id(project, DAY) == "my-show-pisode-2-2026-03-04-1"
    _run(project, "my-show-pisode-2-2026-03-04-1")
    assert new_model_id(project, DAY).endswith("-2")


def test_only_a_run_that_can_go_on_is_resumed(tmp_path: Path) -> None:
    project = tmp_path / "p.annotator"
    with pytest.raises(AnnotatorError, match="no stopped training"):
        last_unfinished_run(project)
    stopped, done = _run(project, "stopped"), _run(project, "done")
    for run, kind in ((stopped, "stopped"), (done, "done")):
        with EventLog(run.folder, lambda _: None) as log:
            log({"event": kind})
    assert last_unfinished_run(project) == stopped
    settings = json.loads((stopped.folder / "run.json").read_text())
    del settings["recipes"]  # as versions before 0.2 wrote it
    (stopped.folder / "run.json").write_text(json.dumps(settings))
    assert last_unfinished_run(project) == stopped
    (stopped.folder / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(AnnotatorError, match="damaged"):
        last_unfinished_run(project)


def test_a_project_remembers_its_last_run(tmp_path: Path) -> None:
    path = tmp_path / "p.annotator"
    with ProjectStore.create(path, load_scheme("ibug-68"), tmp_path) as store:
        assert remembered_run(store) is None
        run = _run(path, "p-1")
        remember_run(store, run)
        assert remembered_run(store) == (run.folder, os.getpid())
        for damaged in ({"folder": "../outside", "pid": 1}, {"folder": "runs", "pid": "x"}, [1]):
            store.settings.set("training_run", damaged)
            assert remembered_run(store) is None
