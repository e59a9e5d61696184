"""A finished frame on disk: its picture or crops, and the record of its truth."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.files import refuse_links
from annotator.studio.dataset.jobs import CaptureJob, RenderedFrame, RenderOptions
from annotator.studio.draw.image_files import EXTENSIONS, write_image


def frame_file(job: CaptureJob, camera: str, options: RenderOptions) -> str:
    """Path of a frame below the set's folder."""
    return f"subject_{job.subject:05d}/{job.take}/{camera}{EXTENSIONS[options.format]}"


def store_frame(out: Path, options: RenderOptions, job: CaptureJob, frame: RenderedFrame) -> dict[str, Any]:
    """Writes the picture of a frame and returns its record."""
    file = frame_file(job, frame.camera.name, options)
    path = out / file
    refuse_links(out, path)
    write_image(path, frame.pixels, options.jpeg_quality or frame.exposure.jpeg)
    crops = []
    for crop in frame.crops[1:]:
        part = path.with_name(f"{path.stem}_{crop.plan.name}{path.suffix}")
        write_image(part, crop.image, options.jpeg_quality or frame.exposure.jpeg)
        crops.append({"file": part.relative_to(out).as_posix(), **asdict(crop.plan)})
    scheme = load_scheme(options.scheme)
    also = {name: _points(*truth) for name, truth in frame.also.items()}
    if frame.crops:
        crops.insert(0, {"file": file, **asdict(frame.crops[0].plan)})
    return {
        "crops": crops, "file": file, "subject": f"subject_{job.subject:05d}", "expression": job.take,
        "camera": frame.camera.name,
        "look": frame.look, "width": frame.camera.size, "height": frame.camera.size,
        "scheme": scheme.id, **_points(frame.xy, frame.state), "also": also, "attributes": frame.attributes,
        "rois": _region_boxes(frame.xy, scheme), "calibration": frame.camera.calibration(),
    }  # fmt: skip


def _points(xy: NDArray[np.float64], state: NDArray[np.uint8]) -> dict[str, Any]:
    return {"xy": np.round(xy, 3).tolist(), "state": state.tolist()}


def _region_boxes(xy: NDArray[np.float64], scheme: LandmarkScheme) -> dict[str, list[float]]:
    """Box x0 y0 x1 y1 in frame pixels round the landmarks of each region, by the region's name."""
    boxes = {}
    for region in scheme.regions:
        points = xy[list(region.indices)]
        boxes[region.name] = [round(float(value), 3) for value in (*points.min(0), *points.max(0))]
    return boxes
