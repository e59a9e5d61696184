"""Suggestions: the conditional mean by hand, what stays the same when the face moves, and what people set is never touched."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.edits import accept, apply, move
from annotator.domain.faces.error_correlation import ErrorPrior, measure
from annotator.domain.faces.propagation import conditional_shift, kernel, suggest
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme


@pytest.fixture(scope="module")
def scheme() -> LandmarkScheme:
    return load_scheme("studio-89")


def face(scheme: LandmarkScheme) -> np.ndarray:
    """float64 [L, 2]: every region a ring of its own, 200 px wide, along the scheme's order."""
    xy = np.empty((scheme.size, 2))
    for number in range(-1, len(scheme.regions)):
        at = np.flatnonzero(scheme.region_of == number)
        angle = 2 * np.pi * np.arange(len(at)) / len(at)
        xy[at] = np.stack([500 + 400 * number + 100 * np.cos(angle), 600 + 100 * np.sin(angle)], 1)
    return xy


def proposal_at(scheme: LandmarkScheme, xy: np.ndarray, covariance: np.ndarray | None = None) -> Proposal:
    size = scheme.size
    spread = np.tile(np.diag([16.0, 9.0]), (size, 1, 1)) if covariance is None else covariance
    return Proposal(
        "m",
        scheme.id,
        xy.astype(np.float32),
        spread.astype(np.float32),
        np.ones(size, np.float32),
        np.zeros((len(scheme.regions), 4), np.float32),
        xy.astype(np.float32),
        spread.astype(np.float32),
    )


def corrected(scheme: LandmarkScheme, indices: list[int], xy: np.ndarray) -> Annotation:
    return apply(move(indices, xy), Annotation.empty(scheme))[0]


def test_conditional_mean_by_hand_for_two_frames() -> None:
    correlation = np.array([[[1.0, 0.5], [0.5, 1.0]], [[1.0, -0.25], [-0.25, 1.0]]])
    covariance = np.array([np.diag([4.0, 1.0]), np.diag([9.0, 16.0])])[None].repeat(2, 0)
    errors = np.array([[[2.0, 3.0]], [[4.0, -1.0]]])
    shift, explained = conditional_shift(correlation, covariance, np.array([0]), errors, noise=0.0)
    # The known point is off by (2/2, 3/1) of its sigmas (2, 1); the other's sigmas are (3, 4).
    np.testing.assert_allclose(shift[0], [[2, 3], [0.5 * 1 * 3, 0.5 * 3 * 4]], atol=1e-9)
    np.testing.assert_allclose(shift[1], [[4, -1], [-0.25 * 2 * 3, -0.25 * -1 * 4]], atol=1e-9)
    np.testing.assert_allclose(explained, [[1, 0.25], [1, 0.0625]], atol=1e-9)


def test_two_known_points_by_hand() -> None:
    correlation = np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.8], [0.6, 0.8, 1.0]]])
    covariance = np.tile(np.eye(2), (1, 3, 1, 1))
    errors = np.array([[[1.0, 0.0], [0.0, 2.0]]])
    shift, explained = conditional_shift(correlation, covariance, np.array([0, 1]), errors, noise=0.0)
    np.testing.assert_allclose(shift[0, 2], [0.6, 1.6], atol=1e-9)
    np.testing.assert_allclose(explained[0, 2], 1.0, atol=1e-9)


def test_points_that_are_wrong_together_all_move_by_d() -> None:
    together = np.ones((2, 4, 4))
    covariance = np.tile(np.array([[5.0, 1.0], [1.0, 3.0]]), (2, 4, 1, 1))
    d = np.array([[3.0, -2.0], [-7.0, 0.5]])
    known = np.array([1, 3])
    shift, _ = conditional_shift(together, covariance, known, d[:, None].repeat(2, 1), noise=1e-9)
    np.testing.assert_allclose(shift, d[:, None].repeat(4, 1), rtol=1e-6)


