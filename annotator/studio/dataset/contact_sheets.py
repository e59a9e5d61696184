"""Contact sheets to look at: many subjects, all expressions, all cameras, and pixels at 100 %.

`python -m annotator.studio.dataset.contact_sheets FOLDER [NAME ...]` writes them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.imaging.opencv import cv2
from annotator.studio.dataset.jobs import (
    TALKING,
    RenderedFrame,
    RenderOptions,
    capture_jobs,
    frames_of,
    make_capture,
)
from annotator.studio.draw.image_files import write_image
from annotator.studio.geometry.camera import load_rig
from annotator.studio.person.expressions import expression_table
from annotator.studio.scene.looks import draw_backdrop, draw_exposure

Picture = NDArray[np.uint8]
MAX_BYTES = 1_400_000
DETAILS = {"eyes": "pupil_left", "noses": "nose_columella", "mouths": "lips_inner_lower_mid"}
SHEETS = ("subjects", "looks", "expressions", "cameras", "talking", "details")


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


def _frames(
    options: RenderOptions, renderer: Any, camera: str | None = None, step: int = 1
) -> list[RenderedFrame]:
    """The frames of every `step`-th capture, all or those of one camera of the rig."""
    scheme, wanted = load_scheme(options.scheme), {camera} if camera else None
    jobs = capture_jobs(options)[::step]
    return [frame for job in jobs for frame in frames_of(job, options, scheme, renderer, wanted)]


def subjects_sheet(renderer: Any, first: int = 5000, count: int = 30, size: int = 512) -> Picture:
    """So many subjects, neutral, one random view each, under the look `studio-a`."""
    options = RenderOptions(tuple(range(first, first + count)), ("neutral",), "pair", size)
    frames = _frames(options, renderer, "three_quarter")
    return tiled((np.asarray(f.pixels, np.uint8) for f in frames), 6, (330, 330))


def expressions_sheet(renderer: Any, subject: int = 3032, size: int = 512) -> Picture:
    """All named expressions of one subject from the front."""
    options = RenderOptions((subject,), tuple(expression_table()), "pair", size)
    frames = _frames(options, renderer, "front")
    return tiled((np.asarray(f.pixels, np.uint8) for f in frames), 6, (330, 330))


def cameras_sheet(renderer: Any, subject: int = 3009, size: int = 1024) -> Picture:
    """The cameras of the default rig."""
    options = RenderOptions((subject,), ("smile",), "dome-8", size)
    return tiled((np.asarray(f.pixels, np.uint8) for f in _frames(options, renderer)), 4, (480, 480))


def looks_sheet(renderer: Any, first: int = 6000, count: int = 24, size: int = 512) -> Picture:
    """What a training set is made of: random people, expressions, lights, places and views."""
    looks = ("portrait",) * 7 + ("studio-a", "beauty")
    options = RenderOptions(tuple(range(first, first + count)), ("random",), "random:1", size, looks)
    return tiled((np.asarray(f.pixels, np.uint8) for f in _frames(options, renderer)), 6, (330, 330))


def talking_sheet(
    renderer: Any, subject: int = 4001, count: int = 12, step: int = 3, size: int = 512
) -> Picture:
    """Every third frame of a second and a half of speech, as in the preset `talking`."""
    options = RenderOptions((subject,), (TALKING,), "pair", size, takes=count * step)
    frames = _frames(options, renderer, "front", step)
    return tiled((np.asarray(f.pixels, np.uint8) for f in frames), 6, (330, 330))


def detail_sheets(
    renderer: Any, first: int = 5000, count: int = 30, side: int = 420, quality: str = "fine"
) -> dict[str, Picture]:
    """Left eye, nose and mouth of so many subjects as windows of 4K frames at 100 %: a sheet each, a tile a subject."""
    scheme = load_scheme(DEFAULT_SCHEME)
    tiles: dict[str, list[Picture]] = {name: [] for name in DETAILS}
    for number, subject in enumerate(range(first, first + count)):
        expression = ("neutral", "neutral", "smile", "big_smile", "mouth_open")[number % 5]
        options = RenderOptions((subject,), (expression,), "pair", 4096, quality=quality)
        (job,) = capture_jobs(options)
        capture, look, rng = make_capture(job, options, scheme)
        backdrop = draw_backdrop(look, rng)
        exposure = draw_exposure(look, capture.brightness, 4096, rng)
        camera = load_rig("pair", 4096)[number % 2]
        xy, _ = camera.project(capture.landmarks)
        for name, landmark in DETAILS.items():
            x, y = np.round(np.clip(xy[scheme.index(landmark)] - side / 2, 0, 4096 - side))
            window = (float(x), float(y), float(x) + side, float(y) + side)
            pixels = renderer.frame(capture, camera, backdrop, exposure, window, (side, side))
            tiles[name].append(np.asarray(pixels, np.uint8).copy())
    return {name: tiled(pictures, 6, (side, side)) for name, pictures in tiles.items()}


def write_sheets(folder: Path, names: tuple[str, ...] = SHEETS) -> None:
    """Renders the named sheets (all by default) into `folder`."""
    from annotator.studio.draw.renderer import Renderer

    folder.mkdir(parents=True, exist_ok=True)
    renderer = Renderer()
    single: dict[str, Callable[[Any], Picture]] = {
        "subjects": subjects_sheet, "looks": looks_sheet, "expressions": expressions_sheet, "cameras": cameras_sheet,
        "talking": talking_sheet,
    }  # fmt: skip
    for name in names:
        if name == "details":
            for detail, sheet in detail_sheets(renderer).items():
                write_sheet(folder / f"details_{detail}.jpg", sheet)
        else:
            write_sheet(folder / f"{name}.jpg", single[name](renderer))


if __name__ == "__main__":
    write_sheets(Path(sys.argv[1]), tuple(sys.argv[2:]) or SHEETS)
