"""How well a rig agrees with points that people set: each is placed in space by all views, and looked at in each again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from annotator.domain.annotation import Annotation, Flag
from annotator.domain.capture import Frame
from annotator.domain.rig import CameraModel, Floats, Rig
from annotator.store.project_store import ProjectStore

View = tuple[Frame, Annotation]


@dataclass(frozen=True)
class Reprojection:
    """How far a camera's points lie from where the rig sees them: the median in px, and of how many points."""

    median: float
    points: int


def human_views(store: ProjectStore) -> list[View]:
    """Frames with points that a person set, which are seen."""
    found = {frame_id: value for frame_id, value in store.annotations.items() if _usable(value).any()}
    return [(frame, found[frame.id]) for frame in store.frames.of_ids(list(found))]


def reprojection(rig: Rig, views: Iterable[View]) -> dict[str, Reprojection]:
    """Camera -> its error, of those that share points with another one in the same moment; cameras named as frames name them."""
    moments: dict[tuple[str, str, str], list[View]] = defaultdict(list)
    for frame, annotation in views:
        if frame.camera in rig.cameras and rig.holds_for(frame.subject, frame.take):
            moments[frame.subject, frame.take, frame.index].append((frame, annotation))
    errors: dict[str, list[Floats]] = defaultdict(list)
    for seen in moments.values():
        by_camera = {frame.camera: annotation for frame, annotation in seen}
        if len(by_camera) > 1:
            for camera, distances in _errors(rig.cameras, by_camera).items():
                errors[camera].append(distances)
    joined = {camera: np.concatenate(parts) for camera, parts in errors.items()}
    return {
        camera: Reprojection(float(np.median(joined[camera])), len(joined[camera]))
        for camera in rig.cameras
        if camera in joined and len(joined[camera])
    }


def _usable(annotation: Annotation) -> np.ndarray:
    return np.asarray(
        annotation.is_human & np.isfinite(annotation.xy).all(-1) & ((annotation.flags & Flag.OCCLUDED) == 0)
    )


def _errors(cameras: Mapping[str, CameraModel], seen: Mapping[str, Annotation]) -> dict[str, Floats]:
    """Distances in px of the points that two or more views of a moment have, a camera."""
    names = list(seen)
    visible = np.stack([_usable(seen[name]) for name in names])  # [V, L]
    shared = np.flatnonzero(visible.sum(0) > 1)
    if not len(shared):
        return {}
    visible = visible[:, shared]
    xy = {name: np.nan_to_num(seen[name].xy[shared].astype(np.float64)) for name in names}
    points = _triangulated([cameras[name] for name in names], [xy[name] for name in names], visible)
    placed = np.isfinite(points).all(-1)
    return {
        name: np.linalg.norm(_project(cameras[name], points[mask & placed]) - xy[name][mask & placed], axis=1)
        for name, mask in zip(names, visible, strict=True)
        if (mask & placed).any()
    }


def _triangulated(cameras: Sequence[CameraModel], xy: Sequence[Floats], visible: np.ndarray) -> Floats:
    """float64 [N, 3], linear in normalised coordinates; NaN where the rays say nothing."""
    rows = []
    for camera, points, mask in zip(cameras, xy, visible, strict=True):
        terms = camera.distortion if camera.distortion.size else None
        flat = cv2.undistortPoints(points[:, None], camera.matrix, terms)[:, 0]
        pose = camera.camera_from_world
        rows.append((flat[:, :, None] * pose[2] - pose[:2]) * mask[:, None, None])
    stacked = np.concatenate(rows, axis=1)  # [N, 2 V, 4]
    if not np.isfinite(stacked).all():
        return np.full((len(stacked), 3), np.nan)
    found = np.linalg.svd(stacked)[2][:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(found[:, :3] / found[:, 3:])


def _project(camera: CameraModel, points: Floats) -> Floats:
    """float64 [N, 2], frame px."""
    turn = cv2.Rodrigues(np.ascontiguousarray(camera.rotation))[0]
    terms = camera.distortion if camera.distortion.size else None
    seen = cv2.projectPoints(points, turn, camera.camera_from_world[:, 3].copy(), camera.matrix, terms)[0]
    return np.asarray(seen, np.float64).reshape(-1, 2)
