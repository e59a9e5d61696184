"""Reads COCO keypoint files, ours and others', entry by entry: what can be read is, what cannot is named.

Other programs write numbers as text or with a point, null or NaN where nothing was marked, boxes, crowds and second people.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Flag, LandmarkState
from annotator.domain.capture import one_spelling
from annotator.domain.errors import FormatError
from annotator.domain.faces.wild_points import outside
from annotator.domain.outside_files import parse_json
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import ImportedDataset, ImportedFrame, check_version, repeated
from annotator.formats.coco_own import Ours, number_of
from annotator.formats.decimals import restore
from annotator.formats.named import AS_NAMED, resolve, scheme_of
from annotator.formats.texts import bounded_text

MAX_BYTES: Final = 2**30
SHIFT: Final = -0.5  # COCO's coordinates minus ours


class _Entry(NamedTuple):
    """An annotation of an image: its place in the file, itself, and the scheme's index of each of its keypoints."""

    where: str
    values: dict[str, Any]
    target: NDArray[np.int64]


def read_coco(path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None) -> ImportedDataset:
    """The annotated images of a COCO keypoints file, in the order of its annotations.

    A file of ours names its scheme, and must be of the same version. A category's keypoints are landmarks of the scheme by
    their names, in any order and not necessarily all (`names`: theirs -> ours; see `named.resolve`). Entries without
    keypoints, of crowds and of other categories are passed over. What cannot be read, or could be either of two faces (a
    frame holds one), is left out and told. Raises FormatError for no or broken JSON, another version, no category of this
    scheme, and where no entry can be read.
    """
    document = load_json(path)
    info = document.get("info")
    check_version(path, info.get("scheme") if isinstance(info, dict) else None, scheme)
    if scheme is AS_NAMED:
        scheme = scheme_of(_every_name(path, document))
    columns, notes = _categories(path, document, scheme, names)
    left_out: dict[str, str] = {}
    images = _images(path, document, left_out)
    entries: dict[str, list[_Entry]] = {}
    for place, values in _entries(path, document, "annotations"):
        where = f"annotations[{place}]"
        target = _target(values, columns)
        if (
            target is None
            or number_of(values.get("iscrowd")) == 1
            or values.get("iscrowd") is True
            or not values.get("keypoints")
        ):
            continue
        image = images.get(_key(values.get("image_id")))
        if image is None:
            left_out[where] = f"{where} is of image {values.get('image_id')!r}, which `images` does not list"
            continue
        entries.setdefault(_key(values.get("image_id")), []).append(_Entry(where, values, target))
    frames = []
    for key, own in entries.items():
        name = _name(images[key])
        try:
            frames.append(_frame(_one(own), images[key], scheme, left_out))
        except FormatError as error:
            left_out[name] = str(error)
    if left_out and not frames:
        raise FormatError(f"{path}: {next(iter(left_out.values()))}")
    return ImportedDataset(scheme, _unambiguous(frames, left_out), notes, left_out)


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


