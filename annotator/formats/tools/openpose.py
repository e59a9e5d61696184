"""OpenPose: one JSON file a frame, with `face_keypoints_2d`: x, y and confidence of each point of each person.

Convention: pixel centres from 0, so x is ours minus 0.5 (and y); a confidence of 0 is a point that was not found. Its face has
70 points: the 68 of the iBUG markup, then both pupils; a list as long as the scheme is in its order. No occlusion.
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
from annotator.formats.named import Point, Reading, number_in, numbered, order_of
from annotator.formats.placed import compact, each, placed, write_folder
from annotator.formats.tools.folders import json_files

SHIFT = -0.5
_ENDING = "_keypoints"
_POINTS = 70


class OpenPose:
    """The OpenPose format."""

    name = "openpose"
    title = "OpenPose face JSON (a folder)"
    extensions: tuple[str, ...] = (".json",)
    writes_folder = True
    convention = "0-based pixel centres: x, y are 0.5 less than Annotator's; 0 0 0 where missing, 70 points of the markup"
    occlusion = False
    confidence = True
    writes = True

    def recognises(self, look: Look) -> bool:
        """JSON with people."""
        return any(isinstance(_people(sample.json), list) for sample in look.samples(".json"))

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """`path`/<frame path>_keypoints.json for every frame: OpenPose's 70 points where the scheme has places in the markup,
        else the scheme's own."""
        files: dict[str, str | bytes | Path] = {}
        total = 0
        order = order_of(_POINTS, dataset.scheme) or {i: i for i in range(dataset.scheme.size)}
        count = _POINTS if len(dataset.scheme.ibug68) else dataset.scheme.size
        for item in each(dataset, progress, stop):
            points = placed(item, dataset, PLAIN, SHIFT)
            values = [0.0] * (3 * count)
            for place, index in order.items():
                point = points[index]
                if point is not None and not point.away:
                    values[3 * place : 3 * place + 3] = (
                        point.x,
                        point.y,
                        round(max(point.confidence, 1e-4), 4),
                    )
                    total += 1
            people = [{"person_id": [-1], "pose_keypoints_2d": [], "face_keypoints_2d": values}]
            pure = PurePosixPath(item.frame.path)
            files[str(pure.with_name(f"{pure.stem}{_ENDING}.json"))] = compact(
                {"version": 1.3, "people": people}
            )
        return write_folder(
            dataset, path, options, files, Written(tuple(path / name for name in files), len(files), total)
        )

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """One file, or all of OpenPose's below a folder; a frame's path is that of its file without `_keypoints`."""
        reading = Reading(path, scheme, names)
        longest = 0
        for name, file in json_files(path):
            try:
                people = _people(load_json(file))
            except FormatError as error:
                reading.left_out[name] = str(error)
                continue
            if people is None:
                continue
            lists = [person.get("face_keypoints_2d") for person in people if isinstance(person, dict)]
            faces = [_face(values) for values in lists if isinstance(values, list)]
            longest = max([longest, *(len(values) // 3 for values in lists if isinstance(values, list))])
            pure = PurePosixPath(name)
            reading.add(str(pure.with_name(f"{pure.stem.removesuffix(_ENDING)}.json")), faces)
        return reading.dataset([str(at) for at in range(longest)], without_endings=True)


def _people(document: Any) -> list[Any] | None:
    people = document.get("people") if isinstance(document, dict) else None
    return people if isinstance(people, list) else None


def _face(values: list[Any]) -> dict[str, Point]:
    points: list[Point | None] = []
    for at in range(0, len(values) - 2, 3):
        sure = number_in(values, at + 2)
        found = sure > 0
        x, y = number_in(values, at) - SHIFT, number_in(values, at + 1) - SHIFT
        points.append(Point(x, y, False, sure) if found else None)
    return numbered(points)
