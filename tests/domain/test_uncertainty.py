"""The rules behind the queues, on hand-made faces: what is doubted, how much, and why."""

from dataclasses import replace

import numpy as np
import pytest

from annotator.domain import edits
from annotator.domain.annotation import Annotation, ReviewState
from annotator.domain.faces.shape_statistics import LEAST_SHAPES, ShapeStatistics, fit_shapes, shape_distances
from annotator.domain.proposal import Proposal
from annotator.domain.rigs.consensus import FrameConsensus
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import parse_scheme
from annotator.domain.shaping.sliding import directions
from annotator.domain.uncertainty import Cause, Question, findings, mahalanobis, uncertain

SCHEME = """
schema = 1
name = "six"
version = 1
landmarks = [
  { name = "a", region = "line", mirror = "a" },
  { name = "b", region = "line", mirror = "b" },
  { name = "c", region = "line", mirror = "c" },
  { name = "d", region = "line", mirror = "d" },
  { name = "left", mirror = "right" },
  { name = "right", mirror = "left" },
]
curves = [{ name = "line", closed = false, landmarks = ["a", "b", "c", "d"] }]
[[regions]]
name = "line"
title = "Line"
colour = "#6cb4d8"
mirror = "line"
"""
XY = np.array([[0, 0], [100, 10], [200, 10], [300, 0], [400, 250], [0, 250]], np.float64)
SIGMA = 4.0
OWN = 0.003 * np.sqrt(400 * 250)  # a person's own error on a face of 400 x 250


@pytest.fixture(scope="module")
def scheme() -> LandmarkScheme:
    return parse_scheme(SCHEME)


def proposal(
    scheme: LandmarkScheme, confidence: list[float] | None = None, apart: dict[int, float] | None = None
) -> Proposal:
    """At XY, sigma 4 in x and y; `apart`: how far right of it the global network puts a landmark."""
    covariance = np.tile(np.eye(2) * SIGMA**2, (6, 1, 1)).astype(np.float32)
    global_xy = XY.copy()
    for index, distance in (apart or {}).items():
        global_xy[index, 0] += distance
    sure = np.array(confidence or [0.9] * 6, np.float32)
    boxes = np.zeros((1, 4), np.float32)
    return Proposal(
        "m",
        scheme.id,
        XY.astype(np.float32),
        covariance,
        sure,
        boxes,
        global_xy.astype(np.float32),
        covariance,
    )


def annotated(scheme: LandmarkScheme, moved: dict[int, tuple[float, float]]) -> Annotation:
    """Everything set at XY but for the landmarks that are moved elsewhere."""
    xy = XY.copy()
    for index, place in moved.items():
        xy[index] = place
    return edits.apply(edits.move(range(6), xy), Annotation.empty(scheme))[0]


def test_uncertain_counts_the_points_that_are_probably_wrong(scheme: LandmarkScheme) -> None:
    value = proposal(scheme, [0.9, 0.2, 0.4, 1.0, 1.0, 0.5])
    found = findings(scheme, value, Annotation.empty(scheme), None)[Question.UNCERTAIN]
    assert found.score == pytest.approx(0.1 + 0.8 + 0.6 + 0.5)
    assert found.indices.tolist() == [1, 2]  # under one half, the least sure first
    np.testing.assert_allclose(found.values, [0.2, 0.4])
    assert set(found.causes) == {Cause.UNSURE}


def test_uncertain_asks_of_open_points_alone_and_names_one_at_least(scheme: LandmarkScheme) -> None:
    value = proposal(scheme, [0.9, 0.2, 0.8, 0.95, 0.95, 0.95])
    set_one = edits.apply(edits.move([1], XY[1:2]), Annotation.empty(scheme))[0]
    found = findings(scheme, value, set_one, None)[Question.UNCERTAIN]
    assert found.score == pytest.approx(0.1 + 0.2 + 3 * 0.05)
    assert found.indices.tolist() == [2]


