"""CVAT for images 1.1 (XML): skeletons whose points are named, or single points with the landmark's name as their label.

Convention: CVAT draws on the picture's plane, (0, 0) is the outer corner of the first pixel, as ours. `occluded` is a point's
own; a point that is `outside` is not marked. A landmark out of frame is written as outside.
"""

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from annotator.domain.errors import FormatError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import PLAIN, DatasetView, ImportedDataset, WriteOptions, Written, columns_of
from annotator.formats.look import Look
from annotator.formats.named import Point, Reading, number_in
from annotator.formats.placed import each, placed, write_text
from annotator.formats.tools.xml_files import read_xml, xml_text


class Cvat:
    """The CVAT for images format."""

    name = "cvat"
    title = "CVAT for images 1.1 (XML)"
    extensions: tuple[str, ...] = (".xml",)
    writes_folder = False
    convention = "as Annotator's: (0, 0) is the outer corner of the first pixel, its centre (0.5, 0.5)"
    occlusion = True
    confidence = False
    writes = True

    def recognises(self, look: Look) -> bool:
        """XML of annotations with images."""
        return look.tags[:1] == ("annotations",) and bool({"image", "version", "meta"} & set(look.tags))

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """One XML file; a skeleton `face` a frame, with all landmarks of the scheme, as CVAT asks."""

        def text() -> tuple[str, int]:
            root = ElementTree.Element("annotations")
            ElementTree.SubElement(root, "version").text = "1.1"
            total = 0
            names = [dataset.scheme.names[i] for i in columns_of(dataset.scheme, options)]
            _labels(root, names, len(dataset.frames))
            for number, item in enumerate(each(dataset, progress, stop)):
                size = {"width": str(item.frame.width), "height": str(item.frame.height)}
                image = ElementTree.SubElement(
                    root, "image", {"id": str(number), "name": item.frame.path, **size}
                )
                face = {"label": "face", "source": "manual", "z_order": "0"}
                skeleton = ElementTree.SubElement(image, "skeleton", face)
                for name, point in zip(names, placed(item, dataset, options, 0.0), strict=True):
                    marked = point is not None and not point.away
                    total += marked
                    values = {
                        "label": name,
                        "source": "manual",
                        "outside": str(int(not marked)),
                        "occluded": "0",
                    }
                    values["points"] = "0.0,0.0" if point is None else f"{point.x!r},{point.y!r}"
                    if point is not None and point.occluded:
                        values["occluded"] = "1"
                    ElementTree.SubElement(skeleton, "points", values)
            return xml_text(root), total

        return write_text(dataset, path, options, text)

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """The skeletons and named points of its images; tracks of video tasks are refused."""
        root = read_xml(path)
        if root.find("track") is not None:
            raise FormatError(f"{path} holds tracks of a video; export the task as 'CVAT for images 1.1'")
        reading = Reading(path, scheme, names)
        for image in root.iter("image"):
            faces = [_points(skeleton) for skeleton in image.iter("skeleton")]
            single = _single(image)
            size = (_side(image, "width"), _side(image, "height"))
            reading.add(image.get("name", ""), [*faces, *([single] if single else [])], *size)
        return reading.dataset()


def _labels(root: ElementTree.Element, names: list[str], frames: int) -> None:
    """What CVAT tells of a task: its labels, of which the landmarks are parts of the skeleton `face`."""
    task = ElementTree.SubElement(ElementTree.SubElement(root, "meta"), "task")
    told = {"id": "0", "name": "annotator", "size": str(frames), "mode": "annotation", "flipped": "False"}
    for key, value in told.items():
        ElementTree.SubElement(task, key).text = value
    labels = ElementTree.SubElement(task, "labels")
    for name, kind in (("face", "skeleton"), *((name, "points") for name in names)):
        label = ElementTree.SubElement(labels, "label")
        ElementTree.SubElement(label, "name").text = name
        ElementTree.SubElement(label, "type").text = kind
        ElementTree.SubElement(label, "attributes")
        if kind == "points":
            ElementTree.SubElement(label, "parent").text = "face"


def _side(image: ElementTree.Element, key: str) -> int:
    value = number_in(image.attrib, key)
    return int(value) if 0 < value < 1e6 else 0


def _points(parent: ElementTree.Element) -> dict[str, Point]:
    found = {}
    for element in parent.findall("points"):
        point = _point(element)
        if point is not None:
            found[element.get("label", "")] = point
    return found


def _single(image: ElementTree.Element) -> dict[str, Point]:
    """Points that stand in the image itself: one for each label, or one list of several, which count from 0."""
    elements = image.findall("points")
    if len(elements) == 1 and ";" in elements[0].get("points", ""):
        pairs = elements[0].get("points", "").split(";")
        hidden = elements[0].get("occluded") == "1"
        return {str(index): _place(pair, hidden) for index, pair in enumerate(pairs)}
    return _points(image)


def _point(element: ElementTree.Element) -> Point | None:
    if element.get("outside") == "1":
        return None
    return _place(element.get("points", ""), element.get("occluded") == "1")


def _place(text: str, occluded: bool) -> Point:
    numbers = text.split(",")
    return Point(number_in(numbers, 0), number_in(numbers, 1), occluded)
