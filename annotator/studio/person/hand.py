"""A hand before the face: the base mesh's own, turned and laid over a random place of the front of the head."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotator.studio.geometry.subdivision import subdivide, triangles
from annotator.studio.person.head_model import Level, head_model
from annotator.studio.person.mouth import Part
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
_SHOULDER = np.array([190.0, 520.0, 5.0])
_KNEE_MM = 50.0
"""Arms at rest end above this height; what is as far aside below it are feet."""
_REACH_MM = 380.0
"""So much of the arm is drawn, from the tips of the fingers on; its end is mostly out of the picture."""
_FACE_Y, _FACE_X, _FACE_Z = (640.0, 770.0), 55.0, 90.0
"""Where on the resting head a hand may lie."""
_CLEAR_MM = 1.5
_LEAN, _TURN = np.radians(12.0), np.radians(45.0)


@dataclass(frozen=True)
class _Hand:
    """A left hand: `points` (n, 3) mm along fingers, across them, and out of the palm, from the tip; `faces`."""

    points: Floats
    faces: NDArray[np.uint32]


@lru_cache(maxsize=1)
def _hand() -> _Hand:
    base = head_model().base
    body = base.quads["body"]
    arm = (base.vertices[:, 0] > _SHOULDER[0]) & (base.vertices[:, 1] > _KNEE_MM)
    tip = base.vertices[np.argmax(np.where(arm, ((base.vertices - _SHOULDER) ** 2).sum(1), 0.0))]
    along = (tip - _SHOULDER) / np.linalg.norm(tip - _SHOULDER)
    left = (tip - base.vertices) @ along
    kept = body[(arm & (left < _REACH_MM))[body].all(1)]
    ids, quads = np.unique(kept, return_inverse=True)
    coarse = base.vertices[ids]
    fine, matrix = subdivide(quads.reshape(-1, 4), len(ids))
    points = np.asarray(matrix @ coarse)
    hand = points[(tip - points) @ along < 150.0]  # the flat part tells where the palm faces
    towards = np.linalg.svd(hand - hand.mean(0), full_matrices=False)[2][2]
    towards -= (towards @ along) * along
    towards /= np.linalg.norm(towards)
    ends, knuckles = ((tip - points) @ along < 30.0), np.abs((tip - points) @ along - 90.0) < 15.0
    if (points[ends].mean(0) - points[knuckles].mean(0)) @ towards < 0:
        towards = -towards  # fingers at rest bend towards the palm
    across = np.cross(towards, along)
    placed = (points - tip) @ np.stack([along, across, towards], 1)
    return _Hand(placed, triangles(fine))


def hand(subject: Subject, points: Floats, level: Level, rng: np.random.Generator) -> Part:
    """A hand of the subject's skin, mostly palm to the face and fingers up, which covers some of the face and touches nothing.

    `points` are the posed vertices of `level` in head space, mm; where the hand lies is drawn from `rng`.
    """
    model = _hand()
    own = model.points * float(rng.uniform(0.9, 1.08) * (1.0 if subject.sex > 0.5 else 0.93))
    faces = model.faces
    if rng.random() < 0.5:  # the right one
        own, faces = own * [1.0, -1.0, 1.0], faces[:, ::-1]
    front = (np.abs(level.rest[:, 0]) < _FACE_X) & (level.rest[:, 2] > _FACE_Z)
    front &= (level.rest[:, 1] > _FACE_Y[0]) & (level.rest[:, 1] < _FACE_Y[1])
    aim = points[int(rng.choice(np.flatnonzero(front)))]
    back = rng.random() < 0.25  # of the hand is what lies towards the face
    roll = float(rng.uniform(-_TURN, _TURN)) + (np.pi / 2 * np.sign(aim[0]) if rng.random() < 0.35 else 0.0)
    lean, tilt = rng.normal(0, _LEAN, 2)
    up = np.array([-np.sin(roll), np.cos(roll), float(np.sin(lean))])
    up /= np.linalg.norm(up)
    out = np.array([float(np.sin(tilt)), 0.0, 1.0 if back else -1.0])
    out -= (out @ up) * up
    out /= np.linalg.norm(out)
    side = np.cross(out, up)
    placed = own @ np.stack([up, side, out])
    covered = own[:, 0] > -float(rng.uniform(60.0, 150.0))
    placed += aim - placed[covered].mean(0)
    placed[:, 2] += _clearance(placed, points[level.rest[:, 2] > 0])
    shine = {"shine": 0.5, "roughness": 0.45, "bumps": 0.2}
    colour = subject.skin * float(rng.uniform(0.85, 1.1))
    return Part("hand", placed, faces, np.tile(colour, (len(placed), 1)), None, shine)


def _clearance(hand: Floats, skin: Floats) -> float:
    """How far (mm, along z) the hand must come forward to lie before the skin everywhere."""
    distance, nearest = cKDTree(skin[:, :2]).query(hand[:, :2], k=12, distance_upper_bound=6.0)
    depth = np.append(skin[:, 2], -np.inf)[np.minimum(nearest, len(skin))]
    highest = np.where(np.isfinite(distance), depth, -np.inf).max(1)
    return float(np.max(highest - hand[:, 2], initial=-40.0) + _CLEAR_MM)
