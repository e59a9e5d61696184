"""The table of conventions in landmarks.md: `python docs/landmark_ratios.py PORTRAITS [FACES]`.

PORTRAITS holds NAME.json files with `ibug68` and `webmorph189`, whose first two points are the pupils (the Canada face set).
Faces are made up and at rest, seen from the front; nothing is learnt and nothing is rendered.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.studio.geometry.camera import Camera
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import make_subject
from annotator.studio.truth.faces_alone import face_points

Floats = NDArray[np.float64]
FIRST, FACES = 50_000, 24
SIDES = ((36, 39, 37, 38, 41, 40, -1.0), (45, 42, 44, 43, 46, 47, 1.0))
"""Of the right and the left eye: outer and inner corner, upper and lower thirds from outside inwards, and its side in x."""


def people(folder: Path) -> tuple[Floats, Floats]:
    """Points (n, 68, 2), NaN where nobody placed them, and pupils (n, 2, 2), of all portraits."""
    points, pupils = [], []
    for file in sorted(folder.glob("*.json")):
        told = json.loads(file.read_text("utf-8"))
        xy = np.full((68, 2), np.nan)
        for place, at in told["ibug68"].items():
            xy[int(place)] = at
        points.append(xy)
        pupils.append(told["webmorph189"][:2])
    return np.array(points), np.array(pupils)


def made_up(scheme: LandmarkScheme, faces: int) -> tuple[Floats, Floats]:
    """As `people`, of made-up faces from the front."""
    names, camera = head_model().targets.names, Camera("front", 0, 0, size=4096)
    seen = np.array(
        [
            camera.project(face_points(make_subject(FIRST + n, names), {}, (0.0, 0.0), scheme))[0]
            for n in range(faces)
        ]
    )
    points = np.full((faces, 68, 2), np.nan)
    for place, index in scheme.ibug68.items():
        points[:, place] = seen[:, index]
    return points, seen[:, [scheme.index("pupil_right"), scheme.index("pupil_left")]]


def ratios(points: Floats, pupils: Floats) -> dict[str, Floats]:
    """Percentages (n,) by name, in the face's frame: x along the pupils, y down, in parts of their distance."""
    middle, along = pupils.mean(1, keepdims=True), pupils[:, 1] - pupils[:, 0]
    length = np.linalg.norm(along, axis=1)[:, None]
    x = along / length
    axes = np.stack([x, np.stack([-x[:, 1], x[:, 0]], 1)], 1)

    def placed(xy: Floats) -> Floats:
        return np.einsum("nij,nkj->nki", axes, xy - middle) / length[:, :, None]

    at, eyes = placed(points), placed(pupils)

    def both(of: Callable[[int], Floats]) -> Floats:
        return np.asarray(100 * (of(0) + of(1)) / 2)

    def on_corner_line(xy: Floats, side: int) -> Floats:
        outer, inner = at[:, SIDES[side][0]], at[:, SIDES[side][1]]
        line = inner - outer
        return np.asarray(((xy - outer) * line).sum(1) / (line * line).sum(1))

    def lid(which: int) -> Floats:
        return both(lambda side: on_corner_line(at[:, int(SIDES[side][which])], side))

    def aside(which: int) -> Floats:
        sign = 1.0 if which == 0 else -1.0
        return both(
            lambda side: sign * SIDES[side][6] * (at[:, int(SIDES[side][which]), 0] - eyes[:, side, 0])
        )

    width = np.linalg.norm(at[:, 54] - at[:, 48], axis=1)
    corners = (at[:, 48, 1] + at[:, 54, 1]) / 2
    return {
        "inner corner from the pupil, along x": aside(1),
        "outer corner from the pupil, along x": aside(0),
        "pupil between outer and inner corner": both(lambda side: on_corner_line(eyes[:, side], side)),
        "upper lid 37, 44 between the corners": lid(2),
        "upper lid 38, 43 between the corners": lid(3),
        "lower lid 41, 46 between the corners": lid(4),
        "lower lid 40, 47 between the corners": lid(5),
        "width of the mouth 48 to 54": 100 * width,
        "corner of the mouth from upper to lower border, y": 100
        * (corners - at[:, 51, 1])
        / (at[:, 57, 1] - at[:, 51, 1]),
        "subnasale 33 between pupils and upper lip, y": 100 * at[:, 33, 1] / at[:, 51, 1],
        "chin 8 below the lower lip, in parts of pupils to upper lip": 100
        * (at[:, 8, 1] - at[:, 57, 1])
        / at[:, 51, 1],
    }


def main(folder: Path, faces: int) -> None:
    """Print the table: medians of people with their median distance from that, and of both versions."""
    human = ratios(*people(folder))
    old, new = (ratios(*made_up(load_scheme(f"studio-89@{version}"), faces)) for version in (1, 2))
    print("| % | people | scatter | @1 | @2 |\n|---|---|---|---|---|")
    for name, values in human.items():
        middle = float(np.nanmedian(values))
        scatter = float(np.nanmedian(np.abs(values - middle)))
        own = " | ".join(f"{np.median(table[name]):.1f}" for table in (old, new))
        print(f"| {name} | {middle:.1f} | {scatter:.1f} | {own} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else FACES)
