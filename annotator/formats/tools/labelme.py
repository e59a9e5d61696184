"""labelme: one JSON file a picture, beside it, with a `point` shape for each landmark.

Convention: labelme draws on the picture's plane, (0, 0) is the outer corner of the first pixel, as ours. Its shapes have
`flags` that a user defines: `occluded` is ours. A `score` of a shape, which its AI models write, is read as confidence.
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from annotator.domain.errors import FormatError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import PLAIN, DatasetView, ImportedDataset, WriteOptions, Written
from annotator.formats.coco_reader import load_json
from annotator.formats.look import Look
from annotator.formats.named import Point, Reading, number_in
from annotator.formats.placed import beside, each, placed, spread_out, write_folder
from annotator.formats.tools.folders import json_files, side, up_from

_VERSION = "5.5.0"


class Labelme:
    """The labelme format."""

    name = "labelme"
    title = "labelme JSON (a folder)"
    extensions: tuple[str, ...] = (".json",)
    writes_folder = True
    convention = "as Annotator's: (0, 0) is the outer corner of the first pixel; occlusion as a shape's flag"
    occlusion = True
    confidence = True
    writes = True

    def recognises(self, look: Look) -> bool:
        """JSON of shapes with the path of a picture."""
        return any({"shapes", "imagePath"} <= sample.keys for sample in look.samples(".json"))

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """`path`/<frame path with .json> for every frame, all or nothing; copy them beside the pictures."""
        files: dict[str, str | bytes | Path] = {}
        total = 0
        for item in each(dataset, progress, stop):
            points = [point for point in placed(item, dataset, options, 0.0) if point is not None]
            total += len(points)
            shapes = [
                {
                    "label": point.name,
                    "points": [[point.x, point.y]],
                    "group_id": None,
                    "description": "",
                    "shape_type": "point",
                    "flags": {"occluded": point.occluded},
                    "mask": None,
                    **({"score": round(point.confidence, 4)} if point.confidence < 1 else {}),
                }
                for point in points
            ]
            document: dict[str, Any] = {
                "version": _VERSION,
                "flags": {},
                "shapes": shapes,
                "imagePath": PurePosixPath(item.frame.path).name,
                "imageData": None,
                "imageHeight": item.frame.height,
                "imageWidth": item.frame.width,
            }
            files[beside(item.frame.path, ".json")] = spread_out(document)
        return write_folder(
            dataset, path, options, files, Written(tuple(path / name for name in files), len(files), total)
        )

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """One file, or all of labelme's below a folder; a picture's path is relative to the folder."""
        reading = Reading(path, scheme, names)
        for name, file in json_files(path):
            try:
                values = load_json(file)
            except FormatError as error:
                reading.left_out[name] = str(error)
                continue
            if "shapes" not in values or "imagePath" not in values:
                continue
            picture = up_from(PurePosixPath(name).parent, str(values["imagePath"]))
            reading.add(picture, _faces(values), side(values, "imageWidth"), side(values, "imageHeight"))
        return reading.dataset()


def _faces(document: Mapping[str, Any]) -> list[dict[str, Point]]:
    """A face a group; points without a group are one."""
    faces: dict[object, dict[str, Point]] = {}
    shapes = document["shapes"]
    for shape in shapes if isinstance(shapes, list) else ():
        if not isinstance(shape, dict) or shape.get("shape_type") != "point":
            continue
        places = shape.get("points")
        place = places[0] if isinstance(places, list) and places else ()
        flags = shape.get("flags")
        hidden = isinstance(flags, dict) and flags.get("occluded") is True
        point = Point(number_in(place, 0), number_in(place, 1), hidden, number_in(shape, "score"))
        faces.setdefault(str(shape.get("group_id")), {})[str(shape.get("label"))] = point
    return list(faces.values())
