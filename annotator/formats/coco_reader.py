"""Reads COCO keypoint files, ours and others', and says exactly what is wrong with one that cannot be read."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Flag, LandmarkState, ReviewState
from annotator.domain.errors import FormatError
from annotator.domain.outside_files import parse_json
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import (
    ImportedDataset,
    ImportedFrame,
    bounded_text,
    check_unique,
    check_version,
    restore,
)

MAX_BYTES: Final = 2**30
SHIFT: Final = -0.5  # COCO's coordinates minus ours


def read_coco(path: Path, scheme: LandmarkScheme) -> ImportedDataset:
    """The annotated images of a COCO keypoints file, in the order of its annotations.

    A file of ours names its scheme, and must be of the same version. The file's keypoint names must be landmarks of
    the scheme, in any order and not necessarily all. Entries of categories without keypoints (boxes, masks) are passed
    over. Raises FormatError for no or broken JSON, another version, foreign landmarks, an annotation of an unlisted
    image, two annotations of one image (a frame holds one face), lists of the wrong length, and numbers that are none.
    """
    document = load_json(path)
    info = document.get("info")
    check_version(path, info.get("scheme") if isinstance(info, dict) else None, scheme)
    columns, notes = _categories(path, document, scheme)
    images = _images(path, document)
    frames = []
    for place, entry in enumerate(_entries(path, document, "annotations")):
        target = columns.get(_key(entry.get("category_id")))
        if target is None:
            continue
        where = f"{path}: annotations[{place}]"
        image = images.get(_key(entry.get("image_id")))
        if image is None:
            raise FormatError(f"{where} is of image {entry.get('image_id')!r}, which `images` does not list")
        frames.append(_frame(where, entry, image, target, scheme))
    check_unique([frame.path for frame in frames], path)
    return ImportedDataset(scheme, tuple(frames), notes)


def load_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file; raises FormatError with line and column where it breaks."""
    try:
        document = parse_json(bounded_text(path, MAX_BYTES))
    except json.JSONDecodeError as error:
        raise FormatError(
            f"{path}, line {error.lineno}, column {error.colno}: no valid JSON ({error.msg}); was the file cut short?"
        ) from None
    except ValueError as error:
        raise FormatError(f"{path} is no COCO file: {error}") from None
    if not isinstance(document, dict):
        raise FormatError(f"{path} holds no JSON object; a COCO file has images, annotations and categories")
    return document