def _entries(path: Path, document: dict[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """(place, entry) of a list of objects; what is no object in it says nothing. A null for the list counts as empty."""
    entries = document.get(key)
    if entries is None and key in document:
        entries = []
    if not isinstance(entries, list) or (entries and not any(isinstance(entry, dict) for entry in entries)):
        raise FormatError(f"{path}: `{key}` must be a list of objects; is this a COCO keypoints file?")
    return ((place, entry) for place, entry in enumerate(entries) if isinstance(entry, dict))


def _key(value: Any) -> str:
    """Ids as text: some programs write numbers in one place and text, or numbers with a point, in another."""
    number = number_of(value)
    return str(int(number)) if math.isfinite(number) and number == int(number) else str(value).strip()


def _categories(
    path: Path, document: dict[str, Any], scheme: LandmarkScheme, given: Mapping[str, str] | None
) -> tuple[dict[str, NDArray[np.int64]], tuple[str, ...]]:
    """Category id -> the scheme's index of each of its keypoints (-1 for what is no landmark), and what to note."""
    columns: dict[str, NDArray[np.int64]] = {}
    notes: list[str] = []
    refused = ""
    for _, category in _entries(path, document, "categories"):
        names = category.get("keypoints")
        if not names:
            continue
        where = f"{path}: category {category.get('name')!r}"
        if not isinstance(names, list) or len(set(map(str, names))) != len(names):
            refused = refused or f"{where} must list each of its keypoints once"
            continue
        names = [str(name).strip() for name in names]
        try:
            place, told = resolve(names, scheme, given, Path(where))
        except FormatError as error:
            refused = refused or str(error)
            continue
        columns[_key(category.get("id"))] = np.array([place.get(name, -1) for name in names], np.int64)
        notes += told
    if not columns:
        raise FormatError(
            refused or f"{path}: no category names keypoints; is this a COCO file of boxes or masks?"
        )
    return columns, (*notes, *([f"passed over: {refused}"] if refused else []))


def _every_name(path: Path, document: dict[str, Any]) -> Iterator[str]:
    """The keypoints' names of all categories."""
    for _, category in _entries(path, document, "categories"):
        names = category.get("keypoints")
        yield from (str(name).strip() for name in (names if isinstance(names, list) else ()))


def _target(values: Mapping[str, Any], columns: Mapping[str, NDArray[np.int64]]) -> NDArray[np.int64] | None:
    """The landmarks of an entry's keypoints; where it names no category, those of the only one."""
    if values.get("category_id") is None and len(columns) == 1:
        return next(iter(columns.values()))
    return columns.get(_key(values.get("category_id")))


def _images(path: Path, document: dict[str, Any], left_out: dict[str, str]) -> dict[str, dict[str, Any]]:
    images: dict[str, dict[str, Any]] = {}
    twice: set[str] = set()
    for place, image in _entries(path, document, "images"):
        if not isinstance(image.get("file_name"), str) or not image["file_name"].strip():
            left_out[f"images[{place}]"] = f"images[{place}] has no file_name"
            continue
        key = _key(image.get("id"))
        if key in images and _name(images[key]) != _name(image):
            left_out[f"images[{place}]"] = f"images[{place}] has the id {image.get('id')!r} of an earlier one"
            left_out[_name(images[key])] = f"shares its id {image.get('id')!r} with {_name(image)}"
            twice.add(key)
        images[key] = image
    return {key: image for key, image in images.items() if key not in twice}


def _name(image: Mapping[str, Any]) -> str:
    return str(image["file_name"]).strip().replace("\\", "/")


def _unambiguous(frames: Sequence[ImportedFrame], left_out: dict[str, str]) -> tuple[ImportedFrame, ...]:
    """The frames without those that come twice, under two ids or in two spellings."""
    names = [one_spelling(frame.path) for frame in frames]
    twice = repeated(names)
    for frame, name in zip(frames, names, strict=True):
        if name in twice:
            left_out[frame.path] = "comes twice in the file, under two ids; remove one of them"
    return tuple(frame for frame, name in zip(frames, names, strict=True) if name not in twice)


def _one(entries: Sequence[_Entry]) -> _Entry:
    """The entry of an image that marks a face; raises FormatError where several do."""
    if len(entries) == 1:
        return entries[0]
    marking = [entry for entry in entries if _marks(entry)]
    if len(marking) > 1:
        places = ", ".join(entry.where for entry in marking)
        raise FormatError(
            f"the frame comes twice: {places} mark a face each, and a frame holds one; remove the others"
        )
    return marking[0] if marking else entries[0]


def _marks(entry: _Entry) -> bool:
    """Whether an entry has a point; one that cannot be read counts, so that it is told of."""
    try:
        return bool((_triples(entry)[:, 2] > 0).any())
    except FormatError:
        return True


def _triples(entry: _Entry) -> NDArray[np.float64]:
    """float64 [K, 3]: x, y, v of each keypoint; NaN for what is no number, v = 0 where it says nothing."""
    values, length = entry.values.get("keypoints"), 3 * len(entry.target)
    if isinstance(values, list) and values and all(isinstance(value, list) for value in values):
        values = [number for value in values for number in value]
    if not isinstance(values, list) or len(values) != length:
        count = len(values) if isinstance(values, list) else "no"
        raise FormatError(f"{entry.where}: {count} numbers in keypoints, its category asks for {length}")
    numbers = np.array([number_of(value) for value in values], np.float64).reshape(-1, 3)
    silent = [value is None or value == "" or value != value for value in values[2::3]]
    numbers[silent, 2] = 0.0
    if not np.isin(numbers[:, 2], (0, 1, 2)).all():
        raise FormatError(f"{entry.where}: a keypoint's third number must be 0, 1 or 2")
    return numbers


def _frame(
    entry: _Entry, image: dict[str, Any], scheme: LandmarkScheme, left_out: dict[str, str]
) -> ImportedFrame:
    where, target, name = entry.where, entry.target, _name(image)
    values = _triples(entry)
    ours = Ours(where, entry.values.get("annotator"), len(target))
    known = np.zeros(len(target), np.uint8) if ours.flags is None else ours.flags
    told = (values[:, 2] > 0) & (target >= 0)
    seen = told & (np.abs(np.nan_to_num(values[:, :2], nan=np.inf)) < 1e9).all(-1)
    for lost in np.flatnonzero(told & ~seen):
        left_out[f"{name}: {scheme.names[target[lost]]}"] = "is marked, but its place is no finite numbers"
    places = values[:, :2].copy()
    beyond = np.zeros(len(target), np.bool_)
    for index, place in ours.exact.items():
        away = known[index] & Flag.OUT_OF_FRAME or outside(place[None] - SHIFT, *size_of(image))[0]
        beyond[index] = (
            values[index, 2] == 0
            and target[index] >= 0
            and away
            and ours.state is not None
            and ours.state[index] > 0
        )
        if beyond[index] or (seen[index] and np.array_equal(clipped(place, image), values[index, :2])):
            places[index] = place
    seen |= beyond
    if told.any() and not seen.any():
        raise FormatError(f"{where}: keypoints must be finite numbers")
    xy = np.full((scheme.size, 2), np.nan, np.float32)
    xy[target[seen]] = restore(places[seen], SHIFT)
    flags = np.zeros(scheme.size, np.uint8)
    # What v can say of a placed point, it says; the rest (out of frame, and flags of missing points) is ours alone.
    occluded = np.where(values[:, 2] == 1, np.uint8(Flag.OCCLUDED), np.uint8(0))
    occluded = np.where(values[:, 2] == 0, known & Flag.OCCLUDED, occluded)
    meant = target >= 0
    flags[target[meant]] = (occluded | known & Flag.OUT_OF_FRAME)[meant]
    state = None
    if ours.state is not None:
        state = np.zeros(scheme.size, np.uint8)
        # Another program may have added or removed points and left our key as it was: what is placed counts.
        added = np.where(ours.state == LandmarkState.MISSING, LandmarkState.CORRECTED, ours.state)
        state[target[meant]] = np.where(seen, added, LandmarkState.MISSING)[meant]
    subject, take, camera, number = (
        "" if image.get(key) is None else str(image[key]) for key in ("subject", "take", "camera", "index")
    )
    size = size_of(image)
    return ImportedFrame(name, xy, flags, state, ours.review, *size, subject, take, camera, number)


def size_of(image: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height of an image, px, also where they are written as text or with a point; 0 where they say nothing."""
    sides = (number_of(image.get(key)) for key in ("width", "height"))
    width, height = (round(side) if math.isfinite(side) and 0 < side < 1e9 else 0 for side in sides)
    return (width, height) if width and height else (0, 0)


def clipped(place: NDArray[np.float64], image: Mapping[str, Any]) -> NDArray[np.float64]:
    """A place (COCO's convention) moved onto the picture, where the standard's readers want it; NaN stays."""
    width, height = size_of(image)
    return np.clip(place, 0.0, [width or np.inf, height or np.inf])
