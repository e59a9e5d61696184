"""Coordinates, frames, proposals, model cards."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from annotator.domain import coords
from annotator.domain.capture import Frame
from annotator.domain.errors import ModelError
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Heatmap, Proposal

entry = st.floats(-4, 4)


@st.composite
def affines(draw: st.DrawFn) -> coords.Affine:
    affine = np.array(draw(st.lists(entry, min_size=6, max_size=6))).reshape(2, 3)
    assume(abs(np.linalg.det(affine[:, :2])) > 0.1)
    return affine


@given(affines(), affines())
def test_affines_invert_and_compose(a: coords.Affine, b: coords.Affine) -> None:
    xy = np.array([[0.0, 0.0], [4096.0, 17.5], [-3.0, 2.0]])
    np.testing.assert_allclose(
        coords.apply_affine(coords.invert_affine(a), coords.apply_affine(a, xy)), xy, atol=1e-6
    )
    np.testing.assert_allclose(
        coords.apply_affine(coords.compose(a, b), xy),
        coords.apply_affine(a, coords.apply_affine(b, xy)),
        atol=1e-6,
    )


def test_a_box_grid_maps_corners_to_corners_and_centres_to_centres() -> None:
    affine = coords.frame_from_box_grid(np.array([100.0, 200.0, 300.0, 600.0]), 4, 8)
    np.testing.assert_allclose(
        coords.apply_affine(affine, np.array([[0, 0], [4, 8], [0.5, 0.5]])),
        [[100, 200], [300, 600], [125, 225]],
    )


def test_covariance_follows_the_linear_part() -> None:
    affine = np.array([[0.0, -3.0, 9.0], [2.0, 0.0, 9.0]])
    cov = np.array([[[1.0, 0.5], [0.5, 4.0]], [[2.0, 0.0], [0.0, 2.0]]])
    np.testing.assert_allclose(
        coords.apply_covariance(affine, cov), [[[36.0, -3.0], [-3.0, 4.0]], [[18.0, 0.0], [0.0, 8.0]]]
    )


def test_bounding_box_ignores_missing_points() -> None:
    xy = np.array([[1.0, 9.0], [np.nan, np.nan], [4.0, 2.0]])
    assert coords.bounding_box(xy).tolist() == [1, 2, 4, 9]
    assert np.isnan(coords.bounding_box(xy[1:2])).all()


@pytest.mark.parametrize("path", ["/etc/passwd", "../x.jpg", "a/../../x.jpg", "", "C:/x.jpg", "a\\b.jpg"])
def test_a_frame_never_leaves_the_capture_root(path: str) -> None:
    with pytest.raises(ValueError, match="capture root"):
        Frame(0, path, "", "", "", "", 1, 1)


def test_frame_names() -> None:
    assert Frame(1, "a/b.jpg", "", "", "", "", 1, 1).name == "b.jpg"
    assert Frame(1, "a/b.jpg", "anna", "", "cam1", "0007", 1, 1).name == "anna / cam1 / 0007"


def test_heatmap_probability_sums_to_one_and_follows_the_logits() -> None:
    logits = np.zeros((2, 3, 4), np.float32)
    logits[1, 2, 3] = np.log(12.0)
    eye = np.eye(2, 3)
    maps = Heatmap("global", np.array([0, 1]), logits, eye, np.zeros((3, 4, 3), np.uint8), eye).probability()
    np.testing.assert_allclose(maps.sum((1, 2)), 1, rtol=1e-6)
    np.testing.assert_allclose(maps[0], 1 / 12, rtol=1e-6)
    np.testing.assert_allclose(maps[1, 2, 3], 12 / 23, rtol=1e-6)


def test_proposal_shapes_are_checked() -> None:
    xy, cov = np.zeros((2, 2), np.float32), np.zeros((2, 2, 2), np.float32)
    with pytest.raises(ValueError, match="confidence"):
        Proposal("m", "s@1", xy, cov, np.zeros(3, np.float32), np.zeros((0, 4), np.float32), xy, cov)


def test_model_card_round_trip() -> None:
    card = ModelCard("a", "s@1", {"kind": "adc", "channels": 64}, parent=None, metrics={"val": {"nme": 1.5}})
    assert ModelCard.from_toml(card.to_toml()) == card
    child = ModelCard("b", "s@1", {}, parent="a", sha256="00", created="2026-01-01T00:00:00Z")
    assert ModelCard.from_toml(child.to_toml()) == child


@pytest.mark.parametrize(
    ("text", "says"),
    [("schema = 2", "Update"), ("schema = 1", "lacks"), ("schema = ", "TOML"), ("", "schema")],
)
def test_a_damaged_card_is_refused(text: str, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        ModelCard.from_toml(text)


def test_roots_of_covariances_and_their_inverses() -> None:
    turned = np.array([[2.5, 1.5], [1.5, 2.5]])  # 4 along the diagonal, 1 across it
    roots, inverses = coords.covariance_roots(np.stack([turned, np.diag([9.0, 0.0])]), 0.25)
    np.testing.assert_allclose(roots, [[[1.5, 0.5], [0.5, 1.5]], [[3.0, 0.0], [0.0, 0.5]]], atol=1e-12)
    np.testing.assert_allclose(roots @ inverses, np.stack([np.eye(2)] * 2), atol=1e-12)
