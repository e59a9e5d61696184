"""The skin drawn with fewer triangles: closed, coarser from afar, fine where landmarks lie, near to the fine surface."""

import numpy as np
import pytest

from annotator.studio.geometry.subdivision import triangles, vertex_normals
from annotator.studio.person.head_model import LID_OPENING, head_model
from annotator.studio.scene.skin_detail import SkinDetail


@pytest.fixture(scope="module")
def detail():
    level = head_model().level(2)
    vertices = np.zeros((len(level.rest), 25), np.float32)
    vertices[:, :3] = level.rest
    vertices[:, 3:6] = vertex_normals(level.rest, triangles(level.quads))
    vertices[:, 13:16] = 1.0
    return SkinDetail(2, vertices)


def edges_used(faces):
    ends = np.sort(np.concatenate([faces[:, [k, (k + 1) % 3]] for k in range(3)]), axis=1)
    return np.unique(ends, axis=0, return_counts=True)


@pytest.mark.parametrize("scale", [0.3, 2.0, 5.0, 14.0])
def test_triangles_of_different_size_leave_no_gap(detail, scale):
    edges, uses = edges_used(detail.faces(scale))
    rim, rim_uses = edges_used(head_model().level(2).faces)
    assert uses.max() == 2
    # what one triangle alone uses lies on the rim of the whole mesh: its neck, and the cuts behind the lids
    on_rim = np.zeros(len(head_model().level(2).rest), bool)
    on_rim[rim[rim_uses == 1]] = True
    assert on_rim[edges[uses == 1]].all()


def test_triangles_face_as_those_of_the_fine_mesh_do(detail):
    level = head_model().level(2)
    faces = detail.faces(5.0).astype(np.int64)
    corners = level.rest[faces]
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = vertex_normals(level.rest, triangles(level.quads))[faces].mean(1)
    assert ((facing * normals).sum(1) > 0).mean() > 0.995


def test_a_smaller_picture_has_fewer_triangles_and_a_large_one_almost_all(detail):
    counts = [len(detail.faces(scale)) for scale in (0.3, 2.0, 14.0, 500.0)]
    assert counts == sorted(counts)
    assert counts[0] < 0.3 * counts[-1]
    assert counts[-1] > 0.9 * len(head_model().level(2).faces)


def test_lids_and_lips_keep_all_triangles_at_their_borders_and_the_cut_behind_the_lids(detail):
    level = head_model().level(2)

    def near_edge(faces, field, low, high):
        assert level.fields[faces.astype(np.int64), 0].max() < LID_OPENING
        rings = level.fields[faces.astype(np.int64), field]
        return int(((rings.min(1) > low) & (rings.max(1) < high)).sum())

    for field, low, high in ((0, 4.0, LID_OPENING), (1, 1.3, 2.5), (1, 4.0, 10.0)):
        assert near_edge(detail.faces(30.0), field, low, high) == near_edge(level.faces, field, low, high)
