"""The files beside the frames of a set: records of finished frames, COCO keypoints, calibration, manifest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.files import write_whole
from annotator.studio.draw.crops import CropPlan, inside_crop, to_crop

RECORDS = "annotations.jsonl"
Picture = tuple[str, tuple[int, int], NDArray[np.float64], NDArray[np.int64], dict[str, Any]]


def read_records(out: Path) -> dict[str, dict[str, Any]]:
    """Finished frames by file name; a torn last line (after a kill) is ignored."""
    records: dict[str, dict[str, Any]] = {}
    path = out / RECORDS
    if path.is_file():
        for line in path.read_text("utf-8").splitlines():
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                continue
            records[record["file"]] = record
    return records


def append_record(out: Path, record: dict[str, Any]) -> None:
    """Adds a finished frame; after a line that a kill has torn, on a line of its own."""
    path = out / RECORDS
    with path.open("ab+") as lines:
        if lines.tell() > 0:
            lines.seek(-1, 2)
            if lines.read(1) != b"\n":
                lines.write(b"\n")
        lines.write(json.dumps(record).encode() + b"\n")


def finish_dataset(out: Path, scheme: LandmarkScheme, also: Sequence[LandmarkScheme] = ()) -> None:
    """Makes `annotations.json`, `annotations-ID.json` for each further scheme, `calibration.json` and `manifest.json` of the
    records."""
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    write_json(out / "manifest.json", manifest | {"complete": False})  # while they are of two runs
    records = [record for _, record in sorted(read_records(out).items())]
    write_json(out / "annotations.json", _coco(records, scheme))
    for other in also:
        told = [record | record["also"][other.id] for record in records]
        write_json(out / f"annotations-{other.id}.json", _coco(told, other))
    write_json(out / "calibration.json", {record["file"]: record["calibration"] for record in records})
    manifest |= {"complete": True, "frames": len(records), "scheme": scheme.id, "synthetic": True}
    manifest["subjects"] = sorted({record["subject"] for record in records})
    manifest["looks"] = sorted({record["look"] for record in records})
    write_json(out / "manifest.json", manifest)


def _coco(records: Sequence[dict[str, Any]], scheme: LandmarkScheme) -> dict[str, Any]:
    """COCO keypoints of all pictures of the records."""
    images, annotations = [], []
    for number, picture in enumerate((p for record in records for p in _pictures(record)), start=1):
        file, size, xy, state, known = picture
        low, high = xy.min(0) - 0.5, xy.max(0) - 0.5
        points = np.concatenate([np.where(state[:, None] > 0, xy - 0.5, 0.0), state[:, None]], 1)
        image = {"id": number, "file_name": file, "width": size[0], "height": size[1]}
        images.append(image | ({"attributes": known} if known else {}))
        annotations.append({
            "id": number, "image_id": number, "category_id": 1, "iscrowd": 0, "num_keypoints": int((state > 0).sum()),
            "keypoints": [round(float(value), 4) for value in points.ravel()],
            "bbox": [*low.tolist(), *(high - low).tolist()], "area": float(np.prod(high - low)),
        })  # fmt: skip
    names = {"keypoints": list(scheme.names), "skeleton": []}
    category = {"id": 1, "name": "face", "supercategory": "person", **names}
    info = {"description": "Synthetic captures rendered by Annotator's studio", "scheme": scheme.id}
    return {"info": info, "images": images, "annotations": annotations, "categories": [category]}


def _pictures(record: dict[str, Any]) -> Iterator[Picture]:
    """File, size, landmarks (house convention), states and attributes of each picture of a record: its frame, or its
    crops, which are named by the attribute `crop`."""
    known = record.get("attributes", {})
    xy, state = np.array(record["xy"]), np.array(record["state"])
    if not record.get("crops"):
        yield record["file"], (record["width"], record["height"]), xy, state, known
    for entry in record.get("crops", []):
        plan = CropPlan(entry["name"], tuple(entry["window"]), tuple(entry["pixels"]))
        inside = to_crop(xy, plan)
        yield (
            entry["file"],
            plan.pixels,
            inside,
            np.where(inside_crop(inside, plan), state, 0),
            known | {"crop": plan.name},
        )


def write_json(path: Path, value: Any) -> None:
    """Writes all or nothing."""
    write_whole(path, json.dumps(value))
