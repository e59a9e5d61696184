"""One capture: a subject in one expression under one light, ready to be drawn from any number of cameras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.synthesis.accessories import accessories
from annotator.synthesis.baking import SCATTER_MM, BakedLight, BakeQuality, RayScene, bake, scatter
from annotator.synthesis.brows import brows, lashes
from annotator.synthesis.eyes import Eyeball, eye_mesh, fit_eyes, lift_lids
from annotator.synthesis.hair import beard_hair, beard_weight, scalp_hair, scalp_weight
from annotator.synthesis.head_model import HeadModel, head_model
from annotator.synthesis.landmarks import place_landmarks
from annotator.synthesis.lighting import MAX_LIGHTS, Lighting
from annotator.synthesis.mouth import Part, mouth_parts
from annotator.synthesis.strands import Ribbons, Surface, ribbons
from annotator.synthesis.subdivision import triangles, vertex_normals
from annotator.synthesis.subject import Subject

Floats = NDArray[np.float64]
SOLID_FLOATS = 25
NOSTRIL_PUSH_MM = (0.0, 0.0, 1.2, 3.5, 6.0)
TEETH_LIGHT = 0.75


@dataclass(frozen=True)
class Solid:
    """A mesh to draw: `vertices` float32 (n, 25) in the order of `solid.vert`, `faces` uint32, shader and its values."""

    shader: str
    vertices: NDArray[np.float32]
    faces: NDArray[np.uint32]
    values: Mapping[str, Any]
    prepass: bool = True
    identity: int = 1


@dataclass(frozen=True)
class HairGroup:
    """Ribbons with their colour and shine."""

    ribbons: Ribbons
    colour: Floats
    shine: float


@dataclass(frozen=True)
class Capture:
    """What the renderer draws, and the truth: `landmarks` (L, 3) in head space, `rays` to test visibility."""

    subject: Subject
    lighting: Lighting
    solids: tuple[Solid, ...]
    hair: tuple[HairGroup, ...]
    landmarks: Floats
    eyes: tuple[Eyeball, Eyeball]
    rays: RayScene = field(repr=False)
    skin_rays: RayScene = field(repr=False)
    brightness: float


def pack_solid(
    points: Floats,
    normals: Floats,
    rest: Floats,
    fields: Floats,
    light: BakedLight,
    nostril: Floats,
    scalp: Floats,
    beard: Floats,
) -> NDArray[np.float32]:
    """The interleaved vertices of `solid.vert`."""
    seen = light.visible
    return np.concatenate(
        [points, normals, rest, fields, light.irradiance, light.open[:, None], seen[:, : MAX_LIGHTS - 1],
         seen[:, MAX_LIGHTS - 1 :], nostril[:, None], scalp[:, None], beard[:, None]], 1,
    ).astype(np.float32)  # fmt: skip


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
) -> Capture:
    """Poses, lights and dresses a subject; `draw_level` is the refinement drawn (at least that of the bake)."""
    model = head_model()
    coarse, neutral, posed = _pose(model, subject, expression)
    eyes = fit_eyes(model, neutral, posed, gaze)
    bake_level, fine_level = model.level(quality.level), model.level(draw_level)
    points = lift_lids(np.asarray(bake_level.matrix @ coarse), bake_level.fields[:, 0], eyes)
    normals = vertex_normals(points, bake_level.faces)
    fine = points
    for step in range(quality.level + 1, draw_level + 1):
        fine = np.asarray(model.steps[step] @ fine)
    if draw_level > quality.level:
        fine = lift_lids(fine, fine_level.fields[:, 0], eyes)

    parts = mouth_parts(model, neutral, posed, subject)
    balls = [eye.centre + (eye_mesh().points * eye.radius) @ eye.rotation.T for eye in eyes]
    surface = Surface(points, normals, bake_level.rest, bake_level.faces.astype(np.int64))
    extras = accessories(subject, points, bake_level, eyes, rng)
    blockers = [
        (points, bake_level.faces),
        *((part.points, part.faces) for part in (*parts, *extras) if part.kind != "cloth"),
    ]
    skin_rays = RayScene(blockers)
    rays = RayScene([*blockers, *((ball, eye_mesh().faces) for ball in balls)])

    scalp = scalp_weight(bake_level.rest, subject)
    beard = beard_weight(bake_level.rest, bake_level.fields[:, 1], subject)
    light = _skin_light(rays, points, normals, bake_level.quads, lighting, quality)
    solids = [_skin(model, subject, expression, fine, light, scalp, beard, quality.level, draw_level)]
    solids += [
        _ball(subject, eye, ball, rays, lighting, quality) for eye, ball in zip(eyes, balls, strict=True)
    ]
    solids += [_part(subject, part, rays, lighting, quality) for part in (*parts, *extras)]
    hair = _hair(
        subject, surface, fine, scalp, beard, bake_level.fields[:, 0], light, model, eyes, rng, hair_detail
    )
    landmarks = place_landmarks(scheme, fine, eyes, subject, draw_level)
    front = (bake_level.rest[:, 2] > 105) & (bake_level.rest[:, 1] > 640) & (bake_level.rest[:, 1] < 780)
    brightness = float((light.irradiance[front].mean(0) * subject.skin / np.pi) @ [0.2126, 0.7152, 0.0722])
    return Capture(
        subject, lighting, tuple(solids), tuple(hair), landmarks, eyes, rays, skin_rays, brightness
    )


def _pose(
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


def _skin_light(
    rays: RayScene,
    points: Floats,
    normals: Floats,
    quads: NDArray[np.int64],
    lighting: Lighting,
    quality: BakeQuality,
) -> BakedLight:
    raw = bake(rays, points, normals, lighting, quality)
    irradiance = scatter(points, quads, raw.irradiance, SCATTER_MM)
    shade = scatter(
        points, quads, np.concatenate([raw.visible, raw.open[:, None]], 1), (0.8,) * (MAX_LIGHTS + 1)
    )
    return BakedLight(np.maximum(irradiance, 0), np.clip(shade[:, :-1], 0, 1), np.clip(shade[:, -1], 0, 1))


def _skin(
    model: HeadModel, subject: Subject, expression: Mapping[str, float], fine: Floats, light: BakedLight,
    scalp: Floats, beard: Floats, bake_level: int, draw_level: int,
) -> Solid:  # fmt: skip
    level = model.level(draw_level)
    values = np.concatenate(
        [light.irradiance, light.visible, light.open[:, None], scalp[:, None], beard[:, None]], 1
    )
    for step in range(bake_level + 1, draw_level + 1):
        values = np.asarray(model.steps[step] @ values)
    fine_light = BakedLight(values[:, :3], values[:, 3 : 3 + MAX_LIGHTS], values[:, 3 + MAX_LIGHTS])
    normals = vertex_normals(fine, triangles(level.quads))
    vertices = pack_solid(
        fine,
        normals,
        level.rest,
        level.fields[:, :4],
        fine_light,
        level.fields[:, 4],
        values[:, -2],
        values[:, -1],
    )
    return Solid("skin", vertices, level.faces, _skin_values(subject, expression))


def _skin_values(subject: Subject, expression: Mapping[str, float]) -> dict[str, Any]:
    traits = subject.traits

    def amount(*shapes: str) -> float:
        return max(expression.get(f"arkit/{shape}", 0.0) for shape in shapes)

    age = traits["wrinkles"]
    shaved = {"none": 0.0, "shadow": 0.8, "stubble": 0.7, "short": 0.75, "full": 0.8}.get(
        subject.beard_style, 0.75
    )
    return {
        "skin_colour": subject.skin, "lip_colour": subject.lips, "hair_colour": subject.hair,
        "brow_colour": subject.brows, "shadow_colour": subject.skin * (0.45, 0.38, 0.45), "seed": subject.seed % 97 + 0.37,
        "oil": traits["oil"] * (1 - 0.35 * subject.melanin), "freckles": traits["freckles"], "moles": traits["moles"], "redness": traits["redness"],
        "pore_depth": traits["pores"], "mottle": traits["mottle"], "wrinkles": age,
        "lip_tint": traits["lip_tint"], "lip_gloss": traits["lip_gloss"], "lip_softness": traits["lip_softness"],
        "lip_shift": traits["lip_shift"], "eye_shadow": traits["eye_shadow"], "eyeliner": traits["eyeliner"],
        "blush": traits["blush"],
        "forehead_lines": 0.35 * age + (0.25 + 0.9 * age) * amount("browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
        "frown_lines": 0.3 * age + (0.3 + 0.7 * age) * amount("browDownLeft", "browDownRight"),
        "crow_lines": 0.4 * age + (0.15 + 0.8 * age) * amount("eyeSquintLeft", "cheekSquintLeft", "mouthSmileLeft"),
        "brow_shape": np.array([traits["brow_lift"], traits["brow_arch"], traits["brow_thickness"], traits["brow_density"]]),
        "stubble": shaved, "scalp_cover": 0.7 if subject.hair_style == "buzz" else 0.95,
    }  # fmt: skip


def _ball(
    subject: Subject, eye: Eyeball, points: Floats, rays: RayScene, lighting: Lighting, quality: BakeQuality
) -> Solid:
    mesh = eye_mesh()
    normals = vertex_normals(points, mesh.faces)
    light = bake(rays, points, normals, lighting, quality, offset=0.2)
    none = np.zeros(len(points))
    vertices = pack_solid(points, normals, mesh.points, np.zeros((len(points), 4)), light, none, none, none)
    traits = subject.traits
    values = {
        "iris_outer": subject.iris[0], "iris_inner": subject.iris[1], "pupil": traits["pupil"], "limbus": traits["limbus"],
        "veins": traits["veins"], "sclera": traits["sclera"], "seed": subject.seed % 89 + (0.0 if eye.centre[0] > 0 else 7.0),
        "eye_from_head": eye.rotation.T,
    }  # fmt: skip
    return Solid("eye", vertices, mesh.faces, values, identity=2)


def _part(subject: Subject, part: Part, rays: RayScene, lighting: Lighting, quality: BakeQuality) -> Solid:
    normals = vertex_normals(part.points, part.faces)
    light = bake(rays, part.points, normals, lighting, quality, offset=0.4)
    if part.kind in ("teeth", "gum", "tongue"):
        # the lips let some light through and the mouth bounces it: never black, yet dark at the back
        light = BakedLight(
            light.irradiance * TEETH_LIGHT + 0.06 * np.array([1.0, 0.75, 0.7]), light.visible, light.open
        )
    none = np.zeros(len(part.points))
    keep = none + 1 if part.keep is None else part.keep
    fields = np.concatenate([part.tint, keep[:, None]], 1)
    vertices = pack_solid(part.points, normals, part.points, fields, light, none, none, none)
    tone = subject.traits["teeth_tone"]
    values: dict[str, Any] = {"seed": subject.seed % 83 + 0.11, "weave": 0.0, "shine": 1.0, "roughness": 0.12}
    values["base_colour"] = {
        "teeth": np.array([0.68, 0.61, 0.51]) * (0.75 + 0.4 * tone) * (1.0, 1.0, 0.86 + 0.2 * tone),
        "gum": np.array([0.40, 0.15, 0.14]),
        "tongue": np.array([0.38, 0.13, 0.12]),
    }.get(part.kind, np.ones(3))
    if part.kind == "cloth":
        values |= {"weave": 0.35, "shine": 0.15, "roughness": 0.5}
    return Solid(
        "plain",
        vertices,
        part.faces,
        values,
        part.keep is None,
        identity={"teeth": 3, "gum": 4, "tongue": 5}.get(part.kind, 6),
    )


def _hair(
    subject: Subject, surface: Surface, fine: Floats, scalp: Floats, beard: Floats, lid: Floats, light: BakedLight,
    model: HeadModel, eyes: tuple[Eyeball, Eyeball], rng: np.random.Generator, detail: float,
) -> list[HairGroup]:  # fmt: skip
    from scipy.spatial import cKDTree

    tree = cKDTree(surface.points)
    mean_seen = 0.3 + 0.7 * light.visible.mean(1) * MAX_LIGHTS / max(1, int((light.visible.max(0) > 0).sum()))

    def lit(roots: Floats) -> tuple[Floats, Floats]:
        nearest = tree.query(roots)[1]
        return np.minimum(mean_seen[nearest], 1.0), light.open[nearest]

    fine_detail = min(1.0, detail * 1.6)
    groups = [
        HairGroup(
            ribbons(scalp_hair(surface, scalp, subject, rng, detail), lit, rng, (0.55, 1.45)),
            subject.hair,
            0.5,
        ),
        HairGroup(
            ribbons(beard_hair(surface, beard, subject, rng, detail), lit, rng), subject.hair * 0.8, 0.25
        ),
        HairGroup(ribbons(brows(surface, lid, subject, rng, fine_detail), lit, rng), subject.brows, 0.12),
    ]
    lash = lashes(fine, model, eyes, subject, rng, fine_detail)
    groups.append(HairGroup(ribbons(lash, lit, rng, bias=2e-6), np.minimum(subject.hair, 0.03) * 0.4, 0.04))
    return [group for group in groups if len(group.ribbons.indices)]
