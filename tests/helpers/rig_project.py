"""A project of one face in a known rig: two takes, three cameras, frames that need not exist."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.rigs.rig import CameraModel, Rig
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SCHEME = load_scheme("ibug-68")
FACE = np.random.default_rng(5).uniform(-70, 70, (SCHEME.size, 3))
NAMES = ("front", "left", "right")
SIZE = (2048, 1536)


def make_rig(names: tuple[str, ...] = NAMES, size: tuple[int, int] = SIZE) -> Rig:
    cameras = {}
    share = size[0] / 2048
    for name, yaw in zip(names, (0.0, 0.5, -0.6), strict=True):
        turn = cv2.Rodrigues(np.array([0.05, yaw, 0.02]))[0]
        matrix = np.diag([5000 * share, 5000 * share, 1.0])
        matrix[:2, 2] = size[0] / 2, size[1] / 2
        pose = np.concatenate([turn, [[3.0], [-8], [1500]]], axis=1)
        cameras[name] = CameraModel(name, *size, matrix, np.array([-0.1, 0.2, 0, 0, 0.0]), pose)
    return Rig("dome", cameras, unit=1.0, source="by hand")


def seen(camera: CameraModel) -> np.ndarray:
    turn = cv2.Rodrigues(np.ascontiguousarray(camera.rotation))[0]
    return cv2.projectPoints(FACE, turn, camera.camera_from_world[:, 3], camera.matrix, camera.distortion)[
        0
    ].reshape(-1, 2)


def make_project(
    folder: Path, cameras: tuple[str, ...] = NAMES, size: tuple[int, int] = SIZE
) -> ProjectStore:
    """Frames `ada/smile/front/0.jpg` and so on, of `ada/smile` and `ben/smile`."""
    store = ProjectStore.create(folder / "show.annotator", SCHEME, folder)
    store.frames.add(
        Frame(0, f"{subject}/smile/{camera}/{index}.jpg", subject, "smile", camera, index, *size)
        for subject in ("ada", "ben")
        for camera in cameras
        for index in ("0", "1")
    )
    return store


def place(store: ProjectStore, path: str, xy: np.ndarray) -> None:
    """A person puts all landmarks of a frame somewhere."""
    frame = store.frames.by_path()[path]
    before = store.annotations.get(frame)
    after = edits.apply(edits.move(range(SCHEME.size), xy), before)[0]
    store.annotations.commit(Change(frame, before, after, "Move"))


def renamed(rig: Rig, **names: str) -> Rig:
    """The rig with some cameras called otherwise."""
    cameras = [replace(camera, name=names.get(name, name)) for name, camera in rig.cameras.items()]
    return replace(rig, cameras={camera.name: camera for camera in cameras})
