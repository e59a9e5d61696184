"""Pinhole cameras round the head: matrices, projection, rigs from files, and random views.

Head space: millimetres, origin between the eyes, x to the subject's left, y up, z forward. Camera space as in OpenCV:
x right, y down, z forward. Pixels follow the house convention (pixel centres at +0.5).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.assets import asset
from annotator.studio.errors import StudioError

Floats = NDArray[np.float64]
FACE_MM = 195.0
"""Height of an average face, chin to hairline; scales of views refer to it."""
ANY_VIEW_SHARE = 0.35
"""Share of random views that are as likely from the side as from the front."""
FACE_CENTRE = np.array([0.0, -30.0, -15.0])


@dataclass(frozen=True)
class Camera:
    """A camera of `size` x `size` pixels.

    `yaw` and `pitch` degrees place it round the face (positive: the subject's left, above), `roll` turns it, `distance`
    mm to the face centre, `face` is the share of the frame height that an average face takes, `shift` moves the face
    centre in shares of the frame (x right, y down).
    """

    name: str
    yaw: float
    pitch: float
    roll: float = 0.0
    distance: float = 1500.0
    face: float = 0.7
    shift: tuple[float, float] = (0.0, 0.0)
    size: int = 4096

    @property
    def rotation(self) -> Floats:
        """camera_from_head rotation (3, 3)."""
        yaw, pitch, roll = np.radians([self.yaw, self.pitch, self.roll])
        back = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
        right = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
        down = np.cross(-back, right)
        turn = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1.0]])
        return np.asarray(turn @ np.stack([right, down, -back]))

    @property
    def position(self) -> Floats:
        """Centre of projection in head space, (3,) mm."""
        return np.asarray(FACE_CENTRE - self.rotation[2] * self.distance)

    @property
    def intrinsics(self) -> Floats:
        """Camera matrix (3, 3): focal length and principal point in pixels."""
        focal = self.face * self.size * self.distance / FACE_MM
        centre = (np.array([0.5, 0.5]) + self.shift) * self.size
        return np.array([[focal, 0, centre[0]], [0, focal, centre[1]], [0, 0, 1.0]])

    @property
    def extrinsics(self) -> Floats:
        """camera_from_head (3, 4), mm."""
        return np.concatenate([self.rotation, (-self.rotation @ self.position)[:, None]], 1)

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Frame pixels (n, 2) and depth in mm (n,) of head-space points (n, 3)."""
        seen = points @ self.rotation.T + self.extrinsics[:, 3]
        image = seen @ self.intrinsics.T
        return image[:, :2] / image[:, 2:], seen[:, 2]

    def clip_matrix(self, window: tuple[float, float, float, float] | None = None) -> Floats:
        """OpenGL clip_from_head (4, 4) of the frame, or of a window x0 y0 x1 y1 of it in pixels; row 0 is on top."""
        x0, y0, x1, y1 = window or (0.0, 0.0, float(self.size), float(self.size))
        near, far = self.depth_range
        k = self.intrinsics
        clip = np.zeros((4, 4))
        clip[0, 0], clip[0, 2] = 2 * k[0, 0] / (x1 - x0), (2 * k[0, 2] - x0 - x1) / (x1 - x0)
        clip[1, 1], clip[1, 2] = 2 * k[1, 1] / (y1 - y0), (2 * k[1, 2] - y0 - y1) / (y1 - y0)
        clip[2, 2], clip[2, 3] = (far + near) / (far - near), -2 * far * near / (far - near)
        clip[3, 2] = 1.0
        view = np.eye(4)
        view[:3] = self.extrinsics
        return np.asarray(clip @ view)

    @property
    def depth_range(self) -> tuple[float, float]:
        """Near and far plane in mm."""
        return max(60.0, self.distance - 420.0), self.distance + 900.0

    @property
    def pixels_per_mm(self) -> float:
        """At the distance of the face centre."""
        return self.face * self.size / FACE_MM

    def calibration(self) -> dict[str, object]:
        """What `calibration.json` keeps of the camera."""
        return {
            "width": self.size,
            "height": self.size,
            "intrinsics": self.intrinsics.tolist(),
            "camera_from_head": self.extrinsics.tolist(),
            "distortion": [],
        }


def load_rig(name: str, size: int) -> tuple[Camera, ...]:
    """Cameras of a rig file: a name in `resources/studio/rigs` or a path to a `.toml`."""
    path = Path(name) if name.endswith(".toml") else asset(f"resources/studio/rigs/{name}.toml")
    if not path.is_file():
        known = sorted(p.stem for p in asset("resources/studio/rigs").glob("*.toml"))
        raise StudioError(f"there is no rig '{name}'; give a .toml file or one of: {', '.join(known)}")
    raw = tomllib.loads(path.read_text("utf-8"))
    shared = raw.get("defaults", {})
    try:
        return tuple(Camera(**{"size": size, **shared, **entry}) for entry in raw["cameras"])
    except (KeyError, TypeError) as error:
        raise StudioError(f"{path}: {error}; each camera needs name, yaw and pitch") from error


@dataclass(frozen=True)
class ViewRanges:
    """How far random views go: limits in degrees, shares of the frame, mm."""

    yaw: float = 50.0
    pitch: tuple[float, float] = (-22.0, 24.0)
    roll: float = 25.0
    face: tuple[float, float] = (0.25, 0.95)
    distance: tuple[float, float] = (420.0, 3200.0)


def random_camera(rng: np.random.Generator, ranges: ViewRanges, name: str, size: int) -> Camera:
    """A view with the face wholly or almost wholly in the frame; small angles are more frequent than large ones, but for
    the views that might be any, as those of a rig are."""
    if rng.random() < ANY_VIEW_SHARE:
        yaw, pitch = float(rng.uniform(-ranges.yaw, ranges.yaw)), float(rng.uniform(*ranges.pitch))
    else:
        yaw = float(np.clip(rng.normal(0, 0.55 * ranges.yaw), -ranges.yaw, ranges.yaw))
        pitch = float(np.clip(rng.normal(0, 9), *ranges.pitch))
    roll = float(np.clip(rng.normal(0, 0.4 * ranges.roll), -ranges.roll, ranges.roll))
    face = float(rng.uniform(*ranges.face))
    room = max(0.0, 0.5 - 0.62 * face) + 0.04
    shift = (float(rng.uniform(-room, room)), float(rng.uniform(-room, room)))
    distance = float(np.exp(rng.uniform(*np.log(ranges.distance))))
    return Camera(name, yaw, pitch, roll, max(distance, 420.0), face, shift, size)


def jittered(camera: Camera, rng: np.random.Generator, degrees: float) -> Camera:
    """The camera as seen by a head that holds a little differently each time."""
    yaw, pitch, roll = rng.normal(0, degrees, 3) * np.array([1.0, 0.7, 0.5])
    dx, dy = rng.normal(0, 0.012, 2)
    return replace(
        camera, yaw=camera.yaw + yaw, pitch=camera.pitch + pitch, roll=camera.roll + roll,
        shift=(camera.shift[0] + dx, camera.shift[1] + dy),
    )  # fmt: skip


def before_turned_head(camera: Camera, yaw: float, pitch: float, roll: float) -> Camera:
    """A camera that stands still while the head turns before it, by degrees, round the face's centre.

    Unlike `jittered` it is a turn in space: all cameras of a rig stay where they are to each other.
    """
    head = Camera("", yaw, pitch, roll).rotation
    seen = camera.rotation @ Camera("", 0.0, 0.0).rotation.T @ head
    back = -seen[2]
    angles = np.degrees([np.arctan2(back[0], back[2]), np.arcsin(np.clip(back[1], -1.0, 1.0))])
    level = replace(camera, yaw=float(angles[0]), pitch=float(angles[1]), roll=0.0)
    turn = seen @ level.rotation.T
    return replace(level, roll=float(np.degrees(np.arctan2(turn[1, 0], turn[0, 0]))))
