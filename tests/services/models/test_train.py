"""Retraining end to end on a tiny network: it learns from corrections, keeps its split, stops, resumes and tells of it."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from spots import COLOURS, FACE, QUICK, SCHEME, options, spotted_project

from annotator.domain import edits
from annotator.domain.annotation import Flag
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import read_card
from annotator.domain.progress import Cancelled
from annotator.inference.predictor import Predictor
from annotator.research.experiments.configure import training_config
from annotator.research.experiments.options import ExperimentOptions
from annotator.research.experiments.presets import DLIB, PRESETS
from annotator.services.models.training import train as train_module
from annotator.services.models.training.train import TrainOptions, run_config, train_project
from annotator.services.models.training.train_folders import FolderTraining
from annotator.services.models.training.train_folders import _config as folder_config
from annotator.services.models.training.training_run import RunSettings, remembered_run
from annotator.services.models.training.training_source import ProjectSource, human_labels, human_weights
from annotator.services.models.training.training_split import frozen_split
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore
from annotator.training.recipes import recipe


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProjectStore]:
    """A project to learn from; the usual recipe is the quick one."""
    monkeypatch.setattr(train_module, "recipe", lambda name, own: QUICK)
    with spotted_project(tmp_path) as opened:
        yield opened


def test_a_project_teaches_a_model_and_says_how_much(store: ProjectStore) -> None:
    events: list[dict[str, Any]] = []
    outcome = train_project(store, options(store), events.append)
    assert remembered_run(store) == (outcome.run_folder, os.getpid())
    row = {own.region: own for own in outcome.table.rows}
    assert set(row) == {"all", "eyes", "mouth"}
    assert row["all"].after < 0.75 * row["all"].before
    assert outcome.table.held_out
    assert outcome.table.frames == 3
    assert outcome.table.difference[2] < 0
    kinds = [event["event"] for event in events]
    assert kinds[0] == "start"
    assert kinds[-1] == "done"
    assert kinds.count("validation") >= 3
    assert {"prepare", "step"} <= set(kinds)
    assert events[-1]["before"]["all"] == pytest.approx(row["all"].before, abs=1e-3)
    kept = (Path(events[0]["folder"]) / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in kept] == json.loads(json.dumps(events))
    card = read_card(outcome.folder)
    assert (card.parent, card.licence, card.preprocessing["search"]) == ("blank", "MIT", False)
    assert outcome.folder.parent.name == "my show.models"
    assert card.id.startswith("my-show-")
    assert store.models.active() is None
    assert [model.id for model in store.models.all()] == ["blank", card.id]
    assert Predictor(outcome.folder, "cpu").propose(np.zeros((60, 60, 3), np.uint8)).model_id == card.id


def test_the_split_is_the_same_in_the_next_training(store: ProjectStore) -> None:
    frames = [store.frames.get(frame_id) for frame_id, _ in store.annotations.items()]
    first = frozen_split(store, frames)
    train_project(store, options(store, steps=1), lambda _: None)
    assert frozen_split(store, frames) == first
    outcome = train_project(store, options(store, steps=1), lambda _: None)
    assert outcome.card.id.endswith("-2")


def test_stopped_run_leaves_a_model_and_resumes_where_it_was(store: ProjectStore) -> None:
    stop = threading.Event()
    seen: list[dict[str, Any]] = []

    def watch(event: dict[str, Any]) -> None:
        seen.append(event)
        if event["event"] == "step":
            stop.set()

    outcome = train_project(store, options(store, steps=20), watch, stop.is_set)
    assert outcome.stopped
    assert seen[-1]["event"] == "stopped"
    reached = seen[-1]["step"]
    assert 1 <= reached < 20
    again: list[dict[str, Any]] = []
    finished = train_project(store, TrainOptions(device="cpu", resume=True), again.append)
    assert not finished.stopped
    assert finished.card.id == outcome.card.id
    assert again[-1]["step"] == 20
    steps = [event["step"] for event in again if event["event"] == "step"]
    assert not steps or steps[0] > reached
    with pytest.raises(AnnotatorError, match="no stopped training"):
        train_project(store, TrainOptions(resume=True), lambda _: None)


def test_stop_before_the_first_step_changes_nothing(store: ProjectStore) -> None:
    events: list[dict[str, Any]] = []
    with pytest.raises(Cancelled):
        train_project(store, options(store), events.append, lambda: True)
    assert events[-1]["event"] == "stopped"
    assert [model.id for model in store.models.all()] == ["blank"]


def test_nothing_to_learn_from_is_said_and_told(tmp_path: Path, store: ProjectStore) -> None:
    with ProjectStore.create(tmp_path / "empty.annotator", SCHEME, tmp_path) as empty:
        events: list[dict[str, Any]] = []
        with pytest.raises(AnnotatorError, match="correct or confirm"):
            train_project(empty, options(empty), events.append)
        assert events[-1]["event"] == "error"
        assert "correct or confirm" in events[-1]["message"]


def test_read_only_project_is_refused_before_any_work(store: ProjectStore) -> None:
    with (
        ProjectStore.open(store.path, read_only=True) as closed,
        pytest.raises(AnnotatorError, match="reading only"),
    ):
        train_project(closed, options(closed), lambda _: None)


def test_samples_are_windows_with_exact_points_and_masks(store: ProjectStore) -> None:
    frame_id = next(i for i, _ in store.annotations.items())
    before = store.annotations.get(frame_id)
    after, _ = edits.apply(edits.set_flags(before, [1], Flag.OCCLUDED, True), before)
    after, _ = edits.apply(edits.set_flags(after, [2], Flag.OUT_OF_FRAME, True), after)
    store.annotations.commit(Change(frame_id, before, after, "Flags"))
    assert human_weights(after).tolist() == [1.0, 0.5, 0.0, 1.0, 0.0]
    face = np.full((5, 2), 60.0) + FACE * 30
    source = ProjectSource(store, human_labels(store, [frame_id]), {frame_id: face})
    sample = source[0]
    assert source[0] is sample
    assert sample.known.tolist() == [True, True, False, True, False]
    for landmark in (0, 1, 3):
        column, row = np.floor(sample.xy[landmark]).astype(int)
        assert np.abs(sample.image[row, column].astype(int) - COLOURS[landmark]).max() < 40
    assert source.describe()["landmarks"] == 3
    assert len(ProjectSource(store, human_labels(store, []), {})) == 0


def test_large_frames_are_cut_to_the_face_and_reduced(store: ProjectStore, tmp_path: Path) -> None:
    big = np.zeros((2000, 3000, 3), np.uint8)
    centre = np.array([2200.5, 900.5])
    cv2.circle(big, (2200, 900), 30, (255, 255, 255), -1)
    assert cv2.imwrite(str(tmp_path / "captures" / "big.png"), big)
    store.frames.add([Frame(0, "big.png", "x", "", "", "", 3000, 2000)])
    frame_id = store.frames.by_path()["big.png"]
    before = store.annotations.get(frame_id)
    after, _ = edits.apply(edits.move([0, 1, 2], [centre, centre + [900, 0], centre + [0, 700]]), before)
    store.annotations.commit(Change(frame_id, before, after, "Mark"))
    sample = ProjectSource(store, human_labels(store, [frame_id]), {})[0]
    assert max(sample.image.shape[:2]) <= 1536
    rows, columns = np.nonzero(sample.image[..., 0] > 128)
    assert [columns.mean() + 0.5, rows.mean() + 0.5] == pytest.approx(sample.xy[0], abs=0.2)


def test_budgets_follow_the_run() -> None:
    settings = RunSettings("m", "p", "finetune", None, 2.5, 7)
    by_clock = run_config(settings)
    assert (by_clock.minutes, by_clock.seed) == (2.5, 7)
    assert by_clock.steps >= 100_000
    assert run_config(replace(settings, steps=30, minutes=None)).minutes == 0.0
    assert run_config(replace(settings, minutes=None)).minutes == 5.0


@pytest.mark.parametrize("name", ["finetune", "default", "paper"])
def test_minutes_mean_the_same_for_every_command(name: str, tmp_path: Path) -> None:
    """Alone they end the run, whatever the recipe's steps are; with steps the budget that is spent first does."""

    def budgets(steps: int | None, minutes: float | None) -> set[tuple[int, float]]:
        project = run_config(RunSettings("m", "p", name, steps, minutes, 1))
        folders = folder_config(
            FolderTraining(((tmp_path, 1.0),), tmp_path, recipe=name, steps=steps, minutes=minutes)
        )
        return {(own.steps, own.minutes) for own in (project, folders)}

    own = recipe(name, None)
    assert budgets(None, None) == {(own.steps, own.minutes)}
    assert budgets(30, None) == {(30, 0.0)}
    assert budgets(30, 4.0) == {(30, 4.0)}
    ((steps, minutes),) = budgets(None, 4.0)
    assert minutes == 4.0
    assert steps > 10 * own.steps
    table4 = PRESETS["paper-table4"]
    system = next(own for own in table4.make(table4.sizes, True) if own.architecture != DLIB)
    systems = training_config(system, ExperimentOptions(tmp_path, tmp_path, tmp_path, minutes=4.0))
    assert (systems.steps, systems.minutes) == (steps, minutes)