@pytest.mark.parametrize("review", [ReviewState.APPROVED, ReviewState.REJECTED])
def test_a_decided_frame_is_not_asked_what_is_open(scheme: LandmarkScheme, review: ReviewState) -> None:
    value = proposal(scheme, [0.1] * 6, {1: 90.0})
    decided = edits.apply(edits.set_review(review), Annotation.empty(scheme))[0]
    scores = [found.score for found in findings(scheme, value, decided, None)]
    assert scores == [0, 0, 0, 0]


def test_disagreement_is_in_sigmas_of_both_networks(scheme: LandmarkScheme) -> None:
    # Both covariances add up: sigma^2 = 2 * 16, and a person's own error on top.
    sigma = np.sqrt(2 * SIGMA**2 + OWN**2)
    value = proposal(scheme, apart={1: 5 * sigma, 2: 2.5 * sigma, 3: 1.0 * sigma, 4: 9 * sigma})
    found = findings(scheme, value, Annotation.empty(scheme), None)[Question.DISAGREEMENT]
    assert found.indices.tolist() == [1, 2]  # 3 is within two sigmas, 4 has no regional network
    np.testing.assert_allclose(found.values, [5, 2.5], rtol=1e-5)
    assert found.score == pytest.approx((5 + 2.5 + 1) / 5, rel=1e-5)  # the mean of the five largest
    agreed = proposal(scheme, apart={1: 1.9 * sigma})
    assert findings(scheme, agreed, Annotation.empty(scheme), None)[Question.DISAGREEMENT].score == 0


def test_a_point_far_from_a_sure_proposal_is_a_likely_error(scheme: LandmarkScheme) -> None:
    sigma = np.sqrt(SIGMA**2 + OWN**2)
    value = annotated(scheme, {2: (200 + 6 * sigma, 10), 0: (0, 2.9 * sigma)})
    found = findings(scheme, proposal(scheme), value, None)[Question.LABEL_ERROR]
    assert found.indices.tolist() == [2]
    assert found.score == pytest.approx(6, rel=1e-5)
    assert found.causes.tolist() == [Cause.FAR_FROM_PROPOSAL]


def test_label_errors_are_sought_in_approved_frames_too_but_not_in_rejected_ones(
    scheme: LandmarkScheme,
) -> None:
    moved = annotated(scheme, {2: (260, 10)})
    for review, seen in ((ReviewState.APPROVED, True), (ReviewState.REJECTED, False)):
        value = edits.apply(edits.set_review(review), moved)[0]
        assert (findings(scheme, proposal(scheme), value, None)[Question.LABEL_ERROR].score > 0) is seen


def test_neighbours_and_sides_that_changed_places_are_told(scheme: LandmarkScheme) -> None:
    crossed = annotated(scheme, {1: (200, 12), 2: (100, 8), 4: (0, 250), 5: (400, 250)})
    found = findings(scheme, proposal(scheme), crossed, None)[Question.LABEL_ERROR]
    assert sorted(found.indices.tolist()) == [1, 2, 4, 5]
    assert set(found.causes) == {Cause.SWAPPED}
    shifted = annotated(scheme, {1: (150, 10), 2: (250, 10)})  # both wrong, but no exchange would mend it
    found = findings(scheme, proposal(scheme), shifted, None)[Question.LABEL_ERROR]
    assert set(found.causes) == {Cause.FAR_FROM_PROPOSAL}


def faces(count: int) -> np.ndarray:
    """Noisy copies of XY [N, 6, 2], each shifted, turned and scaled otherwise."""
    random = np.random.default_rng(3)
    made = []
    for _ in range(count):
        angle, scale = random.uniform(-0.6, 0.6), random.uniform(0.5, 2)
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        made.append((XY + random.normal(0, 4, XY.shape)) @ turn.T + random.uniform(-500, 500, 2))
    return np.array(made)


def test_a_point_that_breaks_the_usual_shape_is_told_without_help_of_the_model(
    scheme: LandmarkScheme,
) -> None:
    statistics = fit_shapes(scheme, faces(60))
    assert statistics is not None
    vague = proposal(scheme)
    vague.covariance[:] *= 1e4  # a model that knows nothing
    found = findings(scheme, vague, annotated(scheme, {1: (100, 110)}), statistics)[Question.LABEL_ERROR]
    assert found.indices[0] == 1
    assert found.causes[0] == Cause.ODD_SHAPE
    assert findings(scheme, vague, annotated(scheme, {}), statistics)[Question.LABEL_ERROR].score == 0


