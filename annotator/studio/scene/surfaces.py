"""Surfaces ready to draw: vertices with baked light, and the values that their shaders read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.studio.anchors.drawn_borders import eye_seed, skin_seed
from annotator.studio.clothing.markers import face_markers
from annotator.studio.geometry.subdivision import triangles, vertex_normals
from annotator.studio.hair.beards import beard_depth
from annotator.studio.light.baking import BakedLight, BakeQuality, RayScene, bake
from annotator.studio.light.lighting import MAX_LIGHTS, Lighting
from annotator.studio.person.appearance import GREY
from annotator.studio.person.eyes import Eyeball, EyeMesh, eye_mesh
from annotator.studio.person.head_model import HeadModel
from annotator.studio.person.mouth import Part
from annotator.studio.person.subject import Subject
from annotator.studio.scene.skin_detail import SkinDetail

Floats = NDArray[np.float64]
TEETH_LIGHT = 0.85
EYE_BOUNCE = np.array([0.34, 0.25, 0.22])
CARUNCLE_BOUNCE = np.array([0.62, 0.50, 0.47])
SCALP_FADE = 1.7
"""The colour of the skin under hair fades faster towards the hairline than the hairs do."""
IDENTITIES = {
    "background": 0, "skin": 1, "eye": 2, "teeth": 3, "gum": 4, "tongue": 5, "caruncle": 6, "cloth": 7, "frame": 8,
    "other": 9, "hair": 10,
}  # fmt: skip
"""Kinds of surface by number, as id masks hold them; parts of a kind without a number are `other`."""


@dataclass(frozen=True)
class Solid:
    """A mesh to draw: `vertices` float32 (n, 25) in the order of `solid.vert`, `faces` uint32, shader and its values.

    `depth`: the program that draws its depth before all colour; none for what hides nothing or is ragged. With `detail`
    fewer triangles than `faces` are drawn where they look the same.
    """

    shader: str
    vertices: NDArray[np.float32]
    faces: NDArray[np.uint32]
    values: Mapping[str, Any]
    depth: str = "depth"
    identity: int = 1
    detail: SkinDetail | None = None


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


def skin_solid(
    model: HeadModel, subject: Subject, expression: Mapping[str, float], fine: Floats, light: BakedLight,
    scalp: Floats, beard: Floats, bake_level: int, draw_level: int,
) -> Solid:  # fmt: skip
    """The skin at refinement `draw_level`, with light and hair cover baked at `bake_level`."""
    level = model.level(draw_level)
    values = np.concatenate(
        [light.irradiance, light.visible, light.open[:, None], scalp[:, None] ** SCALP_FADE, beard[:, None]],
        1,
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
    # both triangles of a quad in turn, so that the vertices they share are worked out once
    faces = level.faces.reshape(2, -1, 3).swapaxes(0, 1).reshape(-1, 3)
    detail = SkinDetail(draw_level, vertices)
    return Solid("skin", vertices, faces, _skin_values(subject, expression), detail=detail)


def _skin_values(subject: Subject, expression: Mapping[str, float]) -> dict[str, Any]:
    traits = subject.traits

    def amount(*shapes: str) -> float:
        return max(expression.get(f"arkit/{shape}", 0.0) for shape in shapes)

    age = traits["wrinkles"]
    beard = subject.beard_colour
    return {
        "skin_colour": subject.skin, "lip_colour": subject.lips, "hair_colour": subject.scalp_colour,
        "beard_colour": beard + 0.7 * traits["beard_grey"] * (GREY - beard),
        "brow_colour": subject.brows + 0.4 * traits["brow_grey"] * (GREY - subject.brows),
        "shadow_colour": subject.skin * (0.45, 0.38, 0.45), "seed": skin_seed(subject),
        "oil": traits["oil"] * (1 - 0.35 * subject.melanin),
        "freckles": traits["freckles"], "moles": traits["moles"], "redness": traits["redness"],
        "pore_depth": traits["pores"], "mottle": traits["mottle"], "wrinkles": age,
        "lip_tint": traits["lip_tint"], "lip_gloss": traits["lip_gloss"], "lip_softness": traits["lip_softness"],
        "lip_shift": traits["lip_shift"], "eye_shadow": traits["eye_shadow"], "eyeliner": traits["eyeliner"],
        "blush": traits["blush"], "spots": traits["spots"], "circles": traits["circles"], "blemishes": traits["blemishes"],
        "lash_line": (0.15 + 0.3 * traits["lash_density"]) * (1.0 if subject.hair.mean() < 0.05 else 0.6),
        "laugh_lines": 0.45 * age**1.5 + (0.2 + 0.6 * age) * amount("mouthSmileLeft", "noseSneerLeft"),
        **face_markers(subject),
        "forehead_lines": 0.35 * age + (0.25 + 0.9 * age) * amount("browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
        "frown_lines": 0.3 * age + (0.3 + 0.7 * age) * amount("browDownLeft", "browDownRight"),
        "crow_lines": 0.4 * age + (0.15 + 0.8 * age) * amount("eyeSquintLeft", "cheekSquintLeft", "mouthSmileLeft"),
        "brow_shape": np.array([traits["brow_lift"], traits["brow_arch"], traits["brow_thickness"], traits["brow_density"]]),
        "stubble": (0.45 + 0.35 * min(1.0, traits["beard_density"])) * (1 - 0.5 * traits["beard_grey"]),
        "beard_depth": beard_depth(subject),
        "scalp_cover": 0.7 if subject.hair_style == "buzz" else 0.95,
    }  # fmt: skip


def hair_solid(
    subject: Subject, points: Floats, cover: Floats, faces: NDArray[np.uint32], light: BakedLight
) -> Solid:
    """The body of hair under the strands, lit like the scalp below it; cut away where `cover` (n,) is below zero."""
    none = np.zeros(len(points))
    fields = np.concatenate([np.zeros((len(points), 3)), cover[:, None]], 1)
    vertices = pack_solid(points, vertex_normals(points, faces), points, fields, light, none, none, none)
    curls = 1.0 if subject.hair_style.startswith(("curly", "afro", "locs")) else 0.0
    values = {"base_colour": subject.scalp_colour * 0.8, "seed": subject.seed % 79 + 0.5, "curls": curls}
    return Solid("fuzz", vertices, faces, values, depth="", identity=IDENTITIES["hair"])


def ball_solid(
    subject: Subject, eye: Eyeball, points: Floats, rays: RayScene, lighting: Lighting, quality: BakeQuality
) -> Solid:
    """An eyeball; `points` are its vertices in head space."""
    mesh = mesh_of_eyes(quality)
    normals = vertex_normals(points, mesh.faces)
    light = _bounced(bake(rays, points, normals, lighting, quality, offset=0.2), EYE_BOUNCE)
    none = np.zeros(len(points))
    vertices = pack_solid(points, normals, mesh.points, np.zeros((len(points), 4)), light, none, none, none)
    traits = subject.traits
    values = {
        "iris_outer": subject.iris[0], "iris_inner": subject.iris[1], "pupil": traits["pupil"], "limbus": traits["limbus"],
        "veins": traits["veins"], "sclera": traits["sclera"], "seed": eye_seed(subject, bool(eye.centre[0] > 0)),
        "eye_from_head": eye.rotation.T,
    }  # fmt: skip
    return Solid("eye", vertices, mesh.faces, values, identity=2)


def _bounced(light: BakedLight, share: Floats) -> BakedLight:
    """Light between the lids, which glow and throw it back: corners are dim and warm, never black."""
    full = np.percentile(light.irradiance, 95, axis=0)
    bounce = share * full * np.clip(1 - light.irradiance / np.maximum(full, 1e-9), 0, 1)
    return BakedLight(light.irradiance + bounce, light.visible, light.open)


def mesh_of_eyes(quality: BakeQuality) -> EyeMesh:
    """The ball's mesh at the fineness of the bake."""
    return eye_mesh() if quality.level > 1 else eye_mesh(72, 60)