def test_noise_holds_back() -> None:
    one = np.ones((1, 2, 2))
    shift, explained = conditional_shift(
        one, np.tile(np.eye(2), (1, 2, 1, 1)), np.array([0]), np.array([[[2.0, 0.0]]]), noise=1.0
    )
    np.testing.assert_allclose(shift[0, 1], [1.0, 0.0])
    np.testing.assert_allclose(explained[0], [0.5, 0.5])


def test_the_kernel_is_a_correlation_and_prefers_the_curve(scheme: LandmarkScheme) -> None:
    members = np.array(scheme.region("mouth").indices)
    value = kernel(scheme, face(scheme), members)
    np.testing.assert_allclose(np.diag(value), 1.0)
    np.testing.assert_allclose(value, value.T)
    assert np.linalg.eigvalsh(value).min() > 0
    curve = next(curve for curve in scheme.curves if curve.name == "lips_outer")
    rows = [int(np.flatnonzero(members == index)[0]) for index in curve.indices[:2]]
    inner = next(curve for curve in scheme.curves if curve.name == "lips_inner").indices[3]
    assert value[rows[0], rows[1]] > 0.5
    assert value[rows[0], rows[1]] > value[rows[0], int(np.flatnonzero(members == inner)[0])]


@settings(max_examples=25)
@given(st.floats(-500, 500), st.floats(-500, 500), st.floats(0.3, 3), st.floats(-3, 3), st.floats(-20, 20))
def test_suggestions_go_with_the_face(x: float, y: float, scale: float, angle: float, error: float) -> None:
    """Move, turn and scale the picture, and the suggestions move, turn and scale with it."""
    scheme = load_scheme("studio-89")
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    xy, wrong = face(scheme) + 2000, scheme.region("mouth").indices[0]
    spread = np.tile(np.array([[160.0, 30.0], [30.0, 90.0]]), (scheme.size, 1, 1))
    offset = np.array([[60 + error, -error]])
    first = suggest(scheme, proposal_at(scheme, xy, spread), corrected(scheme, [wrong], xy[[wrong]] + offset))
    other = xy @ turn.T + [x, y]
    second = suggest(
        scheme,
        proposal_at(scheme, other, turn @ spread @ turn.T),
        corrected(scheme, [wrong], other[[wrong]] + offset @ turn.T),
    )
    common = np.intersect1d(first.indices, second.indices)
    assert len(common) >= 2
    np.testing.assert_allclose(
        second.only(common.tolist()).xy, first.only(common.tolist()).xy @ turn.T + [x, y], atol=0.05
    )


def test_twice_the_correction_is_twice_the_suggestion(scheme: LandmarkScheme) -> None:
    xy, wrong = face(scheme), scheme.region("nose").indices[2]
    made = [
        suggest(scheme, proposal_at(scheme, xy), corrected(scheme, [wrong], xy[[wrong]] + [size, size]))
        for size in (20.0, 40.0)
    ]
    same = np.intersect1d(made[0].indices, made[1].indices).tolist()
    assert same
    np.testing.assert_allclose(
        made[1].only(same).xy - xy[same], 2 * (made[0].only(same).xy - xy[same]), atol=1e-2
    )


def test_only_unset_neighbours_in_the_same_region_get_suggestions(scheme: LandmarkScheme) -> None:
    xy = face(scheme)
    mouth = scheme.region("mouth").indices
    state = corrected(scheme, [mouth[0]], xy[[mouth[0]]] + [40, 30])
    everyone = suggest(scheme, proposal_at(scheme, xy), state)
    assert set(everyone.indices.tolist()) <= set(mouth) - {mouth[0]}
    assert len(everyone) >= 2
    kept = int(everyone.indices[0])
    shown = apply(move([kept], xy[[kept]]), state)[0]
    confirmed = apply(accept(shown, [kept]), shown)[0]
    assert kept not in suggest(scheme, proposal_at(scheme, xy), confirmed).indices
    elsewhere = corrected(scheme, list(mouth), xy[list(mouth)] + 5)
    assert len(suggest(scheme, proposal_at(scheme, xy), elsewhere)) == 0, "all are set"


