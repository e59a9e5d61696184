"""The inside of bundle adjustment: derivatives, and the minimum that a general solver finds."""

from __future__ import annotations

import numpy as np
import pytest
from rig_worlds import bumped, dome, face, seen_by, sighted, turned

from annotator.rigs.bundle import Bundle, Moving, Observed
from annotator.rigs.gauge import regauged
from annotator.rigs.projection import Lenses
from annotator.rigs.rotations import rotation_of, vector_of

ALL = Moving(True, True, True, True)


def problem(terms: tuple[float, ...]) -> tuple[Bundle, Lenses, np.ndarray]:
    rng = np.random.default_rng(0)
    rig, points = dome(3, focal=3000, distortion=terms, size=1024), face(rng, 30)
    seen = sighted(seen_by(rig, points), 2.0, rng)
    lenses = Lenses.of([bumped(camera, rng.normal(0, 0.02, 3)) for camera in rig.cameras.values()])
    observed = Observed.of(seen.xy, seen.covariance, seen.usable, seen.trusted)
    return Bundle(observed, lenses, ALL, np.full((3, 11), 10.0)), lenses, points


@pytest.mark.parametrize(
    "terms", [(), (0.1, -0.2, 0.01, 0.02, 0.1, 0.2, 0.1, 0.0, 0.01, 0, 0.02, 0, 0.03, -0.02)]
)
def test_derivatives_are_those_of_small_steps(terms: tuple[float, ...]) -> None:
    bundle, lenses, points = problem(terms)
    at = bundle.at(lenses, points)
    for column, step in enumerate([1e-6] * 3 + [1e-3] * 3 + [1e-6] + [1e-4] * 4):
        change = np.zeros((3, 11))
        change[:, column] = step
        ahead, behind = (bundle.at(bundle._moved(lenses, sign * change), points) for sign in (1, -1))
        # residuals are what was seen less what is projected
        wanted = -(ahead.residual - behind.residual) / (2 * step)
        np.testing.assert_allclose(
            at.by_camera[..., column], wanted, rtol=2e-4, atol=2e-3 * np.abs(wanted).max()
        )
    for axis in range(3):
        shift = 1e-3 * np.eye(3)[axis]
        ahead, behind = (bundle.at(lenses, points + sign * shift) for sign in (1, -1))
        wanted = -(ahead.residual - behind.residual) / 2e-3
        np.testing.assert_allclose(at.by_point[..., axis], wanted, rtol=1e-4, atol=1e-4)


def test_no_general_solver_finds_a_lower_cost() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    bundle, lenses, points = problem(())
    bundle.moving, bundle.sigma = Moving(), np.full((3, 11), 0.01)
    costs: list[float] = []
    found, where = bundle.adjusted(lenses, points, 50, lambda _, cost: costs.append(cost))
    ours = bundle.cost_of(found, bundle.at(found, where))

    def cost(unknowns: np.ndarray) -> float:
        moved = bundle._moved(found, unknowns[:18].reshape(3, 6) * 1e-4)
        return bundle.cost_of(moved, bundle.at(moved, where + unknowns[18:].reshape(-1, 3) * 0.1))

    theirs = optimize.minimize(cost, np.zeros(18 + points.size), method="L-BFGS-B").fun
    assert costs == sorted(costs, reverse=True)
    assert theirs > ours * (1 - 1e-4)


@pytest.mark.parametrize("length", [0.0, 1e-9, 0.3, 3.0])
def test_rotations_and_vectors(length: float) -> None:
    vector = length * np.array([0.6, -0.48, 0.64])
    np.testing.assert_allclose(rotation_of(vector), turned(vector) if length else np.eye(3), atol=1e-12)
    np.testing.assert_allclose(vector_of(rotation_of(vector)), vector, atol=1e-12)


def test_a_rig_that_was_moved_as_a_whole_goes_back_and_a_bumped_camera_does_not_carry_it() -> None:
    rig = dome(5)
    old = list(rig.cameras.values())
    turn, shift, scale = turned(np.array([0.02, -0.01, 0.03])), np.array([4.0, -3, 2]), 1.01
    moved = [*old]
    moved[2] = bumped(old[2], np.array([0.5, 0, 0]))
    whole = []
    for camera in moved:
        rotation = camera.rotation @ turn.T
        place = scale * turn @ camera.position + shift
        whole.append(
            type(camera)(
                camera.name,
                camera.width,
                camera.height,
                camera.matrix,
                camera.distortion,
                np.column_stack([rotation, -rotation @ place]),
            )
        )
    for camera, back in zip(moved, regauged(old, whole), strict=True):
        np.testing.assert_allclose(back.camera_from_world, camera.camera_from_world, atol=1e-6)