def test_shape_statistics_ignore_place_size_and_turn_and_one_wild_face(scheme: LandmarkScheme) -> None:
    many = faces(60)
    plain = fit_shapes(scheme, many)
    many[7, 2] += 4000
    wild = fit_shapes(scheme, many)
    assert plain is not None
    assert wild is not None
    np.testing.assert_allclose(plain.spread[:4], wild.spread[:4], rtol=0.15)
    distances = shape_distances(plain, scheme, 3 * XY[:, ::-1] + 100)  # a mirrored face is another shape
    assert distances[:4].max() > shape_distances(plain, scheme, 3 * XY + 100)[:4].max()
    assert np.isnan(distances[4:]).all()  # two points alone have no shape
    assert shape_distances(plain, scheme, 3 * XY + 100)[:4].max() < 2


def test_statistics_need_faces_and_survive_storage(scheme: LandmarkScheme) -> None:
    assert fit_shapes(scheme, faces(LEAST_SHAPES - 1)) is None
    made = fit_shapes(scheme, faces(LEAST_SHAPES))
    assert made is not None
    again = ShapeStatistics.from_plain(made.to_plain())
    np.testing.assert_allclose(again.mean, made.mean, atol=1e-5)
    np.testing.assert_allclose(again.spread, made.spread, atol=1e-5)
    for broken in (
        {},
        {"shapes": 1, "mean": [[1, 2]], "spread": [1, 2]},
        {"shapes": 1, "mean": 3, "spread": [1]},
    ):
        with pytest.raises(ValueError):
            ShapeStatistics.from_plain(broken)


def test_mahalanobis_by_hand() -> None:
    covariance = np.array([[[4.0, 0], [0, 9]], [[4, 0], [0, 9]], [[np.nan, 0], [0, 1]], [[0, 0], [0, 0]]])
    offsets = np.array([[4.0, 0], [0, 4.5], [1, 1], [1, 1]])
    np.testing.assert_allclose(mahalanobis(offsets, covariance), [2, 1.5, np.nan, np.nan])
    np.testing.assert_allclose(mahalanobis(offsets, covariance, 1.0)[3], np.sqrt(2))
    np.testing.assert_allclose(mahalanobis(np.array([1e6, 0]), np.eye(2)), 50)


def cameras(
    scheme: LandmarkScheme, off: dict[int, tuple[float, float]], taken: bool = True
) -> FrameConsensus:
    """What all cameras say, 10 px right of XY; `off`: landmark -> sigmas and pixels by which the frame's own is away."""
    size = scheme.size
    residuals, apart = np.ones(size, np.float32), np.full(size, 2, np.float32)
    for index, (sigmas, pixels) in off.items():
        residuals[index], apart[index] = sigmas, pixels
    xy, wide = (XY + (10, 0)).astype(np.float32), np.tile(np.eye(2, dtype=np.float32), (size, 1, 1))
    disagrees, none = np.isin(np.arange(size), list(off)), np.zeros(size, np.uint8)
    sure = np.full(size, 0.8, np.float32)
    return FrameConsensus(1, "m", xy, wide, sure, residuals, apart, disagrees, none, ~disagrees, taken)


def test_points_that_are_not_where_the_other_cameras_see_them(scheme: LandmarkScheme) -> None:
    together, nobody = cameras(scheme, {1: (6, 30), 4: (1e6, 12)}), Annotation.empty(scheme)
    found = findings(scheme, proposal(scheme), nobody, None, together)[Question.CAMERAS]
    assert (found.score, found.indices.tolist(), found.values.tolist()) == (50, [4, 1], [12, 30])
    assert found.causes.tolist() == [Cause.OFF_OTHERS] * 2
    assert findings(scheme, proposal(scheme), nobody, None)[Question.CAMERAS].score == 0
    agreed = findings(scheme, proposal(scheme), nobody, None, cameras(scheme, {}))[Question.CAMERAS]
    assert (agreed.score, len(agreed.indices)) == (0, 0)


