"""Points in space as binary glTF: a point cloud a moment, named by it, by trimesh (extra `gltf`)."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme
from annotator.services.rigs.points.spatial import SpatialMoment

_GREY = "#c8c8c8"


def points_glb(moments: Iterable[SpatialMoment], scheme: LandmarkScheme) -> tuple[bytes, int]:
    """The content of a `.glb`, and the count of points.

    glTF counts in metres: points of a rig whose unit is known are scaled, those of another stay as they are. Axes stay the rig's.
    A landmark has its region's colour; each node's `extras` name its landmarks in order and hold the upper half of each
    covariance (xx xy xz yy yz zz, in the node's unit squared), the unit in millimetres, and subject, take, index and rig.

    Raises:
        AnnotatorError: trimesh is not installed, or there is no point.
    """
    try:
        import trimesh
    except ImportError:
        raise AnnotatorError(
            "glTF is written by trimesh, which is not installed: pip install 'annotator-landmarks[gltf]'. CSV and JSON need"
            " nothing."
        ) from None
    colours = _colours(scheme)
    scene = trimesh.Scene(metadata={"scheme": scheme.id, "generator": "Annotator"})
    count = 0
    for each in moments:
        own = each.moment
        known = np.flatnonzero(np.isfinite(each.points).all(-1))
        unit = own.rig.rig.unit
        scale = unit / 1000 if unit else 1.0
        covariance = scale**2 * each.covariance[known][:, *np.triu_indices(3)]
        about: dict[str, Any] = {
            "subject": own.subject,
            "take": own.take,
            "index": own.index,
            "rig": own.rig.name,
            "version": own.rig.version,
            "unit_mm": 1000.0 if unit else 0.0,
            "landmarks": [scheme.names[at] for at in known],
            "covariance": covariance.tolist(),
        }
        cloud = trimesh.PointCloud(scale * each.points[known], colors=colours[known])
        name = f"{own.subject}/{own.take}/{own.index}"
        scene.add_geometry(cloud, node_name=name, geom_name=name, metadata=about)
        count += len(known)
    if not count:
        raise AnnotatorError(
            "No landmark is known in space: see whether frames are proposed, and the rig is there."
        )
    return bytes(scene.export(file_type="glb")), count


def _colours(scheme: LandmarkScheme) -> np.ndarray:
    """uint8 [L, 4]."""
    names = [_GREY] * scheme.size
    for region in scheme.regions:
        for at in region.indices:
            names[at] = region.colour
    return np.array([[*bytes.fromhex(name.lstrip("#")), 255] for name in names], np.uint8)
