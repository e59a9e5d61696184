"""The fit of what is hidden to the direction of the camera."""

import numpy as np

from annotator.studio.truth.turned_heads import turned_head


def test_a_landmark_is_hidden_from_where_rays_say_so() -> None:
    rng = np.random.default_rng(3)
    towards = rng.normal(size=(1500, 3))
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    outward = np.array([[1.0, 0, 0], [-1.0, 0, 0], [0, 0, 1.0]])
    seen = towards @ outward.T > [0.0, 0.3, -0.2]
    points = rng.normal(size=(4, 3, 3))
    head = turned_head(points, towards, seen)
    np.testing.assert_allclose(head.points, points.mean(0), atol=1e-6)
    odds = towards @ head.hiding[:, :3].T + head.hiding[:, 3]
    assert ((odds > 0) == ~seen).mean(0).min() > 0.95