def test_a_resumed_run_takes_new_budgets(store: ProjectStore) -> None:
    stop = threading.Event()
    train_project(
        store,
        options(store, steps=500),
        lambda event: stop.set() if event["event"] == "step" else None,
        stop.is_set,
    )
    finished = train_project(store, TrainOptions(device="cpu", resume=True, steps=3), lambda _: None)
    assert not finished.stopped
    assert finished.card.data["steps"] == 3


def test_a_stop_keeps_the_checkpoint_before_anything_is_measured(store: ProjectStore) -> None:
    stop = threading.Event()
    events: list[str] = []

    def watch(event: dict[str, Any]) -> None:
        events.append(event["event"])
        if event["event"] == "step":
            stop.set()

    train_project(store, options(store, steps=500), watch, stop.is_set)
    after = events[len(events) - events[::-1].index("step") :]
    assert after.index("saved") < after.index("validation")


def test_a_run_remembers_the_studio_s_own_recipes(
    store: ProjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    own = tmp_path / "recipes"
    own.mkdir()
    (own / "house.toml").write_text('base = "finetune"\nrat = 1.0\n')
    with pytest.raises(AnnotatorError, match="line 2"):
        train_project(store, options(store, recipe="house", recipes=own), lambda _: None)
    assert not (tmp_path / "my show.models").exists(), "refused before anything is made"
    (own / "house.toml").write_text('base = "finetune"\nrate = 1.0\n')
    settings = RunSettings("m", "p", "house", None, None, 1, str(own))
    assert run_config(settings).rate == 1.0
