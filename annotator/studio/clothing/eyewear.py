"""Glasses: rims, bridge, temples, and lenses that reflect a little light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotator.studio.geometry.subdivision import triangles
from annotator.studio.geometry.tubes import Mesh, joined, tube
from annotator.studio.person.appearance import stream
from annotator.studio.person.eyes import Eyeball
from annotator.studio.person.head_model import Level
from annotator.studio.person.mouth import Part
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
_BEND = 0.0022
_AROUND = 72


def glasses(subject: Subject, eyes: tuple[Eyeball, Eyeball], points: Floats, level: Level) -> list[Part]:
    """The subject's frame and lenses before the eyes; some frames are rimless."""
    rng = stream(subject.seed, "eyewear")
    wide, tall = rng.uniform(22, 28), rng.uniform(15, 22)
    power, radius = rng.uniform(2.0, 4.0), float(np.exp(rng.uniform(np.log(0.5), np.log(2.4))))
    ahead, drop = rng.uniform(13, 19), rng.uniform(-5, 0)
    angle = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** (2 / power) * wide
    y = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** (2 / power) * tall
    rimless = rng.random() < 0.12
    middle = max(max(abs(eye.centre[0]) for eye in eyes) * 1.02, wide + 6.0)
    front = max(eye.centre[2] + eye.radius for eye in eyes) + ahead
    height = float(np.mean([eye.centre[1] for eye in eyes])) + drop
    pieces: list[Mesh] = []
    rims = []
    for side in (1.0, -1.0):
        across = side * middle + x
        rim = np.stack([across, height + y, front - _BEND * across**2], 1)
        rims.append(rim)
        if not rimless:
            pieces.append(tube(rim, radius, True))
        pieces.append(tube(_temple(side, middle + wide, height, tall, front, points, level), radius, False))
    pieces.append(tube(_bridge(middle - wide, height, tall, front), radius, False))
    mesh, quads = joined(pieces)
    colour = np.exp(rng.uniform(np.log(0.008), np.log(0.4))) * np.clip(rng.normal(1, 0.25, 3), 0.3, 1.7)
    frame = Part("frame", mesh, triangles(quads), np.tile(colour, (len(mesh), 1)))
    dark = float(np.clip(rng.normal(-0.05, 0.12), 0.0, 0.35))
    coated = float(rng.uniform(0.04, 0.5) ** 1.3)
    return [frame, *(_lens(rim, radius, dark, coated) for rim in rims)]


def _temple(
    side: float, hinge_x: float, height: float, tall: float, front: float, points: Floats, level: Level
) -> Floats:
    t = np.linspace(0, 1, 24)
    hinge = np.array([side * hinge_x, height + 0.55 * tall, front - _BEND * hinge_x**2])
    ear_x = side * (np.abs(points[:, 0][level.rest[:, 1] > 735]).max() * 0.96)
    ear = np.array([ear_x, height + 4.0, hinge[2] - 115.0])
    return np.asarray(hinge + t[:, None] * (ear - hinge) + np.sin(np.pi * t)[:, None] * [side * 3.0, 0, 0])


def _bridge(gap: float, height: float, tall: float, front: float) -> Floats:
    t = np.linspace(-1, 1, 16)
    return np.stack(
        [t * gap, height + 0.35 * tall + 2.0 * (1 - t * t), front + 1.5 - _BEND * (t * gap) ** 2], 1
    )


def _lens(rim: Floats, radius: float, dark: float, strength: float) -> Part:
    """A bulging sheet within a rim; `dark` is the share of light that its glass takes, `strength` how much it mirrors."""
    centre = rim.mean(0)
    steps = np.linspace(0.0, 1.0, 9)[:, None, None]
    sheet = centre + steps * (rim - centre)[None]
    sheet[..., 2] += 1.6 * (1 - steps[..., 0] ** 2) - 0.3 * radius
    row, column = np.arange(8)[:, None] * len(rim), np.arange(len(rim))[None]
    beside = (column + 1) % len(rim)
    quads = np.stack([row + column, row + len(rim) + column, row + len(rim) + beside, row + beside], -1)
    flat = sheet.reshape(-1, 3)
    return Part("lens", flat, triangles(quads.reshape(-1, 4)), np.full((len(flat), 3), dark), None,
                {"strength": strength})  # fmt: skip
