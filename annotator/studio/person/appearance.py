"""What a subject looks like beyond the shape of the face: colours, cuts, beards, make-up, what is worn.

Every group of traits draws from a stream of its own, so a change to one leaves the others, and the shape, as they were.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.float64]
_HAIR = {
    "black": (0.010, 0.008, 0.007),
    "dark": (0.026, 0.016, 0.010),
    "brown": (0.065, 0.037, 0.020),
    "blond": (0.24, 0.16, 0.08),
    "red": (0.15, 0.052, 0.02),
    "dyed": (0.12, 0.03, 0.08),
}
GREY = np.array([0.30, 0.295, 0.285])
"""Linear RGB of hair without pigment."""
_IRIS = {
    "brown": ((0.035, 0.015, 0.007), (0.11, 0.052, 0.02)),
    "hazel": ((0.07, 0.055, 0.025), (0.17, 0.10, 0.04)),
    "blue": ((0.05, 0.09, 0.15), (0.18, 0.21, 0.24)),
    "green": ((0.06, 0.09, 0.055), (0.17, 0.15, 0.07)),
    "grey": ((0.08, 0.09, 0.10), (0.20, 0.20, 0.20)),
}
_LIPSTICKS = {
    "nude": (0.36, 0.17, 0.13),
    "rose": (0.36, 0.13, 0.125),
    "coral": (0.42, 0.13, 0.09),
    "red": (0.36, 0.03, 0.035),
    "berry": (0.20, 0.035, 0.06),
    "brown": (0.17, 0.06, 0.04),
    "pink": (0.42, 0.13, 0.17),
}


def stream(seed: int, name: str) -> np.random.Generator:
    """A generator of its own for each named group of traits of a subject."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _choice(rng: np.random.Generator, shares: Mapping[str, float]) -> str:
    weights = np.array(list(shares.values()), float)
    return str(rng.choice(list(shares), p=weights / weights.sum()))


def hair_colour(rng: np.random.Generator, melanin: float) -> Colour:
    """Pigmented hair, linear RGB (3,); what has turned grey is told by `grey_shares`."""
    if melanin > 0.38:
        shares = {"black": 0.75, "dark": 0.22, "brown": 0.03}
    else:
        shares = {"black": 0.17, "dark": 0.31, "brown": 0.28, "blond": 0.15, "red": 0.06, "dyed": 0.03}
    return np.asarray(np.array(_HAIR[_choice(rng, shares)]) * rng.uniform(0.7, 1.4))


def grey_shares(rng: np.random.Generator, age: float) -> dict[str, float]:
    """Share of grey hairs on scalp, brows and beard, each 0..1; beards turn first, brows last."""
    grey = float(np.clip((age - 0.3) * 1.7 + rng.normal(0, 0.25), 0, 1)) if age > 0.22 else 0.0
    dyed = grey > 0 and rng.random() < 0.2
    return {
        "grey": 0.0 if dyed else grey,
        "brow_grey": float(np.clip(0.8 * grey * rng.uniform(0.3, 1.0), 0, 1)),
        "beard_grey": float(np.clip(1.2 * grey + rng.uniform(-0.1, 0.15) * (age > 0.2), 0, 1)),
    }


def iris(rng: np.random.Generator, melanin: float) -> tuple[Colour, Colour]:
    """Outer and inner colour of the iris."""
    shares = {"brown": 0.42, "hazel": 0.16, "blue": 0.22, "green": 0.1, "grey": 0.1}
    name = "brown" if melanin > 0.34 else _choice(rng, shares)
    outer, inner = (np.array(colour) * rng.uniform(0.7, 1.3) for colour in _IRIS[name])
    return outer, inner


def lip_colour(rng: np.random.Generator, skin: Colour, makeup: float) -> Colour:
    """Linear RGB of the lips: the skin's, redder, or a lipstick that is mostly worn thin."""
    natural = skin * rng.uniform((0.78, 0.46, 0.48), (1.0, 0.68, 0.70))
    if makeup <= 0.45:
        return np.asarray(natural)
    shares = {"nude": 0.3, "rose": 0.26, "coral": 0.1, "red": 0.13, "berry": 0.08, "brown": 0.1, "pink": 0.03}
    stick = np.array(_LIPSTICKS[_choice(rng, shares)]) * np.exp(rng.normal(0, 0.15, 3))
    cover = rng.uniform(0.2, 0.9)
    depth = 0.55 + 0.45 * float(np.clip(skin[0] / 0.5, 0, 1))
    return np.asarray((1 - cover) * natural + cover * stick * depth)


