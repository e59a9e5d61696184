"""The body below the neck, which clothes are laid over: of the wearer's sex, age and weight, with the arms let down."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from annotator.studio.geometry.subdivision import subdivide
from annotator.studio.person.faces import MACRO
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
_SHOULDER = np.array([190.0, 520.0, 5.0])
_ABOUT_SHOULDER_MM = 70.0
_ARM_TURN = np.radians(33.0)
_SPANS_BELOW, _SPANS_STEPS = 540.0, 5
"""Below this height cloth does not follow each hollow and bump: so many times a vertex goes to its neighbours' mean."""


@dataclass(frozen=True)
class _Torso:
    """Topology of the torso: `rest` points (t, 3) mm and base `ids` (t,) of the coarse vertices, `quads` of the fine ones,
    the `matrix` to these and that of the last refinement, and `mean` (t, t) of each coarse vertex's neighbours."""

    rest: Floats
    ids: NDArray[np.int64]
    quads: NDArray[np.int64]
    matrix: sp.csr_matrix
    last: sp.csr_matrix
    mean: sp.csr_matrix


@lru_cache(maxsize=1)
def _torso() -> _Torso:
    base = head_model().base
    ids, local = np.unique(head_model().torso, return_inverse=True)
    coarse = local.reshape(-1, 4)
    first, step = subdivide(coarse, len(ids))
    second, step2 = subdivide(first, step.shape[0])
    ends = np.concatenate([coarse, np.roll(coarse, 1, 1), np.roll(coarse, -1, 1)]).ravel()
    beside = sp.csr_matrix((np.ones(len(ends)), (np.tile(coarse.ravel(), 3), ends)), (len(ids), len(ids)))
    mean = sp.diags(1 / np.asarray(beside.sum(1)).ravel()) @ beside
    return _Torso(base.vertices[ids], ids, second, (step2 @ step).tocsr(), step2, mean.tocsr())


def last_refinement() -> sp.csr_matrix:
    """The matrix that makes the fine vertices of the torso of those one refinement coarser."""
    return _torso().last


def posed_torso(subject: Subject, points: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Fine torso in head space, of the subject's sex, age and weight, with the arms let down; its resting points and
    quads. `points`: posed skin vertices."""
    model = head_model()
    torso = _torso()
    rest, ids = torso.rest, torso.ids
    shape = {name: weight for name, weight in subject.morphs.items() if name.startswith(MACRO)}
    positions = model.morph(shape, torso=True)
    shaped = model.at(ids, positions)
    ring = (model.rest[:, 1] > 548) & (model.rest[:, 1] < 600)
    shift = (points[: len(model.ids)] - model.head(positions))[ring]
    weight = (((rest[:, None] - model.rest[ring][None]) ** 2).sum(-1) + 25.0) ** -1.5
    moved = shaped + (weight @ shift) / weight.sum(1, keepdims=True)
    own = model.local[ids]
    near = (own >= 0) & (rest[:, 1] > 545)
    moved[near] = points[own[near]]
    for side in (1.0, -1.0):
        shoulder = _SHOULDER * [side, 1, 1]
        about = ((rest - shoulder) ** 2).sum(1) < _ABOUT_SHOULDER_MM**2
        pivot = shoulder + (moved - rest)[about].mean(0)
        share = np.clip((side * rest[:, 0] - 190) / 70, 0, 1)
        turn = -side * _ARM_TURN * share * share * (3 - 2 * share)
        offset = moved - pivot
        cos, sin = np.cos(turn), np.sin(turn)
        moved[:, 0] = pivot[0] + cos * offset[:, 0] - sin * offset[:, 1]
        moved[:, 1] = pivot[1] + sin * offset[:, 0] + cos * offset[:, 1]
    spans = np.clip((_SPANS_BELOW - rest[:, 1:2]) / 40, 0, 1)
    for _ in range(_SPANS_STEPS):
        moved += spans * (torso.mean @ moved - moved)
    return np.asarray(torso.matrix @ moved), np.asarray(torso.matrix @ rest), torso.quads
