"""Where hair grows on the head, and the opaque body of hair under its strands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotator.synthesis.hair_styles import STYLES
from annotator.synthesis.head_model import Level
from annotator.synthesis.strands import unit
from annotator.synthesis.subdivision import triangles
from annotator.synthesis.subject import Subject

Floats = NDArray[np.float64]
HEAD_MIDDLE = np.array([0.0, 768.0, 48.0])
"""Middle of the skull on the resting head, mm."""
_HAT_LINES = {"beanie": 768.0, "cap": 772.0, "headband": 784.0}


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
    line = 799.0 + traits["hairline"] - 5 * np.exp(-((x / 12) ** 2)) + wavy(rest[:, 0], subject.seed)
    line = line + traits["hairline_recess"] * np.exp(-(((x - 38) / 16) ** 2))
    if receding:
        line = line + 14.0 + 16.0 * np.exp(-(((x - 34) / 20) ** 2))
    top = np.clip((y - line - 0.4 * np.maximum(0, 92.0 - z)) / soft + 0.35, 0, 1)
    edge = np.interp(y, [715, 728, 750, 768, 785, 800, 815], [64, 67, 74, 82, 91, 99, 106])
    edge = edge + 0.4 * traits["hairline"] + 0.6 * wavy(y, subject.seed + 3) - (8.0 if receding else 0.0)
    side = np.clip((edge - z) / soft + 0.35, 0, 1) * np.clip((x - 30) / 12, 0, 1)
    weight = np.maximum(top, np.where(z < 20, 1.0, side))
    bottom = np.interp(z, [-20, 0, 12, 28, 50, 60, 70], [655, 660, 678, 712, 740, 722, 724])
    bottom = bottom + np.where(z > 55, traits["sideburn"], 0.0)
    ear = (x > 66) & (y < 752) & (z < 58) & (z > 5)
    weight = weight * np.clip((y - bottom) / 9, 0, 1) * ~ear
    if style.parted:
        line_x = np.abs(rest[:, 0] - parting(subject) - 0.6 * wavy(z, subject.seed + 5))
        weight = weight * (1 - 0.7 * np.exp(-((line_x / 1.3) ** 2)) * (z > 35) * (y > 770))
    if subject.headwear in ("beanie", "cap"):
        weight = weight * np.clip((hat_line(rest, subject.headwear) + 4.0 - y) / 4, 0, 1)
    return np.asarray(weight)


def hair_thickness(rest: Floats, weight: Floats, subject: Subject) -> Floats:
    """Thickness in mm (n,) of the body of hair over each vertex; zero off the scalp."""
    style = STYLES[subject.hair_style]
    if style is None or subject.hair_style == "buzz":
        return np.zeros(len(rest))
    full = style.fill * style.lift * (0.55 + 0.45 * subject.traits["hair_volume"])
    bumps = 1 + 0.10 * np.sin(rest @ [0.11, 0.13, 0.07] + subject.seed) * np.sin(rest @ [-0.09, 0.05, 0.14])
    bare = weight < 0.3
    if not bare.any() or bare.all():
        return np.zeros(len(rest))
    inwards = cKDTree(rest[bare]).query(rest)[0]
    return np.asarray(full * bumps * (1 - np.exp(-inwards / (2.0 + 0.35 * full))) * ~bare)


def hair_body(
    points: Floats, normals: Floats, level: Level, weight: Floats, subject: Subject
) -> tuple[Floats, Floats, NDArray[np.uint32], NDArray[np.int64]]:
    """The body under the strands: its points (m, 3), cover (m,) below zero where it ends, faces, and its vertices' numbers.

    A deep body bulges from the middle of the head rather than along the skin, so that an afro is round.
    """
    thick = hair_thickness(level.rest, weight, subject)
    quads = level.quads[thick[level.quads].max(1) > 0.05]
    if len(quads) == 0:
        return np.zeros((0, 3)), np.zeros(0), np.zeros((0, 3), np.uint32), np.zeros(0, np.int64)
    ids, local = np.unique(quads, return_inverse=True)
    deep = np.clip((thick[ids, None] - 4) / 20, 0, 0.75)
    away = unit(level.rest[ids] - HEAD_MIDDLE + [0.0, 14.0, 0.0])
    body = points[ids] + unit((1 - deep) * normals[ids] + deep * away) * (thick[ids, None] + 0.15)
    return body, weight[ids] - 0.62, triangles(local.reshape(-1, 4)), ids