def part_solid(
    subject: Subject, part: Part, rays: RayScene, lighting: Lighting, quality: BakeQuality
) -> Solid:
    """A piece of mouth, clothing or glasses."""
    normals = vertex_normals(part.points, part.faces)
    every = slice(None) if part.refined is None else slice(part.refined.shape[1])
    light = bake(rays, part.points[every], normals[every], lighting, quality.for_parts(), offset=0.4)
    if part.refined is not None:
        light = light.refined(part.refined)
    if part.kind == "caruncle":
        light = _bounced(light, CARUNCLE_BOUNCE)
    if part.kind in ("teeth", "gum", "tongue"):
        # the lips let some light through and the mouth bounces it: never black, yet dark at the back
        light = BakedLight(
            light.irradiance * TEETH_LIGHT + 0.08 * np.array([1.0, 0.75, 0.7]), light.visible, light.open
        )
    none = np.zeros(len(part.points))
    keep = none + 1 if part.keep is None else part.keep
    fields = np.concatenate([part.tint, keep[:, None]], 1)
    vertices = pack_solid(part.points, normals, part.points, fields, light, none, none, none)
    tone = subject.traits["teeth_tone"]
    values: dict[str, Any] = {"seed": subject.seed % 83 + 0.11, "weave": 0.0, "shine": 1.0, "roughness": 0.12,
                              "pattern": 0.0, "metal": 0.0, "bumps": 0.0}  # fmt: skip
    values["base_colour"] = {
        "teeth": np.array([0.68, 0.62, 0.53]) * (0.86 + 0.3 * tone) * (1.0, 1.0, 0.86 + 0.2 * tone),
        "gum": np.array([0.40, 0.15, 0.14]),
        "tongue": np.array([0.38, 0.13, 0.12]),
    }.get(part.kind, np.ones(3))
    values |= part.values
    if part.kind == "lens":
        return Solid(
            "lens_glass",
            vertices,
            part.faces,
            {"strength": part.values["strength"]},
            depth="",
            identity=8,
        )
    return Solid(
        "plain",
        vertices,
        part.faces,
        values,
        "depth" if part.keep is None else "depth_cut",
        identity=IDENTITIES.get(part.kind, IDENTITIES["other"]),
    )