def _entries(path: Path, document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    entries = document.get(key)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise FormatError(f"{path}: `{key}` must be a list of objects; is this a COCO keypoints file?")
    return entries


def _key(value: Any) -> str:
    """Ids as text: some programs write numbers in one place and strings in another."""
    return str(value)


def _categories(
    path: Path, document: dict[str, Any], scheme: LandmarkScheme
) -> tuple[dict[str, NDArray[np.int64]], tuple[str, ...]]:
    """Category id -> the scheme's index of each of its keypoints, and what to note."""
    columns: dict[str, NDArray[np.int64]] = {}
    notes: list[str] = []
    for category in _entries(path, document, "categories"):
        names = category.get("keypoints")
        if not names:
            continue
        where = f"{path}: category {category.get('name')!r}"
        if not isinstance(names, list) or len(set(map(str, names))) != len(names):
            raise FormatError(f"{where} must list each of its keypoints once")
        foreign = [name for name in names if name not in scheme.names]
        if foreign:
            raise FormatError(
                f"{where} has {len(names)} keypoints, {len(foreign)} of them no landmarks of {scheme.id} (the first is "
                f"{foreign[0]!r}); choose a file of this scheme, or a project of its scheme"
            )
        columns[_key(category.get("id"))] = np.array([scheme.index(name) for name in names], np.int64)
        if len(names) < scheme.size:
            notes.append(
                f"the file has {len(names)} of the {scheme.size} landmarks of {scheme.id}; the others stay missing"
            )
    if not columns:
        raise FormatError(f"{path}: no category names keypoints; is this a COCO file of boxes or masks?")
    return columns, tuple(notes)


def _images(path: Path, document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    images: dict[str, dict[str, Any]] = {}
    for place, image in enumerate(_entries(path, document, "images")):
        if not isinstance(image.get("file_name"), str) or not image["file_name"]:
            raise FormatError(f"{path}: images[{place}] has no file_name")
        if _key(image.get("id")) in images:
            raise FormatError(f"{path}: images[{place}] has the id {image.get('id')!r} of an earlier one")
        images[_key(image.get("id"))] = image
    check_unique([image["file_name"] for image in images.values()], path)
    return images


def _frame(
    where: str,
    entry: dict[str, Any],
    image: dict[str, Any],
    target: NDArray[np.int64],
    scheme: LandmarkScheme,
) -> ImportedFrame:
    values = _numbers(where, entry.get("keypoints"), 3 * len(target)).reshape(-1, 3)
    seen = values[:, 2]
    if not np.isin(seen, (0, 1, 2)).all():
        raise FormatError(f"{where}: a keypoint's third number must be 0, 1 or 2")
    xy = np.full((scheme.size, 2), np.nan, np.float32)
    xy[target[seen > 0]] = restore(values[seen > 0, :2], SHIFT)
    flags = np.zeros(scheme.size, np.uint8)
    ours = _Ours(where, entry.get("annotator"), len(target))
    known = np.zeros(len(target), np.uint8) if ours.flags is None else ours.flags
    # What v can say of a placed point, it says; the rest (out of frame, and flags of missing points) is ours alone.
    occluded = np.where(
        seen == 0, known & Flag.OCCLUDED, np.where(seen == 1, np.uint8(Flag.OCCLUDED), np.uint8(0))
    )
    flags[target] = occluded | known & Flag.OUT_OF_FRAME
    state = None
    if ours.state is not None:
        state = np.zeros(scheme.size, np.uint8)
        # Another program may have added or removed points and left our key as it was: what is placed counts.
        added = np.where(ours.state == LandmarkState.MISSING, LandmarkState.CORRECTED, ours.state)
        state[target] = np.where(seen > 0, added, LandmarkState.MISSING)
    width, height = (value if isinstance(value := image.get(key), int) else 0 for key in ("width", "height"))
    tokens = (str(image.get(key) or "") for key in ("subject", "take", "camera", "index"))
    name = image["file_name"].replace("\\", "/")
    return ImportedFrame(name, xy, flags, state, ours.review, width, height, *tokens)


def _numbers(where: str, values: Any, length: int) -> NDArray[np.float64]:
    if not isinstance(values, Sequence) or len(values) != length:
        count = len(values) if isinstance(values, Sequence) else "no"
        raise FormatError(f"{where}: {count} numbers in keypoints, its category asks for {length}")
    if not all(isinstance(value, int | float) and abs(value) < 1e9 for value in values):
        raise FormatError(f"{where}: keypoints must be finite numbers")  # NaN fails the comparison
    return np.array(values, np.float64)


class _Ours:
    """Our own key of an annotation, checked; None for what it lacks."""

    def __init__(self, where: str, values: Any, count: int) -> None:
        self.state: NDArray[np.uint8] | None = None
        self.flags: NDArray[np.uint8] | None = None
        self.review: ReviewState | None = None
        if not isinstance(values, dict):
            return
        self.state = self._codes(where, values, "state", count, max(LandmarkState))
        self.flags = self._codes(where, values, "flags", count, int(Flag.OCCLUDED | Flag.OUT_OF_FRAME))
        review = str(values.get("review", "unreviewed")).upper()
        if review not in ReviewState.__members__:
            raise FormatError(f"{where}: no such review state: {values.get('review')!r}")
        self.review = ReviewState[review]

    @staticmethod
    def _codes(
        where: str, values: dict[str, Any], key: str, count: int, most: int
    ) -> NDArray[np.uint8] | None:
        codes = values.get(key)
        if codes is None:
            return None
        good = isinstance(codes, list) and len(codes) == count
        if not good or not all(type(code) is int and 0 <= code <= most for code in codes):
            raise FormatError(f"{where}: annotator.{key} must be {count} numbers from 0 to {most}")
        return np.array(codes, np.uint8)
