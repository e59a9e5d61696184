"""How people place points, learnt from their corrections: with a training, and in seconds without one."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spots import FACE, QUICK, SCHEME, options, spotted_project

from annotator.domain.errors import AnnotatorError, ModelError
from annotator.domain.progress import Cancelled
from annotator.evaluation.truth import Predictions
from annotator.inference.predictor import Predictor
from annotator.inference.shape_prior import FaceShapes, load_shapes
from annotator.nn.checkpoint import read_card
from annotator.services.models import finished_model
from annotator.services.models import train as train_module
from annotator.services.models.evaluation_sets import EvaluationSet, project_set
from annotator.services.models.train import train_project
from annotator.services.models.training_split import frozen_split
from annotator.store.project_store import ProjectStore
from annotator.training.recipes import RECIPES, Recipe


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProjectStore]:
    """A project to learn from; the usual recipe is the quick one."""
    monkeypatch.setitem(RECIPES, "finetune", Recipe("quick", QUICK))
    with spotted_project(tmp_path) as opened:
        yield opened


def _unsure(_: Any, data: EvaluationSet, *__: Any) -> list[Predictions]:
    """Finds every point, but hardly dares to say so."""
    xy = np.where(np.isfinite(data.truth.xy), data.truth.xy, data.truth.xy[:, :1])
    return [Predictions("m", xy, np.tile(np.eye(2) * 20.0**2, (*xy.shape[:2], 1, 1)))]


def test_what_the_model_knows_of_faces_follows_the_corrections(
    store: ProjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = FACE + np.array([[0.0, 0], [0, 0], [0, 0], [0.2, 0], [0, 0]])
    FaceShapes(wrong[None], (np.eye(10) * 1e-3)[None], np.ones(1), np.arange(3)).save(tmp_path)

    monkeypatch.setattr(finished_model, "predict", _unsure)
    monkeypatch.setattr(finished_model, "Predictor", lambda *_, **__: None)
    corrected = project_set(store, SCHEME, tuple(i for i, _ in store.annotations.items()))
    learnt = finished_model.adapted_shapes(tmp_path, corrected, "cpu")
    assert learnt is not None
    np.testing.assert_allclose(learnt.mean[:4], FACE[:4], atol=0.04)


def _with_placement(store: ProjectStore, monkeypatch: pytest.MonkeyPatch, shapes: bool = True) -> None:
    """The recipe that leaves the networks alone, and a parent that knows shapes of faces, its chin and mouth too far right."""
    config = replace(QUICK, name="placement", parts="shapes")
    monkeypatch.setitem(RECIPES, "finetune", Recipe("quick", config))
    if shapes:
        wrong = (FACE - 0.5) + np.array([[0.0, 0], [0, 0], [0.2, 0], [0.2, 0], [0.2, 0]])
        FaceShapes(wrong[None], (np.eye(10) * 1e-3)[None], np.ones(1), np.arange(2)).save(
            store.path.parent / "blank"
        )


def test_placement_is_learnt_without_training_a_network(
    store: ProjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_placement(store, monkeypatch)
    monkeypatch.setattr(finished_model, "predict", _unsure)
    parent = store.path.parent / "blank"
    events: list[dict[str, Any]] = []
    outcome = train_project(store, options(store), events.append)
    assert "step" not in {event["event"] for event in events}
    assert events[-1]["event"] == "done"
    assert events[-1]["after"].keys() == {"all", "eyes", "mouth"}
    assert [model.id for model in store.models.all()] == ["blank", outcome.card.id]
    assert (outcome.folder / "weights.safetensors").read_bytes() == (
        parent / "weights.safetensors"
    ).read_bytes()
    card = read_card(outcome.folder)
    assert (card.id, card.parent, card.licence) == (outcome.card.id, "blank", "MIT")
    assert card.data["placement"]["frames"] == len(
        frozen_split(store, [store.frames.get(i) for i, _ in store.annotations.items()]).training
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
        train_project(store, options(store), lambda _: None)
    assert [model.id for model in store.models.all()] == ["blank"]


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
        train_project(store, options(store), watch, stop.is_set)
    assert [model.id for model in store.models.all()] == ["blank"]
    assert not (run[0].parent.parent / run[0].name).exists()


def test_shapes_move_between_two_calibrations(store: ProjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """They weigh by the networks' uncertainty, and theirs tells of where the shapes came to lie."""
    done: list[str] = []
    moved = FaceShapes((FACE - 0.5)[None], (np.eye(10) * 1e-3)[None], np.ones(1), np.arange(2))
    monkeypatch.setattr(train_module, "_CALIBRATION_FRAMES", 1)
    monkeypatch.setattr(train_module, "calibrate_model", lambda *_, **__: done.append("calibrated"))
    monkeypatch.setattr(train_module, "adapted_shapes", lambda *_: done.append("moved") or moved)
    outcome = train_project(store, options(store, steps=1), lambda _: None)
    assert done == ["calibrated", "moved", "calibrated"]
    kept = load_shapes(outcome.folder, SCHEME)
    assert kept is not None
    np.testing.assert_allclose(kept.mean, moved.mean, atol=1e-6)


def test_placement_takes_no_budget(store: ProjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_placement(store, monkeypatch)
    with pytest.raises(AnnotatorError, match="leave out minutes"):
        train_project(store, options(store, minutes=1.0), lambda _: None)
