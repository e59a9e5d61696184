"""Where hair grows on the head, and the opaque body of hair under its strands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotator.studio.geometry.subdivision import triangles
from annotator.studio.hair.hair_styles import STYLES, Style
from annotator.studio.hair.strands import unit
from annotator.studio.person.head_model import Level
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
HEAD_MIDDLE = np.array([0.0, 768.0, 48.0])
"""Middle of the skull on the resting head, mm."""
_TEMPLE_Y = (700.0, 715.0, 728.0, 742.0, 756.0, 770.0, 786.0, 800.0, 815.0)
_TEMPLE_Z = (68.0, 71.0, 75.0, 83.0, 95.0, 102.0, 103.0, 105.0, 110.0)
"""The hairline at the side: it comes forward at the temple and runs down before the ear."""
_BODY_MARGIN_MM = 12.0
_DEEP_MARGIN_MM = 2.5
_HAT_LINES = {"beanie": 768.0, "cap": 766.0, "headband": 784.0}


def wavy(x: Floats, seed: int) -> Floats:
    """An irregular line, mm, that follows from the seed."""
    phase = np.random.default_rng([seed, 77]).uniform(0, 6.28, 4)
    return np.asarray(
        2.2 * np.sin(x * 0.21 + phase[0])
        + 1.3 * np.sin(x * 0.47 + phase[1])
        + 0.8 * np.sin(x * 1.1 + phase[2])
    )


def parting(subject: Subject) -> float:
    """Where the hair parts, mm to the subject's left."""
    return 27.0 * subject.traits["hair_part"]


def hat_line(rest: Floats, kind: str) -> Floats:
    """Height in mm (n,) of the lower edge of a hat at resting points: higher before than behind."""
    return np.asarray(_HAT_LINES[kind] + 0.12 * (rest[:, 2] - 60.0))


def scalp_weight(rest: Floats, subject: Subject) -> Floats:
    """Density 0..1 of scalp hair a vertex: fades over about a centimetre at the hairline, gone under a hat."""
    style = STYLES[subject.hair_style]
    if style is None:
        return np.zeros(len(rest))
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    traits = subject.traits
    soft = 6.0 + 5.0 * traits["hair_frizz"]
    receding = subject.hair_style == "receding"
    line = 800.0 + traits["hairline"] - traits["widow_peak"] * np.exp(-((x / 15) ** 2))
    line = line + 0.45 * wavy(rest[:, 0], subject.seed)
    line = line + traits["hairline_recess"] * np.exp(-(((x - 40) / 17) ** 2))
    if receding:
        line = line + 14.0 + 16.0 * np.exp(-(((x - 34) / 20) ** 2))
    top = np.clip((y - line - 0.4 * np.maximum(0, 92.0 - z)) / soft + 0.35, 0, 1)
    edge = np.interp(y, _TEMPLE_Y, _TEMPLE_Z) + 0.4 * traits["hairline"] + 0.35 * wavy(y, subject.seed + 3)
    side = np.clip((edge - (8.0 if receding else 0.0) - z) / soft + 0.35, 0, 1) * np.clip((x - 30) / 12, 0, 1)
    weight = np.maximum(top, np.where(z < 20, 1.0, side))
    bottom = np.interp(z, [-20, 0, 14, 24, 34, 50, 60, 72], [655, 660, 670, 686, 712, 722, 722, 716])
    bottom = bottom + np.where(z > 55, traits["sideburn"], 0.0)
    off_ear = np.hypot((z - 50 + 0.24 * (y - 709)) / 17, (y - 709) / 29)
    weight = weight * np.clip((y - bottom) / 9, 0, 1) * np.clip((off_ear - 1) / 0.25, 0, 1)
    if style.parted:
        line_x = np.abs(rest[:, 0] - parting(subject) - 0.6 * wavy(z, subject.seed + 5))
        weight = weight * (1 - 0.6 * np.exp(-((line_x / 2.0) ** 2)) * (z > 35) * (y > 770))
    if subject.headwear in ("beanie", "cap"):
        reach = 14.0 if style.lies else 4.0  # what lies flat begins under the hat
        weight = weight * np.clip((hat_line(rest, subject.headwear) + reach - y) / 4, 0, 1)
    return np.asarray(weight)


def inside_hair(rest: Floats, weight: Floats) -> Floats:
    """Millimetres (n,) from the nearest skin that is bare or at a parting; zero on it."""
    bare = weight < 0.45
    if not bare.any() or bare.all():
        return np.zeros(len(rest))
    return np.asarray(cKDTree(rest[bare]).query(rest)[0])


def hair_thickness(rest: Floats, weight: Floats, subject: Subject) -> Floats:
    """Thickness in mm (n,) of the body of hair over each vertex; zero off the scalp."""
    return _thickness(rest, inside_hair(rest, weight), subject)


def fullness(rest: Floats, style: Style) -> Floats:
    """How long hair is at resting points (n, 3), as a share of the length of the cut: less at faded sides."""
    return np.asarray(1 - style.fade * np.clip((np.abs(rest[:, 0]) - 42) / 22, 0, 1))


def _thickness(rest: Floats, inside: Floats, subject: Subject) -> Floats:
    style = STYLES[subject.hair_style]
    if style is None or subject.hair_style == "buzz":
        return np.zeros(len(rest))
    full = style.fill * style.lift * (0.55 + 0.45 * subject.traits["hair_volume"]) * fullness(rest, style)
    bumps = 1 + 0.10 * np.sin(rest @ [0.11, 0.13, 0.07] + subject.seed) * np.sin(rest @ [-0.09, 0.05, 0.14])
    # strands rise slowly from the skin: a body that rises faster would lie bare above their roots
    rise = 2.0 + 0.6 * full if style.fill >= 1.0 else style.length / 4
    return np.asarray(full * bumps * (1 - np.exp(-inside / rise)))


def hair_body(
    points: Floats, normals: Floats, level: Level, weight: Floats, subject: Subject
) -> tuple[Floats, Floats, NDArray[np.uint32], NDArray[np.int64]]:
    """The body under the strands: its points (m, 3), cover (m,) below zero where it ends, faces, and its vertices' numbers.

    A deep body bulges from the middle of the head rather than along the skin, so that an afro is round. It begins some
    way behind the hairline, where strands stand dense enough to hide its ragged edge.
    """
    inside = inside_hair(level.rest, weight)
    thick = _thickness(level.rest, inside, subject)
    quads = level.quads[thick[level.quads].max(1) > 0.05]
    if len(quads) == 0:
        return np.zeros((0, 3)), np.zeros(0), np.zeros((0, 3), np.uint32), np.zeros(0, np.int64)
    ids, local = np.unique(quads, return_inverse=True)
    deep = np.clip((thick[ids, None] - 4) / 20, 0, 0.75)
    away = unit(level.rest[ids] - HEAD_MIDDLE + [0.0, 14.0, 0.0])
    body = points[ids] + unit((1 - deep) * normals[ids] + deep * away) * (thick[ids, None] + 0.15)
    style = STYLES[subject.hair_style]
    margin = _DEEP_MARGIN_MM if style is not None and style.fill >= 1.0 else _BODY_MARGIN_MM
    cover = np.minimum(weight[ids] - 0.62, 0.1 * (inside[ids] - margin))
    return body, cover, triangles(local.reshape(-1, 4)), ids
