"""How people's hair grows: roots, colours, cuts; the same for a subject every time."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from annotator.studio.clothing.accessories import accessories
from annotator.studio.clothing.markers import face_markers
from annotator.studio.geometry.camera import Camera
from annotator.studio.hair.hair import beside_face, rim_hair, scalp_hair, wound
from annotator.studio.hair.hair_order import Cover
from annotator.studio.hair.hair_styles import STYLES
from annotator.studio.hair.hair_volume import HairVolume
from annotator.studio.hair.hairdressing import grow
from annotator.studio.hair.scalp import hat_line, inside_hair, scalp_weight
from annotator.studio.hair.strands import Strands, ribbons
from annotator.studio.light.lighting import area_light
from annotator.studio.person.eyes import fit_eyes
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import make_subject

from .conftest import EYE_LEVEL_MM, dressed


def test_hair_begins_close_behind_the_ear_and_spares_it(subject, level):
    weight = scalp_weight(level.rest, dressed(subject, hair_style="short", headwear="none"))
    beside = np.abs(level.rest[:, 0]) > 45
    middle = np.linalg.norm(level.rest[:, 1:] - [709.0, 50.0], axis=1)
    behind = np.linalg.norm(level.rest[:, 1:] - [709.0, 22.0], axis=1)
    assert weight[beside & (middle < 14)].max() == 0.0
    assert weight[beside & (behind < 5)].min() > 0.5


def test_long_hair_falls_below_the_ears(subject, resting, level):
    wearer = dressed(subject, hair_style="long", headwear="none")
    weight = scalp_weight(level.rest, wearer)
    (hairs,) = scalp_hair(resting, weight, wearer, np.random.default_rng(2), 0.05)
    ends = hairs.curves[:, -1] - hairs.curves[:, -4]
    low = hairs.curves[:, -4, 1] < -70
    steep = -ends[low, 1] / np.linalg.norm(ends[low], axis=1)
    assert low.mean() > 0.25
    assert np.median(steep) > 0.8


def test_hair_has_the_colour_of_the_subject(capture):
    assert capture.subject.hair_style != "bald"
    np.testing.assert_array_equal(capture.hair[0].colour, capture.subject.hair)
    grey = dressed(capture.subject, traits={"grey": 1.0})
    assert np.ptp(grey.scalp_colour) < 0.03
    assert grey.scalp_colour.mean() > 0.25


def test_a_subject_keeps_hair_and_clothes_in_every_capture(subject, resting, level):
    first, again = (grow(resting, level, subject, 0.02).strands for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.curves, other.curves)
    rest = head_model().morph({})
    eyes = fit_eyes(head_model(), rest, rest, (0.0, 0.0))
    worn = [accessories(subject, level.rest, level, eyes) for _ in range(2)]
    for one, other in zip(*worn, strict=True):
        np.testing.assert_array_equal(one.points, other.points)
        np.testing.assert_array_equal(one.tint, other.tint)


@pytest.mark.parametrize("style", [name for name, style in STYLES.items() if style is not None])
def test_every_cut_grows_on_the_scalp_and_leaves_the_eyes_free(subject, resting, level, style):
    wearer = dressed(subject, hair_style=style, headwear="none")
    weight = scalp_weight(level.rest, wearer)
    (hairs,) = scalp_hair(resting, weight, wearer, np.random.default_rng(2), 0.02)
    assert np.isfinite(hairs.curves).all()
    roots = hairs.curves[:, 0] + [0.0, EYE_LEVEL_MM, 128.0]
    assert (roots[:, 1] > 640).all()
    inside = (
        (np.abs(hairs.curves[..., 0]) < 25)
        & (np.abs(hairs.curves[..., 1] + 10) < 25)
        & (hairs.curves[..., 2] > 0)
    )
    assert inside.any(1).mean() < 0.02  # fmt: skip


def test_the_rim_of_an_afro_grows_on_the_skin_near_the_hairline(subject, resting, level):
    wearer = dressed(subject, hair_style="afro", headwear="none")
    weight = scalp_weight(level.rest, wearer)
    inside = inside_hair(level.rest, weight)
    assert inside[weight < 0.4].max() == 0.0
    assert inside.max() > 60.0
    (deep,) = scalp_hair(resting, weight, wearer, np.random.default_rng(2), 0.02)
    rim = rim_hair(resting, weight, inside, deep, np.random.default_rng(3), 0.05)
    assert rim.curves.shape[1:] == deep.curves.shape[1:]
    distance = np.linalg.norm(rim.curves[:, :1] - resting.points[None], axis=2)
    assert np.quantile(inside[distance.argmin(1)], 0.9) < 20.0
    assert np.linalg.norm(rim.curves[:, -1] - rim.curves[:, 0], axis=1).max() < 20.0


@pytest.mark.parametrize("style", sorted(name for name, style in STYLES.items() if style is not None))
def test_hair_never_grows_through_a_hat(subject, resting, level, style):
    tree = cKDTree(resting.points)
    for hat in ("beanie", "cap"):
        wearer = dressed(subject, hair_style=style, headwear=hat)
        weight = scalp_weight(level.rest, wearer)
        above = level.rest[:, 1] - hat_line(level.rest, hat)
        assert weight[above > (14.5 if STYLES[style].lies else 4.5)].max() == 0.0
        assert weight[above < 0].max() > 0.5
        (hairs,) = scalp_hair(resting, weight, wearer, np.random.default_rng(2), 0.05)
        points = hairs.curves.reshape(-1, 3)
        nearest = tree.query(points)[1]
        high = ((points - resting.points[nearest]) * resting.normals[nearest]).sum(1)
        under = above[nearest] > 6.0
        assert not under.any() or (high[under] > 8.0).mean() < 0.02


def test_curls_wind_round_their_path_within_their_radius():
    paths = np.zeros((3, 5, 3))
    paths[:, :, 1] = np.linspace(0, -80, 5)
    style = replace(STYLES["curly"], wave=0.0)
    locks = wound(paths, style, np.random.default_rng(0))
    off = np.hypot(locks[..., 0], locks[..., 2])
    assert off.max() <= 1.25 * style.curl + 1e-9
    assert off[:, 10:].mean() > 0.4 * style.curl
    assert np.linalg.norm(np.diff(locks, axis=1), axis=2).sum(1).min() > 90.0


def test_hair_that_hangs_before_the_face_moves_to_its_own_side(subject):
    points = np.array([[3.0, 0.0, 10.0], [-20.0, -30.0, 5.0], [3.0, 0.0, -90.0]])
    side = np.array([[1.0], [-1.0], [1.0]])
    moved = beside_face(points, side, np.ones(3), STYLES["long"], subject)
    assert moved[0, 0] > 40
    assert moved[1, 0] < -40
    np.testing.assert_array_equal(moved[2], points[2])


def test_strands_are_drawn_from_far_to_near():
    curves = np.zeros((3, 4, 3))
    curves[:, :, 0] = np.arange(4)
    curves[:, :, 2] = np.array([0.0, 50.0, -50.0])[:, None]
    drawn = ribbons(
        [Strands(curves, np.ones(3))], lambda c: (np.ones(c.shape[:2]),) * 2, np.random.default_rng(0)
    )
    camera = Camera("c", 0, 0, size=64)
    nothing = Cover(np.ones((64, 64), np.float32), camera.clip_matrix(), camera.pixels_per_mm)
    first_of_piece = drawn.far_first(np.array([0.0, 0.0, 500.0]), nothing)[::6]
    assert (first_of_piece // 8).tolist() == [2] * 3 + [0] * 3 + [1] * 3


def test_hair_behind_the_head_and_outside_the_picture_is_left_out():
    camera = Camera("c", 0, 0, size=256)
    curves = np.linspace(0, 1, 5)[None, :, None] * [0.0, 12.0, 0.0] + np.array(
        [[[0.0, -30.0, 60.0]], [[0.0, -30.0, -80.0]], [[400.0, -30.0, 60.0]], [[60.0, -30.0, -80.0]]]
    )
    drawn = ribbons(
        [Strands(curves, np.ones(4))], lambda c: (np.ones(c.shape[:2]),) * 2, np.random.default_rng(0)
    )
    plate = np.array(
        [[x, y, 0.0] for y in (-90.0, 30.0) for x in (-45.0, 45.0)]
    )  # hides 90 mm of what is behind
    xy, _ = camera.project(plate)
    (left, top), (right, bottom) = xy.min(0).astype(int), xy.max(0).astype(int)
    clip = camera.clip_matrix() @ [0.0, -30.0, 0.0, 1.0]
    depth = np.ones((256, 256), np.float32)
    depth[top:bottom, left:right] = 0.5 + 0.5 * clip[2] / clip[3]
    cover = Cover(depth, camera.clip_matrix(), camera.pixels_per_mm)
    strands = drawn.far_first(camera.position, cover)[::6] // 10
    assert strands.tolist() == [3] * 4 + [0] * 4
    cover = Cover(depth * 0, camera.clip_matrix(), camera.pixels_per_mm)
    assert not len(drawn.far_first(camera.position, cover))


def test_hair_dims_the_light_behind_it():
    rng = np.random.default_rng(3)
    curves = rng.uniform([-40, 20, -40], [40, 30, 40], (4000, 1, 3)) + np.linspace(0, 1, 5)[:, None] * [
        8.0,
        0,
        0,
    ]
    volume = HairVolume([Strands(curves, np.full(4000, 0.2))])
    below, beside = np.array([[0.0, 0.0, 0.0]]), np.array([[0.0, 0.0, 400.0]])
    light = area_light(0.0, 90.0, 1500.0, (50, 50), 1.0, np.ones(3))
    assert volume.light(below, light)[0] < 0.8
    assert volume.light(beside, light)[0] == pytest.approx(1.0)
    assert HairVolume([]).sky(below)[0] == 1.0


def test_tracking_dots_keep_off_eyes_and_lips(subject):
    assert face_markers(dressed(subject, traits={"markers": 0.0}))["marker_count"] == 0
    values = face_markers(dressed(subject, traits={"markers": 1.0}))
    dots = values["markers"][: values["marker_count"]]
    assert len(dots) > 8
    assert (np.hypot(np.abs(dots[:, 0]) - 31, dots[:, 1] - 728) > 12).all()
    assert not ((np.abs(dots[:, 0]) < 24) & (np.abs(dots[:, 1] - 660) < 10)).any()


def test_people_differ_in_hair_beards_and_clothes():
    names = head_model().targets.names
    people = [make_subject(seed, names) for seed in range(200)]
    assert len({p.hair_style for p in people}) > 14
    assert len({p.moustache_style for p in people}) > 5
    assert len({p.garment for p in people}) == 7
    men = [p for p in people if p.sex > 0.5]
    wearers = [p for p in men if p.moustache_style not in ("none", "shadow")]
    assert 0.3 < len(wearers) / len(men) < 0.8
    assert all(p.beard_style == "none" for p in people if p.sex <= 0.5)
