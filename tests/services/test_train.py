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

from annotator.domain import edits
from annotator.domain.annotation import Flag
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError, ModelError
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled
from annotator.domain.scheme import Landmark, LandmarkScheme, Region
from annotator.domain.scheme_file import write_scheme
from annotator.evaluation.truth import Predictions
from annotator.inference.face_shapes import FaceShapes, load_shapes
from annotator.inference.predictor import Predictor
from annotator.nn.checkpoint import read_card, save_model
from annotator.nn.zoo import architecture, build
from annotator.services import finished_model
from annotator.services import train as train_module
from annotator.services.evaluation_sets import EvaluationSet, project_set
from annotator.services.train import TrainOptions, train_project
from annotator.services.training_run import remembered_run
from annotator.services.training_source import ProjectSource, human_weights
from annotator.services.training_split import frozen_split
from annotator.store.project_store import ProjectStore
from annotator.training.augment import AugmentConfig
from annotator.training.config import Phase, TrainingConfig

SCHEME = LandmarkScheme(
    "spots",
    1,
    "Spots",
    (
        Landmark("eye_right", "eyes", "eye_left", 36),
        Landmark("eye_left", "eyes", "eye_right", 45),
        Landmark("mouth_right", "mouth", "mouth_left", 48),
        Landmark("mouth_left", "mouth", "mouth_right", 54),
        Landmark("chin", None, "chin", 8),
    ),
    (
        Region("eyes", "Eyes", "#ff0000", (0, 1), "eyes"),
        Region("mouth", "Mouth", "#00ff00", (2, 3), "mouth"),
    ),
    (),
)
FACE = np.array([[0.0, 0.0], [1.0, 0.0], [0.2, 0.8], [0.8, 0.8], [0.5, 1.2]])
COLOURS = [(255, 40, 40), (40, 255, 40), (40, 40, 255), (255, 255, 40), (255, 255, 255)]
QUICK = TrainingConfig(
    "quick",
    steps=60,
    batch=8,
    source=128,
    rate=6e-3,
    ema=0.9,
    precision="32-true",
    phases=(Phase(1.0, {"ce": 1.0}, 0.0),),
    augment=AugmentConfig(enabled=False),
    validate_every=30,
)


