"""COCO as a data set's layout: `annotations/face_keypoints_train.json` and `..._val.json`, `images/train` and `images/val`.

The files are those of `formats.coco` (same convention), and name pictures relative to `images/train` or `images/val`. Subjects
are divided into train and val as wholes. The category carries `sigmas`, one a keypoint, for the object keypoint similarity:
give them to `COCOeval.params.kpt_oks_sigmas`, as the 17 that pycocotools has are of bodies.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from annotator.domain.errors import FormatError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.takes.movie_path import picture_name
from annotator.formats.base import (
    PLAIN,
    DatasetFrame,
    DatasetView,
    ImportedDataset,
    WriteOptions,
    Written,
    columns_of,
)
from annotator.formats.coco import Coco, coco_document, document_text
from annotator.formats.coco_reader import read_coco
from annotator.formats.look import Look, files_below
from annotator.formats.placed import each, write_folder
from annotator.formats.splits import TRAIN, VALIDATION, splits

SIGMA_ANCHOR: Final = 0.02
SIGMA_SLIDING: Final = 0.04
"""Standard deviation of a point as a share of the square root of the face's box: what two people differ by at an anchor, and
twice that along a curve. Ours, not measured by COCO."""


class CocoDataset:
    """The COCO layout with splits and pictures."""

    name = "coco-dataset"
    title = "COCO data set (a folder with train and val)"
    extensions: tuple[str, ...] = ()
    writes_folder = True
    convention = Coco.convention
    occlusion = True
    confidence = False
    writes = True

    def recognises(self, look: Look) -> bool:
        """A folder with `annotations/` of COCO files."""
        inner = look.path / "annotations"
        return look.is_folder and inner.is_dir() and any(map(Coco().recognises, Look(inner).samples(".json")))

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """Both files, all or nothing; pictures as links or copies where `options` asks for them."""
        columns = columns_of(dataset.scheme, options)
        items = [_as_picture(item) for item in each(dataset, progress, stop)]
        part = splits((item.frame for item in items), options.held_out)
        files: dict[str, str | bytes | Path] = {}
        total = 0
        for name in (TRAIN, VALIDATION):
            own = replace(
                dataset, frames=[item for item in items if part[item.frame.path] == name], manifest=None
            )
            document, landmarks = coco_document(own, columns)
            document["categories"][0]["sigmas"] = sigmas(dataset.scheme, columns)
            files[f"annotations/face_keypoints_{name}.json"] = document_text(document)
            total += landmarks
        for item in items:
            if options.pictures != "none" and item.picture is not None:
                files[f"images/{part[item.frame.path]}/{item.frame.path}"] = item.picture
        made = tuple(path / name for name in files)
        return write_folder(dataset, path, options, files, Written(made, len(items), total))

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """All COCO files with keypoints in `annotations/`."""
        folder = path / "annotations" if (path / "annotations").is_dir() else path
        read: list[ImportedDataset] = []
        left_out: dict[str, str] = {}
        for file in files_below(folder, ".json"):
            try:
                found = read_coco(file, scheme, names)
                if read and found.scheme.names != read[0].scheme.names:
                    raise FormatError("its keypoints are not those of the other files")
                read.append(found)
            except FormatError as error:
                left_out[file.name] = str(error)
        if not any(dataset.frames for dataset in read):
            raise FormatError(next(iter(left_out.values()), f"{path} holds no COCO file with keypoints"))
        frames = {frame.path: frame for dataset in read for frame in dataset.frames}
        for dataset in read:
            left_out.update(dataset.left_out)
        notes: dict[Any, None] = dict.fromkeys(note for dataset in read for note in dataset.notes)
        return ImportedDataset(read[0].scheme, tuple(frames.values()), tuple(notes), left_out)


def _as_picture(item: DatasetFrame) -> DatasetFrame:
    """The frame under the name of its picture in `images/`."""
    return replace(item, frame=replace(item.frame, path=picture_name(item.frame.path)))


def sigmas(scheme: LandmarkScheme, columns: list[int]) -> list[float]:
    """The falloff of each keypoint for the object keypoint similarity, in the file's order."""
    return [SIGMA_SLIDING if scheme.is_sliding[index] else SIGMA_ANCHOR for index in columns]
