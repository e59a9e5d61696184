"""How well a rig agrees with points that people set: each is placed in space by all views, and looked at in each again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation
from annotator.domain.capture import Frame
from annotator.domain.rigs.rig import CameraModel, Floats, Rig
from annotator.rigs.projection import Lenses
from annotator.services.rigs.moments import sightings_of
from annotator.store.project_store import ProjectStore

View = tuple[Frame, Annotation]


@dataclass(frozen=True)
class Reprojection:
    """How far a camera's points lie from where the rig sees them: the median in px, and of how many points."""

    median: float
    points: int


def human_views(store: ProjectStore) -> list[View]:
    """Frames with points that a person set."""
    found = {frame_id: value for frame_id, value in store.annotations.items() if value.is_human.any()}
    return [(frame, found[frame.id]) for frame in store.frames.of_ids(list(found))]


def reprojection(rig: Rig, views: Iterable[View]) -> dict[str, Reprojection]:
    """Camera -> its error, of those that share points with another one in the same moment; cameras named as frames name them."""
    moments: dict[tuple[str, str, str], list[View]] = defaultdict(list)
    for frame, annotation in views:
        if frame.camera in rig.cameras and rig.holds_for(frame.subject, frame.take):
            moments[frame.subject, frame.take, frame.index].append((frame, annotation))
    errors: dict[str, list[Floats]] = defaultdict(list)
    for seen in moments.values():
        by_camera = {view[0].camera: view for view in seen}
        if len(by_camera) > 1:
            for camera, distances in _errors(rig.cameras, by_camera).items():
                errors[camera].append(distances)
    joined = {camera: np.concatenate(parts) for camera, parts in errors.items()}
    return {
        camera: Reprojection(float(np.median(joined[camera])), len(joined[camera]))
        for camera in rig.cameras
        if camera in joined and len(joined[camera])
    }


def _errors(cameras: Mapping[str, CameraModel], seen: Mapping[str, View]) -> dict[str, Floats]:
    """Distances in px of the points that two or more views of a moment have, a camera."""
    names = list(seen)
    people = {frame.id: annotation for frame, annotation in seen.values()}
    landmarks = len(next(iter(people.values())).xy)
    sighted = sightings_of([frame for frame, _ in seen.values()], people, {}, landmarks)
    visible = sighted.usable  # [V, L]
    shared = np.flatnonzero(visible.sum(0) > 1)
    if not len(shared):
        return {}
    votes = visible[:, shared]
    xy = sighted.xy[:, shared]
    own = [cameras[name] for name in names]
    lenses = Lenses.of(own)
    points = _meeting(lenses, lenses.normalised(xy), votes)
    apart = np.linalg.norm(lenses.project(points) - xy, axis=-1)
    across = np.array([[np.hypot(camera.width, camera.height)] for camera in own])
    apart = np.where(np.isfinite(apart), apart, across)  # it lies behind a camera that saw it
    told = votes & np.isfinite(points).all(-1)
    return {name: apart[row][told[row]] for row, name in enumerate(names) if told[row].any()}


def _meeting(lenses: Lenses, normalised: Floats, votes: NDArray[np.bool_]) -> Floats:
    """float64 [L, 3], by plain least squares, NaN where the rays say nothing.

    Not `rigs.triangulate`: of three cameras that are mixed up it would believe two, and the third alone would look wrong.
    """
    offset = -np.einsum("vij,vj->vi", lenses.rotation, lenses.position)
    pose = np.concatenate([lenses.rotation, offset[..., None]], axis=2)[:, None]  # [V, 1, 3, 4]
    rows = (normalised[..., None] * pose[:, :, 2:] - pose[:, :, :2]) * votes[..., None, None]
    stacked = np.nan_to_num(rows).transpose(1, 0, 2, 3).reshape(votes.shape[1], -1, 4)
    found = np.linalg.svd(stacked)[2][:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(found[:, :3] / found[:, 3:])
