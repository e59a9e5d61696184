"""The table of before and after: points that a person placed, apart from points that a person merely accepted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from spots import FACE, QUICK, SCHEME, options, spotted_project

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.domain.capture import Frame
from annotator.domain.layers import displayed
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.evaluation.truth import GroundTruth, Predictions
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.services.models.training import train as train_module
from annotator.services.models.training import training_table
from annotator.services.models.training.placed_points import placed_by_hand
from annotator.services.models.training.train import train_project
from annotator.services.models.training.training_table import (
    BeforeAfter,
    MeasuredFrames,
    Verdict,
    before_and_after,
)
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

N = 4
TRUTH = np.repeat(FACE[None] * 100, N, 0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    with ProjectStore.create(tmp_path / "show.annotator", SCHEME, tmp_path) as opened:
        opened.frames.add([Frame(0, "a.png", "a", "", "", "", 200, 200)])
        opened.models.add(ModelCard("blank", SCHEME.id, {}), tmp_path / "blank")
        yield opened


def proposal() -> Proposal:
    xy = (FACE * 100).astype(np.float32)
    spread = np.repeat(np.eye(2, dtype=np.float32)[None], 5, 0)
    return Proposal(
        "blank", SCHEME.id, xy, spread, np.ones(5, np.float32), np.zeros((0, 4), np.float32), xy, spread
    )


def edit(store: ProjectStore, make: Any, seen: Proposal | None) -> Annotation:
    """Commits an edit of what is shown, as the window does."""
    before = displayed(store.annotations.get(1), seen)
    after, _ = edits.apply(make(before), before)
    store.annotations.commit(Change(1, before, after, "Edit", model_id="blank" if seen else None))
    return store.annotations.get(1)


@pytest.mark.parametrize("kept", [True, False])
def test_accepted_points_are_told_from_placed_ones(store: ProjectStore, kept: bool) -> None:
    """Also where the proposal is gone since, and where a person moved a point and took it back."""
    seen = proposal()
    if kept:
        store.proposals.save(1, seen)
    edit(store, lambda _: edits.move([0], [[33.0, 44.0]]), seen)
    edit(store, lambda _: edits.move([1], [[55.0, 66.0]]), seen)
    edit(store, lambda _: edits.move([1], seen.xy[[1]]), seen)
    now = edit(store, lambda shown: edits.accept(shown, [0, 1, 2]), seen)
    assert placed_by_hand(store, 1, now).tolist() == [True, False, False, False, False]


def measured(
    before: NDArray[np.float64], placed: NDArray[np.bool_], truth: NDArray[np.float64] = TRUTH
) -> MeasuredFrames:
    names = tuple("abcd")
    data = EvaluationSet(
        "x", GroundTruth(SCHEME, names, names, truth, np.zeros((N, 5), bool)), tuple(Path(n) for n in names)
    )
    return MeasuredFrames(data, placed, Predictions("old", before))


def table(
    monkeypatch: pytest.MonkeyPatch, own: MeasuredFrames, after: NDArray[np.float64], held_out: bool = True
) -> BeforeAfter:
    monkeypatch.setattr(training_table, "predict", lambda *_: [Predictions("new", after)])
    return before_and_after(own, None, held_out)  # type: ignore[arg-type]


def test_accepted_points_make_no_new_model_look_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    """The present model is exact on what was accepted from it; the one point that was placed tells."""
    placed = np.zeros((N, 5), bool)
    placed[:, 2] = True
    before = TRUTH.copy()
    before[:, 2] += [3.0, 4.0]
    after = TRUTH + [0.6, 0.8]
    found = table(monkeypatch, measured(before, placed), after)
    assert {row.region: (row.landmarks, row.before, row.after) for row in found.rows} == {
        "all": (1, pytest.approx(5.0), pytest.approx(1.0)),
        "mouth": (1, pytest.approx(5.0), pytest.approx(1.0)),
    }
    assert found.accepted is not None
    assert (found.accepted.points, found.accepted.before) == (16, 0.0)
    assert found.accepted.after == pytest.approx(1.0)
    assert (found.unit, found.verdict) == ("%", Verdict.BETTER)
    assert found.to_json()["verdict"] == "better"


def test_a_model_that_moves_what_was_right_is_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    placed = np.zeros((N, 5), bool)
    placed[:, 2] = True
    before = TRUTH.copy()
    before[:, 2] += [3.0, 4.0]
    after = TRUTH + 20.0
    after[:, 2] = TRUTH[:, 2]
    found = table(monkeypatch, measured(before, placed), after)
    assert found.verdict is Verdict.WORSE
    assert "moves points that were right" in found.text()
    assert table(monkeypatch, measured(before, placed), TRUTH + 30.0).verdict is Verdict.WORSE


def test_pixels_where_a_frame_has_no_eye_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = TRUTH.copy()
    truth[1, 0] = np.nan
    found = table(monkeypatch, measured(TRUTH + [3.0, 4.0], np.ones((N, 5), bool), truth), TRUTH + [0.0, 2.0])
    assert found.unit == "px"
    assert (found.rows[0].before, found.rows[0].after) == (pytest.approx(5.0), pytest.approx(2.0))
    assert "pixels" in found.text()


def test_without_a_placed_point_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    found = table(monkeypatch, measured(TRUTH, np.zeros((N, 5), bool)), TRUTH + 1.0)
    assert (found.rows, found.verdict) == ((), Verdict.UNKNOWN)
    assert "do not say" in found.text()


def test_curves_and_table_are_of_the_same_frames_and_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_module, "recipe", lambda name, own: QUICK)
    monkeypatch.setattr(train_module, "MEASURED_FRAMES", 2)
    monkeypatch.setattr("annotator.services.models.training.teaching.MEASURED_FRAMES", 2)
    events: list[dict[str, Any]] = []
    with spotted_project(tmp_path) as project:
        outcome = train_project(project, options(project, steps=1), events.append)
    frames = {event["frames"] for event in events if event["event"] == "validation"}
    assert frames == {outcome.table.frames} == {2}