@pytest.mark.parametrize(
    ("review", "asked"),
    [(ReviewState.UNREVIEWED, [1, 4]), (ReviewState.APPROVED, [4]), (ReviewState.REJECTED, [])],
)
def test_of_a_decided_frame_only_what_a_person_set_is_held_against_other_cameras(
    scheme: LandmarkScheme, review: ReviewState, asked: list[int]
) -> None:
    value = edits.apply(edits.move([4], [[400, 250]]), Annotation.empty(scheme))[0]
    decided = edits.apply(edits.set_review(review), value)[0]
    together = cameras(scheme, {1: (9, 30), 4: (6, 12)})
    found = findings(scheme, proposal(scheme), decided, None, together)[Question.CAMERAS]
    assert found.indices.tolist() == asked


def test_certainty_is_that_of_what_is_shown_and_the_networks_are_the_models_own(
    scheme: LandmarkScheme,
) -> None:
    own, nobody = proposal(scheme, [0.3] * 6), Annotation.empty(scheme)
    for taken, expected in ((True, 6 * 0.2), (False, 6 * 0.7)):
        found = findings(scheme, own, nobody, None, cameras(scheme, {}, taken))
        assert found[Question.UNCERTAIN].score == pytest.approx(expected, rel=1e-5)
        assert found[Question.DISAGREEMENT].score == 0


SLIDING = SCHEME.replace(
    'name = "b", region = "line"', 'name = "b", region = "line", kind = "sliding", curve = "line"'
)
"""b slides; its neighbours are level with it from a (0, 0) to c (200, 10)."""


def test_what_lies_along_a_curve_is_no_label_error_and_no_disagreement() -> None:
    scheme = parse_scheme(SLIDING)
    along = directions(scheme, XY)[1]
    across = np.array([-along[1], along[0]])
    for step, told in ((60 * along, False), (60 * across, True)):
        placed = edits.apply(edits.move(np.array([1]), (XY[1] + step)[None]), Annotation.empty(scheme))[0]
        own = proposal(scheme)
        found = findings(scheme, own, placed, None)[Question.LABEL_ERROR]
        assert (1 in found.indices) == told
        if told:  # 60 px under a sigma of 4 and a person's own error, across alone
            assert found.values[0] == pytest.approx(60 / np.hypot(SIGMA, OWN), rel=1e-3)
        global_xy = own.global_xy.copy()
        global_xy[1] += step
        apart = findings(scheme, replace(own, global_xy=global_xy), Annotation.empty(scheme), None)
        assert (1 in apart[Question.DISAGREEMENT].indices) == told


def test_a_point_that_may_lie_anywhere_along_its_curve_is_expected_to_be_right() -> None:
    scheme, anchored = parse_scheme(SLIDING), parse_scheme(SCHEME)
    along = directions(scheme, XY)[1]
    covariance = proposal(scheme).covariance.copy()
    covariance[1] = 400 * np.outer(along, along) + 0.01 * np.eye(2)  # 20 px along, a tenth across
    # the chance to lie within 2 % of the face (6.3 px) in every direction, with a face that is sure by 0.8; across it is 1
    chance = 1 - np.exp(-0.5 * (0.02 * np.sqrt(400 * 250)) ** 2 / ((400 + 0.02) / 2))
    own = replace(proposal(scheme, [0.9, 0.8 * chance, 0.9, 0.9, 0.9, 0.9]), covariance=covariance)
    everything = np.ones(6, np.bool_)
    assert uncertain(anchored, own, everything).score == pytest.approx(5 * 0.1 + 1 - 0.8 * chance, rel=1e-5)
    found = uncertain(scheme, own, everything)
    assert found.score == pytest.approx(5 * 0.1 + 1 - 0.8, rel=1e-4)
    assert found.indices.tolist() == [1]  # named by the confidence that is shown
    told = replace(
        own, confidence=np.full(6, 0.5, np.float32)
    )  # higher than follows: it comes from elsewhere
    assert uncertain(scheme, told, everything).score == pytest.approx(3)
