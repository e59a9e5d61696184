"""A dataset folder: images, `annotations.json` in COCO form and `manifest.json`, such as renders are written.

The images lie at the paths that the annotations name, relative to the folder:
`{subject}/{expression}/{camera}.jpg` for renders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from annotator.domain.capture import is_confined
from annotator.domain.errors import FormatError
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import MANIFEST, ImportedDataset, ImportedFrame
from annotator.formats.coco import Coco
from annotator.formats.coco_reader import load_json

ANNOTATIONS: Final = "annotations.json"


@dataclass(frozen=True, eq=False)
class DatasetFolder:
    """A folder that was read; `manifest` is what it says of itself ({} without one)."""

    folder: Path
    dataset: ImportedDataset
    manifest: Mapping[str, Any]

    def image(self, frame: ImportedFrame) -> Path:
        """Where a frame's image lies."""
        return self.folder / frame.path


def read_dataset_folder(folder: Path, scheme: LandmarkScheme) -> DatasetFolder:
    """Reads the annotations of a dataset folder and checks that its images are there; decodes none.

    Raises FormatError for annotations that cannot be read, that name an image outside the folder, or images
    that are missing.
    """
    annotations = annotations_of(folder, scheme)
    if not annotations.is_file():
        raise FormatError(
            f"{folder} has no {ANNOTATIONS}; choose a folder that `annotator render` or an export wrote"
        )
    dataset = Coco().read(annotations, scheme).whole(annotations)
    for frame in dataset.frames:
        if not is_confined(frame.path):
            raise FormatError(f"{annotations}: {frame.path!r} does not stay inside the folder")
    missing = [frame.path for frame in dataset.frames if not (folder / frame.path).is_file()]
    if missing:
        raise FormatError(
            f"{folder} lacks {len(missing)} of its {len(dataset)} images, the first is {missing[0]}; copy them again"
        )
    manifest = load_json(folder / MANIFEST) if (folder / MANIFEST).is_file() else {}
    return DatasetFolder(folder, dataset, manifest)


def annotations_of(folder: Path, scheme: LandmarkScheme) -> Path:
    """The file of a folder's annotations: the one of this very scheme where there are several."""
    own = folder / f"annotations-{scheme.id}.json"
    return own if own.is_file() else folder / ANNOTATIONS
