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


def _tint(rng: np.random.Generator, spread: float) -> Picture:
    return np.asarray(np.clip(rng.normal(1, spread, 3), 0.1, 2.2), np.float32)


def _box(
    picture: Picture, middle: tuple[float, float], size: tuple[float, float], turn: float, colour: Picture
) -> None:
    corners = cv2.boxPoints((middle, size, turn))
    cv2.fillPoly(picture, [corners.astype(np.int32)], colour.tolist())


def _grain(rng: np.random.Generator, scales: tuple[int, ...], strength: float) -> Picture:
    """Factors (SIZE, SIZE, 1) of a cloudy texture."""
    sum_of = np.zeros((SIZE, SIZE), np.float32)
    for scale in scales:
        rough = rng.normal(0, 1, (scale, scale)).astype(np.float32)
        sum_of += cv2.resize(rough, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.exp(strength * sum_of / np.sqrt(len(scales)))[..., None], np.float32)


def _unfocused(picture: Picture, rng: np.random.Generator) -> Picture:
    sigma = float(np.exp(rng.uniform(np.log(0.6), np.log(14))))
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


def scene(rng: np.random.Generator) -> Picture:
    """A heap of boxes, discs and lines of many colours, more or less out of focus."""
    picture = _gradient(rng, (0.05, 0.8), 0.2)
    colourful = rng.uniform(0.05, 0.4)
    for _ in range(int(rng.integers(8, 60))):
        colour = np.exp(rng.normal(-1.6, 1.0)) * _tint(rng, colourful)
        x, y = (float(v) for v in rng.uniform(-20, SIZE + 20, 2))
        kind = rng.integers(0, 4)
        if kind == 0:
            w, h = (float(v) for v in rng.uniform(6, 150, 2))
            _box(picture, (x, y), (w, h), float(rng.normal(0, 12)), colour)
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
            axes = (int(rng.integers(5, 80)), int(rng.integers(5, 80)))
            cv2.ellipse(
                picture, (int(x), int(y)), axes, float(rng.uniform(0, 180)), 0, 360, colour.tolist(), -1
            )
    _lamps(picture, rng, int(rng.integers(0, 14)), (2, 9))
    return _unfocused(picture, rng)


def _lamps(picture: Picture, rng: np.random.Generator, count: int, radius: tuple[int, int]) -> None:
    for _ in range(count):
        x, y = rng.integers(0, SIZE, 2)
        bright = rng.uniform(0.8, 4) * _tint(rng, 0.3)
        cv2.circle(picture, (int(x), int(y)), int(rng.integers(*radius)), bright.tolist(), -1)


def room(rng: np.random.Generator) -> Picture:
    """A room: wall and floor, window or pictures, door frames, shelves with things, furniture."""
    picture = _gradient(rng, (0.08, 0.6), 0.08)
    edge = int(rng.uniform(0.6, 1.1) * SIZE)
    floor = np.exp(rng.normal(-2.0, 0.6)) * _tint(rng, 0.12) * [1.1, 1.0, 0.85]
    picture[edge:] = floor
    for _ in range(int(rng.integers(1, 5))):
        x, y = float(rng.uniform(0, SIZE)), float(rng.uniform(0, 0.7 * SIZE))
        w, h = float(rng.uniform(20, 110)), float(rng.uniform(30, 150))
        light = rng.random() < 0.3
        colour = (rng.uniform(0.9, 3.0) if light else np.exp(rng.normal(-2, 0.8))) * _tint(rng, 0.1)
        _box(picture, (x, y), (w + 6, h + 6), 0.0, np.exp(rng.normal(-1.8, 0.8)) * _tint(rng, 0.08))
        _box(picture, (x, y), (w, h), 0.0, colour)
    for _ in range(int(rng.integers(0, 4))):
        y, x, end = (
            float(rng.uniform(20, SIZE)),
            float(rng.uniform(0, 0.6 * SIZE)),
            float(rng.uniform(0.5, 1) * SIZE),
        )
        _box(picture, ((x + end) / 2, y), (end - x, 4.0), 0.0, floor)
        while x < end:
            wide, tall = float(rng.uniform(2, 10)), float(rng.uniform(8, 26))
            thing = np.exp(rng.normal(-1.7, 0.8)) * _tint(rng, 0.3)
            _box(picture, (x, y - tall / 2), (wide, tall), float(rng.normal(0, 2)), thing)
            x += wide * float(rng.uniform(1.0, 1.8))
    picture *= _grain(rng, (3, 9), 0.1)
    _lamps(picture, rng, int(rng.integers(0, 4)), (3, 12))
    return _unfocused(picture, rng)


def outdoors(rng: np.random.Generator) -> Picture:
    """Sky, trees or houses, ground; daylight shining through leaves where out of focus."""
    horizon = float(rng.uniform(0.2, 0.9)) * SIZE
    y = np.arange(SIZE, dtype=np.float32)[:, None, None]
    sky = np.array([0.45, 0.58, 0.85]) * (1 - rng.uniform(0, 1)) + np.array([0.85, 0.86, 0.9]) * rng.uniform(
        0.3, 1
    )
    picture = np.asarray(sky * (1.2 - 0.4 * y / SIZE) * np.ones((1, SIZE, 1)), np.float32)
    if rng.random() < 0.55:
        leaves = np.array([0.09, 0.14, 0.04]) * _tint(rng, 0.2) * np.exp(rng.normal(0, 0.5))
        cover = _grain(rng, (6, 18, 50), 1.0)[..., 0] + 1.4 * (y[..., 0] - horizon) / SIZE
        tree = np.clip((cover - rng.uniform(0.4, 1.4)) * 4, 0, 1)[..., None]
        picture = picture * (1 - tree) + tree * leaves * _grain(rng, (12, 40, 110), 0.7)
    else:
        for _ in range(int(rng.integers(2, 7))):
            x, w, h = float(rng.uniform(0, SIZE)), float(rng.uniform(30, 120)), float(rng.uniform(40, 220))
            wall = np.exp(rng.normal(-1.5, 0.5)) * _tint(rng, 0.12) * [1.1, 1.0, 0.9]
            _box(picture, (x, horizon + 60 - h / 2), (w, h), 0.0, wall)
            for row in np.arange(horizon + 60 - h + 8, horizon + 50, 16):
                for column in np.arange(x - w / 2 + 8, x + w / 2 - 6, 14):
                    _box(picture, (float(column), float(row)), (6.0, 9.0), 0.0, wall * rng.uniform(0.2, 1.3))
    ground = np.exp(rng.normal(-1.6, 0.5)) * _tint(rng, 0.15)
    below = np.clip((y - horizon - 40) / 10, 0, 1)
    picture = picture * (1 - below) + below * ground * _grain(rng, (10, 60), 0.25)
    return _unfocused(np.asarray(picture, np.float32), rng)


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


BACKDROPS = {
    "plain": plain, "coloured": coloured, "black": black, "scene": scene, "room": room, "outdoors": outdoors, "noise": noise,
}  # fmt: skip
