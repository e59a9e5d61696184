"""Catmull-Clark against values worked out by hand, and walks over small grids."""

import numpy as np

from annotator.studio.geometry.subdivision import subdivide, triangles, vertex_normals
from annotator.studio.geometry.topology import QuadWalker

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
CUBE_QUADS = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])


def grid(n):
    quads = [
        [r * n + c, r * n + c + 1, (r + 1) * n + c + 1, (r + 1) * n + c]
        for r in range(n - 1)
        for c in range(n - 1)
    ]
    return np.array(quads)


def test_a_cube_moves_as_the_rule_says():
    quads, matrix = subdivide(CUBE_QUADS, 8)
    fine = matrix @ CUBE
    assert quads.shape == (24, 4)
    assert fine.shape == (8 + 12 + 6, 3)
    # corner: (mean of face points + 2 mean of edge middles + (3 - 3) corner) / 3 = (1/3 + 4/3) / 3 = 5/9
    np.testing.assert_allclose(np.abs(fine[:8]), 5 / 9)
    # edge point: half the edge middle and half the middle of its two face points: (1 + 1/2) / 2 = 3/4
    edges = np.sort(np.abs(fine[8:20]), axis=1)
    np.testing.assert_allclose(edges, np.tile([0, 0.75, 0.75], (12, 1)), atol=1e-12)
    np.testing.assert_allclose(np.abs(fine[20:]).sum(1), 1.0)


def test_every_row_is_an_average():
    _, matrix = subdivide(grid(4), 16)
    np.testing.assert_allclose(np.asarray(matrix.sum(1)).ravel(), 1.0)


def test_a_border_follows_the_curve_and_corners_stay():
    points = np.array([[c, r, 0.0] for r in range(3) for c in range(3)])
    _, matrix = subdivide(grid(3), 9)
    fine = matrix @ points
    np.testing.assert_allclose(fine[1], [1, 0, 0])
    np.testing.assert_allclose(fine[:, 2], 0)
    assert fine[:, 0].min() >= 0
    assert fine[:, 0].max() <= 2


def test_normals_of_a_cube_point_outwards_and_unused_vertices_get_none():
    points = np.concatenate([CUBE, [[9.0, 9, 9]]])
    normals = vertex_normals(points, triangles(CUBE_QUADS))
    outwards = (normals[:8] * CUBE).sum(1)
    assert (np.abs(outwards) > 1.6).all()
    assert (np.sign(outwards) == np.sign(outwards[0])).all()
    np.testing.assert_array_equal(normals[8], 0)


def test_walks_go_straight_on_and_stop_at_the_border():
    walker = QuadWalker(grid(5))
    assert walker.column(5, 6, 9) == [5, 6, 7, 8, 9]
    assert walker.loop(6, 7) is None


def test_a_ring_of_quads_closes():
    n, rows = 8, 4
    ring = [
        [r * n + c, r * n + (c + 1) % n, (r + 1) * n + (c + 1) % n, (r + 1) * n + c]
        for r in range(rows)
        for c in range(n)
    ]
    walker = QuadWalker(np.array(ring))
    rings = walker.rings([n + 2, 2 * n + 2, 3 * n + 2])
    assert [sorted(found) for found in rings] == [list(range(k * n, k * n + n)) for k in (1, 2, 3)]
    turns = [(found[1] - found[0]) % n for found in rings]
    assert len(set(turns)) == 1
