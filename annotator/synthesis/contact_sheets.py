"""Contact sheets to look at: many subjects, all expressions, all cameras, and pixels at 100 %."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme_file import load_scheme
from annotator.imaging.opencv import cv2
from annotator.synthesis.expressions import expression_table
from annotator.synthesis.image_files import write_image
from annotator.synthesis.jobs import RenderedFrame, RenderOptions, capture_jobs, frames_of

Picture = NDArray[np.uint8]
MAX_BYTES = 600_000


def tiled(pictures: Iterable[Picture], columns: int, tile: tuple[int, int]) -> Picture:
    """Pictures side by side, each resized to `tile` (width, height); the last row is filled with black."""
    tiles = [cv2.resize(picture, tile, interpolation=cv2.INTER_AREA) for picture in pictures]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.concatenate(tiles[start : start + columns], 1) for start in range(0, len(tiles), columns)]
    return np.concatenate(rows, 0)


def write_sheet(path: Path, sheet: Picture) -> None:
    """Writes a JPEG of at most `MAX_BYTES`, in the best quality that fits."""
    for quality in (88, 82, 75, 65, 50):
        write_image(path, sheet, quality)
        if path.stat().st_size <= MAX_BYTES:
            return


def _frames(options: RenderOptions, renderer: Any) -> list[RenderedFrame]:
    scheme = load_scheme(options.scheme)
    return [frame for job in capture_jobs(options) for frame in frames_of(job, options, scheme, renderer)]


def subjects_sheet(renderer: Any, first: int = 5000, count: int = 30, size: int = 512) -> Picture:
    """So many subjects, neutral, one random view each, under the look `studio-a`."""
    options = RenderOptions(tuple(range(first, first + count)), ("neutral",), "pair", size)
    return tiled((np.asarray(f.pixels, np.uint8) for f in _frames(options, renderer)[1::2]), 6, (330, 330))


def expressions_sheet(renderer: Any, subject: int = 3032, size: int = 512) -> Picture:
    """All named expressions of one subject from the front."""
    options = RenderOptions((subject,), tuple(expression_table()), "pair", size)
    return tiled((np.asarray(f.pixels, np.uint8) for f in _frames(options, renderer)[::2]), 6, (330, 330))


def cameras_sheet(renderer: Any, subject: int = 3009, size: int = 1024) -> Picture:
    """The cameras of the default rig."""
    options = RenderOptions((subject,), ("smile",), "dome-8", size)
    return tiled((np.asarray(f.pixels, np.uint8) for f in _frames(options, renderer)), 4, (480, 480))


def looks_sheet(renderer: Any, first: int = 6000, count: int = 24, size: int = 512) -> Picture:
    """What a training set is made of: random people, expressions, lights, places and views."""
    looks = ("portrait",) * 7 + ("studio-a", "beauty")
    options = RenderOptions(tuple(range(first, first + count)), ("random",), "random:1", size, looks)
    return tiled((np.asarray(f.pixels, np.uint8) for f in _frames(options, renderer)), 6, (330, 330))


def detail_sheet(renderer: Any, subjects: tuple[int, ...], side: int = 640) -> Picture:
    """Left eye, nose and mouth of 4K frames at 100 %, a row a subject."""
    scheme = load_scheme("studio-89")
    options = RenderOptions((0,), ("neutral",), "pair", 4096)
    pictures = []
    for number, subject in enumerate(subjects):
        name = ("neutral", "big_smile", "mouth_open")[number % 3]
        (job,) = capture_jobs(replace(options, subjects=(subject,), expressions=(name,)))
        camera = ("front", "three_quarter")[number % 2]
        (frame,) = frames_of(job, options, scheme, renderer, {camera})
        for landmark in ("pupil_left", "nose_columella", "lips_inner_lower_mid"):
            x, y = np.clip(frame.xy[scheme.index(landmark)] - side / 2, 0, 4096 - side).astype(int)
            pictures.append(np.asarray(frame.pixels, np.uint8)[y : y + side, x : x + side])
    return tiled(pictures, 3, (side, side))
