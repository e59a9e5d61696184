"""Backgrounds as small linear pictures, drawn enlarged behind the head."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotator.imaging.opencv import cv2

Picture = NDArray[np.float32]
SIZE = 256


def _gradient(rng: np.random.Generator, level: tuple[float, float], colourful: float) -> Picture:
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE - 0.5
    centre = rng.normal(0, 0.15, 2)
    distance = np.hypot(x - centre[0], (y - centre[1]) * 0.9)
    tone = np.exp(rng.uniform(*np.log(level)))
    inner = tone * np.clip(rng.normal(1, colourful, 3), 0.2, 2)
    outer = inner * rng.uniform(0.25, 1.0) * np.clip(rng.normal(1, 0.3 * colourful, 3), 0.3, 2)
    share = np.clip((distance - 0.1) / 0.75, 0, 1)[..., None]
    return np.asarray(inner * (1 - share) + outer * share, np.float32)


def plain(rng: np.random.Generator) -> Picture:
    """A grey or white wall with a soft fall-off."""
    return _gradient(rng, (0.02, 0.7), 0.03)


def coloured(rng: np.random.Generator) -> Picture:
    """A coloured paper roll."""
    return _gradient(rng, (0.02, 0.6), 0.45)


def black(rng: np.random.Generator) -> Picture:
    """A capture stage: nearly black."""
    return _gradient(rng, (0.001, 0.012), 0.05)


def scene(rng: np.random.Generator) -> Picture:
    """A made-up place: boxes, discs and lines of many colours, more or less out of focus."""
    picture = _gradient(rng, (0.05, 0.8), 0.35)
    for _ in range(int(rng.integers(8, 60))):
        colour = np.exp(rng.normal(-1.6, 1.0)) * np.clip(rng.normal(1, 0.45, 3), 0.1, 2.2)
        x, y = rng.integers(-20, SIZE + 20, 2)
        kind = rng.integers(0, 4)
        if kind == 0:
            w, h = rng.integers(6, 150, 2)
            box = cv2.boxPoints(((float(x), float(y)), (float(w), float(h)), float(rng.normal(0, 12))))
            cv2.fillPoly(picture, [box.astype(np.int32)], colour.tolist())
        elif kind == 1:
            cv2.circle(picture, (int(x), int(y)), int(rng.integers(3, 40)), colour.tolist(), -1)
        elif kind == 2:
            end = rng.integers(-20, SIZE + 20, 2)
            cv2.line(
                picture,
                (int(x), int(y)),
                (int(end[0]), int(end[1])),
                colour.tolist(),
                int(rng.integers(1, 9)),
            )
        else:
            angle = float(rng.uniform(0, 180))
            cv2.ellipse(
                picture,
                (int(x), int(y)),
                (int(rng.integers(5, 80)), int(rng.integers(5, 80))),
                angle,
                0,
                360,
                colour.tolist(),
                -1,
            )
    for _ in range(int(rng.integers(0, 14))):
        at = rng.integers(0, SIZE, 2)
        cv2.circle(
            picture,
            (int(at[0]), int(at[1])),
            int(rng.integers(2, 9)),
            (rng.uniform(0.8, 4) * np.clip(rng.normal(1, 0.3, 3), 0.2, 2)).tolist(),
            -1,
        )
    return np.asarray(
        cv2.GaussianBlur(picture, (0, 0), float(np.exp(rng.uniform(np.log(0.6), np.log(14))))), np.float32
    )


def noise(rng: np.random.Generator) -> Picture:
    """Cloudy or grainy stuff: foliage, plaster, fabric."""
    picture = np.zeros((SIZE, SIZE, 3), np.float32)
    for scale in (4, 12, 40, 120):
        rough = rng.normal(0, 1, (scale, scale, 3)).astype(np.float32) * 0.22 + rng.normal(
            0, 1, (scale, scale, 1)
        ).astype(np.float32)
        picture += rng.uniform(0, 1) * cv2.resize(rough, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    tone = np.exp(rng.normal(-1.6, 0.7)) * np.clip(rng.normal(1, 0.35, 3), 0.2, 2)
    return np.asarray(tone * np.exp(0.55 * picture), np.float32)


BACKDROPS = {"plain": plain, "coloured": coloured, "black": black, "scene": scene, "noise": noise}
