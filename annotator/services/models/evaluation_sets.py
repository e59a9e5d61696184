"""Frames with true landmarks to measure models on: a project, a dataset folder, `.pts` files, or JSON points beside pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Flag
from annotator.domain.coords import bounding_box
from annotator.domain.errors import AnnotatorError, FormatError
from annotator.domain.frame_key import size_refusal
from annotator.domain.outside_files import parse_json, read_outside_text
from annotator.domain.scheme import LandmarkScheme
from annotator.evaluation.truth import GroundTruth
from annotator.formats.base import ImportedDataset
from annotator.formats.coco_reader import load_json
from annotator.formats.dataset_folder import ANNOTATIONS, read_dataset_folder
from annotator.formats.pts import pts_files
from annotator.formats.registry import format_named
from annotator.imaging.reader import read_frame
from annotator.store.project_store import ProjectStore

PICTURES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".exr", ".dpx", ".cin")
COMPARABLE_IBUG = (8, *range(36, 68))
"""Chin, eyes and mouth of the 68-point markup: the points whose meaning most markups share. Brows and nose roots differ."""
_MAX_JSON = 4 << 20
_ROOM = 1.5
_UNFINISHED = "annotations.jsonl"  # what a render keeps while it runs


@dataclass(frozen=True)
class EvaluationSet:
    """True landmarks of frames and where their pictures are, in the same order; `title` says what the set is, `attributes`
    what is known of each frame (empty where nothing is), `sizes` the width and height (px) that the landmarks were set in,
    (0, 0) where that is not known (empty: of no frame)."""

    title: str
    truth: GroundTruth
    paths: tuple[Path, ...]
    attributes: tuple[Mapping[str, Any], ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()

    def picture(self, number: int) -> NDArray[Any]:
        """The pixels of a frame; raises AnnotatorError where they cannot be read or have another size than the landmarks."""
        image = read_frame(self.paths[number])
        known = self.sizes[number] if self.sizes else (0, 0)
        if all(known) and (
            reason := size_refusal(self.paths[number], known, (image.shape[1], image.shape[0]))
        ):
            raise AnnotatorError(reason)
        return image

    def only_ibug(self, points: Iterable[int]) -> "EvaluationSet":
        """The set with all landmarks but those of the 68-point markup (0-based) in `points` counted as not marked."""
        scheme = self.truth.scheme
        keep = [scheme.ibug68[point] for point in points if point in scheme.ibug68]
        xy = np.full_like(self.truth.xy, np.nan)
        xy[:, keep] = self.truth.xy[:, keep]
        return replace(self, truth=replace(self.truth, xy=xy))

    def subset(self, frames: Sequence[int]) -> "EvaluationSet":
        """Some of the frames, in the given order."""
        known = tuple(self.attributes[i] for i in frames) if self.attributes else ()
        return replace(
            self,
            truth=self.truth.subset(frames),
            paths=tuple(self.paths[i] for i in frames),
            attributes=known,
            sizes=tuple(self.sizes[i] for i in frames) if self.sizes else (),
        )


@dataclass(frozen=True)
class _Row:
    name: str
    subject: str
    path: Path
    xy: NDArray[np.float64]
    occluded: NDArray[np.bool_]
    size: tuple[int, int] = (0, 0)


def load_set(source: Path, scheme: LandmarkScheme) -> EvaluationSet:
    """The set at a path, whatever kind it is: a project file, or a folder (see the other functions of this file).

    Raises AnnotatorError when it is none of them or holds no frame with true landmarks of the scheme.
    """
    if source.is_file():
        with ProjectStore.open(source, read_only=True) as store:
            return project_set(store, scheme)
    if (source / ANNOTATIONS).is_file():
        return dataset_set(source, scheme)
    if (source / _UNFINISHED).is_file():
        raise AnnotatorError(
            f"{source} is not rendered to its end: repeat its annotator render, which goes on."
        )
    if source.is_dir() and next(pts_files(source), None) is not None:
        return pts_set(source, scheme)
    if next(source.glob("*.json"), None) is not None:
        return json_set(source, scheme)
    raise AnnotatorError(
        f"{source} holds nothing to evaluate on: give a project, or a folder with {ANNOTATIONS}, with .pts files, "
        "or with a NAME.json of points beside each picture."
    )


def scheme_of_project(project: Path) -> str:
    """Id of the scheme that a project file holds."""
    with ProjectStore.open(project, read_only=True) as store:
        return store.scheme.id


def project_set(
    store: ProjectStore, scheme: LandmarkScheme, frame_ids: Sequence[int] | None = None
) -> EvaluationSet:
    """A project's frames with the landmarks that people corrected or confirmed, but for those out of frame."""
    if store.scheme.id != scheme.id:
        raise AnnotatorError(
            f"The project holds {store.scheme.id}, the model places {scheme.id}: choose another model."
        )
    rows = []
    for frame_id, annotation in store.annotations.items(frame_ids):
        if not annotation.is_human.any():
            continue
        frame = store.frames.get(frame_id)
        counts = annotation.is_human & ((annotation.flags & Flag.OUT_OF_FRAME) == 0)
        xy = np.where(counts[:, None], annotation.xy.astype(float), np.nan)
        occluded = (annotation.flags & Flag.OCCLUDED) > 0
        size = (frame.width, frame.height)
        rows.append(
            _Row(frame.path, frame.subject or frame.path, store.frames.path(frame_id), xy, occluded, size)
        )
    return _collect(store.path.name, scheme, rows, "no frame with corrected or confirmed landmarks")


