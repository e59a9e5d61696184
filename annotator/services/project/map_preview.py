"""What a person is asked before a file of other names is imported: its points, what each may be, and both as faces."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import apply_affine, similarity
from annotator.domain.errors import FormatError
from annotator.domain.faces.turned_head import shipped_head
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import ImportedDataset
from annotator.formats.named import AS_NAMED, resolve
from annotator.formats.registry import format_in, format_named
from annotator.services.project.landmark_names import remembered_names, suggest_names
from annotator.store.project_store import ProjectStore

_MOST_FRAMES: Final = 30
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MapPreview:
    """A file's points and what each may be.

    Attributes:
        format: its name. names: theirs -> ours, an empty text where nothing is known; every point of the file, in its order.
        reasons: theirs -> why. needed: some points are neither known landmarks nor left out by the project's own map.
        places: float64 [points, 2], the file's typical face, y down, in a unit of its own; NaN where never marked.
        face: float64 [L, 2], the scheme's face seen from the front, y down, in a unit of its own; NaN where unknown.
    """

    format: str
    names: Mapping[str, str]
    reasons: Mapping[str, str]
    needed: bool
    places: Floats
    face: Floats


def preview_map(store: ProjectStore, path: str | Path, format_name: str | None = None) -> MapPreview | None:
    """Reads a file as it names its points itself; None for one that tells no names, which is read in its own way or not at all.

    The project's map for this format goes before suggestions by name and by place. Nothing is changed.
    """
    path = Path(path).absolute()
    try:
        wanted = format_named(format_name) if format_name else format_in(path)
        dataset = wanted.read(path, AS_NAMED)
        suggested = suggest_names(store, path, wanted.name)
    except FormatError:
        return None
    theirs, kept = dataset.scheme.names, remembered_names(store, wanted.name)
    names = {**suggested.names, **{name: kept[name] for name in theirs if name in kept}}
    reasons = {**suggested.reasons, **{name: "as last time" for name in theirs if name in kept}}
    needed = _is_needed(theirs, store.scheme, kept, path)
    return MapPreview(wanted.name, names, reasons, needed, typical_places(dataset), face_of(store.scheme))


def laid_on(places: Floats, face: Floats, landmarks: NDArray[np.int64]) -> Floats:
    """A file's face moved, turned and scaled onto the scheme's by the points that have a landmark; float64 [points, 2].

    landmarks: int [points], the landmark of each point, -1 for none. With fewer than two, both faces get one middle and size.
    """
    of = np.where(landmarks >= 0, landmarks, 0)
    known = (landmarks >= 0) & np.isfinite(places).all(-1) & np.isfinite(face[of]).all(-1)
    moved = similarity(places[known], face[of[known]]) if known.sum() > 1 else None
    if moved is not None:
        return np.asarray(apply_affine(moved, places), np.float64)
    if not np.isfinite(places).any() or not np.isfinite(face).any():
        return places
    middle = (places - np.nanmean(places, 0)) / _size(places) * _size(face)
    return np.asarray(middle + np.nanmean(face, 0), np.float64)


def face_of(scheme: LandmarkScheme) -> Floats:
    """float64 [L, 2]: the shipped mean head of a scheme from the front, y down, millimetres; NaN where none ships."""
    head = shipped_head(scheme.id, scheme.size)
    if head is None:
        return np.full((scheme.size, 2), np.nan)
    return head.points[:, :2].astype(np.float64) * (1, -1)


def typical_places(dataset: ImportedDataset) -> Floats:
    """float64 [points, 2]: the median of the faces of a file, each brought to one middle and size; NaN where never marked."""
    faces = []
    for frame in dataset.frames[:_MOST_FRAMES]:
        xy = frame.xy.astype(np.float64)
        if np.isfinite(xy).all(-1).sum() > 1 and _size(xy) > 0:
            faces.append((xy - np.nanmean(xy, 0)) / _size(xy))
    found = np.full((dataset.scheme.size, 2), np.nan)
    if faces:
        stacked = np.stack(faces)
        marked = np.isfinite(stacked).all(-1).any(0)
        found[marked] = np.nanmedian(stacked[:, marked], 0)
    return found


def _size(xy: Floats) -> float:
    return float(np.sqrt(np.nanmean(np.nansum((xy - np.nanmean(xy, 0)) ** 2, -1))))


def _is_needed(theirs: tuple[str, ...], scheme: LandmarkScheme, kept: Mapping[str, str], path: Path) -> bool:
    if not theirs:
        return False
    try:
        place, _ = resolve(theirs, scheme, kept, path)
    except FormatError:
        return True
    by_order = all(name.strip().isdecimal() for name in theirs)
    return not by_order and not all(name in place or name in kept for name in theirs)
