"""A rig from confirmed points alone: its shape, its size by a known length, and reasons where there is none."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from rig_worlds import dome, face, seen_by, sighted

from annotator.domain.progress import Cancelled
from annotator.domain.rigs.rig import Rig, RigError
from annotator.rigs.sightings import Sightings
from annotator.rigs.solve import Frame, Length, solve


def confirmed(true: Rig, moments: int, sigma: float, rng: np.random.Generator) -> list[Sightings]:
    """Moments with a head that moves; landmarks 0 and 1 are 90 mm apart."""
    found = []
    for _ in range(moments):
        points = face(rng)
        points[:2] = [[-45, 0, 0], [45, 0, 0]]
        found.append(sighted(seen_by(true, points + rng.normal(0, 20, 3)), sigma, rng))
    return found


def frames(true: Rig, focal: float | None = None) -> list[Frame]:
    return [Frame(camera.name, camera.width, camera.height, focal) for camera in true.cameras.values()]


def apart(rig: Rig) -> np.ndarray:
    """Distances between cameras, each pair once."""
    places = [camera.position for camera in rig.cameras.values()]
    return np.array([np.linalg.norm(a - b) for a, b in combinations(places, 2)])


@pytest.mark.parametrize(
    ("views", "focal", "size"),
    [(8, 22000.0, 4096), (3, 2500.0, 1024), (5, 9000.0, 4096), (16, 22000.0, 4096)],
)
def test_the_rig_comes_back_in_millimetres(views: int, focal: float, size: int) -> None:
    rng = np.random.default_rng(views)
    true = dome(views, focal=focal, size=size)
    found = solve(frames(true), confirmed(true, 3, size / 4096 * 2, rng), Length(0, 1, 90.0))
    np.testing.assert_allclose(apart(found.rig), apart(true), rtol=0.06)
    for camera in found.rig.cameras.values():
        assert camera.matrix[0, 0] == pytest.approx(focal, rel=0.08)
    assert found.error < 4 * size / 4096
    assert set(found.by_camera) == set(true.cameras)
    assert 0 < found.zoom < 0.05
    assert found.rig.unit == 1
    assert "pixels (median)" in found.text


def test_known_focal_lengths_stay_and_without_a_length_the_unit_is_unknown() -> None:
    rng = np.random.default_rng(0)
    true = dome(4)
    found = solve(frames(true, 22000.0), confirmed(true, 4, 2.0, rng))
    assert all(camera.matrix[0, 0] == pytest.approx(22000, rel=1e-5) for camera in found.rig.cameras.values())
    assert (found.rig.unit, found.zoom) == (0, 0)
    ratio = apart(found.rig) / apart(true)
    np.testing.assert_allclose(ratio / ratio.mean(), 1, atol=0.01)


def test_two_cameras_can_be_solved_and_it_is_told_how_little_is_known() -> None:
    rng = np.random.default_rng(1)
    true = dome(2, focal=6000.0)
    found = solve(frames(true), confirmed(true, 5, 2.0, rng))
    assert found.error < 5
    assert found.zoom > 0.05
    assert "That is little" in found.text


def test_views_that_lack_points_and_the_outline_do_no_harm() -> None:
    rng = np.random.default_rng(2)
    true = dome(5)
    moments = confirmed(true, 6, 2.0, rng)
    soft = np.arange(89) >= 80
    for moment in moments:
        moment.xy[rng.random((5, 89)) < 0.3] = np.nan
        moment.xy[:, soft] += rng.normal(0, 80, (5, 9, 2))
    found = solve(frames(true), moments, Length(0, 1, 90.0), soft)
    np.testing.assert_allclose(apart(found.rig), apart(true), rtol=0.06)


def test_too_little_and_what_does_not_fit_is_refused_with_a_reason() -> None:
    rng = np.random.default_rng(3)
    true = dome(4)
    with pytest.raises(RigError, match="two cameras"):
        solve(frames(true)[:1], [])
    with pytest.raises(RigError, match="Only 0 points"):
        solve(frames(true), [])
    with pytest.raises(RigError, match="each of the 4"):
        solve(frames(true), confirmed(dome(3), 2, 2.0, rng))
    blind = confirmed(true, 2, 2.0, rng)
    for moment in blind:
        moment.votes[2] = False
    with pytest.raises(RigError, match="cam_02 shares 0 points"):
        solve(frames(true), blind)
    mixed = confirmed(true, 1, 2.0, rng)
    for moment in mixed:
        for view in moment.xy:
            view[:] = view[rng.permutation(89)]
    with pytest.raises(RigError, match=r"fit|sees nothing"):
        solve(frames(true), mixed)


def test_it_stops_when_asked() -> None:
    true = dome(3)
    with pytest.raises(Cancelled):
        solve(frames(true), confirmed(true, 2, 2.0, np.random.default_rng(4)), stop=lambda: True)
