"""Catmull-Clark subdivision of quad meshes as sparse matrices, so that any attribute is refined by one product."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Quads = NDArray[np.int64]


def subdivide(quads: Quads, count: int) -> tuple[Quads, sp.csr_matrix]:
    """One step over `quads` (m, 4) with `count` vertices.

    Returns the finer quads (4m, 4) and the matrix (n', n) that makes fine vertices of coarse ones; the first `count`
    fine vertices descend from the coarse vertices of the same index. Boundary edges follow the cubic B-spline rule.
    """
    faces = len(quads)
    ends = np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], -1).reshape(-1, 2), axis=1)
    edges, edge_of_corner, uses = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    edge_of_corner = edge_of_corner.reshape(-1)
    face_of_corner = np.repeat(np.arange(faces), 4)
    ones = np.ones(4 * faces)

    face_points = sp.csr_matrix((ones / 4, (face_of_corner, quads.ravel())), (faces, count))
    edge_faces = sp.csr_matrix((ones, (edge_of_corner, face_of_corner)), (len(edges), faces))
    edge_ends = sp.csr_matrix(
        (np.ones(edges.size), (np.repeat(np.arange(len(edges)), 2), edges.ravel())), (len(edges), count)
    )
    border = uses != 2
    edge_points = sp.diags(np.where(border, 0.5, 0.25)) @ edge_ends
    edge_points = edge_points + sp.diags(np.where(border, 0.0, 0.25)) @ (edge_faces @ face_points)
    vertex_points = _vertex_rule(quads, count, face_points, edge_ends, border)

    matrix = sp.vstack([vertex_points, edge_points, face_points]).tocsr()
    edge_ids = edge_of_corner.reshape(faces, 4) + count
    face_ids = np.arange(faces) + count + len(edges)
    finer = [np.stack([quads[:, k], edge_ids[:, k], face_ids, edge_ids[:, k - 1]], 1) for k in range(4)]
    return np.stack(finer, 1).reshape(-1, 4), matrix


def _vertex_rule(
    quads: Quads, count: int, face_points: sp.csr_matrix, edge_ends: sp.csr_matrix, border: NDArray[np.bool_]
) -> sp.csr_matrix:
    """Moved coarse vertices: (mean face + 2 mean edge + (k - 3) vertex) / k inside, 1-6-1 along a border."""
    vertex_faces = sp.csr_matrix(
        (np.ones(quads.size), (quads.ravel(), np.repeat(np.arange(len(quads)), 4))), (count, len(quads))
    )
    face_count = np.maximum(np.asarray(vertex_faces.sum(1)).ravel(), 1)
    vertex_edges = edge_ends.T.tocsr()
    valence = np.maximum(np.asarray(vertex_edges.sum(1)).ravel(), 1)
    border_edges = vertex_edges @ sp.diags(border.astype(float))
    border_count = np.asarray(border_edges.sum(1)).ravel()
    identity = sp.identity(count, format="csr")
    midpoints = edge_ends * 0.5

    inner = sp.diags(1 / (valence * face_count)) @ (vertex_faces @ face_points)
    inner = inner + sp.diags(2 / valence**2) @ (vertex_edges @ midpoints)
    inner = inner + sp.diags((valence - 3) / valence) @ identity
    smooth = border_count == 2
    outer = (
        sp.diags(smooth * 0.25) @ (border_edges @ midpoints) + sp.diags(np.where(smooth, 0.5, 1.0)) @ identity
    )
    inside = (border_count == 0).astype(float)
    return (sp.diags(inside) @ inner + sp.diags(1 - inside) @ outer).tocsr()


def triangles(quads: Quads) -> NDArray[np.uint32]:
    """Two triangles a quad, (2m, 3)."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.uint32)


def vertex_normals(positions: NDArray[np.floating], faces: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Area-weighted unit normals (n, 3); zero for vertices of no triangle."""
    corners = faces.astype(np.int64)
    first, second, third = (np.asarray(positions, np.float64)[corners[:, k]].T for k in range(3))
    (ux, uy, uz), (vx, vy, vz) = second - first, third - first
    # written out and summed by a matrix: half the time of np.cross and np.bincount
    face_normals = np.stack([uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx], 1)
    ends = np.arange(0, corners.size + 1, 3)
    vertex_faces = sp.csc_matrix((np.ones(corners.size), corners.ravel(), ends), (len(positions), len(faces)))
    normals = vertex_faces @ face_normals
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(normals / np.where(length > 1e-12, length, 1.0))
