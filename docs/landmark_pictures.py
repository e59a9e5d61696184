"""The pictures of landmarks.md: `python docs/landmark_pictures.py FOLDER [PORTRAIT.jpg]`.

On a rendered face: all landmarks of studio-89@2, and close views with their names. On a portrait of the Canada face set
(CC BY 4.0, DeBruine & Jones), with its NAME.json beside it: the points that people placed there.
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.imaging.opencv import cv2
from annotator.studio.dataset.jobs import RenderOptions, capture_jobs, make_capture
from annotator.studio.draw.image_files import write_image
from annotator.studio.draw.renderer import Renderer
from annotator.studio.geometry.camera import Camera
from annotator.studio.scene.looks import draw_backdrop, draw_exposure

Picture = NDArray[np.uint8]
SUBJECT, SIZE = 5012, 4096
EXPRESSION = "mouth_open"
ANCHOR, SLIDING, PEOPLE = (90, 255, 90), (90, 220, 255), (255, 70, 70)
CLOSE = {
    "eye": (("eye_left", "pupil_left", "iris_left"), 1.55),
    "brow": (("brow_left",), 1.5),
    "nose": (("nose", "nostril"), 1.35),
    "mouth": (("mouth", "lips"), 1.3),
}
TILE = 640


def dot(picture: Picture, xy: NDArray[np.float64], colour: tuple[int, int, int], name: str = "") -> None:
    """A ring round a point, and its name beside it."""
    x, y = (round(float(value) * 16) for value in xy)
    for width, tint in ((5, (0, 0, 0)), (2, colour)):
        cv2.circle(picture, (x, y), 5 * 16, tint, width, cv2.LINE_AA, 4)
    for step, tint in ((1, (0, 0, 0)), (0, (255, 255, 255))) if name else ():
        place = (x // 16 + 9 + step, y // 16 - 7 + step)
        cv2.putText(picture, name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.46, tint, 1, cv2.LINE_AA)


def box_round(points: NDArray[np.float64], room: float) -> tuple[float, float, float, float]:
    """A square of whole pixels round points."""
    low, high = points.min(0), points.max(0)
    side = float(np.ceil((high - low).max() * room))
    x, y = np.round((low + high) / 2 - side / 2)
    return (float(x), float(y), float(x) + side, float(y) + side)


def short(name: str) -> str:
    """A landmark's name without what the picture shows anyway."""
    for part in ("eye_left_", "brow_left_", "mouth_", "nose_"):
        name = name.removeprefix(part)
    return name.replace("lips_inner_", "in_").replace("_left", "_l")


def rendered(scheme: LandmarkScheme) -> dict[str, Picture]:
    """The whole face, and a sheet of close views."""
    options = RenderOptions((SUBJECT,), (EXPRESSION,), "pair", SIZE)
    (job,) = capture_jobs(options)
    capture, look, rng = make_capture(job, options, scheme)
    backdrop = draw_backdrop(look, rng)
    exposure = draw_exposure(look, capture.brightness, SIZE, rng)
    camera, renderer = Camera("front", 0, 0, size=SIZE), Renderer()
    xy, _ = camera.project(capture.landmarks)
    colours = [SLIDING if slides else ANCHOR for slides in scheme.is_sliding]

    def view(points: NDArray[np.float64], room: float, side: int, prefixes: tuple[str, ...] = ()) -> Picture:
        box = box_round(points, room)
        drawn = renderer.frame(capture, camera, backdrop, exposure, box, (side, side))
        picture = np.array(drawn, np.uint8)
        for name, at, colour in zip(
            scheme.names, (xy - box[:2]) * side / (box[2] - box[0]), colours, strict=True
        ):
            wanted = bool(prefixes) and name.startswith(prefixes)
            if wanted or not prefixes:
                dot(picture, at, colour, short(name) if wanted and "right" not in name else "")
        return picture

    tiles = []
    for prefixes, room in CLOSE.values():
        chosen = [i for i, name in enumerate(scheme.names) if name.startswith(prefixes)]
        tiles.append(view(xy[chosen], room, TILE, prefixes))
    rows = [np.concatenate(tiles[:2], 1), np.concatenate(tiles[2:], 1)]
    return {"landmarks-face": view(xy, 1.2, 900), "landmarks-close": np.concatenate(rows, 0)}


def portrait(path: Path) -> Picture:
    """Eyes and mouth of a portrait with the points that people placed on it."""
    picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    told = json.loads(path.with_suffix(".json").read_text("utf-8"))["ibug68"]
    points = {int(place): np.array(xy) + 0.5 for place, xy in told.items()}
    tiles = []
    for places in (range(36, 42), range(42, 48), range(48, 68), (8, 33, 57)):
        own = np.array([points[place] for place in places if place in points])
        x0, y0, x1, _ = (int(edge) for edge in box_round(own, 1.5))
        part = cv2.resize(picture[y0 : y0 + x1 - x0, x0:x1], (TILE, TILE), interpolation=cv2.INTER_CUBIC)
        for place in places:
            if place in points:
                dot(part, (points[place] - (x0, y0)) * TILE / (x1 - x0), PEOPLE, str(place))
        tiles.append(part)
    return np.concatenate([np.concatenate(tiles[:2], 1), np.concatenate(tiles[2:], 1)], 0)


def main(folder: Path, real: Path | None) -> None:
    """Write all pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = rendered(load_scheme("studio-89@2"))
    if real is not None:
        pictures["landmarks-portrait"] = portrait(real)
    for name, picture in pictures.items():
        write_image(folder / f"{name}.jpg", picture, 80)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