def _paint(path: Path, seed: int) -> np.ndarray:
    """A picture with one coloured spot a landmark; returns the true points [5, 2]."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(90, 110)
    points = FACE * size + rng.uniform(40, 55, 2)
    picture = np.full((200, 200, 3), 20, np.uint8)
    for point, colour in zip(points, COLOURS, strict=True):
        cv2.circle(picture, tuple(np.rint(point - 0.5).astype(int).tolist()), 9, colour, -1)
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture[..., ::-1])
    return points


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProjectStore]:
    """Fifteen annotated frames of five subjects, one landmark never marked, and an untrained model."""
    monkeypatch.setattr(train_module, "recipe", lambda _: QUICK)
    root = tmp_path / "captures"
    names = [(f"s{i // 3}", f"{i}.png") for i in range(15)]
    truth = [_paint(root / subject / name, i) for i, (subject, name) in enumerate(names)]
    description = architecture("tiny", SCHEME)
    card = ModelCard("blank", SCHEME.id, description, preprocessing={"search": False}, licence="MIT")
    save_model(tmp_path / "blank", build(description), card)
    (tmp_path / "blank" / "scheme.toml").write_text(write_scheme(SCHEME), encoding="utf-8")
    with ProjectStore.create(tmp_path / "my show.annotator", SCHEME, root) as opened:
        opened.add_frames(Frame(0, f"{s}/{n}", s, "", "", n, 200, 200) for s, n in names)
        by_path = opened.frame_ids_by_path()
        for (subject, name), points in zip(names, truth, strict=True):
            frame_id = by_path[f"{subject}/{name}"]
            before = opened.annotation(frame_id)
            after, _ = edits.apply(edits.move([0, 1, 2, 3], points[:4]), before)
            opened.commit_edit(frame_id, before, after, "Mark")
        yield opened


def _options(store: ProjectStore, **values: Any) -> TrainOptions:
    return TrainOptions(model=str(store.path.parent / "blank"), device="cpu", **values)


def test_a_project_teaches_a_model_and_says_how_much(store: ProjectStore) -> None:
    events: list[dict[str, Any]] = []
    outcome = train_project(store, _options(store), events.append)
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
    assert store.active_model() is None
    assert [model.id for model in store.models()] == ["blank", card.id]
    assert Predictor(outcome.folder, "cpu").propose(np.zeros((60, 60, 3), np.uint8)).model_id == card.id


def _unsure(_: Any, data: EvaluationSet, *__: Any) -> list[Predictions]:
    """Finds every point, but hardly dares to say so."""
    xy = np.where(np.isfinite(data.truth.xy), data.truth.xy, data.truth.xy[:, :1])
    return [Predictions("m", xy, np.tile(np.eye(2) * 20.0**2, (*xy.shape[:2], 1, 1)))]


def test_what_the_model_knows_of_faces_follows_the_corrections(
    store: ProjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = FACE + np.array([[0.0, 0], [0, 0], [0, 0], [0.2, 0], [0, 0]])
    FaceShapes(wrong, np.eye(10) * 1e-3, np.arange(3)).save(tmp_path)

    monkeypatch.setattr(finished_model, "predict", _unsure)
    monkeypatch.setattr(finished_model, "Predictor", lambda *_, **__: None)
    corrected = project_set(store, SCHEME, tuple(i for i, _ in store.annotations()))
    learnt = finished_model.adapted_shapes(tmp_path, corrected, "cpu")
    assert learnt is not None
    np.testing.assert_allclose(learnt.mean[:4], FACE[:4], atol=0.04)


def _with_placement(store: ProjectStore, monkeypatch: pytest.MonkeyPatch, shapes: bool = True) -> None:
    """The recipe that leaves the networks alone, and a parent that knows shapes of faces, its chin and mouth too far right."""
    monkeypatch.setattr(train_module, "recipe", lambda _: replace(QUICK, name="placement", parts="shapes"))
    if shapes:
        wrong = (FACE - 0.5) + np.array([[0.0, 0], [0, 0], [0.2, 0], [0.2, 0], [0.2, 0]])
        FaceShapes(wrong, np.eye(10) * 1e-3, np.arange(2)).save(store.path.parent / "blank")


def test_placement_is_learnt_without_training_a_network(
    store: ProjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_placement(store, monkeypatch)
    monkeypatch.setattr(finished_model, "predict", _unsure)
    parent = store.path.parent / "blank"
    events: list[dict[str, Any]] = []
    outcome = train_project(store, _options(store), events.append)
    assert "step" not in {event["event"] for event in events}
    assert events[-1]["event"] == "done"
    assert events[-1]["after"].keys() == {"all", "eyes", "mouth"}
    assert [model.id for model in store.models()] == ["blank", outcome.card.id]
    assert (outcome.folder / "weights.safetensors").read_bytes() == (
        parent / "weights.safetensors"
    ).read_bytes()
    card = read_card(outcome.folder)
    assert (card.id, card.parent, card.licence) == (outcome.card.id, "blank", "MIT")
    assert card.data["placement"]["frames"] == len(
        frozen_split(store, [store.frame(i) for i, _ in store.annotations()]).training
    )
    old, new = load_shapes(parent, SCHEME), load_shapes(outcome.folder, SCHEME)
    assert old is not None
    assert new is not None
    assert not np.allclose(old.mean, new.mean, atol=1e-4)
    assert Predictor(outcome.folder, "cpu").propose(np.zeros((60, 60, 3), np.uint8)).model_id == card.id


def test_a_model_without_shapes_cannot_learn_placement(
    store: ProjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_placement(store, monkeypatch, shapes=False)
    with pytest.raises(ModelError, match="finetune"):
        train_project(store, _options(store), lambda _: None)
    assert [model.id for model in store.models()] == ["blank"]


def test_stopping_while_placement_is_learnt_leaves_no_model(
    store: ProjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_placement(store, monkeypatch)
    stop = threading.Event()
    run: list[Path] = []

    def watch(event: dict[str, Any]) -> None:
        run.extend([Path(event["folder"])] if event["event"] == "start" else [])
        if event.get("message") == "Learning how you place points":
            stop.set()

    with pytest.raises(Cancelled):
        train_project(store, _options(store), watch, stop.is_set)
    assert [model.id for model in store.models()] == ["blank"]
    assert not (run[0].parent.parent / run[0].name).exists()


def test_shapes_move_between_two_calibrations(store: ProjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """They weigh by the networks' uncertainty, and theirs tells of where the shapes came to lie."""
    done: list[str] = []
    moved = FaceShapes(FACE - 0.5, np.eye(10) * 1e-3, np.arange(2))
    monkeypatch.setattr(train_module, "_CALIBRATION_FRAMES", 1)
    monkeypatch.setattr(train_module, "calibrate_model", lambda *_, **__: done.append("calibrated"))
    monkeypatch.setattr(train_module, "adapted_shapes", lambda *_: done.append("moved") or moved)
    outcome = train_project(store, _options(store, steps=1), lambda _: None)
    assert done == ["calibrated", "moved", "calibrated"]
    kept = load_shapes(outcome.folder, SCHEME)
    assert kept is not None
    np.testing.assert_allclose(kept.mean, moved.mean, atol=1e-6)


