"""Small drawn faces with exact landmarks, for tests that train."""

from pathlib import Path

import numpy as np

from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.imaging.opencv import cv2
from annotator.training.source import Sample

SCHEME_TEXT = """schema = 1
name = "toy"
version = 1
title = "Toy face"
landmarks = [
  { name = "eye_left", region = "left", mirror = "eye_right", ibug68 = 45 },
  { name = "brow_left", region = "left", mirror = "brow_right" },
  { name = "eye_right", region = "right", mirror = "eye_left", ibug68 = 36 },
  { name = "brow_right", region = "right", mirror = "brow_left" },
  { name = "chin", mirror = "chin" },
]
curves = []
[[regions]]
name = "left"
title = "Left"
colour = "#aabbcc"
mirror = "right"
[[regions]]
name = "right"
title = "Right"
colour = "#aabbdd"
mirror = "left"
"""

COLOURS = np.array([[250, 40, 40], [40, 250, 40], [250, 120, 40], [40, 250, 160], [60, 60, 250]], np.uint8)


def toy_scheme(folder: Path) -> LandmarkScheme:
    """Five landmarks, two mirrored regions."""
    file = folder / "toy.toml"
    file.write_text(SCHEME_TEXT)
    return load_scheme(file)


def toy_sample(seed: int, size: int = 96) -> Sample:
    """A dark square with a coloured dot at each landmark; the subject's left is on the right."""
    rng = np.random.default_rng(seed)
    shape = np.array([[0.65, 0.4], [0.68, 0.28], [0.35, 0.4], [0.32, 0.28], [0.5, 0.8]])
    xy = (shape + rng.normal(0, 0.04, shape.shape)) * size
    image = np.full((size, size, 3), rng.integers(20, 70, 3), np.uint8)
    for (x, y), colour in zip(xy, COLOURS, strict=True):
        # our centres lie at .5, OpenCV's at whole numbers; sixteenths of a pixel
        at = tuple(round(float(v - 0.5) * 16) for v in (x, y))
        cv2.circle(image, at, 3 * 16, tuple(int(v) for v in colour), -1, cv2.LINE_AA, 4)
    return Sample(image, xy.astype(np.float32), np.ones(5, np.float32), f"s{seed % 3}", f"toy{seed}")


def dot_centres(image: np.ndarray, colours: np.ndarray = COLOURS) -> np.ndarray:
    """[5, 2]: centre of mass of each colour, NaN where it is not seen."""
    places = []
    for colour in colours:
        distance = np.abs(image.astype(int) - colour.astype(int)).sum(-1)
        rows, columns = np.nonzero(distance < 60)
        places.append([columns.mean() + 0.5, rows.mean() + 0.5] if len(rows) > 3 else [np.nan, np.nan])
    return np.array(places)
