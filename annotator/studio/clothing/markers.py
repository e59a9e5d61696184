"""Tracking dots painted on a face for a film, as some subjects wear them."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from annotator.studio.person.appearance import stream
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import Subject

MOST = 48
_COLOURS = {
    "black": ((0.012, 0.012, 0.014), (0.012, 0.012, 0.014)),
    "white": ((0.75, 0.75, 0.73), (0.75, 0.75, 0.73)),
    "ringed": ((0.75, 0.75, 0.73), (0.015, 0.015, 0.015)),
    "green": ((0.05, 0.45, 0.12), (0.05, 0.45, 0.12)),
    "blue": ((0.03, 0.12, 0.5), (0.03, 0.12, 0.5)),
}


def face_markers(subject: Subject) -> dict[str, Any]:
    """Values of the skin's shader: centres on the resting face with radii (MOST, 4), how many count, colours."""
    values: dict[str, Any] = {
        "markers": np.zeros((MOST, 4)), "marker_count": 0, "marker_colour": np.zeros(3), "marker_core": np.zeros(3),
    }  # fmt: skip
    if not subject.traits["markers"]:
        return values
    rng = stream(subject.seed, "markers")
    step, radius = float(rng.uniform(13, 22)), float(rng.uniform(0.8, 2.3))
    rest = head_model().level(1).rest
    face = rest[(rest[:, 2] > 70) & (rest[:, 1] > 632)]
    tree = cKDTree(face[:, :2])
    dots = []
    for y in np.arange(640.0, 795.0, step):
        for x in np.arange(0.5 * step, 60.0, step):
            for side in (1.0, -1.0):
                goal = np.array([side * x, y]) + rng.normal(0, 0.12 * step, 2)
                distance, nearest = tree.query(goal)
                on_feature = (
                    (np.hypot(abs(goal[0]) - 31, goal[1] - 728) < 15)
                    or (abs(goal[0]) < 27 and abs(goal[1] - 660) < 13)
                    or (abs(goal[0]) < 21 and abs(goal[1] - 686) < 11)
                )
                if distance < 3 and not on_feature and rng.random() < 0.85:
                    dots.append([*face[nearest], radius])
    chosen = np.array(dots)[rng.permutation(len(dots))[:MOST]]
    values["markers"][: len(chosen)] = chosen
    ring, core = _COLOURS[str(rng.choice(list(_COLOURS)))]
    return values | {
        "marker_count": len(chosen), "marker_colour": np.array(ring), "marker_core": np.array(core),
    }  # fmt: skip
