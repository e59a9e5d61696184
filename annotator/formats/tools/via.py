"""VIA, the VGG Image Annotator (versions 1 and 2): JSON with a region `point` for each landmark, whose name is an attribute.

Convention: VIA takes places on the picture's plane, (0, 0) is the outer corner of the first pixel, as ours; its own points are
whole numbers. The landmark is the attribute `name`, and `occluded` is ours, "1" or "0".
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import PLAIN, DatasetView, ImportedDataset, WriteOptions, Written
from annotator.formats.coco_reader import load_json
from annotator.formats.look import Look
from annotator.formats.named import Point, Reading, number_in
from annotator.formats.placed import compact, each, placed, write_text

_NAMES = ("name", "landmark", "label", "keypoint", "point", "id")
"""Attributes that may hold a landmark's name, in the order in which they are looked for."""


class Via:
    """The VIA format."""

    name = "via"
    title = "VIA project (JSON)"
    extensions: tuple[str, ...] = (".json",)
    writes_folder = False
    convention = "as Annotator's: (0, 0) is the outer corner of the first pixel; occlusion as an attribute"
    occlusion = True
    confidence = False
    writes = True

    def recognises(self, look: Look) -> bool:
        """JSON of VIA's settings and pictures, or of the pictures alone."""
        if "_via_img_metadata" in look.keys:
            return True
        values = next(iter(look.json.values()), None) if isinstance(look.json, dict) and look.json else None
        return isinstance(values, dict) and {"filename", "regions"} <= values.keys()

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """One project file that VIA 2 opens, all or nothing."""

        def text() -> tuple[str, int]:
            pictures: dict[str, Any] = {}
            total = 0
            for item in each(dataset, progress, stop):
                points = [point for point in placed(item, dataset, options, 0.0) if point is not None]
                total += len(points)
                regions = [
                    {
                        "shape_attributes": {"name": "point", "cx": point.x, "cy": point.y},
                        "region_attributes": {"name": point.name, "occluded": str(int(point.occluded))},
                    }
                    for point in points
                ]
                values = {"filename": item.frame.path, "size": -1, "regions": regions, "file_attributes": {}}
                pictures[f"{item.frame.path}-1"] = values
            attributes = {
                "name": {"type": "text", "description": "landmark", "default_value": ""},
                "occluded": {"type": "text", "description": "1: something hides it", "default_value": "0"},
            }
            document = {
                "_via_settings": {
                    "core": {"filepath": {}, "default_filepath": ""},
                    "project": {"name": "annotator"},
                },
                "_via_img_metadata": pictures,
                "_via_attributes": {"region": attributes, "file": {}},
                "_via_data_format_version": "2.0.10",
                "_via_image_id_list": list(pictures),
            }
            return compact(document) + "\n", total

        return write_text(dataset, path, options, text)

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """The points of its pictures; regions of other shapes are passed over."""
        document = load_json(path)
        pictures = document.get("_via_img_metadata", document)
        reading = Reading(path, scheme, names)
        for key, values in pictures.items() if isinstance(pictures, dict) else ():
            if not isinstance(values, dict) or "filename" not in values:
                continue
            regions = values.get("regions")
            listed = list(regions.values()) if isinstance(regions, dict) else regions  # VIA 1 numbers them
            reading.add(
                str(values["filename"]) or str(key), _faces(listed if isinstance(listed, list) else [])
            )
        return reading.dataset()


def _faces(regions: list[Any]) -> list[dict[str, Point]]:
    """The points by name; one name twice begins a second face."""
    faces: list[dict[str, Point]] = [{}]
    for number, region in enumerate(regions):
        shape = region.get("shape_attributes") if isinstance(region, dict) else None
        if not isinstance(shape, dict) or shape.get("name") != "point":
            continue
        attributes = region.get("region_attributes")
        attributes = attributes if isinstance(attributes, dict) else {}
        name = next((str(attributes[key]) for key in _NAMES if attributes.get(key)), str(number))
        hidden = str(attributes.get("occluded", "")).lower() in ("1", "true", "yes")
        if name in faces[-1]:
            faces.append({})
        faces[-1][name] = Point(number_in(shape, "cx"), number_in(shape, "cy"), hidden)
    return faces
