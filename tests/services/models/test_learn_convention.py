"""How people place points, learnt from their corrections: with a training, and in seconds without one."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spots import FACE, QUICK, SCHEME, options, spotted_project

from annotator.domain.errors import ModelError
from annotator.domain.model_card import read_card
from annotator.domain.progress import Cancelled
from annotator.evaluation.truth import Predictions
from annotator.inference.predictor import Predictor
from annotator.inference.weighing.shape_prior import ShapePrior, load_shape_prior
from annotator.services.models.evaluation_sets import EvaluationSet, project_set
from annotator.services.models.training import learn_convention as convention
from annotator.services.models.training import train as train_module
from annotator.services.models.training.learn_convention import ConventionOptions, learn_convention
from annotator.services.models.training.train import train_project
from annotator.services.models.training.training_split import frozen_split
from annotator.store.project_store import ProjectStore


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProjectStore]:
    """A project to learn from; the usual recipe is the quick one."""
    monkeypatch.setattr(train_module, "recipe", lambda name, own: QUICK)
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
    ShapePrior(wrong[None], (np.eye(10) * 1e-3)[None], np.ones(1), np.arange(3)).save(tmp_path)

    monkeypatch.setattr(convention, "predict", _unsure)
    monkeypatch.setattr(convention, "Predictor", lambda *_, **__: None)
    corrected = project_set(store, SCHEME, tuple(i for i, _ in store.annotations.items()))
    learnt = convention.adapted_shapes(tmp_path, corrected, "cpu")
    assert learnt is not None
    np.testing.assert_allclose(learnt.mean[:4], FACE[:4], atol=0.04)


def _give_shapes(store: ProjectStore) -> None:
    """The parent knows shapes of faces, its chin and mouth too far right."""
    wrong = (FACE - 0.5) + np.array([[0.0, 0], [0, 0], [0.2, 0], [0.2, 0], [0.2, 0]])
    ShapePrior(wrong[None], (np.eye(10) * 1e-3)[None], np.ones(1), np.arange(2)).save(_parent(store))


def _parent(store: ProjectStore) -> Path:
    return store.path.parent / "blank"


def _options(store: ProjectStore) -> ConventionOptions:
    return ConventionOptions(str(_parent(store)), "cpu")


def test_a_convention_is_learnt_without_training_a_network(
    store: ProjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    _give_shapes(store)
    monkeypatch.setattr(convention, "predict", _unsure)
    parent = _parent(store)
    events: list[dict[str, Any]] = []
    outcome = learn_convention(store, _options(store), events.append)
    assert "step" not in {event["event"] for event in events}
    assert events[-1]["event"] == "done"
    assert events[-1]["after"].keys() == {"all", "eyes", "mouth"}
    assert [model.id for model in store.models.all()] == ["blank", outcome.card.id]
    assert (outcome.folder / "weights.safetensors").read_bytes() == (
        parent / "weights.safetensors"
    ).read_bytes()
    card = read_card(outcome.folder)
    assert (card.id, card.parent, card.licence) == (outcome.card.id, "blank", "MIT")
    assert card.data["convention"]["frames"] == len(
        frozen_split(store, [store.frames.get(i) for i, _ in store.annotations.items()]).training
    )
    old, new = load_shape_prior(parent, SCHEME), load_shape_prior(outcome.folder, SCHEME)
    assert old is not None
    assert new is not None
    assert not np.allclose(old.mean, new.mean, atol=1e-4)
    assert Predictor(outcome.folder, "cpu").propose(np.zeros((60, 60, 3), np.uint8)).model_id == card.id


def test_a_model_without_shapes_cannot_learn_a_convention(store: ProjectStore) -> None:
    with pytest.raises(ModelError, match="annotator train"):
        learn_convention(store, _options(store), lambda _: None)
    assert [model.id for model in store.models.all()] == ["blank"]


def test_stopping_while_a_convention_is_learnt_leaves_no_model(store: ProjectStore) -> None:
    _give_shapes(store)
    stop = threading.Event()
    run: list[Path] = []

    def watch(event: dict[str, Any]) -> None:
        run.extend([Path(event["folder"])] if event["event"] == "start" else [])
        if event.get("message") == "Learning how you place points":
            stop.set()

    with pytest.raises(Cancelled):
        learn_convention(store, _options(store), watch, stop.is_set)
    assert [model.id for model in store.models.all()] == ["blank"]
    assert not (run[0].parent.parent / run[0].name).exists()


def test_shapes_move_between_two_calibrations(store: ProjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """They weigh by the networks' uncertainty, and theirs tells of where the shapes came to lie."""
    done: list[str] = []
    moved = ShapePrior((FACE - 0.5)[None], (np.eye(10) * 1e-3)[None], np.ones(1), np.arange(2))
    monkeypatch.setattr(train_module, "_CALIBRATION_FRAMES", 1)
    monkeypatch.setattr(train_module, "calibrate_model", lambda *_, **__: done.append("calibrated"))
    monkeypatch.setattr(train_module, "adapted_shapes", lambda *_: done.append("moved") or moved)
    outcome = train_project(store, options(store, steps=1), lambda _: None)
    assert done == ["calibrated", "moved", "calibrated"]
    kept = load_shape_prior(outcome.folder, SCHEME)
    assert kept is not None
    np.testing.assert_allclose(kept.mean, moved.mean, atol=1e-6)
