"""Runs of frames for networks that look back: stills that are moved, or consecutive frames of a take, shaken a little.

All frames of a run share their place, mirror, tone and light; noise and compression differ from frame to frame, as in a film.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine, compose
from annotator.domain.scheme import LandmarkScheme
from annotator.imaging.opencv import cv2
from annotator.training.augment import plain
from annotator.training.config import AugmentConfig, ClipConfig, PhotometryConfig
from annotator.training.geometry import apply_geometry, draw_affine
from annotator.training.photometry import augment_pixels, background
from annotator.training.source import Sample

_SHAKEN = 0.4  # takes move by themselves: so much of a still's motion is added
_PERIODS = (6.0, 40.0)  # frames
_OF_SENSOR = ("noise", "jpeg")
_SHUTTER = 0.5  # share of a frame's time that the shutter is open
_LEAST_BLUR = 0.7  # pixels


def augment_clip(
    rng: np.random.Generator,
    items: Sequence[Sample],
    size: int,
    scheme: LandmarkScheme,
    config: AugmentConfig,
    clips: ClipConfig,
) -> list[Sample]:
    """A varied view of a run, `clips.frames` samples of size x size: of a single sample a moved still."""
    frames = list(items) if len(items) > 1 else [items[0]] * clips.frames
    if not config.enabled:
        return [plain(item, size) for item in frames]
    base, flipped = draw_affine(rng, frames[0], size, config.geometry)
    mirror = scheme.mirror if flipped else None
    known = frames[0].xy[frames[0].known]
    pivot = apply_affine(base, known).mean(0) if len(known) else np.full(2, size / 2)
    path = draw_path(rng, len(frames), size, pivot, clips, _SHAKEN if len(items) > 1 else 1.0)
    fill = background(rng, size)
    seen = [
        apply_geometry(item, compose(moved, base), size, mirror, fill.copy())
        for item, moved in zip(frames, path, strict=True)
    ]
    pictures = _exposed(rng, [own.image for own in seen], config.photometry)
    if rng.random() < clips.blur:
        pictures = [_blurred(own, path, number, pivot) for number, own in enumerate(pictures)]
    pictures = _recorded(rng, pictures, config.photometry)
    return [
        Sample(picture, own.xy, own.weight, own.subject, own.name)
        for picture, own in zip(pictures, seen, strict=True)
    ]


def draw_path(
    rng: np.random.Generator,
    frames: int,
    size: int,
    pivot: NDArray[np.float64],
    clips: ClipConfig,
    share: float = 1.0,
) -> list[Affine]:
    """A smooth random motion in the square about `pivot`: an affine for each frame, the identity for the first.

    From frame to frame it shifts, turns and scales by about `share` of what `clips` states.
    """
    steps = (clips.shift * size, clips.shift * size, np.deg2rad(clips.turn), clips.scale)
    x, y, angle, log_scale = (_drift(rng, frames) * step * share for step in steps)
    path = []
    for number in range(frames):
        cos, sin = np.cos(angle[number]), np.sin(angle[number])
        linear = np.exp(log_scale[number]) * np.array([[cos, -sin], [sin, cos]])
        offset = pivot - linear @ pivot + [x[number], y[number]]
        path.append(np.concatenate([linear, offset[:, None]], axis=1))
    return path


def _drift(rng: np.random.Generator, frames: int) -> NDArray[np.float64]:
    """A curve that starts at 0 and moves by about 1 a frame, now and then by none and seldom by 2 or 3."""
    time = np.arange(frames)
    curve = np.zeros(frames)
    for _ in range(2):
        period = float(np.exp(rng.uniform(*np.log(_PERIODS))))
        phase, pace = rng.uniform(0, 2 * np.pi), float(rng.normal())
        wave = np.sin(2 * np.pi * time / period + phase) - np.sin(phase)
        curve += pace * wave * period / (2 * np.pi)
    return curve


def _exposed(
    rng: np.random.Generator, pictures: list[NDArray[np.uint8]], config: PhotometryConfig
) -> list[NDArray[np.uint8]]:
    """All but the sensor's part of the photometry, the same for each frame."""
    shared = replace(config, **dict.fromkeys(_OF_SENSOR, 0.0))
    seed = int(rng.integers(1 << 62))
    return [augment_pixels(np.random.default_rng(seed), picture, shared) for picture in pictures]


def _recorded(
    rng: np.random.Generator, pictures: list[NDArray[np.uint8]], config: PhotometryConfig
) -> list[NDArray[np.uint8]]:
    """The sensor's part: whether there is any holds for the run, the noise itself is each frame's own."""
    drawn = {name: float(rng.random() < getattr(config, name) * config.strength) for name in _OF_SENSOR}
    none = PhotometryConfig(strength=1.0, tone=0, grey=0, light=0, blur=0, soften=0, occlude=0, **drawn)
    return [augment_pixels(rng, picture, none) for picture in pictures]


def _blurred(
    picture: NDArray[np.uint8], path: Sequence[Affine], number: int, pivot: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """A frame smeared along the way that the face takes while the shutter is open."""
    after = min(number + 1, len(path) - 1)
    before = after - 1
    way = (apply_affine(path[after], pivot) - apply_affine(path[before], pivot)) * _SHUTTER
    length = float(np.hypot(*way))
    if length < _LEAST_BLUR:
        return picture
    side = 2 * int(np.ceil(length / 2)) + 1
    kernel = np.zeros((side, side), np.float32)
    middle = side / 2 - 0.5
    for share in np.linspace(-0.5, 0.5, 8 * side):
        column, row = np.array([middle, middle]) + share * way
        kernel[round(float(row)), round(float(column))] += 1
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE))
