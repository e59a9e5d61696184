"""One capture: a subject in one expression under one light, ready to be drawn from any number of cameras."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.studio.anchors.drawn_edges import Sight
from annotator.studio.anchors.landmarks import Opening, PlacedLandmarks, place_landmarks
from annotator.studio.clothing.accessories import accessories
from annotator.studio.geometry.subdivision import vertex_normals
from annotator.studio.hair.hairdressing import HairGroup, grow, hair_groups
from annotator.studio.hair.strands import Surface
from annotator.studio.light.baking import BakeQuality, RayScene
from annotator.studio.light.lighting import Lighting
from annotator.studio.person.eyes import Eyeball, fit_eyes, lift_lids
from annotator.studio.person.hand import hand
from annotator.studio.person.head_model import HeadModel, head_model
from annotator.studio.person.mouth import mouth_parts
from annotator.studio.person.subject import Subject
from annotator.studio.scene.skin_light import skin_light
from annotator.studio.scene.surfaces import (
    Solid,
    ball_solid,
    hair_solid,
    mesh_of_eyes,
    part_solid,
    skin_solid,
)

Floats = NDArray[np.float64]
INNER = (2, 3, 4, 5, 6)
"""Identities of what lies in the openings of the face."""
LET_THROUGH = ("cloth", "lens")
"""Kinds of parts that stop no ray: clothes lie on the skin, lenses are clear."""
NOSTRIL_PUSH_MM = (0.0, 0.0, 1.2, 3.5, 6.0)


@dataclass(frozen=True)
class Capture:
    """What the renderer draws, and the truth: `landmarks` (L, 3) in head space, `openings` by the index of those that lie on
    openings of the skin, `rays` to test visibility (`ball_meshes` are the numbers of the eyeballs in it), `skin` the vertices
    drawn at `level`."""

    subject: Subject
    lighting: Lighting
    solids: tuple[Solid, ...]
    hair: tuple[HairGroup, ...]
    landmarks: Floats
    openings: dict[int, Opening]
    eyes: tuple[Eyeball, Eyeball]
    rays: RayScene = field(repr=False)
    ball_meshes: tuple[int, int]
    brightness: float
    sight: Sight = field(repr=False)
    level: int
    skin: Floats = field(repr=False)

    def in_scheme(self, scheme: LandmarkScheme) -> Capture:
        """The same capture with the landmarks of another scheme."""
        placed = place_landmarks(scheme, self.skin, self.eyes, self.subject, self.level, self.sight)
        return replace(self, landmarks=placed.points, openings=placed.openings)


def build_capture(
    subject: Subject,
    expression: Mapping[str, float],
    lighting: Lighting,
    scheme: LandmarkScheme,
    rng: np.random.Generator,
    quality: BakeQuality,
    draw_level: int,
    hair_detail: float = 1.0,
    gaze: tuple[float, float] = (0.0, 0.0),
    hand_from: np.random.Generator | None = None,
) -> Capture:
    """Poses, lights and dresses a subject; `draw_level` is the refinement drawn (at least that of the bake).

    `hand_from`: a hand covers some of the face, placed as this draws it.
    """
    model = head_model()
    coarse, neutral, posed = pose(model, subject, expression)
    eyes = fit_eyes(model, neutral, posed, gaze)
    bake_level = model.level(quality.level)
    points, fine = skin_points(model, coarse, eyes, quality.level, draw_level)
    normals = vertex_normals(points, bake_level.faces)

    surface = Surface(points, normals, bake_level.rest, bake_level.faces.astype(np.int64))
    balls = [eye.placed(mesh_of_eyes(quality)) for eye in eyes]
    with ThreadPoolExecutor(1) as second:  # rays and much of NumPy run beside one another
        growing = second.submit(grow, surface, bake_level, subject, hair_detail)
        parts = [
            *mouth_parts(model, neutral, posed, subject),
            *accessories(subject, points, bake_level, eyes),
        ]
        if hand_from is not None:
            parts.append(hand(subject, points, bake_level, hand_from))
        blockers = [
            (points, bake_level.faces),
            *((part.points, part.faces) for part in parts if part.kind not in LET_THROUGH),
        ]
        rays = RayScene([*blockers, *((ball, mesh_of_eyes(quality).faces) for ball in balls)])
        head = growing.result()

        def smaller() -> tuple[list[Solid], Sight, PlacedLandmarks]:
            solids = [
                ball_solid(subject, *pair, rays, lighting, quality) for pair in zip(eyes, balls, strict=True)
            ]
            solids += [part_solid(subject, part, rays, lighting, quality) for part in parts]
            bodies = [
                (solid.vertices[:, :3].astype(np.float64), solid.faces)
                for solid in solids
                if solid.identity in INNER
            ]
            sight = Sight(fine, draw_level, bodies)
            return solids, sight, place_landmarks(scheme, fine, eyes, subject, draw_level, sight)

        beside = second.submit(smaller)
        light = skin_light(rays, points, normals, lighting, quality, head)
        solids = [
            skin_solid(
                model, subject, expression, fine, light, head.scalp, head.beard, quality.level, draw_level
            )
        ]
        if len(head.body[0]):
            solids.append(hair_solid(subject, *head.body[:3], light.at(head.body[3])))
        hair = hair_groups(
            head, surface, fine, bake_level, light, lighting, model, eyes, subject, hair_detail
        )
        others, sight, placed = beside.result()
    front = (bake_level.rest[:, 2] > 105) & (bake_level.rest[:, 1] > 640) & (bake_level.rest[:, 1] < 780)
    brightness = float((light.irradiance[front].mean(0) * subject.skin / np.pi) @ [0.2126, 0.7152, 0.0722])
    ball_meshes = (len(blockers), len(blockers) + 1)
    return Capture(
        subject,
        lighting,
        (*solids, *others),
        tuple(hair),
        placed.points,
        placed.openings,
        eyes,
        rays,
        ball_meshes,
        brightness,
        sight,
        draw_level,
        fine,
    )


def skin_points(
    model: HeadModel, coarse: Floats, eyes: tuple[Eyeball, Eyeball], bake_level: int, draw_level: int
) -> tuple[Floats, Floats]:
    """Vertices of the skin as it is lit and as it is drawn, its lids on the eyes, from those of the coarse head."""
    level = model.level(bake_level)
    points = lift_lids(np.asarray(level.matrix @ coarse), level.fields[:, 0], eyes)
    fine = points
    for step in range(bake_level + 1, draw_level + 1):
        fine = np.asarray(model.steps[step] @ fine)
    if draw_level > bake_level:
        fine = lift_lids(fine, model.level(draw_level).fields[:, 0], eyes)
    return points, fine


def pose(
    model: HeadModel, subject: Subject, expression: Mapping[str, float]
) -> tuple[Floats, Floats, Floats]:
    """Coarse head, neutral and posed vertices, all with the origin between the neutral eyes."""
    neutral = model.morph(subject.morphs)
    posed = model.morph({**subject.morphs, **expression})
    origin = sum(eye.centre for eye in fit_eyes(model, neutral, neutral, (0.0, 0.0))) / 2
    neutral, posed = neutral - origin, posed - origin
    coarse = model.head(posed).copy()
    push = np.interp(model.fields[:, 4], np.arange(5), NOSTRIL_PUSH_MM)
    coarse[:, 1] += push
    coarse[:, 2] -= 0.25 * push
    return coarse, neutral, posed
