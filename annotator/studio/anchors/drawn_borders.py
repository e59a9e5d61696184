"""Borders of colour as the shaders draw them: the outline of the lips and the edge of the iris, by `borders.glsl`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotator.studio.geometry.shader_noise import noise
from annotator.studio.person.columns import ring_column
from annotator.studio.person.eyes import LIMBUS_ANGLE, Eyeball
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
STEPS = 24


def skin_seed(subject: Subject) -> float:
    """The number from which the skin's noise follows."""
    return subject.seed % 97 + 0.37


def eye_seed(subject: Subject, left: bool) -> float:
    """The number from which an eye's noise follows."""
    return subject.seed % 89 + (0.0 if left else 7.0)


def lip_border(head: Floats, subject: Subject, position: int, level: int) -> Floats:
    """Point (3,) at a loop position where half of the lip's colour is mixed in; `head` holds the vertices of `level`."""
    indices, rings = ring_column("mouth", 0, position, level)
    softness, shift = subject.traits["lip_softness"], subject.traits["lip_shift"]
    at = np.linspace(rings[0], min(rings[-1], 5.0), 40 * STEPS)
    rest = head_model().level(level).rest[indices]
    grain = noise(_between(at, rings, rest) * 1.25 + skin_seed(subject))
    mixed = at + shift + (0.08 + 0.10 * softness) * (grain - 0.5) - (1.925 - 0.05 * softness)
    return np.asarray(_between(at[[int(np.argmax(mixed >= 0))]], rings, head[indices])[0])


def _between(at: Floats, numbers: Floats, values: Floats) -> Floats:
    return np.stack([np.interp(at, numbers, values[:, axis]) for axis in range(values.shape[1])], 1)


def iris_border(eye: Eyeball, subject: Subject, azimuth: float) -> Floats:
    """Point (3,) of the ball where half of the iris's colour is mixed in, `azimuth` radians from the eye's +x."""
    turn = np.array([np.cos(azimuth), np.sin(azimuth)])
    grain = float(noise(np.array([*(turn * 2.0), eye_seed(subject, bool(eye.centre[0] > 0))])))
    return eye.surface_point(LIMBUS_ANGLE - 0.005 - 0.02 * (grain - 0.5), azimuth)