def test_placement_takes_no_budget(store: ProjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_placement(store, monkeypatch)
    with pytest.raises(AnnotatorError, match="leave out minutes"):
        train_project(store, _options(store, minutes=1.0), lambda _: None)


def test_the_split_is_the_same_in_the_next_training(store: ProjectStore) -> None:
    frames = [store.frame(frame_id) for frame_id, _ in store.annotations()]
    first = frozen_split(store, frames)
    train_project(store, _options(store, steps=1), lambda _: None)
    assert frozen_split(store, frames) == first
    outcome = train_project(store, _options(store, steps=1), lambda _: None)
    assert outcome.card.id.endswith("-2")


def test_stopped_run_leaves_a_model_and_resumes_where_it_was(store: ProjectStore) -> None:
    stop = threading.Event()
    seen: list[dict[str, Any]] = []

    def watch(event: dict[str, Any]) -> None:
        seen.append(event)
        if event["event"] == "step":
            stop.set()

    outcome = train_project(store, _options(store, steps=20), watch, stop.is_set)
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
        train_project(store, _options(store), events.append, lambda: True)
    assert events[-1]["event"] == "stopped"
    assert [model.id for model in store.models()] == ["blank"]


def test_nothing_to_learn_from_is_said_and_told(tmp_path: Path, store: ProjectStore) -> None:
    with ProjectStore.create(tmp_path / "empty.annotator", SCHEME, tmp_path) as empty:
        events: list[dict[str, Any]] = []
        with pytest.raises(AnnotatorError, match="correct or confirm"):
            train_project(empty, _options(empty), events.append)
        assert events[-1]["event"] == "error"
        assert "correct or confirm" in events[-1]["message"]


def test_read_only_project_is_refused_before_any_work(store: ProjectStore) -> None:
    with (
        ProjectStore.open(store.path, read_only=True) as closed,
        pytest.raises(AnnotatorError, match="reading only"),
    ):
        train_project(closed, _options(closed), lambda _: None)


def test_samples_are_windows_with_exact_points_and_masks(store: ProjectStore) -> None:
    frame_id = next(i for i, _ in store.annotations())
    before = store.annotation(frame_id)
    after, _ = edits.apply(edits.set_flags(before, [1], Flag.OCCLUDED, True), before)
    after, _ = edits.apply(edits.set_flags(after, [2], Flag.OUT_OF_FRAME, True), after)
    store.commit_edit(frame_id, before, after, "Flags")
    assert human_weights(after).tolist() == [1.0, 0.5, 0.0, 1.0, 0.0]
    face = np.full((5, 2), 60.0) + FACE * 30
    source = ProjectSource(store, [frame_id], {frame_id: face})
    sample = source[0]
    assert source[0] is sample
    assert sample.known.tolist() == [True, True, False, True, False]
    for landmark in (0, 1, 3):
        column, row = np.floor(sample.xy[landmark]).astype(int)
        assert np.abs(sample.image[row, column].astype(int) - COLOURS[landmark]).max() < 40
    assert source.describe()["landmarks"] == 3
    assert len(ProjectSource(store, [], {})) == 0


def test_large_frames_are_cut_to_the_face_and_reduced(store: ProjectStore, tmp_path: Path) -> None:
    big = np.zeros((2000, 3000, 3), np.uint8)
    centre = np.array([2200.5, 900.5])
    cv2.circle(big, (2200, 900), 30, (255, 255, 255), -1)
    assert cv2.imwrite(str(tmp_path / "captures" / "big.png"), big)
    store.add_frames([Frame(0, "big.png", "x", "", "", "", 3000, 2000)])
    frame_id = store.frame_ids_by_path()["big.png"]
    before = store.annotation(frame_id)
    after, _ = edits.apply(edits.move([0, 1, 2], [centre, centre + [900, 0], centre + [0, 700]]), before)
    store.commit_edit(frame_id, before, after, "Mark")
    sample = ProjectSource(store, [frame_id], {})[0]
    assert max(sample.image.shape[:2]) <= 1536
    rows, columns = np.nonzero(sample.image[..., 0] > 128)
    assert [columns.mean() + 0.5, rows.mean() + 0.5] == pytest.approx(sample.xy[0], abs=0.2)


def test_budgets_follow_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = replace(QUICK, minutes=5.0)
    monkeypatch.setattr(train_module, "recipe", lambda _: recipe)
    settings = train_module.RunSettings("m", "p", "quick", None, 2.5, 7)
    by_clock = train_module._config(settings, "cpu")
    assert (by_clock.minutes, by_clock.seed) == (2.5, 7)
    assert by_clock.steps >= 100_000
    assert train_module._config(replace(settings, steps=30, minutes=None), "cpu").minutes == 0.0
    assert train_module._config(replace(settings, minutes=None), "cpu").minutes == 5.0


def test_measured_frames_are_spread_over_the_whole_split() -> None:
    assert train_module._spread((3, 5, 9), 4) == (3, 5, 9)
    assert train_module._spread(tuple(range(101)), 5) == (0, 25, 50, 75, 100)
