"""A project's landmarks as training samples: windows round the faces, kept small in memory.

A 4K frame takes 50 MB decoded and the networks never look at all of it at once, so each sample is the part round the face,
reduced so far that the regional crops still get every pixel that they can use.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, Flag
from annotator.domain.coords import apply_affine, bounding_box, frame_from_box_grid, invert_affine
from annotator.domain.errors import AnnotatorError
from annotator.domain.faces.wild_points import far_from_face
from annotator.domain.frame_key import FrameKey
from annotator.domain.progress import Progress
from annotator.imaging.frame_pixels import pixels_of
from annotator.imaging.proxy import network_pixels
from annotator.imaging.sampling import crop
from annotator.inference.predictor import Predictor
from annotator.store.frame_keys import frame_key
from annotator.store.project_store import ProjectStore
from annotator.training.source import Sample

_ROOM = 1.9  # side of the window over the longer side of the face's box
_LONGEST = 1536
_MEMORY = 2 << 30
_OCCLUDED_WEIGHT = 0.5  # an occluded landmark was placed by judgement


@dataclass(frozen=True, eq=False)
class Labels:
    """What is to be learnt of a frame: float32 [L, 2] frame pixels, NaN where nothing is known, and float32 [L], how much each
    landmark counts."""

    xy: NDArray[np.float32]
    weight: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Entry:
    subject: str
    name: str
    xy: NDArray[np.float32]
    weight: NDArray[np.float32]
    window: NDArray[np.float64] | None
    key: FrameKey


class ProjectSource:
    """Samples of frames; safe for several threads. Nothing of the store is used after the start."""

    def __init__(
        self,
        store: ProjectStore,
        labels: Mapping[int, Labels],
        faces: Mapping[int, NDArray[np.floating]],
        counted: Mapping[int, NDArray[np.bool_]] | None = None,
        memory: int = _MEMORY,
    ) -> None:
        """Take the frames as the project has them now.

        Args:
            store: the project. labels: what of which frames, by id, such as `human_labels`. memory: bytes of pixels to keep.
            faces: points [L,2] of a model by frame id, frame pixels: where the face is when only some landmarks are marked.
            counted: bool [L] by frame id: which of the landmarks have a weight; None gives all of them one.
        """
        self._entries = [
            _entry(store, frame_id, own, faces.get(frame_id), (counted or {}).get(frame_id))
            for frame_id, own in labels.items()
        ]
        self._project = store.path.stem
        self._limit, self._used = memory, 0
        self._held: dict[int, Sample] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> Sample:
        with self._lock:
            held = self._held.get(index)
        if held is not None:
            return held
        sample = _load(self._entries[index])
        with self._lock:
            if index not in self._held and self._used + sample.image.nbytes <= self._limit:
                self._held[index] = sample
                self._used += sample.image.nbytes
        return sample

    def refresh(self) -> None:
        """A run trains on what was annotated when it began."""

    def describe(self) -> dict[str, Any]:
        """What a model card says of it."""
        marked = sum(int((entry.weight > 0).sum()) for entry in self._entries)
        subjects = {entry.subject for entry in self._entries}
        return {"source": self._project, "frames": len(self), "subjects": len(subjects), "landmarks": marked}


def known_faces(
    store: ProjectStore,
    model: Predictor,
    frame_ids: Sequence[int],
    measured: Mapping[str, NDArray[np.floating]],
    progress: Progress,
) -> dict[int, NDArray[np.floating]]:
    """Landmarks (L, 2) in frame pixels by frame id: those `measured` just now (by path in the project; NaN: not found), a
    kept proposal of `model`, or a new one.

    Frames that cannot be read or show no face are left out: the sample source says what is wrong with a file if it matters.
    """
    ids = store.frames.by_path()
    faces = {ids[name]: xy for name, xy in measured.items() if np.isfinite(xy).all()}
    wanted = [frame_id for frame_id in frame_ids if frame_id not in faces]
    for number, frame_id in enumerate(wanted):
        kept = store.proposals.usable(frame_id, model.card.id)
        try:
            proposal = kept or model.propose(pixels_of(frame_key(store, frame_id)), heatmaps=False)
        except AnnotatorError:
            continue
        if not proposal.message:
            faces[frame_id] = proposal.xy
        progress(number + 1, len(wanted), "")
    return faces


def human_labels(store: ProjectStore, frame_ids: Sequence[int]) -> dict[int, Labels]:
    """What people set in some frames, by frame id, as it is now."""
    found = {}
    for frame_id, annotation in store.annotations.items(frame_ids):
        weight = human_weights(annotation)
        xy = np.where(weight[:, None] > 0, annotation.xy, np.nan).astype(np.float32)
        found[frame_id] = Labels(xy, weight)
    return found


def human_weights(annotation: Annotation) -> NDArray[np.float32]:
    """float32[L]: 1 for a landmark that a person set, half if it is occluded, 0 if it is missing, proposed, out of frame or far
    from everything else in its face (see `wild_points`)."""
    weight = annotation.is_human.astype(np.float32)
    weight[far_from_face(annotation.xy)] = 0.0
    weight[(annotation.flags & Flag.OCCLUDED) > 0] *= _OCCLUDED_WEIGHT
    weight[(annotation.flags & Flag.OUT_OF_FRAME) > 0] = 0.0
    return weight


def _entry(
    store: ProjectStore,
    frame_id: int,
    labels: Labels,
    face: NDArray[np.floating] | None,
    counted: NDArray[np.bool_] | None,
) -> _Entry:
    frame = store.frames.get(frame_id)
    window = _window(labels.xy.astype(np.float64), face, max(frame.width, frame.height))
    weight = labels.weight if counted is None else np.where(counted, labels.weight, 0.0).astype(np.float32)
    return _Entry(
        frame.subject or frame.path, frame.path, labels.xy, weight, window, frame_key(store, frame_id)
    )


def _window(
    xy: NDArray[np.float64], face: NDArray[np.floating] | None, longest: int
) -> NDArray[np.float64] | None:
    """The square round all that is known of the face; None takes the whole frame."""
    known = xy[np.isfinite(xy).all(axis=-1)]
    points = known if face is None else np.concatenate([known, np.asarray(face, np.float64)])
    if len(points) < 3:
        return None
    x0, y0, x1, y1 = bounding_box(points)
    side = _ROOM * max(x1 - x0, y1 - y0)
    if not 16.0 <= side < longest:
        return None
    centre = np.array([x0 + x1, y0 + y1]) / 2
    return np.concatenate([centre - side / 2, centre + side / 2])


def _load(entry: _Entry) -> Sample:
    """Read a frame, cut the window out and reduce it; raises AnnotatorError where the file cannot be read or has another size."""
    pixels = network_pixels(pixels_of(entry.key))
    height, width = pixels.shape[:2]
    window = entry.window
    box = np.array([0.0, 0.0, width, height]) if window is None else _inside(window, width, height)
    size = box[2:] - box[:2]
    scale = min(1.0, _LONGEST / float(size.max()))
    grid = np.maximum(np.round(size * scale), 1).astype(int)
    picture, _ = crop(pixels, box, int(grid[0]), int(grid[1]))
    crop_from_frame = invert_affine(frame_from_box_grid(box, int(grid[0]), int(grid[1])))
    xy = apply_affine(crop_from_frame, entry.xy).astype(np.float32)
    return Sample(np.ascontiguousarray(picture), xy, entry.weight, entry.subject, entry.name)


def _inside(window: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
    """The part of a window that lies in the frame; the whole frame where nothing does."""
    low = np.maximum(np.floor(window[:2]), 0.0)
    high = np.minimum(np.ceil(window[2:]), [width, height])
    return np.concatenate([low, high]) if (high - low >= 2).all() else np.array([0.0, 0.0, width, height])
