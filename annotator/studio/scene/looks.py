"""Looks: how a studio lights, frames and records, read from files in `resources/studio/looks`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.assets import asset
from annotator.studio.errors import StudioError
from annotator.studio.light.backdrop import BACKDROPS
from annotator.studio.light.lighting import SETUPS, Lighting, make_lighting

Floats = NDArray[np.float64]
Range = tuple[float, float]
USUAL_BRIGHTNESS = 0.12


@dataclass(frozen=True)
class Look:
    """Ranges of a studio. Blurs are pixels of a 1024 frame; `exposure` is the mean skin value that is aimed at."""

    name: str
    lights: Mapping[str, float]
    backdrops: Mapping[str, float]
    exposure: Range = (0.2, 0.3)
    balance: float = 0.02
    saturation: Range = (0.95, 1.05)
    contrast: Range = (0.0, 0.15)
    lift: Range = (0.0, 0.0)
    shoulder: Range = (0.3, 0.7)
    vignette: Range = (0.0, 0.15)
    grain: Range = (0.002, 0.012)
    softness: Range = (0.6, 0.85)
    aperture: Range = (0.0, 12.0)
    motion: Range = (0.0, 0.0)
    jpeg: tuple[int, int] = (88, 96)
    gaze: float = 3.0
    head: float = 3.0


@dataclass(frozen=True)
class Exposure:
    """How one frame is recorded; blurs in pixels of the rendered frame."""

    gain: float
    balance: Floats
    saturation: float
    contrast: float
    lift: float
    shoulder: float
    vignette: float
    grain: float
    softness: float
    aperture: float
    motion: tuple[float, float]
    jpeg: int
    seed: int
    linear: bool = field(default=False)

    def for_linear(self) -> Exposure:
        """The same without tone curve, for files that keep linear light."""
        return replace(self, linear=True)


def load_look(name: str) -> Look:
    """A look by name (`resources/studio/looks`) or path to a `.toml`."""
    path = Path(name) if name.endswith(".toml") else asset(f"resources/studio/looks/{name}.toml")
    if not path.is_file():
        raise StudioError(
            f"there is no look '{name}'; give a .toml file or one of: {', '.join(look_names())}"
        )
    raw: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    raw.pop("schema", None)
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()
    }
    try:
        look = Look(name=path.stem, **values)
    except TypeError as error:
        raise StudioError(f"{path}: {error}") from error
    for kind, chosen, known in (("light", look.lights, SETUPS), ("backdrop", look.backdrops, BACKDROPS)):
        unknown = set(chosen) - set(known)
        if unknown:
            raise StudioError(
                f"{path}: unknown {kind} {', '.join(sorted(unknown))}; known are: {', '.join(known)}"
            )
    return look


def look_names() -> list[str]:
    """Names of the shipped looks."""
    return sorted(path.stem for path in asset("resources/studio/looks").glob("*.toml"))


def _pick(shares: Mapping[str, float], rng: np.random.Generator) -> str:
    weights = np.array(list(shares.values()), float)
    return str(rng.choice(list(shares), p=weights / weights.sum()))


def draw_lighting(look: Look, rng: np.random.Generator) -> Lighting:
    """A lighting of the look."""
    return make_lighting(_pick(look.lights, rng), rng)


def draw_backdrop(look: Look, rng: np.random.Generator) -> NDArray[np.float32]:
    """A background of the look, float32 (256, 256, 3), linear."""
    return BACKDROPS[_pick(look.backdrops, rng)](rng)


def draw_exposure(look: Look, brightness: float, size: int, rng: np.random.Generator) -> Exposure:
    """How to record a face of mean linear `brightness`; skin tones keep part of their difference."""
    aim = float(np.exp(rng.uniform(*np.log(look.exposure))))
    known = max(brightness, 1e-3)
    gain = aim * (known / USUAL_BRIGHTNESS) ** 0.6 / known
    warm = rng.normal(0, look.balance)
    balance = np.array([1 + warm, 1 + 0.3 * rng.normal(0, look.balance), 1 - warm])
    pixels = size / 1024
    angle, length = rng.uniform(0, 2 * np.pi), float(rng.uniform(*look.motion))
    moves = bool(rng.random() < 0.25)
    motion = (length * np.cos(angle) * pixels, length * np.sin(angle) * pixels) if moves else (0.0, 0.0)
    soft = float(np.exp(rng.uniform(*np.log(look.softness))))
    softness = max(0.75, soft * pixels) if soft > 0.9 else soft
    return Exposure(
        gain, balance, float(rng.uniform(*look.saturation)), float(rng.uniform(*look.contrast)),
        float(rng.uniform(*look.lift)), float(rng.uniform(*look.shoulder)), float(rng.uniform(*look.vignette)),
        float(np.exp(rng.uniform(*np.log(look.grain)))), softness, float(rng.uniform(*look.aperture)) * pixels,
        (float(motion[0]), float(motion[1])), int(rng.integers(look.jpeg[0], look.jpeg[1] + 1)), int(rng.integers(1 << 30)),
    )  # fmt: skip