def labelled_set(store: ProjectStore, labels: Mapping[int, NDArray[np.floating]]) -> EvaluationSet:
    """Frames of a project, by id, with points [L, 2] that no person set, NaN where nothing is known."""
    rows = []
    for frame in store.frames.of_ids(list(labels)):
        nothing, size = np.zeros(store.scheme.size, np.bool_), (frame.width, frame.height)
        path, xy = store.frames.path(frame.id), np.asarray(labels[frame.id], np.float64)
        rows.append(_Row(frame.path, frame.subject or frame.path, path, xy, nothing, size))
    return _collect(store.path.name, store.scheme, rows, "no frame with points")


def dataset_set(folder: Path, scheme: LandmarkScheme) -> EvaluationSet:
    """A dataset folder: pictures and `annotations.json` (COCO keypoints), as `annotator render` and exports write it.

    Raises AnnotatorError where it was rendered in crops.
    """
    found = _imported(folder, scheme, read_dataset_folder(folder, scheme).dataset, by_folder=True)
    known = _attributes(folder / ANNOTATIONS)
    if _in_crops(known):
        raise AnnotatorError(
            f"{folder} was rendered in crops, which are for training: render whole frames to measure on."
        )
    if not known:
        return found
    return replace(found, attributes=tuple(known.get(name, {}) for name in found.truth.names))


def is_in_crops(folder: Path) -> bool:
    """Whether a dataset folder was rendered with `--crops`: windows of frames in place of frames."""
    return _in_crops(_attributes(folder / ANNOTATIONS))


def _in_crops(attributes: Mapping[str, Mapping[str, Any]]) -> bool:
    return any("crop" in known for known in attributes.values())


def pts_set(folder: Path, scheme: LandmarkScheme) -> EvaluationSet:
    """A folder of 68-point `.pts` files beside pictures of the same name, such as 300-W."""
    return _imported(folder, scheme, format_named("pts").read(folder, scheme).whole(folder))


