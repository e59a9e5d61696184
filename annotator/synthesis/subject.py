"""Made-up people: every trait of a subject follows from its seed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.float64]
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
_OPPOSITES = (
    ("-incr", "-decr"),
    ("-up", "-down"),
    ("-out", "-in"),
    ("-forward", "-backward"),
    ("-convex", "-concave"),
    ("-uncompress", "-compress"),
)
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
_LIGHT_SKIN = np.array([0.58, 0.36, 0.27])
_DARK_SKIN = np.array([0.115, 0.056, 0.036])
_HAIR = {
    "black": (0.010, 0.008, 0.007),
    "dark": (0.028, 0.017, 0.011),
    "brown": (0.075, 0.042, 0.022),
    "blond": (0.24, 0.16, 0.08),
    "red": (0.16, 0.055, 0.02),
    "grey": (0.26, 0.25, 0.24),
    "dyed": (0.12, 0.03, 0.08),
}
_IRIS = {
    "brown": ((0.035, 0.015, 0.007), (0.11, 0.052, 0.02)),
    "hazel": ((0.07, 0.055, 0.025), (0.17, 0.10, 0.04)),
    "blue": ((0.05, 0.09, 0.15), (0.18, 0.21, 0.24)),
    "green": ((0.06, 0.09, 0.055), (0.17, 0.15, 0.07)),
    "grey": ((0.08, 0.09, 0.10), (0.20, 0.20, 0.20)),
}


@dataclass(frozen=True)
class Subject:
    """Traits of one person. Colours are linear RGB; amounts are 0..1 unless said otherwise.

    `sex` 0 female .. 1 male, `age` 0 young .. 1 old, `origin` shares of `ORIGINS`, `melanin` of the skin,
    `morphs` target weights of the neutral face, `traits` the amounts that shading and hair read by name.
    """

    seed: int
    sex: float
    age: float
    origin: tuple[float, float, float]
    melanin: float
    morphs: Mapping[str, float]
    skin: Colour
    lips: Colour
    hair: Colour
    brows: Colour
    iris: tuple[Colour, Colour]
    hair_style: str
    beard_style: str
    glasses: bool
    traits: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Folder name of the subject."""
        return f"subject_{self.seed:05d}"


def make_subject(seed: int, target_names: tuple[str, ...], **fixed: float) -> Subject:
    """The subject of a seed; `fixed` overrides `sex`, `age` or `melanin`."""
    rng = np.random.default_rng([seed, 101])
    sex = fixed.get("sex", float(rng.beta(0.45, 0.45)))
    age = fixed.get("age", float(np.clip(rng.gamma(1.6, 0.19), 0.0, 1.0)))
    origin = rng.dirichlet([0.6, 0.6, 0.6])
    melanin = float(np.clip(origin[1] * 0.95 + 0.22 * origin[2] + rng.normal(0.02, 0.13), 0.0, 1.0))
    melanin = fixed.get("melanin", melanin)
    morphs = _macro(rng, sex, age, origin) | _local(seed, target_names)
    skin = np.exp((1 - melanin) * np.log(_LIGHT_SKIN) + melanin * np.log(_DARK_SKIN))
    skin = skin * np.exp(rng.normal(0, 0.06, 3) * np.array([1.0, 0.7, 0.9]))
    male = sex > 0.5
    hair = _hair_colour(rng, melanin, age)
    lips = skin * rng.uniform((0.78, 0.44, 0.46), (1.0, 0.66, 0.68))
    makeup = 0.0 if male or rng.random() < 0.35 else float(rng.uniform(0.2, 1.0))
    if makeup > 0.45:
        lips = np.array([0.30, 0.05, 0.06]) * rng.uniform((0.4, 0.4, 0.4), (1.5, 2.2, 2.4))
    brows = np.minimum(hair, 0.10) * rng.uniform(0.3, 0.8)
    return Subject(
        seed, sex, age, (float(origin[0]), float(origin[1]), float(origin[2])), melanin, morphs, skin, lips, hair,
        brows, _iris(rng, melanin), _hair_style(rng, sex, age, melanin), _beard_style(rng, sex),
        bool(rng.random() < 0.16), _traits(rng, melanin, age, male, makeup),
    )  # fmt: skip


def _macro(rng: np.random.Generator, sex: float, age: float, origin: NDArray[np.float64]) -> dict[str, float]:
    fat, weights = rng.normal(0, 0.38), {}
    for gender, by_gender in (("male", sex), ("female", 1 - sex)):
        for years, by_age in (("young", 1 - age), ("old", age)):
            share = by_gender * by_age
            for name, by_origin in zip(ORIGINS, origin, strict=True):
                weights[f"macrodetails/{name}-{gender}-{years}"] = float(by_origin * share)
            heavy = min(abs(fat), 0.9)
            body = f"macrodetails/universal-{gender}-{years}-averagemuscle-"
            weights[body + "averageweight"] = share * (1 - heavy)
            weights[body + ("maxweight" if fat > 0 else "minweight")] = share * heavy
    return weights


def _local(seed: int, target_names: tuple[str, ...]) -> dict[str, float]:
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
            weights[name] = max(0.0, float(own.normal(0, 0.17)))
        elif folder in _SPREAD or folder == "head":
            pair = next((p for p in _OPPOSITES if name.endswith(p[0])), None)
            if pair is None:
                continue
            base = name.removesuffix(pair[0])
            tied = base.replace("/l-", "/x-").replace("/r-", "/x-")
            shared = np.random.default_rng([seed, zlib.crc32(tied.encode()), 5])
            value = float(
                np.clip(shared.normal(0, _SPREAD.get(folder, 0.13)), -_LIMIT, _LIMIT) + own.normal(0, 0.03)
            )
            chosen = name if value > 0 else base + pair[1]
            if chosen in known:
                weights[chosen] = abs(value)
    return weights


