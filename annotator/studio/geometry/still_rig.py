"""The calibration of a rig that stands still: its cameras in the world of a head that looks straight ahead."""

import numpy as np

from annotator.domain.rigs.rig import CameraModel, Rig
from annotator.studio.geometry.camera import load_rig


def still_rig(name: str, size: int) -> Rig:
    """The rig of a name or file for pictures of `size` px a side, in millimetres, for all takes."""
    cameras = [
        CameraModel(camera.name, size, size, camera.intrinsics, np.zeros(0), camera.extrinsics)
        for camera in load_rig(name, size)
    ]
    return Rig(name, {camera.name: camera for camera in cameras}, unit=1.0, source="annotator render")