def json_set(folder: Path, scheme: LandmarkScheme) -> EvaluationSet:
    """A folder of pictures with `NAME.json` beside each: `{"ibug68": {"36": [x, y], ...}}`, 0-based pixel centres.

    The Canada face set (CC BY 4.0, DeBruine & Jones) comes this way. Each picture counts as a subject of its own.
    """
    rows = []
    for picture in _pictures(folder):
        points = _json_points(picture.with_suffix(".json"))
        if points is None:
            continue
        xy = np.full((scheme.size, 2), np.nan)
        for index, point in points.items():
            if index in scheme.ibug68:
                xy[scheme.ibug68[index]] = np.asarray(point, float) + 0.5
        rows.append(_Row(picture.stem, picture.stem, picture, xy, np.zeros(scheme.size, bool)))
    return _collect(
        folder.name, scheme, rows, f"no picture with points that {scheme.id} shares with the 68-point markup"
    )


def face_square(xy: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The square x0 y0 x1 y1 round a face's true points [L,2], as pictures of 300-W are usually cut out: the box, half as large
    again. None where fewer than two points are known."""
    known = xy[np.isfinite(xy).all(-1)]
    if len(known) < 2:
        return None
    x0, y0, x1, y1 = bounding_box(known)
    half = _ROOM * max(x1 - x0, y1 - y0) / 2
    centre = np.array([x0 + x1, y0 + y1]) / 2
    return np.concatenate([centre - half, centre + half]) if half > 1 else None


def _imported(
    folder: Path, scheme: LandmarkScheme, dataset: ImportedDataset, by_folder: bool = False
) -> EvaluationSet:
    """Frames that a format has read, with their pictures in `folder`.

    `by_folder`: where the file names no subject, a picture's first folder stands for it, as in rendered sets.
    """
    rows = []
    for frame in dataset:
        path = _picture_of(folder, frame.path)
        if path is None or not frame.placed.any():
            continue
        occluded = (frame.flags & Flag.OCCLUDED) > 0
        xy = np.where((frame.flags & Flag.OUT_OF_FRAME)[:, None] > 0, np.nan, frame.xy.astype(float))
        subject = frame.subject or (frame.path.partition("/")[0] if by_folder else frame.path)
        rows.append(_Row(frame.path, subject, path, xy, occluded, (frame.width, frame.height)))
    return _collect(folder.name, scheme, rows, "no picture with true landmarks")


def _picture_of(folder: Path, name: str) -> Path | None:
    """The picture that a file names, inside `folder`; with any of the known endings where it names none."""
    base = folder / name
    candidates = [base, *(base.with_suffix(ending) for ending in PICTURES)]
    return next((path for path in candidates if path.suffix.lower() in PICTURES and path.is_file()), None)


def _collect(title: str, scheme: LandmarkScheme, rows: list[_Row], lack: str) -> EvaluationSet:
    if not any(np.isfinite(row.xy).any() for row in rows):
        raise AnnotatorError(f"{title}: {lack}.")
    truth = GroundTruth(
        scheme,
        tuple(row.name for row in rows),
        tuple(row.subject for row in rows),
        np.stack([row.xy for row in rows]),
        np.stack([row.occluded for row in rows]),
    )
    return EvaluationSet(title, truth, tuple(row.path for row in rows), sizes=tuple(row.size for row in rows))


def _attributes(path: Path) -> dict[str, Mapping[str, Any]]:
    """What the file says of each picture besides its landmarks (`attributes`), by file name."""
    images = load_json(path).get("images", [])
    return {own["file_name"]: own["attributes"] for own in images if isinstance(own.get("attributes"), dict)}


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)


def _json_points(path: Path) -> dict[int, Any] | None:
    """Points by iBUG index, None where there is no such file; raises FormatError when it is not as described."""
    if not path.is_file():
        return None
    if path.stat().st_size > _MAX_JSON:
        raise FormatError(f"{path} is too large for one picture's points.")
    try:
        entries = parse_json(read_outside_text(path, _MAX_JSON))["ibug68"]
        points = {int(key): [float(value[0]), float(value[1])] for key, value in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise FormatError(f'{path} must hold {{"ibug68": {{"36": [x, y], ...}}}}: {error!r}') from error
    return points
