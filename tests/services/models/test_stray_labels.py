"""One label far from everything is named and left out: of learning a convention, and of training networks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spots import FACE, SCHEME, spotted_project

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.evaluation.truth import GroundTruth, Predictions
from annotator.inference.weighing.shape_prior import ShapePrior, load_shape_prior
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.services.models.training import learn_convention as convention
from annotator.services.models.training.learn_convention import ConventionOptions, learn_convention
from annotator.services.models.training.stray_labels import without_far, without_strays
from annotator.services.models.training.training_source import ProjectSource, human_labels, human_weights
from annotator.services.models.training.training_table import BeforeAfter, RegionChange
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

CHIN = SCHEME.index("chin")


def _set(frames: int, noise: float = 0.5, convention_px: float = 8.0) -> tuple[EvaluationSet, Predictions]:
    """Faces of 100 px that people mark 8 px lower than the model, with half a pixel of noise."""
    rng = np.random.default_rng(frames)
    model = FACE[None] * 100 + rng.uniform(50, 60, (frames, 1, 2))
    people = model + [0, convention_px] + rng.normal(0, noise, model.shape)
    names = tuple(f"{i}.png" for i in range(frames))
    truth = GroundTruth(SCHEME, names, names, people, np.zeros(people.shape[:2], bool))
    covariance = np.tile(np.eye(2) * 4.0, (*model.shape[:2], 1, 1))
    return EvaluationSet("a set", truth, tuple(Path(n) for n in names)), Predictions("m", model, covariance)


@pytest.mark.parametrize("frames", [1, 2, 3, 6, 40])
@pytest.mark.parametrize("at", [(0.5, 0.5), (4095.0, 4095.0), (105.0, -60.0)])
def test_a_wild_label_is_named_and_left_out(frames: int, at: tuple[float, float]) -> None:
    data, made = _set(frames)
    data.truth.xy[0, CHIN] = at
    told: dict[str, str] = {}
    kept = without_strays(without_far(data, told), made, told)
    assert list(told) == ["0.png: chin"]
    assert "face sizes from" in told["0.png: chin"]
    assert np.isnan(kept.truth.xy[0, CHIN]).all()
    assert np.isfinite(kept.truth.xy).all(-1).sum() == frames * SCHEME.size - 1


@pytest.mark.parametrize("frames", [1, 3, 6, 40])
def test_a_convention_is_no_stray(frames: int) -> None:
    data, made = _set(frames, convention_px=18.0)
    told: dict[str, str] = {}
    assert without_strays(without_far(data, told), made, told) is data
    assert not told


def test_a_face_that_the_model_missed_accuses_no_label() -> None:
    data, made = _set(6)
    made.xy[2] += 900
    told: dict[str, str] = {}
    assert without_strays(data, made, told) is data


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    with spotted_project(tmp_path) as opened:
        wrong = FACE - 0.5
        ShapePrior(wrong[None], (np.eye(10) * 1e-3)[None], np.ones(1), np.arange(2)).save(tmp_path / "blank")
        for frame_id, before in opened.annotations.items():
            chin = before.xy[:2].mean(0) + [0, 120.0]
            after, _ = edits.apply(edits.move([CHIN], [chin]), before)
            opened.annotations.commit(Change(frame_id, before, after, "Mark"))
        yield opened


def _unsure(_: Any, data: EvaluationSet, *__: Any) -> list[Predictions]:
    """Finds the four corners where people have them and the chin 10 px higher, unsure."""
    xy = np.where(np.isfinite(data.truth.xy), data.truth.xy, 0.0)
    xy[:, CHIN] = xy[:, :2].mean(1) + [0, 110.0]
    return [Predictions("m", xy, np.tile(np.eye(2) * 20.0**2, (*xy.shape[:2], 1, 1)))]


def _learnt(store: ProjectStore, monkeypatch: pytest.MonkeyPatch) -> tuple[ShapePrior, dict[str, str]]:
    monkeypatch.setattr(convention, "predict", _unsure)
    options = ConventionOptions(str(store.path.parent / "blank"), "cpu")
    outcome = learn_convention(store, options, lambda _: None)
    prior = load_shape_prior(outcome.folder, SCHEME)
    assert prior is not None
    return prior, dict(outcome.doubted)


def _move_chin(store: ProjectStore, frame_id: int, x: float, y: float) -> str:
    before = store.annotations.get(frame_id)
    after, _ = edits.apply(edits.move([CHIN], [[x, y]]), before)
    store.annotations.commit(Change(frame_id, before, after, "Slip"))
    return store.frames.get(frame_id).path


def test_one_chin_at_the_corner_moves_no_other_point(
    store: ProjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound, doubted = _learnt(store, monkeypatch)
    assert not doubted
    path = _move_chin(store, 1, 0.5, 0.5)
    carried, doubted = _learnt(store, monkeypatch)
    assert list(doubted) == [f"{path}: chin"]
    np.testing.assert_allclose(carried.mean, sound.mean, atol=0.01)


def test_networks_are_not_trained_on_it(store: ProjectStore) -> None:
    many = Annotation.empty(SCHEME)
    after, _ = edits.apply(edits.move([0, 1, 2, 3, 4], FACE * 100 + 50), many)
    assert human_weights(after).tolist() == [1, 1, 1, 1, 1]
    wild, _ = edits.apply(edits.move([4], [[4000.0, 4000.0]]), after)
    assert human_weights(wild).tolist() == [1, 1, 1, 1, 0]
    sound = ProjectSource(store, human_labels(store, [1]), {})[0]
    _move_chin(store, 1, 4000.0, 4000.0)
    sample = ProjectSource(store, human_labels(store, [1]), {})[0]
    assert sample.weight[CHIN] == 0
    assert max(sample.image.shape) <= max(sound.image.shape)  # the window does not stretch to it


def test_figures_that_could_not_be_measured_are_dashes() -> None:
    nan = float("nan")
    table = BeforeAfter("%", 0, True, (RegionChange("all", 5, nan, nan, nan, nan),), (nan, nan, nan), None)
    assert "nan" not in table.text()
    assert table.to_json()["difference"] == [None, None, None]
    assert table.column("after") == {}
