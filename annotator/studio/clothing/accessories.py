"""All that is worn, and the pink bodies in the inner corners of the eyes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotator.studio.clothing.eyewear import glasses
from annotator.studio.clothing.garments import garment
from annotator.studio.clothing.headwear import earrings, headwear
from annotator.studio.person.eyes import Eyeball, eye_mesh
from annotator.studio.person.head_model import Level, head_model
from annotator.studio.person.mouth import Part
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]


def accessories(subject: Subject, points: Floats, level: Level, eyes: tuple[Eyeball, Eyeball]) -> list[Part]:
    """What the subject wears, in head space, the same in every capture; `points` are the posed vertices of `level`."""
    worn = [*garment(subject, points, level), *caruncles(subject, points, eyes)]
    worn += [*headwear(subject, points, level), *earrings(subject, points, level)]
    return [*worn, *(glasses(subject, eyes, points, level) if subject.glasses else [])]


def caruncles(subject: Subject, points: Floats, eyes: tuple[Eyeball, Eyeball]) -> list[Part]:
    """The pink bodies in the inner corners of the eyes, which also close the gap between ball and lids."""
    model, mesh = head_model(), eye_mesh(40, 28)
    parts = []
    for rings, eye in zip(model.eye_rings, eyes, strict=True):
        corner = points[model.local[[rings[8][k] for k in (21, 22, 23)]]].mean(0)
        inwards = eye.centre - corner
        inwards /= np.linalg.norm(inwards)
        ahead = np.array([0.0, 0.0, 1.0])
        rough = np.sin(mesh.points @ [3.0, 4.0, 2.0] + subject.seed) * np.sin(mesh.points @ [-3.0, 2.5, 3.5])
        lump = mesh.points * (1 + 0.03 * rough)[:, None]
        body = lump[:, [2, 1, 0]] * [-5.0, 4.4, 2.4] + corner + 1.2 * inwards - 2.7 * ahead
        fold = mesh.points[:, [2, 1, 0]] * [-4.6, 5.0, 2.2] + corner + 4.2 * inwards - 2.3 * ahead
        dark = 0.75 + 0.25 * float(np.clip(subject.skin[0] / 0.5, 0, 1))
        for points_of, colour in ((body, (0.50, 0.25, 0.215)), (fold, (0.52, 0.36, 0.325))):
            tint = np.tile(np.array(colour) * dark, (len(points_of), 1))
            parts.append(
                Part(
                    "caruncle",
                    points_of,
                    mesh.faces,
                    tint,
                    None,
                    {"shine": 1.0, "roughness": 0.12, "bumps": 0.35},
                )
            )
    return parts
