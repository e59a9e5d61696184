"""People are the same for a seed, each time and everywhere; strands are drawn in the order of their depth."""

import numpy as np

from annotator.studio.clothing.accessories import accessories
from annotator.studio.clothing.garments import neckline
from annotator.studio.geometry.camera import Camera
from annotator.studio.geometry.subdivision import vertex_normals
from annotator.studio.hair.hair_order import Cover
from annotator.studio.hair.hairdressing import grow
from annotator.studio.hair.strands import Strands, Surface, ribbons
from annotator.studio.person.eyes import fit_eyes
from annotator.studio.person.faces import local_shape
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import make_subject
from annotator.studio.scene.capture import LET_THROUGH

from .conftest import dressed


def test_the_same_seed_is_the_same_person_and_another_is_not():
    names = head_model().targets.names
    first, again, other = (make_subject(seed, names) for seed in (11, 11, 12))
    assert first.morphs == again.morphs
    assert first.traits == again.traits
    assert first.morphs != other.morphs


def test_a_face_follows_from_its_seed_and_never_pulls_both_ways():
    names = head_model().targets.names
    for seed in (3, 4):
        shape = local_shape(seed, names)
        assert shape == local_shape(seed, names)
        assert min(shape.values()) >= 0
        for name in shape:
            for one, other in (("-incr", "-decr"), ("-up", "-down")):
                if name.endswith(one):
                    assert name.removesuffix(one) + other not in shape
    assert local_shape(3, names) != local_shape(4, names)


def test_people_differ_in_hair_beards_and_clothes():
    people = [make_subject(seed, head_model().targets.names) for seed in range(100)]
    assert len({person.hair_style for person in people}) > 10
    assert len({person.moustache_style for person in people}) > 3
    assert len({person.garment for person in people}) == 7


def test_a_subject_keeps_hair_and_clothes_in_every_capture(subject, level):
    points = level.rest - [0.0, 727.0, 128.0]  # the origin lies at eye level
    surface = Surface(points, vertex_normals(points, level.faces), level.rest, level.faces.astype(np.int64))
    first, again = (grow(surface, level, subject, 0.02).strands for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.curves, other.curves)
    rest = head_model().morph({})
    eyes = fit_eyes(head_model(), rest, rest, (0.0, 0.0))
    worn = [accessories(subject, level.rest, level, eyes) for _ in range(2)]
    for one, other in zip(*worn, strict=True):
        np.testing.assert_array_equal(one.points, other.points)
        np.testing.assert_array_equal(one.tint, other.tint)


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
