"""Epipolar lines: every point of a ray lies on the line, within the frame, bent where the lens bends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig_worlds import camera_at, dome

from annotator.rigs.epipolar import epipolar_line
from annotator.rigs.projection import project, undistorted

BENT = (-0.2, 0.05, 0.002, -0.001, 0.01)


def off_line(line: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Distance of points [N, 2] from a polyline [K, 2]."""
    start, step = line[:-1], np.diff(line, axis=0)
    share = np.einsum("nkd,kd->nk", points[:, None] - start, step) / (step**2).sum(1)
    nearest = start + np.clip(share, 0, 1)[..., None] * step
    return np.linalg.norm(points[:, None] - nearest, axis=-1).min(1)


def test_by_hand_the_line_of_the_middle_is_the_middle_line() -> None:
    front = camera_at("front", np.array([0.0, 0, 10]), focal=100, size=200)
    side = camera_at("side", np.array([10.0, 0, 0]), focal=100, size=200)
    line = epipolar_line(front, np.array([100.0, 100.0]), side)
    np.testing.assert_allclose(line[:, 1], 100, atol=1e-9)
    # the side camera sees +z to its left: away from the front camera is to the right
    assert line[0, 0] == pytest.approx(0)
    assert line[-1, 0] == pytest.approx(200)
    assert (np.diff(line[:, 0]) > 0).all()


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    terms=st.sampled_from([(), BENT]),
    share=st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95)),
)
def test_the_points_of_the_ray_lie_on_the_line(
    seed: int, terms: tuple[float, ...], share: tuple[float, float]
) -> None:
    rng = np.random.default_rng(seed)
    places = rng.normal(0, 1, (2, 3))
    places = places / np.linalg.norm(places, axis=1, keepdims=True) * rng.uniform(800, 2000, (2, 1))
    one, other = (
        camera_at(n, p, rng.normal(0, 50, 3), 1500, 1024, terms) for n, p in zip("ab", places, strict=True)
    )
    xy = np.array(share) * 1024
    ray = np.append(undistorted(one, xy[None])[0], 1) @ one.rotation
    seen = project(other, one.position + np.geomspace(1, 1e6, 4000)[:, None] * ray)
    within = seen[((seen > 0.5) & (seen < 1023.5)).all(1)]
    line = epipolar_line(one, xy, other)
    assert ((line >= -1e-6) & (line <= 1024 + 1e-6)).all()
    if len(within):
        assert off_line(line, within).max() < 0.2
    elif len(line):
        assert np.linalg.norm(np.diff(line, axis=0), axis=1).sum() < 10


def test_there_is_no_line_where_there_is_nothing_to_show() -> None:
    camera, other = list(dome(2).cameras.values())
    middle = np.array([2048.0, 2048.0])
    assert epipolar_line(camera, middle, camera).shape == (0, 2)
    away = camera_at("away", other.position, 2 * other.position)  # looks the other way
    assert epipolar_line(camera, middle, away).shape == (0, 2)
    assert epipolar_line(camera, np.array([np.nan, 5.0]), other).shape == (0, 2)
    assert len(epipolar_line(camera, middle, other)) == 2
    bent = next(iter(dome(2, distortion=(-0.2, 0.1, 0.0, 0.0)).cameras.values()))
    assert len(epipolar_line(other, middle, bent)) > 10
