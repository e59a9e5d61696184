"""Corners of eyes and mouths on portraits at 100 %: `python docs/corner_pictures.py PORTRAITS FILE.jpg [MODEL ...]`.

A block for each model (the shipped one alone without names), a row of it for each corner, a column for each of eight portraits
(JPEG with NAME.json beside it, as the Canada face set, CC BY 4.0, DeBruine & Jones). Red: where people put the corner; green: the
model; a white line leads from one to the other.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.assets import asset
from annotator.domain.capture import evenly
from annotator.imaging.opencv import cv2
from annotator.inference.predictor import Predictor
from annotator.services.models.evaluation_sets import json_set
from annotator.studio.draw.image_files import write_image

Picture = NDArray[np.uint8]
PEOPLE, OURS, LINE, EDGE = (255, 70, 70), (90, 255, 90), (255, 255, 255), (0, 0, 0)
CORNERS = {36: "outer corner", 39: "inner corner", 48: "corner of the mouth"}
"""Points of the 68-point markup, all on the subject's right."""
COLUMNS, WIDE, HIGH, FINE = 8, 168, 112, 4


def cross(picture: Picture, xy: NDArray[np.float64], colour: tuple[int, int, int]) -> None:
    """A small cross, open in the middle, so that the pixel itself is seen; `xy` in pixels."""
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        ends = [tuple(round(float(v) * 16) for v in xy + np.array([dx, dy]) * far) for far in (3, 9)]
        for width, tint in ((3, EDGE), (1, colour)):
            cv2.line(picture, ends[0], ends[1], tint, width, cv2.LINE_AA, 4)


def tile(image: Picture, people: NDArray[np.float64], ours: NDArray[np.float64]) -> Picture:
    """The corner as it is in the file, pixel for pixel, with both points."""
    x, y = np.round(people - (WIDE / 2, HIGH / 2)).astype(int)
    part = np.ascontiguousarray(image[y : y + HIGH, x : x + WIDE])
    a, b = (tuple(round(float(v) * 16) for v in point - (x, y)) for point in (people, ours))
    cv2.line(part, a, b, LINE, 1, cv2.LINE_AA, 4)
    cross(part, people - (x, y), PEOPLE)
    cross(part, ours - (x, y), OURS)
    return part


def block(folder: Path, portraits: Path) -> Picture:
    """All corners of the chosen portraits by one model."""
    predictor = Predictor(folder, "cpu")
    data = json_set(portraits, predictor.scheme)
    columns = []
    for number in evenly(range(len(data.paths)), COLUMNS):
        image = data.picture(number)
        ours = predictor.propose(image, heatmaps=False).xy.astype(np.float64)
        places = [predictor.scheme.ibug68[point] for point in CORNERS]
        columns.append(np.concatenate([tile(image, data.truth.xy[number, i], ours[i]) for i in places]))
    return np.concatenate(columns, 1)


def main(portraits: Path, file: Path, models: list[Path]) -> None:
    """Draw the blocks under one another."""
    blocks = [block(folder, portraits) for folder in models or [asset("models/starter")]]
    gap = np.full((FINE, blocks[0].shape[1], 3), 255, np.uint8)
    parts = [part for own in blocks for part in (gap, own)][1:]
    write_image(file, np.concatenate(parts), 88)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
