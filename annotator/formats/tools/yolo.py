"""YOLO pose, as Ultralytics reads it: `data.yaml`, and in `train/` and `val/` `images/` and `labels/`, a text file a picture.

Convention: places and boxes are shares of the picture, (0, 0) is its outer corner, so with its size they are ours. A keypoint
is x, y, v: v = 0 missing, 1 occluded, 2 visible. Subjects are divided into train and val as wholes. Keypoints have no names
but those in `kpt_names` (`node_names`), which newer versions have; without it they are in the scheme's order.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from annotator.domain.errors import FormatError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.takes.movie_path import picture_name
from annotator.formats.base import PLAIN, DatasetView, ImportedDataset, WriteOptions, Written, columns_of
from annotator.formats.look import Look, files_below
from annotator.formats.named import Point, Reading, number_in
from annotator.formats.placed import Placed, beside, each, placed, write_folder
from annotator.formats.splits import splits
from annotator.formats.texts import bounded_text

_DATA = "data.yaml"
_MAX_BYTES = 4 << 20
_FIRST = 5  # class and box
_LABELS = ("labels",)
_SPLITS = ("train", "val", "valid", "test")


class Yolo:
    """The YOLO pose format."""

    name = "yolo"
    title = "YOLO pose (a folder)"
    extensions: tuple[str, ...] = (".yaml",)
    writes_folder = True
    convention = "shares of the picture from its outer corner; v = 0 missing, 1 occluded, 2 visible"
    occlusion = True
    confidence = False
    writes = True

    def recognises(self, look: Look) -> bool:
        """A folder with keypoints' shape in its `data.yaml`, that file, or text files of classes, boxes and keypoints."""
        if look.path.suffix.lower() in (".yaml", ".yml"):
            return "kpt_shape" in look.text
        if not look.is_folder:
            return False
        if any("kpt_shape" in sample.text for ending in (".yaml", ".yml") for sample in look.samples(ending)):
            return True
        return any(_is_label(line) for sample in look.samples(".txt") for line in sample.lines[:1])

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """The whole layout, all or nothing; pictures as links or copies where `options` asks for them."""
        scheme = dataset.scheme
        columns = columns_of(scheme, options)
        part = splits((item.frame for item in dataset.frames), options.held_out)
        files: dict[str, str | bytes | Path] = {_DATA: _data(scheme, columns)}
        total = 0
        for item in each(dataset, progress, stop):
            frame = item.frame
            if not (frame.width and frame.height):
                raise FormatError(f"{frame.path} has no size, and places are shares of it; import it again")
            points = placed(item, dataset, options, 0.0)
            total += sum(point is not None and not point.away for point in points)
            split = part[frame.path]
            files[beside(f"{split}/labels/{frame.path}", ".txt")] = _line(points, frame.width, frame.height)
            if options.pictures != "none" and item.picture is not None:
                files[f"{split}/images/{picture_name(frame.path)}"] = item.picture
        made = tuple(path / name for name in files)
        return write_folder(dataset, path, options, files, Written(made, len(dataset.frames), total))

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """All label files below a folder (that of a `data.yaml`), or one; places are shares until a frame is found."""
        folder = path.parent if path.suffix.lower() in (".yaml", ".yml") else path
        told = _told_names(folder) if folder.is_dir() else []
        reading = Reading(path, scheme, names)
        longest = len(told)
        files = list(files_below(folder, ".txt")) if folder.is_dir() else [folder]
        for file in files:
            name = file.relative_to(folder).as_posix() if folder.is_dir() else file.name
            lines = [line for line in bounded_text(file, _MAX_BYTES).splitlines() if line.strip()]
            if not lines or not any(map(_is_label, lines)):
                continue  # a readme, a list of pictures, a picture without a face
            faces = []
            for line in lines:
                if not _is_label(line):
                    reading.left_out[name] = "has a line that is no class, box and keypoints"
                    continue
                values = [float(cell) for cell in line.split()]
                count = (len(values) - _FIRST) // 3
                longest = max(longest, count)
                faces.append(_face(values, told if len(told) == count else [str(at) for at in range(count)]))
            reading.add(_picture(name), faces, in_shares=True)
        every = told if told and len(told) == longest else [str(at) for at in range(longest)]
        return reading.dataset(every, without_endings=True)


def _data(scheme: LandmarkScheme, columns: list[int]) -> str:
    place = {index: number for number, index in enumerate(columns)}
    flip = [place.get(int(scheme.mirror[index]), place[index]) for index in columns]
    names = json.dumps([scheme.names[index] for index in columns])
    return (
        f"# Facial landmarks exported by Annotator; scheme {scheme.id}\npath: .\ntrain: train/images\nval: val/images\n"
        f"names: {{0: face}}\nkpt_shape: [{len(columns)}, 3]\nflip_idx: {flip}\nkpt_names: {{0: {names}}}\n"
    )


def _line(points: list[Placed | None], width: int, height: int) -> str:
    """One face; an empty text where no landmark lies in the picture."""
    size = np.array([width, height], float)
    seen = (
        np.array([(point.x, point.y) for point in points if point is not None and not point.away])
        if points
        else None
    )
    if seen is None or not len(seen):
        return ""
    seen = np.clip(seen, 0, size)
    low, high = seen.min(0) / size, seen.max(0) / size
    values = ["0", *(f"{value:.8f}" for value in (*((low + high) / 2), *(high - low)))]
    for point in points:
        if point is None or point.away:
            values += ["0", "0", "0"]
        else:
            x, y = np.clip([point.x, point.y], 0, size) / size
            values += [f"{x:.8f}", f"{y:.8f}", "1" if point.occluded else "2"]
    return " ".join(values) + "\n"


def _is_label(line: str) -> bool:
    cells = line.split()
    count = len(cells) - _FIRST
    if count < 3 or count % 3 or not cells[0].isdigit():
        return False
    values = [number_in(cells, at) for at in range(1, len(cells))]
    shares = [value for at, value in enumerate(values[4:]) if at % 3 < 2]
    return all(-1 <= value <= 2 for value in (*values[:4], *shares)) and all(
        0 <= value <= 2 for value in values[6::3]
    )


def _face(values: list[float], names: list[str]) -> dict[str, Point]:
    face = {}
    for at, name in enumerate(names):
        x, y, visible = values[_FIRST + 3 * at : _FIRST + 3 * at + 3]
        if visible > 0:
            face[name] = Point(x, y, visible == 1)
    return face


def _told_names(folder: Path) -> list[str]:
    """The keypoints' names of the first class in `kpt_names`, on one line or a line each; none where it is not there."""
    file = next((folder / name for name in (_DATA, "dataset.yaml") if (folder / name).is_file()), None)
    text = bounded_text(file, _MAX_BYTES) if file is not None else ""
    found = re.search(
        r"^(?:kpt|node)_names:\s*(?:\{?\s*0:\s*)?(?:\[([^\]]*)\]|((?:\n\s*- [^\n]+)+))", text, re.MULTILINE
    )
    if found is None:
        return []
    cells = found[1].split(",") if found[1] is not None else re.findall(r"- ([^\n]+)", found[2])
    return [cell.strip().strip("\"'") for cell in cells if cell.strip()]


def _picture(name: str) -> str:
    """The picture's path (with the label's ending) without the folders of the layout."""
    parts = list(PurePosixPath(name).parts)
    for first, second in ((_LABELS, _SPLITS), (_SPLITS, _LABELS)):
        if len(parts) > 2 and parts[0] in first and parts[1] in second:
            return "/".join(parts[2:])
    return "/".join(parts[1:] if parts[0] in _LABELS and len(parts) > 1 else parts)
