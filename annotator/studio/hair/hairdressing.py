"""All hair of a subject in one capture: grown once, a volume that dims light, and ribbons lit by it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotator.studio.hair.beards import beard_hair, beard_weight, moustache_weight
from annotator.studio.hair.brows import brows, lashes
from annotator.studio.hair.hair import rim_hair, scalp_hair
from annotator.studio.hair.hair_styles import STYLES
from annotator.studio.hair.hair_volume import HairVolume
from annotator.studio.hair.scalp import hair_body, inside_hair, scalp_weight
from annotator.studio.hair.strands import Lit, Ribbons, Strands, Surface, ribbons
from annotator.studio.light.baking import BakedLight
from annotator.studio.light.lighting import MAX_LIGHTS, AreaLight, Lighting
from annotator.studio.person.appearance import stream
from annotator.studio.person.eyes import Eyeball
from annotator.studio.person.head_model import HeadModel, Level
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
_INSET = 0.92
"""Share of its height that a deep body of hair is drawn at: strands begin above it, so its outline is not seen."""

_LIT_EVERY = 3
"""The light within the hair changes slowly along a strand: it is worked out at every third point."""


@dataclass(frozen=True)
class HairGroup:
    """Ribbons with their colour, their shine and the share of grey among them."""

    ribbons: Ribbons
    colour: Floats
    shine: float
    grey: float = 0.0


@dataclass(frozen=True)
class HeadOfHair:
    """What grows on the head: cover of `scalp` and `beard` a vertex (n,), `strands` of the scalp, their `volume`, and
    the opaque `body` (points, cover, faces, numbers of the skin's vertices)."""

    scalp: Floats
    beard: Floats
    strands: list[Strands]
    volume: HairVolume
    body: tuple[Floats, Floats, NDArray[np.uint32], NDArray[np.int64]]

    def passing(self, points: Floats, light: AreaLight | None) -> Floats:
        """Share of a light (None: of the sky) that the scalp's hair lets pass to `points` (n, 3)."""
        return self.volume.sky(points) if light is None else self.volume.light(points, light)


def grow(surface: Surface, level: Level, subject: Subject, detail: float) -> HeadOfHair:
    """The subject's hair on a posed head; the same strands for the same subject in every capture."""
    scalp = scalp_weight(surface.rest, subject)
    lip = level.fields[:, 1]
    beard = np.maximum(beard_weight(surface.rest, lip, subject), moustache_weight(surface.rest, lip, subject))
    body = hair_body(surface.points, surface.normals, level, scalp, subject)
    style = STYLES[subject.hair_style]
    ground = surface
    if style is not None and style.fill >= 1.0 and len(body[0]):
        raised = surface.points.copy()
        raised[body[3]] = body[0]
        ground = replace(surface, points=raised)
        below = surface.points[body[3]]
        body = (below + _INSET * (body[0] - below), *body[1:])
    strands = scalp_hair(ground, scalp, subject, stream(subject.seed, "hair"), detail)
    if ground is not surface and strands and len(strands[0].curves):
        inside, rng = inside_hair(surface.rest, scalp), stream(subject.seed, "hair rim")
        strands.append(rim_hair(surface, scalp, inside, strands[0], rng, detail))
    return HeadOfHair(scalp, beard, strands, HairVolume(strands), body)


def hair_groups(
    head: HeadOfHair, surface: Surface, fine: Floats, level: Level, light: BakedLight, lighting: Lighting,
    model: HeadModel, eyes: tuple[Eyeball, Eyeball], subject: Subject, detail: float,
) -> list[HairGroup]:  # fmt: skip
    """Scalp hair, beard, brows and lashes, lit; empty groups are left out. `fine`: the vertices that are drawn."""
    lit = _root_light(surface, light)

    def within(curves: Floats) -> tuple[Floats, Floats]:
        every = np.arange(curves.shape[1])
        some = np.unique([*every[::_LIT_EVERY], every[-1]])
        between = np.stack([np.interp(every, some, row) for row in np.eye(len(some))])
        flat = curves[:, some].reshape(-1, 3)
        shape = (len(curves), len(some))
        return (
            head.volume.strongest(flat, lighting).reshape(shape) @ between,
            head.volume.sky(flat).reshape(shape) @ between,
        )

    fine_detail = min(1.0, detail * 1.6)
    lid, lip = level.fields[:, 0], level.fields[:, 1]
    traits = subject.traits
    beard = beard_hair(surface, lip, subject, stream(subject.seed, "beard hair"), detail)
    brow = brows(surface, lid, subject, stream(subject.seed, "brow hair"), fine_detail)
    lash = lashes(fine, model, eyes, subject, stream(subject.seed, "lashes"), fine_detail)
    rng = stream(subject.seed, "hair tones")
    groups = [
        HairGroup(ribbons(head.strands, within, rng, (0.9, 1.1)), subject.hair, 0.5, traits["grey"]),
        HairGroup(ribbons(beard, lit, rng), subject.beard_colour * 0.8, 0.25, traits["beard_grey"]),
        HairGroup(ribbons(brow, lit, rng), subject.brows, 0.12, traits["brow_grey"]),
        HairGroup(ribbons(lash, lit, rng, bias=2e-6), np.minimum(subject.hair, 0.03) * 0.4, 0.04),
    ]
    return [group for group in groups if len(group.ribbons.indices)]


def _root_light(surface: Surface, light: BakedLight) -> Lit:
    """Light of whole strands from the skin at their roots."""
    tree = cKDTree(surface.points)
    on = max(1, int((light.visible.max(0) > 0).sum()))
    mean_seen = np.minimum(0.3 + 0.7 * light.visible.mean(1) * MAX_LIGHTS / on, 1.0)

    def lit(curves: Floats) -> tuple[Floats, Floats]:
        nearest = tree.query(curves[:, 0])[1][:, None]
        shape = curves.shape[:2]
        return np.broadcast_to(mean_seen[nearest], shape), np.broadcast_to(light.open[nearest], shape)

    return lit
