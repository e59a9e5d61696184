"""What a project's corrections teach of a model's errors; and what the suggestions of shipped knowledge are worth."""

from pathlib import Path

import numpy as np
import pytest

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.domain.capture import Frame
from annotator.domain.faces.error_correlation import ErrorPrior
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.evaluation.truth import GroundTruth, Predictions
from annotator.research.bench import propagation as bench
from annotator.services.models.error_correlation import (
    learned_prior,
    project_prior,
    save_prior,
    shipped_prior,
)
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SCHEME = load_scheme("studio-89")


def proposal() -> Proposal:
    xy = np.stack([np.arange(89) * 7.0, 300 + 50 * np.sin(np.arange(89))], 1).astype(np.float32)
    spread = np.tile(4 * np.eye(2, dtype=np.float32), (89, 1, 1))
    rois = np.zeros((4, 4), np.float32)
    return Proposal("one", SCHEME.id, xy, spread, np.ones(89, np.float32), rois, xy, spread)


def project(tmp_path: Path, frames: int) -> ProjectStore:
    """In every frame landmarks 20 and 21 were moved together, 22 the other way."""
    store = ProjectStore.create(tmp_path / "p.annotator", SCHEME, tmp_path)
    store.frames.add([Frame(0, f"{n}.jpg", "ada", "", "", str(n), 800, 600) for n in range(frames)])
    for number in range(frames):
        made = proposal()
        store.proposals.save(number + 1, made)
        offset = np.array([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]]) * (number + 1)
        empty = Annotation.empty(SCHEME)
        after = edits.apply(edits.move([20, 21, 22], made.xy[[20, 21, 22]] + offset), empty)[0]
        store.annotations.commit(Change(number + 1, empty, after, "Move"))
    return store


def test_a_project_teaches_once_it_has_a_few_frames(tmp_path: Path) -> None:
    with project(tmp_path, 4) as store:
        assert project_prior(store, "one") is None
        assert learned_prior(store, "one").frames == shipped_prior(SCHEME).frames
    (tmp_path / "p.annotator").unlink()
    with project(tmp_path, 6) as store:
        own = project_prior(store, "one")
        assert own.frames == 6
        assert own.correlation[20, 21] == pytest.approx(1, abs=1e-5)
        assert own.correlation[20, 22] == pytest.approx(-1, abs=1e-5)
        assert own.correlation[20, 30] == 0
        assert project_prior(store, "another") is None
        both = learned_prior(store, "one")
        assert both.frames == 6 + shipped_prior(SCHEME).frames


def test_shipped_knowledge_is_a_correlation_of_each_scheme_that_has_one() -> None:
    prior = shipped_prior(SCHEME)
    assert prior.correlation.shape == (89, 89)
    np.testing.assert_allclose(np.diag(prior.correlation), 1)
    assert np.linalg.eigvalsh(prior.correlation.astype(float)).min() > -0.1, "rounded to percents"
    assert shipped_prior(load_scheme("ibug-68")) is None


def test_a_prior_survives_its_file(tmp_path: Path) -> None:
    value = np.eye(3, dtype=np.float32)
    value[0, 1] = value[1, 0] = -0.43
    save_prior(ErrorPrior("x@1", value, 12), tmp_path / "x.npz")
    with np.load(tmp_path / "x.npz") as stored:
        np.testing.assert_allclose(stored["correlation"] / 100, value, atol=1e-6)
        assert stored["frames"] == 12


def test_the_benchmark_counts_what_suggestions_bring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two frames in which the whole mouth is off by the same: the suggestions bring it nearer, elsewhere nothing is shown."""
    made, mouth = proposal(), np.array(SCHEME.region("mouth").indices)
    truth = np.stack([made.xy, made.xy]).astype(float)
    truth[:, mouth] += [0.0, 30.0]
    names = ("a.jpg", "b.jpg")
    data = EvaluationSet(
        "two", GroundTruth(SCHEME, names, ("ada", "ben"), truth, np.zeros((2, 89), bool)), ()
    )
    predictions = Predictions(
        "one", np.stack([made.xy] * 2).astype(float), np.stack([made.covariance] * 2), np.zeros(2), ()
    )
    monkeypatch.setattr(bench, "_predicted", lambda *_: predictions)
    scores = bench.bench_suggestions(Path("unused"), data)["scores"]
    assert scores["mouth"]["shown"] > 0
    assert scores["mouth"]["before"] == pytest.approx(30, abs=1e-3)
    assert scores["mouth"]["after"] < 30
    assert scores["mouth"]["better"] == 100
    assert scores["mouth"]["rest_after"] < scores["mouth"]["rest_before"]
    assert scores["nose"]["shown"] == 0
    assert scores["all"]["regions"] == 8
    learned = bench.learn_prior(Path("unused"), data)
    assert learned.correlation[mouth[0], mouth[5]] == pytest.approx(1, abs=1e-5)
