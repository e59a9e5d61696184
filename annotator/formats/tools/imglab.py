"""dlib's imglab: XML of images, boxes and parts, from which dlib trains shape predictors.

Convention: dlib counts pixel centres from 0, so its x is ours minus 0.5 (and y). Places are whole pixels, so up to half a
pixel is lost. dlib knows parts by the order of their names, so they are numbered in the scheme's order; parts of another
program that have names are read by them. There is no place for occlusion of a part, nor for confidence.
"""

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import PLAIN, DatasetView, ImportedDataset, WriteOptions, Written, columns_of
from annotator.formats.look import Look
from annotator.formats.named import Point, Reading, number_in
from annotator.formats.placed import each, placed, write_text
from annotator.formats.tools.xml_files import read_xml, xml_text

SHIFT = -0.5


class Imglab:
    """The imglab format."""

    name = "imglab"
    title = "dlib imglab (XML)"
    extensions: tuple[str, ...] = (".xml",)
    writes_folder = False
    convention = (
        "0-based pixel centres, whole pixels: x, y are 0.5 less than Annotator's, rounded; parts are numbered"
    )
    occlusion = False
    confidence = False
    writes = True

    def recognises(self, look: Look) -> bool:
        """XML of a dataset with images."""
        return look.tags[:1] == ("dataset",) and "images" in look.tags

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """One XML file; landmarks that are missing or out of frame have no part."""

        def text() -> tuple[str, int]:
            root = ElementTree.Element("dataset")
            ElementTree.SubElement(root, "name").text = "Facial landmarks exported by Annotator"
            ElementTree.SubElement(root, "comment").text = ", ".join(
                dataset.scheme.names[i] for i in columns_of(dataset.scheme, options)
            )
            images = ElementTree.SubElement(root, "images")
            total = 0
            for item in each(dataset, progress, stop):
                found = [
                    (number, point)
                    for number, point in enumerate(placed(item, dataset, options, SHIFT))
                    if point is not None and not point.away
                ]
                size = {"width": str(item.frame.width), "height": str(item.frame.height)}
                image = ElementTree.SubElement(images, "image", {"file": item.frame.path, **size})
                if not found:
                    continue
                xy = np.floor(np.array([[point.x, point.y] for _, point in found]) + 0.5).astype(int)
                (left, top), (right, bottom) = xy.min(0), xy.max(0)
                values = {"top": top, "left": left, "width": right - left + 1, "height": bottom - top + 1}
                box = ElementTree.SubElement(image, "box", {key: str(value) for key, value in values.items()})
                for (number, _), (x, y) in zip(found, xy, strict=True):
                    ElementTree.SubElement(box, "part", {"name": f"{number:03d}", "x": str(x), "y": str(y)})
                total += len(found)
            return xml_text(root), total

        return write_text(dataset, path, options, text)

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """The boxes that have parts; those to be ignored are passed over."""
        root = read_xml(path)
        reading = Reading(path, scheme, names)
        for image in root.iter("image"):
            boxes = [_parts(box) for box in image.findall("box") if box.get("ignore") != "1"]
            reading.add(image.get("file", ""), boxes)
        comment = (root.findtext("comment") or "").split(", ")
        every = [f"{number:03d}" for number in range(len(comment))] if comment == list(scheme.names) else []
        return reading.dataset(every)


def _parts(box: ElementTree.Element) -> dict[str, Point]:
    return {
        part.get("name", ""): Point(number_in(part.attrib, "x") - SHIFT, number_in(part.attrib, "y") - SHIFT)
        for part in box.findall("part")
    }
