"""Made-up people: every trait of a subject follows from its seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotator.studio.person.appearance import (
    GREY,
    beard_styles,
    grey_shares,
    hair_colour,
    hair_style,
    iris,
    lip_colour,
    makeup_traits,
    skin_traits,
    stream,
    worn,
)
from annotator.studio.person.faces import local_shape, macro_shape, resting_lips

Colour = NDArray[np.float64]
_LIGHT_SKIN = np.array([0.58, 0.36, 0.27])
_DARK_SKIN = np.array([0.115, 0.056, 0.036])


@dataclass(frozen=True)
class Subject:
    """Traits of one person. Colours are linear RGB; amounts are 0..1 unless said otherwise.

    `sex` 0 female .. 1 male, `age` 0 young .. 1 old, `origin` shares of `faces.ORIGINS`, `melanin` of the skin,
    `hair` its pigment without what has turned grey,
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
    moustache_style: str
    glasses: bool
    garment: str
    headwear: str
    earrings: str
    traits: Mapping[str, float] = field(default_factory=dict)

    @property
    def scalp_colour(self) -> Colour:
        """Mean colour of the hair on the head, grey ones included."""
        return np.asarray(self.hair + self.traits["grey"] * (GREY - self.hair))

    @property
    def beard_colour(self) -> Colour:
        """Mean pigment of the beard without its grey: often a little redder and lighter than the hair."""
        hue = min(1.0, self.traits["beard_hue"])
        return np.asarray(self.hair * (1 + hue * np.array([0.5, 0.15, 0.0])))

    @property
    def name(self) -> str:
        """Folder name of the subject."""
        return f"subject_{self.seed:05d}"


def make_subject(seed: int, target_names: tuple[str, ...], **fixed: float) -> Subject:
    """The subject of a seed; `fixed` overrides `sex`, `age`, `melanin` or `glasses` (0 or 1)."""
    rng = np.random.default_rng([seed, 101])
    sex = fixed.get("sex", float(rng.beta(0.45, 0.45)))
    age = fixed.get("age", float(np.clip(rng.gamma(1.6, 0.19), 0.0, 1.0)))
    origin = rng.dirichlet([0.6, 0.6, 0.6])
    melanin = float(np.clip(origin[1] * 0.95 + 0.22 * origin[2] + rng.normal(0.02, 0.13), 0.0, 1.0))
    melanin = fixed.get("melanin", melanin)
    morphs = macro_shape(rng, sex, age, origin) | local_shape(seed, target_names)
    morphs |= resting_lips(stream(seed, "resting lips"))
    male = sex > 0.5

    tone = stream(seed, "skin")
    skin = np.exp((1 - melanin) * np.log(_LIGHT_SKIN) + melanin * np.log(_DARK_SKIN))
    skin = skin * np.exp(tone.normal(0, 0.06, 3) * np.array([1.0, 0.7, 0.9]))
    hair = hair_colour(stream(seed, "hair colour"), melanin)
    paint = stream(seed, "make-up")
    makeup = 0.0 if male or paint.random() < 0.35 else float(paint.uniform(0.1, 1.0))
    beard, moustache = beard_styles(stream(seed, "beard"), sex)
    garment, headwear, earrings = worn(stream(seed, "worn"), sex)
    traits = _outlines(stream(seed, "outlines"), male) | _traits(stream(seed, "traits"), male, makeup)
    traits |= grey_shares(stream(seed, "grey"), age) | makeup_traits(paint, makeup)
    traits |= skin_traits(tone, melanin, age, male)
    return Subject(
        seed, sex, age, (float(origin[0]), float(origin[1]), float(origin[2])), melanin, morphs, skin,
        lip_colour(stream(seed, "lips"), skin, makeup), hair, _brow_colour(stream(seed, "brow colour"), hair),
        iris(stream(seed, "iris"), melanin), hair_style(stream(seed, "hair style"), sex, age, melanin), beard, moustache,
        bool(fixed.get("glasses", stream(seed, "glasses").random() < 0.16)), garment, headwear, earrings, traits,
    )  # fmt: skip


def _brow_colour(rng: np.random.Generator, hair: Colour) -> Colour:
    return np.asarray(np.minimum(hair, 0.08) * rng.uniform(0.35, 0.9))


def _outlines(rng: np.random.Generator, male: bool) -> dict[str, float]:
    """Where brows and painted lips run: the landmarks follow these."""
    return {
        "lip_shift": float(rng.normal(0.0, 0.16)),
        "brow_thickness": float(rng.uniform(0.65, 1.25) * (1.05 if male else 0.85)),
        "brow_lift": float(rng.normal(0.0, 1.1)),
        "brow_arch": float(rng.normal(0.0, 1.3)),
    }


def _traits(rng: np.random.Generator, male: bool, makeup: float) -> dict[str, float]:
    """Amounts by name; drawn independently of the landmarks so that no border gives them away."""
    return {
        "pupil": float(rng.uniform(0.24, 0.46)),
        "limbus": float(rng.uniform(0.4, 1.0)),
        "veins": float(rng.uniform(0.15, 1.0)),
        "sclera": float(rng.uniform(0.74, 1.06)),
        "brow_density": float(rng.uniform(0.4, 1.35) * (1.15 if male else 0.85)),
        "brow_length": float(rng.uniform(6.0, 10.5)),
        "brow_order": float(rng.uniform(0.3, 1.0)),
        "lash_length": float(rng.uniform(5.0, 8.6) * (0.88 if male else 1.1)),
        "lash_density": float(rng.uniform(0.6, 1.25) * (1.0 if makeup < 0.3 else 1.25)),
        "teeth_tone": float(rng.uniform(0.0, 1.0)),
        "teeth_gap": float(rng.uniform(0.0, 1.0)),
        "hairline": float(rng.normal(0.0, 5.0)),
        "hairline_recess": float(rng.uniform(0.0, 11.0) * (1.0 if male else 0.5)),
        "hair_volume": float(rng.uniform(0.5, 1.5)),
        "hair_length": float(np.exp(rng.normal(0.0, 0.2))),
        "hair_part": float(rng.choice([-1.0, 1.0]) * rng.uniform(0.0, 0.9)),
        "hair_frizz": float(rng.uniform(0.3, 1.6)),
        "hair_cover": float(rng.uniform(0.0, 1.0)),
        "sideburn": float(rng.uniform(-12.0, 8.0)),
        "beard_density": float(rng.uniform(0.5, 1.7)),
        "beard_order": float(rng.uniform(0.0, 1.0)),
        "beard_hue": float(max(0.0, rng.normal(0.0, 0.5))),
        "widow_peak": float(np.clip(rng.normal(0.5, 2.5), -2.5, 6.0)),
    }
