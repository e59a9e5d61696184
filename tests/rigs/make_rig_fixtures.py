"""Writes `data/` by the libraries whose formats we read, each with the pixels where that library sees some points.

Run once in an environment of its own: `pip install aniposelib==0.8.0 pycolmap==4.2.1 && python tests/rigs/make_rig_fixtures.py`.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pycolmap
from aniposelib.cameras import Camera, CameraGroup

DATA = Path(__file__).parent / "data"
POINTS = np.array([[0, 0, 0], [40, -25, 10], [-55, 30, -20], [12, 70, 35], [-70, -60, 5.0]])
"""In millimetres round the face, in the rig's world."""
TURNS = {"front": (0.02, -0.03, 0.01), "left": (0.1, 0.55, -0.05), "right": (-0.08, -0.6, 0.04)}
PLACES = {"front": (3, -8, 1500), "left": (-12, 5, 1430), "right": (9, 14, 1510)}
COLMAP_MODELS = {
    "a/pinhole simple.jpg": ("SIMPLE_PINHOLE", [5300, 1010.5, 770.25]),
    "b/pinhole.jpg": ("PINHOLE", [5300, 5310, 1010.5, 770.25]),
    "c/radial_simple.PNG": ("SIMPLE_RADIAL", [5300, 1010.5, 770.25, -0.12]),
    "d/radial.jpg": ("RADIAL", [5300, 1010.5, 770.25, -0.12, 0.3]),
    "e/opencv.jpg": ("OPENCV", [5300, 5310, 1010.5, 770.25, -0.12, 0.3, 0.002, -0.003]),
    "f/full.tif": (
        "FULL_OPENCV",
        [5300, 5310, 1010.5, 770.25, -0.12, 0.3, 0.002, -0.003, 0.4, 0.05, -0.2, 0.1],
    ),
}


def anipose() -> None:
    cameras = [
        Camera(
            matrix=np.array([[5200 + 7 * i, 0, 1020.25], [0, 5210 + 7 * i, 765.5], [0, 0, 1]]),
            dist=np.array([-0.15, 0.4, 0.001, -0.002, 0.1]),
            size=(2048, 1536),
            rvec=np.array(TURNS[name]),
            tvec=np.array(PLACES[name], float),
            name=name,
        )
        for i, name in enumerate(TURNS)
    ]
    group = CameraGroup(cameras, metadata={"adjusted": True, "error": 0.31})
    group.dump(DATA / "anipose-0.8.0.toml")
    keep("anipose-0.8.0", {camera.name: camera.project(POINTS).reshape(-1, 2) for camera in cameras})


def colmap() -> None:
    folder = DATA / "colmap-4.2.1"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    model = pycolmap.Reconstruction()
    seen = {}
    turns = list(TURNS)
    for number, (name, (kind, values)) in enumerate(COLMAP_MODELS.items(), 1):
        camera = pycolmap.Camera(
            camera_id=number, model=kind, width=2048, height=1536, params=np.array(values, float)
        )
        model.add_camera_with_trivial_rig(camera)
        image = pycolmap.Image(name=name, camera_id=number, image_id=number)
        key = turns[number % 3]
        angle = float(np.linalg.norm(TURNS[key]))
        axis = np.array(TURNS[key]) / angle
        turn = pycolmap.Rotation3d(axis * angle)
        place = np.array(PLACES[key], float) + number
        model.add_image_with_trivial_frame(image, pycolmap.Rigid3d(turn, place))
        image = model.image(number)
        seen[name] = np.array([image.project_point(point) for point in POINTS])
    model.write_text(folder)
    keep("colmap-4.2.1", seen)


def keep(name: str, seen: dict[str, np.ndarray]) -> None:
    """What the library itself projects, in its own convention of pixels."""
    value = {"points": POINTS.tolist(), "pixels": {key: xy.tolist() for key, xy in seen.items()}}
    (DATA / f"{name}.projected.json").write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    DATA.mkdir(exist_ok=True)
    anipose()
    colmap()