def test_confirming_alone_carries_nothing_and_a_confirmed_neighbour_holds_back(
    scheme: LandmarkScheme,
) -> None:
    xy = face(scheme)
    ring = next(curve for curve in scheme.curves if curve.name == "lips_outer").indices
    proposed = proposal_at(scheme, xy)
    placed = corrected(scheme, [ring[2]], xy[[ring[2]]])
    assert len(suggest(scheme, proposed, apply(accept(placed, [ring[2]]), placed)[0])) == 0
    alone = suggest(scheme, proposed, corrected(scheme, [ring[0]], xy[[ring[0]]] + [0, 60])).only([ring[1]])
    held = corrected(scheme, [ring[0]], xy[[ring[0]]] + [0, 60])
    held = apply(move([ring[2]], xy[[ring[2]]]), held)[0]
    held = apply(accept(held, [ring[2]]), held)[0]
    both = suggest(scheme, proposed, held).only([ring[1]])
    assert 0 < both.xy[0, 1] - xy[ring[1], 1] < alone.xy[0, 1] - xy[ring[1], 1]


def test_landmarks_without_a_proposal_are_left_out(scheme: LandmarkScheme) -> None:
    xy = face(scheme)
    mouth = scheme.region("mouth").indices
    full = suggest(scheme, proposal_at(scheme, xy), corrected(scheme, [mouth[0]], xy[[mouth[0]]] + 40))
    gone = xy.copy()
    gone[int(full.indices[0])] = np.nan
    fewer = suggest(scheme, proposal_at(scheme, gone), corrected(scheme, [mouth[0]], xy[[mouth[0]]] + 40))
    assert int(full.indices[0]) not in fewer.indices
    assert np.isfinite(fewer.xy).all()


def test_what_corrections_teach(scheme: LandmarkScheme) -> None:
    errors = np.full((3, 3, 2), np.nan)
    errors[0, 0], errors[0, 1] = [2.0, 0.0], [6.0, 0.0]
    errors[1, 0], errors[1, 1] = [0.0, 4.0], [0.0, -4.0]
    covariance = np.tile(np.array([np.diag([4.0, 4.0]), np.diag([9.0, 4.0]), np.eye(2)]), (3, 1, 1, 1))
    prior = measure("three@1", errors, covariance)
    # In sigmas: landmark 0 is off by (1, 0) and (0, 2), landmark 1 by (2, 0) and (0, -2): (2 - 4) / sqrt(5 * 8).
    assert prior.correlation[0, 1] == pytest.approx(-2 / np.sqrt(40), abs=1e-6)
    assert prior.correlation[2].tolist() == [0, 0, 1]
    assert prior.frames == 2
    more = prior.with_more(ErrorPrior("three@1", np.eye(3, dtype=np.float32), 6))
    assert more.correlation[0, 1] == pytest.approx(0.25 * prior.correlation[0, 1])
    assert more.frames == 8
    with pytest.raises(ValueError, match="other@1"):
        prior.with_more(ErrorPrior("other@1", np.eye(3, dtype=np.float32), 1))


def test_a_prior_outweighs_the_kernel_with_its_frames(scheme: LandmarkScheme) -> None:
    xy = face(scheme)
    mouth = scheme.region("mouth").indices
    state = corrected(scheme, [mouth[0]], xy[[mouth[0]]] + [40, 0])
    alone = ErrorPrior(scheme.id, np.eye(scheme.size, dtype=np.float32), 1e9)
    assert len(suggest(scheme, proposal_at(scheme, xy), state, alone)) == 0
    together = ErrorPrior(scheme.id, np.ones((scheme.size, scheme.size), np.float32), 1e9)
    moved = suggest(scheme, proposal_at(scheme, xy), state, together)
    assert moved.indices.tolist() == list(mouth[1:])
    np.testing.assert_allclose(
        moved.xy - xy[list(mouth[1:])], np.tile([40, 0], (len(mouth) - 1, 1)), atol=0.1
    )
    assert (state.state[list(mouth[1:])] == LandmarkState.MISSING).all(), "the annotation itself is as it was"