def _hair_colour(rng: np.random.Generator, melanin: float, age: float) -> Colour:
    light = ["black", "dark", "brown", "blond", "red", "dyed"]
    if melanin > 0.38:
        name = str(rng.choice(["black", "dark", "brown"], p=[0.75, 0.22, 0.03]))
    else:
        name = str(rng.choice(light, p=[0.17, 0.31, 0.28, 0.15, 0.06, 0.03]))
    colour = np.array(_HAIR[name]) * rng.uniform(0.7, 1.4)
    grey = np.clip((age - 0.3) * 1.6 + rng.normal(0, 0.2), 0, 1) if age > 0.25 else 0.0
    return np.asarray((1 - grey) * colour + grey * np.array(_HAIR["grey"]))


def _iris(rng: np.random.Generator, melanin: float) -> tuple[Colour, Colour]:
    names = list(_IRIS)
    name = "brown" if melanin > 0.34 else str(rng.choice(names, p=[0.42, 0.16, 0.22, 0.1, 0.1]))
    outer, inner = (np.array(colour) * rng.uniform(0.7, 1.3) for colour in _IRIS[name])
    return outer, inner


def _hair_style(rng: np.random.Generator, sex: float, age: float, melanin: float) -> str:
    if sex > 0.5:
        names = ["bald", "buzz", "short", "swept", "curly", "afro", "medium", "receding"]
        shares = np.array([0.08, 0.17, 0.28, 0.2, 0.08, 0.02 + 0.12 * melanin, 0.06, 0.05 + 0.25 * age])
    else:
        names = ["swept", "short", "medium", "long", "curly", "afro", "fringe", "buzz"]
        shares = np.array([0.17, 0.1, 0.2, 0.24, 0.1, 0.02 + 0.12 * melanin, 0.13, 0.02])
    return str(rng.choice(names, p=shares / shares.sum()))


def _beard_style(rng: np.random.Generator, sex: float) -> str:
    if sex <= 0.5:
        return "none"
    return str(rng.choice(["none", "shadow", "stubble", "short", "full", "goatee", "moustache"],
                          p=[0.28, 0.2, 0.18, 0.12, 0.08, 0.08, 0.06]))  # fmt: skip


def _traits(
    rng: np.random.Generator, melanin: float, age: float, male: bool, makeup: float
) -> dict[str, float]:
    """Amounts by name; drawn independently of the landmarks so that no border gives them away."""
    return {
        "oil": float(rng.uniform(0.15, 0.8)),
        "freckles": float(max(0.0, rng.normal(-0.08, 0.33)) * (1 - melanin)),
        "moles": float(rng.uniform(0.0, 1.0)),
        "redness": float(rng.uniform(0.2, 0.85) * (1 - 0.65 * melanin)),
        "pores": float(rng.uniform(0.45, 1.15) * (1.1 if male else 0.85)),
        "mottle": float(rng.uniform(0.5, 1.3)),
        "wrinkles": float(np.clip(0.12 + 0.9 * age + rng.normal(0, 0.1), 0.0, 1.0)),
        "makeup": makeup,
        "eye_shadow": float(makeup * rng.uniform(0, 0.8)),
        "eyeliner": float(rng.uniform(0.2, 1.0)) if makeup > 0.3 and rng.random() < 0.5 else 0.0,
        "blush": float(makeup * rng.uniform(0, 0.7)),
        "lip_tint": float(rng.uniform(0.6, 0.95)) if makeup > 0.45 else float(rng.uniform(0.2, 0.8)),
        "lip_gloss": float(rng.uniform(0.1, 0.7) + 0.6 * (makeup > 0.45)),
        "lip_softness": float(rng.uniform(0.25, 1.0) * (1.0 if makeup < 0.45 else 0.5)),
        "lip_shift": float(rng.normal(0.0, 0.16)),
        "pupil": float(rng.uniform(0.24, 0.46)),
        "limbus": float(rng.uniform(0.4, 1.0)),
        "veins": float(rng.uniform(0.15, 1.0)),
        "sclera": float(rng.uniform(0.82, 1.06)),
        "brow_density": float(rng.uniform(0.45, 1.3) * (1.15 if male else 0.8)),
        "brow_length": float(rng.uniform(6.0, 10.5)),
        "brow_thickness": float(rng.uniform(0.65, 1.25) * (1.05 if male else 0.85)),
        "brow_lift": float(rng.normal(0.0, 1.1)),
        "brow_arch": float(rng.normal(0.0, 1.3)),
        "lash_length": float(rng.uniform(5.0, 8.6) * (0.88 if male else 1.1)),
        "lash_density": float(rng.uniform(0.6, 1.25) * (1.0 if makeup < 0.3 else 1.25)),
        "teeth_tone": float(rng.uniform(0.0, 1.0)),
        "teeth_gap": float(rng.uniform(0.0, 1.0)),
        "hairline": float(rng.normal(0.0, 5.0)),
        "hairline_recess": float(rng.uniform(2.0, 14.0) * (1.0 if male else 0.5)),
        "hair_volume": float(rng.uniform(0.5, 1.5)),
        "hair_part": float(rng.choice([-1.0, 1.0]) * rng.uniform(0.0, 0.9)),
        "hair_frizz": float(rng.uniform(0.3, 1.6)),
    }
