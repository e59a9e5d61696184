"""Similarities between sets of points; the other maps are tested beside the values that use them."""

import numpy as np

from annotator.domain.coords import apply_affine, similarity


def test_a_similarity_lays_points_on_others_and_leaves_out_what_is_missing() -> None:
    turned = np.array([[0.0, -3.0, 5.0], [3.0, 0.0, -7.0]])  # a quarter turn, three times as large
    source = np.array([[0.0, 0], [1, 0], [2, 5], [9, 9]])
    target = apply_affine(turned, source)
    target[3] = np.nan
    found = similarity(source, target)
    assert found is not None
    np.testing.assert_allclose(found, turned, atol=1e-12)
    assert similarity(source[2:], target[2:]) is None
    assert similarity(np.ones((3, 2)), source[:3]) is None
