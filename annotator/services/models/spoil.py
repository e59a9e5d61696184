"""Spoilt sets: frames with true landmarks in which something covers a part of the face, to measure what a model does when it
cannot see everything.

The truth is kept, and landmarks that are covered are marked as occluded. What is drawn follows from the seed and the frame's
number alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, Flag, LandmarkState
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.evaluation import covers
from annotator.evaluation.covers import FaceSpot, Picture
from annotator.files import atomic_folder, write_whole
from annotator.formats.base import DatasetFrame, DatasetView
from annotator.formats.coco import coco_document, document_text
from annotator.formats.dataset_folder import ANNOTATIONS
from annotator.imaging.proxy import network_pixels
from annotator.services.models.evaluation_sets import EvaluationSet
from annotator.training.neighbour import with_neighbour
from annotator.training.source import Sample

Floats = NDArray[np.float64]
_QUALITY = 95
_OTHERS = 7  # frames on from which another face is taken, so that it is not the same person's next view


@dataclass(frozen=True, eq=False)
class Marked:
    """A picture uint8[H,W,3] with its true points [L,2], NaN where not marked."""

    picture: Picture
    xy: Floats


Cover = Callable[[np.random.Generator, Marked, FaceSpot, Marked, LandmarkScheme], Picture]


def _plain(draw: Callable[[np.random.Generator, Picture, FaceSpot], Picture]) -> Cover:
    return lambda rng, own, face, other, scheme: draw(rng, own.picture, face)


def _region(
    rng: np.random.Generator, own: Marked, face: FaceSpot, other: Marked, scheme: LandmarkScheme
) -> Picture:
    return covers.another_region(rng, own.picture, own.xy, other.picture, other.xy, scheme)


def _face(
    rng: np.random.Generator, own: Marked, face: FaceSpot, other: Marked, scheme: LandmarkScheme
) -> Picture:
    """A second face beside the first, as in training."""
    height, width = own.picture.shape[:2]
    square = np.zeros((max(height, width),) * 2 + (3,), np.uint8)
    square[:height, :width] = own.picture
    both = with_neighbour(rng, _sample(square, own.xy), _sample(other.picture, other.xy))
    return np.ascontiguousarray(both.image[:height, :width])


KINDS: dict[str, Cover] = {
    "hand": _plain(covers.hand),
    "dark glasses": _plain(covers.dark_glasses),
    "hair": _plain(covers.hair_strands),
    "microphone": _plain(covers.microphone),
    "second face": _face,
    "another's region": _region,
}
"""What covers a face, by name."""


def spoil_face(
    kind: str, rng: np.random.Generator, own: Marked, other: Marked, scheme: LandmarkScheme
) -> tuple[Picture, NDArray[np.bool_]]:
    """A picture with something of a `kind` before its face, and bool[L], the landmarks that are covered.

    The same picture and none where too few of its landmarks are known.
    """
    face = covers.face_spot(own.xy, scheme)
    if face is None:
        return own.picture, np.zeros(scheme.size, np.bool_)
    changed = KINDS[kind](rng, own, face, other, scheme)
    return changed, covers.covered(own.picture, changed, own.xy, face.length)


def spoil_set(
    data: EvaluationSet,
    out: Path,
    seed: int = 0,
    kinds: Sequence[str] = tuple(KINDS),
    progress: Progress = silent,
    stop: Stop = never,
) -> int:
    """Write each frame once, spoilt by one of the kinds in turn, with its truth into a new dataset folder; returns how many.

    Raises AnnotatorError for an unknown kind, a folder with something in it, or a frame that cannot be read. Cancelled: asked to
    stop; nothing is left of it.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        raise AnnotatorError(f"Nothing covers a face as '{', '.join(unknown)}' would: {', '.join(KINDS)}.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise AnnotatorError(f"{out} is not empty: name a new folder.")
    count = len(data.paths)
    frames: list[DatasetFrame] = []
    known: list[dict[str, Any]] = []
    with atomic_folder(out) as staging:
        for number in range(count):
            if stop():
                raise Cancelled("Nothing was written.")
            kind = kinds[(number + seed) % len(kinds)]
            own, other = _marked(data, number), _marked(data, (number + _OTHERS) % count)
            picture, hidden = spoil_face(
                kind, np.random.default_rng((seed, number)), own, other, data.truth.scheme
            )
            frame = _frame(data, number, kind, picture)
            write_whole(staging / frame.path, simplejpeg.encode_jpeg(picture, _QUALITY, "RGB", "444"))
            hidden |= data.truth.occluded[number]
            frames.append(DatasetFrame(frame, _annotation(own.xy, hidden, data.truth.scheme)))
            known.append({**(data.attributes[number] if data.attributes else {}), "covered by": kind})
            progress(number + 1, count, frame.path)
        document = _document(data.truth.scheme, frames, known)
        write_whole(staging / ANNOTATIONS, document_text(document))
    return count


def _marked(data: EvaluationSet, number: int) -> Marked:
    return Marked(network_pixels(data.picture(number)), data.truth.xy[number])


def _sample(picture: Picture, xy: Floats) -> Sample:
    return Sample(picture, xy.astype(np.float32), np.ones(len(xy), np.float32))


def _frame(data: EvaluationSet, number: int, kind: str, picture: Picture) -> Frame:
    subject = PurePosixPath(data.truth.subjects[number]).name
    name = f"{number:05d}_{kind.replace(' ', '_').replace(chr(39), '')}.jpg"
    height, width = picture.shape[:2]
    return Frame(0, f"{subject}/{name}", subject, kind, "", str(number), width, height)


def _annotation(xy: Floats, hidden: NDArray[np.bool_], scheme: LandmarkScheme) -> Annotation:
    marked = np.isfinite(xy).all(-1)
    state = np.where(marked, LandmarkState.CONFIRMED, LandmarkState.MISSING).astype(np.uint8)
    flags = np.where(marked & hidden, Flag.OCCLUDED, 0).astype(np.uint8)
    return Annotation(scheme.id, xy.astype(np.float32), state, flags)


def _document(
    scheme: LandmarkScheme, frames: Sequence[DatasetFrame], known: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """COCO keypoints, with what is known of each picture beside it."""
    document, _ = coco_document(DatasetView(scheme, frames), list(range(scheme.size)))
    for image, attributes in zip(document["images"], known, strict=True):
        image["attributes"] = attributes
    return document
