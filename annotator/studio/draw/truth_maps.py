"""Truth in pictures: what each pixel of a frame shows (`*_id.png`) and how far it is (`*_depth.png`).

They lie in a folder of their own beside the set's, where no import pattern takes them for captures.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.imaging.opencv import cv2
from annotator.studio.draw.identity_pass import draw_identity
from annotator.studio.errors import StudioError
from annotator.studio.geometry.camera import Camera
from annotator.studio.scene.capture import Capture
from annotator.studio.scene.surfaces import IDENTITIES

TILE = 1024
"""Pixels a side that are drawn at a time, so that a large frame needs little memory."""
DEPTH_STEP_MM = 0.1
FARTHEST = 65535


@dataclass(frozen=True)
class TruthMaps:
    """Of a whole frame: `identity` uint8 (H, W), numbers of `IDENTITIES`; `depth` uint16 (H, W), tenths of a millimetre
    along the camera's axis, 0 where nothing is."""

    identity: NDArray[np.uint8]
    depth: NDArray[np.uint16]


def draw_truth(renderer: Any, capture: Capture, camera: Camera) -> TruthMaps:
    """The maps of a frame, with hair."""
    size = camera.size
    identity, depth = np.zeros((size, size), np.uint8), np.zeros((size, size), np.uint16)
    for y in range(0, size, TILE):
        for x in range(0, size, TILE):
            width, height = min(TILE, size - x), min(TILE, size - y)
            window = (float(x), float(y), float(x + width), float(y + height))
            fields = draw_identity(renderer, capture, camera, window, (width, height), hair=True)
            tile = np.s_[y : y + height, x : x + width]
            identity[tile] = np.round(fields.surface[..., 0])
            known = np.where(np.isfinite(fields.depth), fields.depth / DEPTH_STEP_MM, 0)
            depth[tile] = np.clip(np.round(known), 0, FARTHEST)
    return TruthMaps(identity, depth)


def truth_folder(out: Path) -> Path:
    """Where the maps of the set in `out` lie."""
    out = out.resolve()
    return out.with_name(f"{out.name}-truth")


def write_truth(out: Path, file: str, maps: TruthMaps) -> dict[str, str]:
    """Writes both maps of the frame at `file` below `out`; by kind their paths below the `truth_folder`."""
    names = {}
    folder, picture = truth_folder(out), PurePosixPath(file)
    for kind, values in (("id", maps.identity), ("depth", maps.depth)):
        name = picture.with_name(f"{picture.stem}_{kind}.png")
        path = folder / name
        scratch = path.with_name(f".{path.name}.part")
        _, data = cv2.imencode(".png", values, [cv2.IMWRITE_PNG_COMPRESSION, 3])
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            scratch.write_bytes(data.tobytes())
            scratch.replace(path)
        except OSError as error:
            scratch.unlink(missing_ok=True)
            raise StudioError(f"{path} could not be written ({error}); free space, then run again") from error
        names[kind] = name.as_posix()
    return names


def describe_truth(out: Path) -> dict[str, Any]:
    """What the manifest of the set in `out` says of its maps; `folder` is relative to the set's."""
    folder = f"../{truth_folder(out).name}"
    return {"folder": folder, "classes": IDENTITIES, "depth_mm_a_step": DEPTH_STEP_MM, "depth_of_nothing": 0}


def region_boxes(xy: NDArray[np.float64], scheme: LandmarkScheme) -> dict[str, list[float]]:
    """Box x0 y0 x1 y1 in frame pixels round the landmarks of each region, by the region's name."""
    boxes = {}
    for region in scheme.regions:
        points = xy[list(region.indices)]
        boxes[region.name] = [round(float(value), 3) for value in (*points.min(0), *points.max(0))]
    return boxes