def hair_style(rng: np.random.Generator, sex: float, age: float, melanin: float) -> str:
    """Name of a cut in `hair_styles.STYLES`."""
    curly = 0.04 + 0.22 * melanin
    if sex > 0.5:
        shares = {
            "bald": 0.05 + 0.1 * age, "buzz": 0.13 + 0.1 * melanin, "short": 0.2, "crop": 0.12, "quiff": 0.1, "swept": 0.1,
            "side_part": 0.13, "receding": 0.03 + 0.3 * age, "curly_short": curly, "curly": 0.04, "afro": 0.4 * curly,
            "afro_short": 0.9 * melanin * 0.2, "medium": 0.04, "wavy": 0.03, "locs": 0.14 * melanin, "tied": 0.015,
        }  # fmt: skip
    else:
        shares = {
            "long": 0.17, "wavy": 0.15, "medium": 0.1, "bob": 0.1, "fringe": 0.07, "long_fringe": 0.07, "tied": 0.13,
            "curly": 0.05 + 0.1 * melanin, "curly_short": 0.02 + 0.05 * melanin, "afro": 0.15 * melanin,
            "afro_short": 0.06 * melanin, "locs": 0.1 * melanin, "side_part": 0.04, "short": 0.05, "swept": 0.04, "buzz": 0.015,
        }  # fmt: skip
    return _choice(rng, shares)


def beard_styles(rng: np.random.Generator, sex: float) -> tuple[str, str]:
    """Names of the beard and of the moustache in `beards`; most beards come with a moustache of their kind."""
    if sex <= 0.5:
        return "none", "none"
    beard = _choice(rng, {
        "none": 0.27, "shadow": 0.16, "stubble": 0.17, "short": 0.13, "full": 0.1, "long": 0.03, "goatee": 0.04,
        "circle": 0.05, "chinstrap": 0.02, "mutton": 0.015, "soul": 0.02,
    })  # fmt: skip
    if beard == "none":
        shares = {"none": 0.62, "pencil": 0.05, "natural": 0.15, "chevron": 0.09, "walrus": 0.04, "handlebar": 0.03,
                  "horseshoe": 0.02}  # fmt: skip
    elif beard == "shadow":
        shares = {"shadow": 0.72, "natural": 0.16, "chevron": 0.08, "pencil": 0.04}
    elif beard == "stubble":
        shares = {"stubble": 0.66, "natural": 0.22, "chevron": 0.09, "none": 0.03}
    else:
        shares = {
            "natural": 0.5,
            "chevron": 0.2,
            "walrus": 0.09,
            "handlebar": 0.05,
            "stubble": 0.09,
            "none": 0.07,
        }
    return beard, _choice(rng, shares)


def worn(rng: np.random.Generator, sex: float) -> tuple[str, str, str]:
    """Garment, headwear and earrings by name."""
    garment = _choice(rng, {
        "crew": 0.3, "vee": 0.14, "wide": 0.08, "turtle": 0.08, "shirt": 0.2, "hood": 0.1, "jacket": 0.1,
    })  # fmt: skip
    headwear = _choice(rng, {"none": 0.9, "beanie": 0.04, "cap": 0.035, "headband": 0.025})
    wears = 0.09 if sex > 0.5 else 0.5
    rings = {"none": 1 - wears, "stud": 0.45 * wears, "hoop": 0.3 * wears, "drop": 0.25 * wears}
    return garment, headwear, _choice(rng, rings)


def makeup_traits(rng: np.random.Generator, makeup: float) -> dict[str, float]:
    """How the amount of make-up (0 none .. 1) shows on eyes, cheeks and lips."""
    return {
        "makeup": makeup,
        "eye_shadow": float(makeup * rng.uniform(0, 0.6)),
        "eyeliner": float(rng.uniform(0.2, 1.0)) if makeup > 0.3 and rng.random() < 0.45 else 0.0,
        "blush": float(makeup * rng.uniform(0, 0.5)),
        "lip_tint": float(rng.uniform(0.6, 0.95)) if makeup > 0.45 else float(rng.uniform(0.2, 0.8)),
        "lip_gloss": float(rng.uniform(0.1, 0.6) + 0.4 * (makeup > 0.45) * rng.random()),
        "lip_softness": float(rng.uniform(0.25, 1.0) * (1.0 if makeup < 0.45 else 0.6)),
    }


def skin_traits(rng: np.random.Generator, melanin: float, age: float, male: bool) -> dict[str, float]:
    """Pores, spots, shine, folds."""
    return {
        "oil": float(rng.uniform(0.1, 0.75)),
        "freckles": float(max(0.0, rng.normal(-0.08, 0.33)) * (1 - melanin)),
        "moles": float(rng.uniform(0.0, 1.0)),
        "redness": float(rng.uniform(0.2, 0.85) * (1 - 0.65 * melanin)),
        "pores": float(rng.uniform(0.7, 1.85) * (1.1 if male else 0.85)),
        "mottle": float(rng.uniform(0.5, 1.3)),
        "wrinkles": float(np.clip(0.05 + 1.05 * age + rng.normal(0, 0.1), 0.0, 1.0)),
        "spots": float(np.clip((age - 0.45) * 2.0 + rng.normal(0, 0.2), 0.0, 1.0)),
        "circles": float(np.clip(rng.normal(0.35, 0.25) + 0.2 * age, 0.0, 1.0)),
        "blemishes": float(max(0.0, rng.normal(-0.25, 0.45))),
        "markers": float(rng.random() < 0.04),
    }
