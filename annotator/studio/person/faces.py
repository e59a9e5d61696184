"""Shapes of faces: weights of the morph targets of a subject at rest, drawn round what is usual in people.

The head model's own mean is broad below, narrow round the eyes, and frowns; `_USUAL` leads from it to calm faces.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

ORIGINS = ("caucasian", "african", "asian")
_SPREAD = {
    "mouth": 0.19,
    "nose": 0.26,
    "eyes": 0.22,
    "cheek": 0.27,
    "chin": 0.25,
    "forehead": 0.17,
    "ears": 0.25,
    "eyebrows": 0.2,
    "neck": 0.18,
}
_LIMIT = 0.6
_USUAL = {
    "mouth/mouth-angles-up": (0.38, -0.15, 0.75),
    "mouth/mouth-lowerlip-height-incr": (-0.24, -0.6, 0.2),
    "mouth/mouth-scale-vert-incr": (-0.2, -0.5, 0.2),
    "mouth/mouth-upperlip-height-incr": (-0.1, -0.5, 0.3),
    "mouth/mouth-scale-horiz-incr": (0.1, -0.3, 0.5),
    "eyebrows/eyebrows-angle-up": (0.06, -0.1, 0.35),
    "eyebrows/eyebrows-trans-up": (0.1, -0.12, 0.5),
    "eyes/x-eye-scale-incr": (0.28, -0.2, 0.6),
    "eyes/x-eye-height2-incr": (0.12, -0.25, 0.5),
    "eyes/x-eye-push1-out": (0.15, -0.3, 0.5),
    "eyes/x-eye-push2-out": (0.15, -0.3, 0.5),
    "head/head-fat-incr": (-0.12, -0.5, 0.12),
    "chin/chin-bones-incr": (-0.1, -0.6, 0.15),
    "chin/chin-height-incr": (0.0, -0.5, 0.3),
    "cheek/x-cheek-volume-incr": (-0.1, -0.6, 0.35),
}
"""Mean, least and most of targets whose middle is not what most faces look like; `x-` stands for either side."""
_HEAD_SHAPES = {
    "head/head-diamond": 1.6,
    "head/head-invertedtriangular": 1.8,
    "head/head-oval": 1.1,
    "head/head-rectangular": 0.45,
    "head/head-round": 0.7,
    "head/head-square": 0.3,
    "head/head-triangular": 0.2,
}
"""How strong outlines of the face may get, against others; those that broaden the jaw are rare."""
_OPPOSITES = (
    ("-incr", "-decr"),
    ("-up", "-down"),
    ("-out", "-in"),
    ("-forward", "-backward"),
    ("-convex", "-concave"),
    ("-uncompress", "-compress"),
)
MACRO = "macrodetails/"
"""Targets of sex, age, origin and weight, which shape the whole body."""
_HANDS_OFF = (
    "head/head-age",
    "head/head-trans",
    "head/head-angle",
    "ears/l-ear-shape",
    "ears/r-ear-shape",
    "eyes/l-eye-trans",
    "eyes/r-eye-trans",
    "mouth/mouth-dimples",
    "neck/measure",
    "neck/neck-trans",
)


def macro_shape(
    rng: np.random.Generator, sex: float, age: float, origin: NDArray[np.float64]
) -> dict[str, float]:
    """Weights of the targets that carry sex (0 female .. 1 male), age (0 young .. 1 old), `origin` (3,) shares of
    `ORIGINS`, and weight."""
    fat, weights = rng.normal(0, 0.38), {}
    for gender, by_gender in (("male", sex), ("female", 1 - sex)):
        for years, by_age in (("young", 1 - age), ("old", age)):
            share = by_gender * by_age
            for name, by_origin in zip(ORIGINS, origin, strict=True):
                weights[f"{MACRO}{name}-{gender}-{years}"] = float(by_origin * share)
            heavy = min(abs(fat), 0.9)
            body = f"{MACRO}universal-{gender}-{years}-averagemuscle-"
            weights[body + "averageweight"] = share * (1 - heavy)
            weights[body + ("maxweight" if fat > 0 else "minweight")] = share * heavy
    return weights


def resting_lips(rng: np.random.Generator) -> dict[str, float]:
    """Weight of the target that brings the lips together, which without it are about a millimetre apart; one mouth in seven
    stays so at rest."""
    together = float(rng.uniform(0.07, 0.12))
    return {"arkit/mouthClose": 0.0 if rng.random() < 0.15 else together}


def local_shape(seed: int, target_names: tuple[str, ...]) -> dict[str, float]:
    """Paired local targets, tied between left and right with a little difference; never both of a pair."""
    known, weights = set(target_names), {}
    for name in target_names:
        folder = name.split("/")[0]
        if name.startswith(_HANDS_OFF):
            continue
        own = np.random.default_rng([seed, zlib.crc32(name.encode())])
        if folder == "asym":
            weights[name] = max(0.0, float(own.normal(0, 0.14)))
        elif folder == "head" and not name.endswith(("-incr", "-decr")):
            weights[name] = _HEAD_SHAPES.get(name, 1.0) * max(0.0, float(own.normal(0, 0.17)))
        elif folder in _SPREAD or folder == "head":
            pair = next((p for p in _OPPOSITES if name.endswith(p[0])), None)
            if pair is None:
                continue
            base = name.removesuffix(pair[0])
            value = _paired(seed, base, pair[0], _SPREAD.get(folder, 0.13)) + float(own.normal(0, 0.03))
            chosen = name if value > 0 else base + pair[1]
            if chosen in known:
                weights[chosen] = abs(value)
    return weights


def _paired(seed: int, base: str, ending: str, spread: float) -> float:
    """What both sides of a pair share: above zero for the target that ends in `ending`, below for its opposite."""
    tied = base.replace("/l-", "/x-").replace("/r-", "/x-")
    shared = np.random.default_rng([seed, zlib.crc32(tied.encode()), 5])
    mean, least, most = _USUAL.get(tied + ending, (0.0, -_LIMIT, _LIMIT))
    return float(np.clip(mean + shared.normal(0, spread), least, most))
