"""Metrics against cases worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import Landmark, LandmarkScheme
from annotator.evaluation.metrics import (
    Normaliser,
    auc,
    ced,
    failure_rate,
    frame_nme,
    landmark_nme,
    mean_over_sets,
    normaliser_lengths,
    pck,
    point_errors,
)
from annotator.evaluation.truth import GroundTruth, region_groups


def test_every_normaliser_by_hand(truth: GroundTruth) -> None:
    expected = {
        Normaliser.INTER_OCULAR: [100.0, 100.0, 200.0],
        Normaliser.INTER_PUPIL: [100.0, 100.0, 200.0],
        Normaliser.BOX: [np.sqrt(16000.0), np.sqrt(16000.0), 200.0],
        Normaliser.DIAGONAL: [np.hypot(100, 160), np.hypot(100, 160), np.hypot(200, 200)],
    }
    for normaliser, lengths in expected.items():
        assert normaliser_lengths(truth.xy, truth.scheme, normaliser) == pytest.approx(lengths)
        assert normaliser.meaning


def test_inter_pupil_is_between_means_of_the_lid_points() -> None:
    landmarks = tuple(Landmark(f"p{i}", None, f"p{i}", i) for i in range(36, 48))
    scheme = LandmarkScheme("lids", 1, "", landmarks, (), ())
    xy = np.zeros((1, 12, 2))
    xy[0, :6, 0] = [0, 1, 2, 3, 4, 2]
    xy[0, 6:, 0] = [60, 61, 62, 63, 64, 62]
    assert normaliser_lengths(xy, scheme, Normaliser.INTER_PUPIL) == pytest.approx([60.0])
    assert normaliser_lengths(xy, scheme, Normaliser.INTER_OCULAR) == pytest.approx([63.0])


def test_scheme_without_eyes_names_the_way_out(face: np.ndarray) -> None:
    scheme = LandmarkScheme("plain", 1, "", tuple(Landmark(f"p{i}", None, f"p{i}") for i in range(5)), (), ())
    with pytest.raises(AnnotatorError, match="'box' or 'diagonal'"):
        normaliser_lengths(face[None], scheme, Normaliser.INTER_OCULAR)
    assert normaliser_lengths(face[None], scheme, Normaliser.DIAGONAL) == pytest.approx([np.hypot(100, 160)])


def test_nme_by_frame_landmark_and_region_leaves_out_what_is_missing(truth: GroundTruth) -> None:
    predicted = truth.xy + [3.0, 4.0]
    predicted[1, 0] = truth.xy[1, 0]
    predicted[2, 4] = 0.0
    lengths = normaliser_lengths(truth.xy, truth.scheme, Normaliser.INTER_OCULAR)
    errors = point_errors(predicted, truth.xy, truth.mask())
    assert frame_nme(errors, lengths) == pytest.approx([0.05, 0.04, 0.025])
    assert landmark_nme(errors, lengths) == pytest.approx([(0.05 + 0 + 0.025) / 3, *[0.125 / 3] * 3, 0.05])
    groups = region_groups(truth.scheme)
    assert list(groups) == ["all", "eyes", "mouth", "global_only"]
    assert frame_nme(errors, lengths, groups["eyes"]) == pytest.approx([0.05, 0.025, 0.025])
    assert np.isnan(frame_nme(errors, lengths, groups["global_only"])[2])


def test_occluded_landmarks_count_only_if_asked_for(truth: GroundTruth) -> None:
    predicted = truth.xy.copy()
    predicted[2, 3] += [30.0, 40.0]
    assert np.nansum(point_errors(predicted, truth.xy, truth.mask())) == pytest.approx(50.0)
    assert np.nansum(point_errors(predicted, truth.xy, truth.mask(include_occluded=False))) == 0.0


def test_frame_without_its_normaliser_is_nan_and_left_out(truth: GroundTruth) -> None:
    xy = truth.xy.copy()
    xy[0, 0] = np.nan
    lengths = normaliser_lengths(xy, truth.scheme, Normaliser.INTER_OCULAR)
    values = frame_nme(point_errors(truth.xy + 1.0, xy), lengths)
    assert np.isnan(values[0])
    assert np.isfinite(values[1:]).all()
    assert np.isfinite(pck(values, 0.1))


def test_pck_ced_auc_and_failures_by_hand() -> None:
    values = np.array([0.0, 0.02, 0.05, 0.2, np.nan])
    assert pck(values, 0.05) == pytest.approx(0.75)
    assert ced(values, np.array([0.0, 0.03, 0.1, 0.2])) == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert auc(values, 0.1) == pytest.approx((1.0 + 0.8 + 0.5 + 0.0) / 4)
    assert failure_rate(values, 0.1) == pytest.approx(0.25)
    assert np.isnan(auc(np.array([np.nan]), 0.1))


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=30), st.floats(0.01, 0.4))
def test_auc_is_the_area_under_the_ced(values: list[float], limit: float) -> None:
    thresholds = np.linspace(0, limit, 20001)
    shares = ced(np.array(values), thresholds)
    assert auc(np.array(values), limit) == pytest.approx(np.trapezoid(shares, thresholds) / limit, abs=1e-3)


def test_published_full_column_is_twice_common_and_the_image_mean_is_another() -> None:
    images, twice = {"common": 554, "challenging": 135}, {"common": 2, "challenging": 1}
    all_points = {"common": 2.83, "challenging": 7.04}
    regional = {"common": 2.41, "challenging": 5.68}
    assert round(mean_over_sets(all_points, twice), 2) == 4.23
    assert round(mean_over_sets(all_points, images), 2) == 3.65
    assert round(mean_over_sets(regional, twice), 2) == 3.50
    assert round(mean_over_sets(regional, images), 2) == 3.05
    with pytest.raises(AnnotatorError, match="more than zero"):
        mean_over_sets({"common": 1.0}, {"common": 0.0})
