"""What people wear: clothes, lenses, collars; and the tubes that frames and rims are made of."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from annotator.studio.clothing.accessories import accessories
from annotator.studio.clothing.garments import garment, neckline
from annotator.studio.clothing.headwear import headwear
from annotator.studio.geometry.subdivision import vertex_normals
from annotator.studio.geometry.tubes import tube
from annotator.studio.person.eyes import fit_eyes
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import make_subject
from annotator.studio.scene.capture import LET_THROUGH, pose, skin_points

from .conftest import dressed


def test_clothes_and_lenses_stop_no_ray_and_bare_skin_ends_at_the_neck(subject, level):
    rest = head_model().morph({})
    eyes = fit_eyes(head_model(), rest, rest, (0.0, 0.0))
    worn = accessories(dressed(subject, glasses=True, earrings="hoop"), level.rest, level, eyes)
    kinds = {part.kind for part in worn}
    assert {"cloth", "lens", "frame", "metal", "caruncle"} <= kinds
    assert set(LET_THROUGH) == {"cloth", "lens"}
    for part in worn:
        assert part.faces.max() < len(part.points) == len(part.tint)
    chin = level.rest[(level.rest[:, 1] > 620) & (level.rest[:, 2] > 100)]
    for kind in ("crew", "vee", "wide", "turtle", "shirt", "hood", "jacket"):
        assert neckline(dressed(subject, garment=kind), chin).max() < 0


def test_the_torso_is_moved_only_when_asked_and_then_as_the_head_is():
    model = head_model()
    shape = {"macrodetails/caucasian-male-old": 0.7, "nose/nose-hump-incr": 0.5}
    alone, whole = model.morph(shape), model.morph(shape, torso=True)
    np.testing.assert_array_equal(model.head(alone), model.head(whole))
    ids = np.unique(model.torso)
    offsets = model.targets.offsets[[model.targets.names.index(name) for name in shape]].astype(np.float32)
    moved = model.base.vertices[ids] + np.tensordot([0.7, 0.5], offsets[:, model.rows[ids]], 1)
    np.testing.assert_allclose(model.at(ids, whole), moved, atol=1e-5)
    with pytest.raises(IndexError):
        model.at(ids, alone)


@pytest.mark.parametrize("garment", ["shirt", "jacket"])
def test_a_collar_is_sewn_up_at_both_ends(subject, level, garment):
    rest = head_model().morph({})
    eyes = fit_eyes(head_model(), rest, rest, (0.0, 0.0))
    worn = accessories(dressed(subject, garment=garment), level.rest, level, eyes)
    collar = [part for part in worn if part.kind == "cloth"][2 if garment == "jacket" else 1]
    edges = np.sort(
        np.concatenate([collar.faces[:, [0, 1]], collar.faces[:, [1, 2]], collar.faces[:, [2, 0]]]), 1
    )
    pairs, uses = np.unique(edges, axis=0, return_counts=True)
    border = collar.points[np.unique(pairs[uses == 1])]
    for side in (border[border[:, 0] > 0], border[border[:, 0] < 0]):
        apart = np.linalg.norm(side[:, None] - side[None], axis=-1) + 99 * np.eye(len(side))
        assert (apart.min(1) < 0.01).sum() >= 4  # the stand's edge lies on the leaf's


def test_an_open_shirt_ends_in_a_point_above_its_first_button(subject):
    height, button = np.linspace(500, 620, 481), 545.0
    for seed in range(40):
        shirt = dressed(subject, garment="shirt", seed=seed)
        middle, beside = (
            height[neckline(shirt, np.stack([np.full(481, x), height, np.zeros(481)], 1)) > 0].max()
            for x in (0.0, 30.0)
        )
        assert beside - 40 < middle < beside - 9
        assert middle > button - 6


def test_the_peak_of_a_cap_has_a_smooth_edge_and_no_flaps(subject, level):
    _, visor = headwear(dressed(subject, headwear="cap"), level.rest, level)
    side = np.linspace(-55, 55, 23)
    nearest = cKDTree(visor.points[:, :1]).query_ball_point(side[:, None], 1.5)
    edge = np.array([visor.points[near][np.argmax(visor.points[near, 2])] for near in nearest])
    assert np.abs(np.diff(edge[:, 1], 2)).max() < 1.2  # no ripple up or down
    ends = visor.points[np.abs(visor.points[:, 0]) > 58]
    assert np.ptp(ends[:, 1]) < 22  # nothing hangs down at its sides


def test_a_tube_keeps_its_radius():
    path = np.stack([np.linspace(0, 10, 6), np.zeros(6), np.zeros(6)], 1)
    points, quads = tube(path, 0.5, False)
    np.testing.assert_allclose(np.hypot(points[:, 1], points[:, 2]), 0.5)
    assert len(quads) == 5 * 8


def skin_of(wearer):
    """Posed skin vertices of the first refinement."""
    coarse, neutral, posed = pose(head_model(), wearer, {})
    eyes = fit_eyes(head_model(), neutral, posed, (0.0, 0.0))
    return skin_points(head_model(), coarse, eyes, 1, 1)[0]


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_men_and_women_have_chests_of_their_own(level, seed):
    stands_out = []
    for sex in (0.0, 1.0):
        wearer = make_subject(seed, head_model().targets.names, sex=sex)
        points = garment(wearer, skin_of(wearer), level)[0].points
        x, y, z = (points - points[np.argmax(points[:, 1])]).T
        chest = (y > -260) & (y < -130) & (z > np.median(z))
        side, middle = chest & (np.abs(x) > 45) & (np.abs(x) < 130), chest & (np.abs(x) < 12)
        stands_out.append(z[side].max() - z[middle].max())
    assert stands_out[0] > stands_out[1] + 5


@pytest.mark.parametrize("seed", [3, 106])
def test_no_shirt_shows_through_its_jacket(subject, level, seed):
    wearer = dressed(make_subject(seed, head_model().targets.names), garment="jacket")
    shirt, jacket = garment(wearer, skin_of(wearer), level)[:2]
    nearest = cKDTree(jacket.points).query(shirt.points)[1]
    normals = vertex_normals(jacket.points, jacket.faces)
    outside = ((shirt.points - jacket.points[nearest]) * normals[nearest]).sum(1) > 0
    assert outside.mean() < 0.01


@pytest.mark.parametrize("seed", [6140, 6189])
def test_cloth_clears_the_edge_of_the_skin(level, seed):
    wearer = make_subject(seed, head_model().targets.names)
    points = skin_of(wearer)
    shell = garment(wearer, points, level)[0].points
    distance, nearest = cKDTree(points).query(shell)
    normals = vertex_normals(points, level.faces)
    above = ((shell - points[nearest]) * normals[nearest]).sum(1)
    near = distance < 6.0
    assert near.sum() > 100
    assert (above[near] > 1.0).mean() > 0.98
