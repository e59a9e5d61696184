"""Scores, intervals and paired comparisons."""

import json
import math

import numpy as np
import pytest

from annotator.domain.errors import AnnotatorError
from annotator.evaluation.aggregate import Scoring, compare, mean_interval, score_model
from annotator.evaluation.metrics import Normaliser
from annotator.evaluation.truth import GroundTruth, Predictions


def test_score_by_hand(truth: GroundTruth) -> None:
    score = score_model(truth, Predictions("m", truth.xy + [3.0, 4.0], seconds=np.array([1.0, 2.0, 9.0])))
    assert score.groups["all"].nme.value == pytest.approx((0.05 + 0.05 + 0.025) / 3)
    assert score.groups["all"].median_px == pytest.approx(5.0)
    assert score.groups["global_only"].nme.count == 2
    assert score.groups["all"].pck["0.05"] == pytest.approx(1.0)
    assert score.groups["all"].pck["0.01"] == 0.0
    assert score.landmark_px["chin"] == pytest.approx(5.0)
    assert score.normaliser.startswith("inter-ocular: distance of the outer eye corners")
    assert score.seconds == 2.0
    assert score.frames == 3


def test_scoring_options_reach_the_figures(truth: GroundTruth) -> None:
    predicted = truth.xy.copy()
    predicted[2, 3] += 100.0
    scoring = Scoring(Normaliser.DIAGONAL, limit=0.02, include_occluded=False)
    clean = score_model(truth, Predictions("m", predicted), scoring)
    assert clean.groups["all"].nme.value == 0.0
    assert clean.thresholds[-1] == 0.02
    assert score_model(truth, Predictions("m", predicted)).groups["mouth"].nme.value > 0


def test_wrong_shape_says_which_model(truth: GroundTruth) -> None:
    with pytest.raises(AnnotatorError, match="m gave points of shape"):
        score_model(truth, Predictions("m", truth.xy[:2]))
    with pytest.raises(AnnotatorError, match="must have shape"):
        GroundTruth(truth.scheme, ("a",), ("s",), truth.xy, truth.occluded)


def test_interval_covers_the_mean_of_repeated_draws() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for trial in range(60):
        values = rng.normal(1.0, 0.3, 40)
        estimate = mean_interval(values, [f"s{i}" for i in range(40)], seed=trial, samples=400)
        held += estimate.low <= 1.0 <= estimate.high
    assert held >= 50


def test_interval_of_clustered_frames_is_wider_than_that_of_independent_ones() -> None:
    values = np.repeat(np.random.default_rng(2).normal(1.0, 0.3, 8), 20)
    clustered = mean_interval(values, np.repeat([f"s{i}" for i in range(8)], 20).tolist())
    independent = mean_interval(values, [f"f{i}" for i in range(160)])
    assert clustered.clusters == 8
    assert clustered.high - clustered.low > 2.5 * (independent.high - independent.low)
    assert clustered.value == pytest.approx(independent.value)


def test_single_subject_resamples_frames_and_no_value_is_nan() -> None:
    estimate = mean_interval(np.array([1.0, 2.0, 3.0, np.nan]), ["one"] * 4)
    assert (estimate.count, estimate.clusters) == (3, 3)
    assert estimate.low < estimate.value < estimate.high
    assert math.isnan(mean_interval(np.array([np.nan]), ["one"]).value)


def test_comparison_is_paired_with_the_first_model(truth: GroundTruth) -> None:
    models = [Predictions("old", truth.xy + [4.0, 0.0]), Predictions("new", truth.xy + [2.0, 0.0])]
    gaps = compare(truth, models)
    assert list(gaps) == ["new"]
    assert gaps["new"].value == pytest.approx(-(0.02 + 0.02 + 0.01) / 3)
    assert gaps["new"].high < 0


def test_json_holds_plain_values(truth: GroundTruth) -> None:
    value = score_model(truth, Predictions("m", truth.xy)).to_json()
    assert json.loads(json.dumps(value))["groups"]["eyes"]["nme"]["value"] == 0.0


def test_subset_keeps_order_and_clusters(truth: GroundTruth) -> None:
    part = truth.subset([2, 0])
    assert part.names == ("c", "a")
    assert part.subjects == ("ben", "anna")
    assert np.array_equal(part.xy[1], truth.xy[0])
