"""Photometric augmentation of uint8 RGB pictures: what renders and real photographs differ in. Landmarks are untouched.

Each step is drawn on its own; `strength` scales every probability, 0 turning all of them off.
"""

from functools import cache
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from annotator.imaging.opencv import cv2
from annotator.training.config import PhotometryConfig

Picture = NDArray[np.uint8]


def augment_pixels(rng: np.random.Generator, picture: Picture, config: PhotometryConfig) -> Picture:
    """A changed copy of a square picture; the order is that of a camera: scene, lens, sensor, file."""

    def drawn(probability: float) -> bool:
        return bool(rng.random() < probability * config.strength)

    if drawn(config.occlude):
        picture = occlude(rng, picture)
    if drawn(config.light):
        picture = relight(rng, picture)
    if drawn(config.tone):
        picture = retone(rng, picture)
    if drawn(config.grey):
        picture = grey(picture)
    if drawn(config.blur):
        picture = blur(rng, picture)
    if drawn(config.soften):
        picture = soften(rng, picture)
    if drawn(config.noise):
        picture = add_noise(rng, picture)
    if drawn(config.jpeg):
        picture = recompress(rng, picture)
    return picture


def background(rng: np.random.Generator, size: int) -> Picture:
    """What stands round a frame: black as in a letterboxed proxy, a plain colour, or soft clouds of colour."""
    kind = rng.random()
    if kind < 0.35:
        return np.zeros((size, size, 3), np.uint8)
    if kind < 0.65:
        return np.full((size, size, 3), rng.integers(0, 256, 3), np.uint8)
    cells = int(rng.integers(2, 24))
    coarse = rng.integers(0, 256, (cells, cells, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_LINEAR))


def retone(rng: np.random.Generator, picture: Picture) -> Picture:
    """Gamma .6..1.7, contrast, brightness, a gain for each channel, and saturation 0.3..1.6."""
    mix = _saturation(float(rng.uniform(0.3, 1.6)))
    mixed = cv2.transform(picture, mix)
    levels = np.linspace(0, 1, 256)[:, None]
    gamma = np.exp(rng.uniform(np.log(0.6), np.log(1.7)))
    gain = np.exp(rng.normal(0, 0.1, 3)) * np.exp(rng.normal(0, 0.18))
    curve = (levels**gamma - 0.4) * np.exp(rng.normal(0, 0.2)) + 0.4 + rng.normal(0, 0.05)
    table = np.rint((curve * gain).clip(0, 1) * 255).astype(np.uint8)
    return np.asarray(cv2.LUT(mixed, table[None]))


def grey(picture: Picture) -> Picture:
    """The luma in all three channels."""
    return np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB))


def relight(rng: np.random.Generator, picture: Picture) -> Picture:
    """A soft field of light and shadow, .35..1.7 of the brightness, in up to 4 x 4 patches."""
    cells = int(rng.integers(2, 5))
    field = np.exp(rng.normal(0, 0.35, (cells, cells))).clip(0.35, 1.7)
    # as multiples of 1/128 in 16 bit, so that nothing has to become float
    small = np.rint(field * 128).astype(np.float32)
    wide = cv2.resize(small, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC).clip(20, 255)
    factor = cv2.merge([wide.astype(np.uint8)] * 3)
    return np.asarray(cv2.multiply(picture, factor, scale=1 / 128))


def blur(rng: np.random.Generator, picture: Picture) -> Picture:
    """A lens out of focus, sigma .4..2.2 px at 512, or a short motion in any direction."""
    unit = picture.shape[0] / 512
    if rng.random() < 0.6:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, 2.2)) * unit))
    length = int(max(3, rng.uniform(3, 9) * unit)) | 1
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = (length - 1) / 2 * np.array([np.cos(angle), np.sin(angle)])
    middle = length // 2
    start, end = (tuple(np.rint(middle + s * reach).astype(int).tolist()) for s in (-1, 1))
    cv2.line(kernel, start, end, 1.0)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()))


def soften(rng: np.random.Generator, picture: Picture) -> Picture:
    """Taken at a lower resolution, a half to a fifth, and enlarged."""
    size = picture.shape[0]
    small = max(8, round(size / float(rng.uniform(1.5, 5))))
    shrunk = cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(shrunk, (size, size), interpolation=cv2.INTER_LINEAR))


def add_noise(rng: np.random.Generator, picture: Picture) -> Picture:
    """Sensor noise with a deviation of 1..14 levels, the same in all channels or one a channel."""
    bank = _noise_bank()
    count = picture.size
    start = int(rng.integers(0, len(bank) - count)) if len(bank) > count else 0
    part = np.resize(bank[start : start + count], count).reshape(picture.shape)
    if rng.random() < 0.4:
        part = np.repeat(part[..., :1], 3, axis=2)
    deviation = float(np.exp(rng.uniform(np.log(1), np.log(14))))
    scaled = cv2.convertScaleAbs(part, alpha=deviation / _BANK_DEVIATION)
    lighter = cv2.add(picture, scaled, mask=None)
    return np.where(part < 0, cv2.subtract(picture, scaled), lighter)


def recompress(rng: np.random.Generator, picture: Picture) -> Picture:
    """JPEG there and back, quality 18..90, with or without halved colour."""
    subsampling = "420" if rng.random() < 0.7 else "444"
    blob = simplejpeg.encode_jpeg(
        np.ascontiguousarray(picture), quality=int(rng.integers(18, 91)), colorsubsampling=subsampling
    )
    decoded: Picture = simplejpeg.decode_jpeg(blob)
    return decoded


def occlude(rng: np.random.Generator, picture: Picture) -> Picture:
    """One to three ellipses or triangles over the picture, plain or filled with another part of it."""
    size = picture.shape[0]
    result = picture.copy()
    for _ in range(int(rng.integers(1, 4))):
        cover = np.zeros(picture.shape[:2], np.uint8)
        centre = rng.uniform(0.15, 0.85, 2) * size
        radii = np.exp(rng.uniform(np.log(0.03), np.log(0.18), 2)) * size
        if rng.random() < 0.5:
            box = (tuple(centre.tolist()), tuple((2 * radii).tolist()), float(rng.uniform(0, 180)))
            cv2.ellipse(cover, box, 255, -1)
        else:
            corners = centre + rng.normal(0, 1, (3, 2)) * radii
            cv2.fillConvexPoly(cover, np.rint(corners).astype(np.int32), 255)
        shift = rng.integers(size // 4, 3 * size // 4, 2)
        paint: Any = (
            np.roll(picture, tuple(shift.tolist()), (0, 1)) if rng.random() < 0.4 else rng.integers(0, 256, 3)
        )
        np.copyto(result, np.asarray(paint, np.uint8), where=cover[..., None] > 0)
    return result


_BANK_DEVIATION = 32.0


@cache
def _noise_bank() -> NDArray[np.int8]:
    """Normal noise, drawn once: a step reads it from a random place."""
    values = np.random.Generator(np.random.Philox(7)).standard_normal(4_000_003, np.float32)
    bank: NDArray[np.int8] = np.rint(values * _BANK_DEVIATION).clip(-127, 127).astype(np.int8)
    return bank


def _saturation(amount: float) -> NDArray[np.float32]:
    """3x3 that mixes a colour with its luma (BT.601); 1 leaves it as it is, 0 makes it grey."""
    luma = np.array([0.299, 0.587, 0.114], np.float32)
    mixed: NDArray[np.float32] = (amount * np.eye(3) + (1 - amount) * luma[None]).astype(np.float32)
    return mixed
