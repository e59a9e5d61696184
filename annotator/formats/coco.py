"""COCO keypoints: one JSON file with `images`, `annotations` and one `categories` entry that names the landmarks.

Convention: COCO counts pixel centres from 0, so its x is ours minus 0.5 (and y). `keypoints` is x, y, v for
each landmark in the scheme's order: v = 0 not labelled (x = y = 0), 1 labelled but occluded, 2 labelled and
visible. A landmark out of frame is not labelled there, and none lies outside the picture by the half pixel of
the convention: readers of the standard drop whole images for that. `track_id` is one number for each subject's face in one
camera of a take. `bbox` is x, y, width, height round the
labelled points, same convention, inside the picture. Beside the standard keys an annotation carries `annotator`:
states, flags, review and the exact places of such points, by which our own files come back exactly; other
programs ignore it. A file of theirs may name any of the scheme's landmarks in any order; the rest is missing.

Keys of a file that is written again which we do not know (of the whole, an image or an annotation) are kept.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np

from annotator.domain.annotation import Annotation, Flag
from annotator.domain.errors import FormatError
from annotator.domain.faces.wild_points import outside
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import (
    PLAIN,
    DatasetFrame,
    DatasetView,
    ImportedDataset,
    WriteOptions,
    Written,
    check_target,
    columns_of,
    write_one_file,
)
from annotator.formats.coco_own import EXACT
from annotator.formats.coco_reader import SHIFT, clipped, load_json, read_coco
from annotator.formats.decimals import short_decimals
from annotator.formats.look import Look


class Coco:
    """The COCO keypoints format."""

    name = "coco"
    title = "COCO keypoints"
    extensions: tuple[str, ...] = (".json",)
    writes_folder = False
    convention = (
        "0-based pixel centres: x, y are 0.5 less than Annotator's; v = 0 missing, 1 occluded, 2 visible"
    )
    occlusion = True
    confidence = False
    writes = True

    def recognises(self, look: Look) -> bool:
        """JSON with annotations of images, or some of it where it is too large to be looked at as a whole."""
        return {"images", "annotations"} <= look.keys or (
            not look.is_folder
            and look.json is None
            and len({"images", "annotations", "categories"} & look.keys) > 1
        )

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """One JSON file, all or nothing; see the module for what is in it."""
        check_target(dataset, path, options)
        columns = columns_of(dataset.scheme, options)
        document, placed = coco_document(dataset, columns, path, progress, stop)

        def content(file: IO[str]) -> Written:
            file.write(document_text(document))
            return Written((path,), len(document["images"]), placed)

        return write_one_file(dataset, path, content)

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """The annotated images of a COCO file, `path` as in `file_name`; see `coco_reader.read_coco`."""
        return read_coco(path, scheme, names)


def coco_document(
    dataset: DatasetView,
    columns: list[int],
    replaced: Path | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> tuple[dict[str, Any], int]:
    """What a COCO file holds, and how many landmarks; keys of the file that is `replaced` which we do not know are kept."""
    kept = _Kept(replaced)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    tracks: dict[tuple[str, str, str], int] = {}
    for number, item in enumerate(dataset.frames, 1):
        if stop():
            raise Cancelled("export stopped; nothing was written")
        images.append({**kept.image(item.frame.path), **_image(number, item)})
        of = (item.frame.subject, item.frame.take, item.frame.camera)
        own = {**_annotation(number, item, columns), "track_id": tracks.setdefault(of, len(tracks) + 1)}
        annotations.append({**kept.annotation(item.frame.path), **own})
        progress(number, len(dataset.frames), item.frame.path)
    about = {"scheme": dataset.scheme.id, "convention": Coco.convention}
    document = {
        **kept.top,
        "info": {**kept.info, **dataset.about, **about},
        "categories": [_category(dataset.scheme, columns)],
        "images": images,
        "annotations": annotations,
    }
    placed = sum(int(np.isfinite(item.annotation.xy[columns]).all(-1).sum()) for item in dataset.frames)
    return document, placed


class _Kept:
    """Keys that another program wrote into the file that is about to be replaced, and that we would not write."""

    def __init__(self, path: Path | None) -> None:
        self.top: dict[str, Any] = {}
        self.info: dict[str, Any] = {}
        self._images: dict[str, dict[str, Any]] = {}
        self._annotations: dict[str, dict[str, Any]] = {}
        if path is None or not path.is_file():
            return
        try:
            old = load_json(path)
        except FormatError:
            return  # no JSON: the user chose to replace it
        self.top = {
            key: value for key, value in old.items() if key not in ("images", "annotations", "categories")
        }
        self.info = old["info"] if isinstance(old.get("info"), dict) else {}
        names = {}
        for image in _dicts(old, "images"):
            names[str(image.get("id"))] = str(image.get("file_name"))
            self._images[str(image.get("file_name"))] = image
        for entry in _dicts(old, "annotations"):
            self._annotations[names.get(str(entry.get("image_id")), "")] = entry

    def image(self, path: str) -> dict[str, Any]:
        return self._images.get(path, {})

    def annotation(self, path: str) -> dict[str, Any]:
        return self._annotations.get(path, {})


def _dicts(document: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    entries = document.get(key)
    return (entry for entry in (entries if isinstance(entries, list) else []) if isinstance(entry, dict))


def _category(scheme: LandmarkScheme, columns: list[int]) -> dict[str, Any]:
    place = {index: number for number, index in enumerate(columns, 1)}  # COCO's skeleton counts from 1
    edges = []
    for curve in scheme.curves:
        chain = [place[index] for index in curve.indices if index in place]
        edges += [[a, b] for a, b in pairwise(chain)]
        if curve.closed and len(chain) > 2:
            edges.append([chain[-1], chain[0]])
    names = [scheme.names[index] for index in columns]
    return {"id": 1, "name": "face", "supercategory": "person", "keypoints": names, "skeleton": edges}


def _image(number: int, item: DatasetFrame) -> dict[str, Any]:
    frame = item.frame
    tokens = {"subject": frame.subject, "take": frame.take, "camera": frame.camera, "index": frame.index}
    return {"id": number, "file_name": frame.path, "width": frame.width, "height": frame.height, **tokens}


def _annotation(number: int, item: DatasetFrame, columns: list[int]) -> dict[str, Any]:
    annotation: Annotation = item.annotation
    xy, flags = annotation.xy[columns], annotation.flags[columns]
    image = {"width": item.frame.width, "height": item.frame.height}
    placed = np.asarray(np.isfinite(xy).all(-1))
    away = placed & ((flags & Flag.OUT_OF_FRAME > 0) | outside(xy, item.frame.width, item.frame.height))
    labelled = placed & ~away
    visibility = np.where(labelled, np.where(flags & Flag.OCCLUDED, 1, 2), 0)
    exact = short_decimals(xy, SHIFT)
    values = np.where(labelled[:, None], clipped(exact, image), 0.0)
    keypoints: list[float | int] = []
    for (x, y), v in zip(values.tolist(), visibility.tolist(), strict=True):
        keypoints += [x, y, v]
    x0, y0, x1, y1 = (*values[labelled].min(0), *values[labelled].max(0)) if labelled.any() else (0.0,) * 4
    box = [round(float(value), 3) for value in (x0, y0, x1 - x0, y1 - y0)]
    unlike = np.flatnonzero(placed & (away | (values != exact).any(-1)))
    ours = {
        "state": annotation.state[columns].tolist(),
        "flags": flags.tolist(),
        "review": annotation.review.name.lower(),
        "model": item.model_id,
        **({EXACT: {str(i): exact[i].tolist() for i in unlike}} if len(unlike) else {}),
    }
    return {
        "id": number,
        "image_id": number,
        "category_id": 1,
        "num_keypoints": int(labelled.sum()),
        "keypoints": keypoints,
        "bbox": box,
        "area": round(box[2] * box[3], 3),
        "iscrowd": 0,
        "annotator": ours,
    }


def document_text(document: dict[str, Any]) -> str:
    """JSON with one line an image and annotation: small, and still fit for a text editor and for diff."""
    parts = []
    for key, value in document.items():
        if key in ("images", "annotations"):
            lines = ",\n".join(
                json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in value
            )
            parts.append(f"{json.dumps(key)}: [\n{lines}\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
