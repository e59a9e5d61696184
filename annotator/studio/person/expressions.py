"""Named expressions, random mixes of them, and smooth talking: all as weights of ARKit blendshapes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from annotator.domain.assets import asset
from annotator.studio.errors import StudioError

Weights = dict[str, float]
SQUINT_LIMIT = 0.85
PORTRAIT_SHARE = 0.35
"""Share of random expressions that are as calm as in portraits."""
FULL_SHARE = 0.25
"""Share of random expressions that are one named one almost in full, as studios ask for."""
SHUT_SHARE = 0.08
"""Share of random expressions with both eyes shut."""
HARD_SHARE = 0.2
"""Share of hard expressions with shut or nearly shut eyes, and again with a mouth at its limit."""
_SIDED = (
    "browDown",
    "browOuterUp",
    "cheekSquint",
    "mouthDimple",
    "mouthFrown",
    "mouthLowerDown",
    "mouthPress",
    "mouthSmile",
    "mouthStretch",
    "mouthUpperUp",
    "noseSneer",
    "eyeBlink",
    "eyeSquint",
    "eyeWide",
    "eyeLookUp",
    "eyeLookDown",
    "eyeLookIn",
    "eyeLookOut",
)
_OF_THE_MOUTH = ("arkit/mouth", "arkit/jaw", "arkit/cheekPuff")
_SINGLE = (
    "browInnerUp",
    "cheekPuff",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthFunnel",
    "mouthLeft",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
)


@lru_cache(maxsize=1)
def expression_table() -> Mapping[str, Weights]:
    """The shipped table by name, sides spelt out: keys are target names such as `arkit/mouthSmileLeft`."""
    return _table("expressions")


@lru_cache(maxsize=1)
def mouth_table() -> Mapping[str, Weights]:
    """Mouths at the limit of what faces do, by name, sides spelt out."""
    return _table("mouths")


def _table(name: str) -> Mapping[str, Weights]:
    raw = tomllib.loads(asset("resources/studio/expressions.toml").read_text("utf-8"))
    return {name: spell_out(weights) for name, weights in raw[name].items()}


def spell_out(weights: Mapping[str, float]) -> Weights:
    """Target names out of blendshape names; a sided shape without a side drives both. Refuses unknown shapes."""
    known = {*_SINGLE, *(shape + side for shape in _SIDED for side in ("Left", "Right"))}
    spelt: Weights = {}
    for shape, weight in weights.items():
        for name in (shape,) if shape in known else (shape + "Left", shape + "Right"):
            if name not in known:
                raise StudioError(
                    f"unknown blendshape '{shape}' in the expression table; remove or correct it"
                )
            spelt[f"arkit/{name}"] = float(weight)
    return spelt


def expression(name: str) -> Weights:
    """The weights of a named expression; `StudioError` lists the names when it is unknown."""
    table = expression_table()
    if name not in table:
        raise StudioError(f"there is no expression '{name}'; known are: {', '.join(table)}")
    return dict(table[name])


def limited(weights: Mapping[str, float]) -> Weights:
    """Weights within 0..1, with eye and cheek squint limited together and no squint of a closed eye."""
    safe = {name: float(np.clip(weight, 0.0, 1.0)) for name, weight in weights.items()}
    for side in ("Left", "Right"):
        eye, cheek, blink = (f"arkit/{shape}{side}" for shape in ("eyeSquint", "cheekSquint", "eyeBlink"))
        together = safe.get(eye, 0.0) + safe.get(cheek, 0.0)
        room = SQUINT_LIMIT * (1.0 - 0.6 * safe.get(blink, 0.0))
        if together > room:
            for name in (eye, cheek):
                safe[name] = safe.get(name, 0.0) * room / together
        wide = f"arkit/eyeWide{side}"
        safe[wide] = safe.get(wide, 0.0) * (1.0 - safe.get(blink, 0.0))
    return safe


def portrait_expression(rng: np.random.Generator) -> Weights:
    """What people wear before a camera: calm or smiling, lips mostly closed, hardly ever quite even on both sides."""
    smile = float(np.clip(rng.normal(0.3, 0.3), 0.0, 0.95))
    parted = rng.random() < 0.35
    weights: Weights = {}
    for side in ("Left", "Right"):
        own = smile * float(rng.uniform(0.85, 1.15))
        weights[f"arkit/mouthSmile{side}"] = own
        weights[f"arkit/cheekSquint{side}"] = 0.35 * own
        weights[f"arkit/eyeSquint{side}"] = 0.15 * own
        weights[f"arkit/eyeBlink{side}"] = float(np.clip(rng.normal(0.02, 0.06), 0, 0.3))
        if parted:
            weights[f"arkit/mouthUpperUp{side}"] = 0.4 * own
            weights[f"arkit/mouthLowerDown{side}"] = 0.15 * own
    if parted:
        weights["arkit/jawOpen"] = float(rng.uniform(0.0, 0.22))
    return limited(weights)


def random_expression(rng: np.random.Generator) -> Weights:
    """A plausible made-up expression: as in a portrait, or a weak or strong mix of named ones with small one-sided
    changes and blinks; now and then a single one in full, and eyes that are shut."""
    kind = rng.random()
    if kind < PORTRAIT_SHARE:
        mixed = portrait_expression(rng)
    else:
        mixed = _mix(rng, single=kind > 1 - FULL_SHARE)
    if rng.random() < SHUT_SHARE:
        for side in ("Left", "Right"):
            mixed[f"arkit/eyeBlink{side}"] = float(rng.uniform(0.8, 1.0))
    return limited(mixed)


def hard_expression(rng: np.random.Generator) -> Weights:
    """A random expression of which a fifth have eyes that are shut or nearly so, and a fifth a mouth at its limit."""
    mixed, shut, mouth = random_expression(rng), rng.random() < HARD_SHARE, rng.random() < HARD_SHARE
    if mouth:
        table = mouth_table()
        name, strength = str(rng.choice(list(table))), float(rng.uniform(0.75, 1.05))
        kept = {shape: weight for shape, weight in mixed.items() if not shape.startswith(_OF_THE_MOUTH)}
        mixed = kept | {shape: strength * weight for shape, weight in table[name].items()}
    if shut:
        lids = float(rng.uniform(0.55, 1.0))
        chosen = ("Left", "Right") if rng.random() < 0.8 else (str(rng.choice(["Left", "Right"])),)
        for side in chosen:
            mixed[f"arkit/eyeBlink{side}"] = lids
    return limited(mixed)


def _mix(rng: np.random.Generator, single: bool) -> Weights:
    table = expression_table()
    names = [name for name in table if name != "neutral"]
    mixed: Weights = {}
    count = 1 if single else int(rng.choice([0, 1, 2, 3], p=[0.15, 0.4, 0.3, 0.15]))
    for name in rng.choice(names, count, replace=False):
        strength = rng.uniform(0.8, 1.0) if single else rng.uniform(0.25, 1.0) / max(1.0, 0.7 * count)
        for target, weight in table[str(name)].items():
            mixed[target] = mixed.get(target, 0.0) + strength * weight
    for _ in range(int(rng.integers(0, 4))):
        shape = str(rng.choice([*_SINGLE, *(s + side for s in _SIDED[:11] for side in ("Left", "Right"))]))
        mixed[f"arkit/{shape}"] = mixed.get(f"arkit/{shape}", 0.0) + rng.uniform(0.05, 0.35)
    lids = float(np.clip(rng.normal(0.03, 0.12), 0.0, 0.5))
    for side in ("Left", "Right"):
        mixed[f"arkit/eyeBlink{side}"] = mixed.get(f"arkit/eyeBlink{side}", 0.0) + lids
    return mixed


def blend(first: Mapping[str, float], second: Mapping[str, float], share: float) -> Weights:
    """Weights between two expressions, `share` 0..1 of the second."""
    names = {*first, *second}
    return {name: (1 - share) * first.get(name, 0.0) + share * second.get(name, 0.0) for name in names}
