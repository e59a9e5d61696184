"""A rig with everything that a camera may have, and how cameras see points."""

import cv2
import numpy as np

from annotator.domain.rigs.rig import CameraModel, Rig

POINTS = np.array([[0, 0, 0], [40, -25, 10], [-55, 30, -20], [12, 70, 35], [-70, -60, 5.0]])


def make_camera(
    name: str, turn: tuple[float, ...], terms: int = 5, size: tuple[int, int] = (4096, 3072)
) -> CameraModel:
    matrix = np.array([[9000 + turn[1], 0, size[0] / 2 + 11.25], [0, 9010, size[1] / 2 - 7.5], [0, 0, 1]])
    distortion = np.array([-0.1, 0.2, 1e-3, -2e-3, 0.05, 0.01, -0.02, 0.03, 1e-3, 2e-4, -1e-3, 1e-4])[:terms]
    rotation = cv2.Rodrigues(np.array(turn))[0]
    place = np.array([[3.0], [-8.0], [1500.0]])
    return CameraModel(name, *size, matrix, distortion, np.concatenate([rotation, place], axis=1))


def make_rig(terms: int = 5, names: tuple[str, ...] = ("front", "left", "right")) -> Rig:
    turns = [(0.02, -0.03, 0.01), (0.1, 0.55, -0.05), (-0.08, -0.6, 3.0)]
    cameras = [make_camera(name, turn, terms) for name, turn in zip(names, turns, strict=True)]
    return Rig(
        "dome",
        {camera.name: camera for camera in cameras},
        ("ada/*", "ben/smile"),
        1.0,
        "by hand",
        ("a note",),
    )


def pixels(camera: CameraModel, points: np.ndarray = POINTS) -> np.ndarray:
    """[N, 2] where a camera sees points, in the house's convention."""
    turn = cv2.Rodrigues(np.ascontiguousarray(camera.rotation))[0]
    terms = camera.distortion if camera.distortion.size else None
    seen = cv2.projectPoints(points, turn, camera.camera_from_world[:, 3], camera.matrix, terms)[0]
    return seen.reshape(-1, 2)


def assert_same(one: Rig, other: Rig) -> None:
    """The same cameras, whatever zeros end the distortion."""
    assert list(one.cameras) == list(other.cameras)
    for a, b in zip(one.cameras.values(), other.cameras.values(), strict=True):
        assert (a.width, a.height) == (b.width, b.height)
        np.testing.assert_allclose(a.matrix, b.matrix, rtol=1e-12)
        np.testing.assert_allclose(a.camera_from_world, b.camera_from_world, rtol=1e-9, atol=1e-11)
        size = max(a.distortion.size, b.distortion.size)
        np.testing.assert_allclose(*(np.pad(c.distortion, (0, size - c.distortion.size)) for c in (a, b)))
