"""Rows to domain values and back: the packed columns of a project file.

SQLite keeps any type in any column, and files are damaged by disks and hands: what is read here is checked here. Readers raise
`ProjectError` for a row that cannot be used; whoever reads many leaves it out and says so (`store.left_out`).
"""

import datetime
import getpass
import math
import re
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import FARTHEST, Annotation, LandmarkState, ReviewState, check_points
from annotator.domain.errors import ProjectError
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.uncertainty import Finding, Question

_PROPOSAL_HEAD = struct.Struct("<HHH")
_PROPOSAL_LAYOUT = 1
_POINT_BYTES = 7  # of a landmark in question


def now() -> str:
    """The time in UTC as ISO 8601 with milliseconds."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def os_user() -> str:
    """Name of the person at the machine; `unknown` where the system has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def sort_key(subject: str, take: str, camera: str, index: str, path: str) -> str:
    """Text that sorts frames in capture order: numbers count as numbers, so that 9 comes before 10."""
    text = "\x1f".join((subject, take, camera, index, path)).casefold()
    return re.sub(r"\d+", lambda digits: digits[0].lstrip("0").rjust(12, "0"), text)


def blob(value: Any) -> bytes:
    """A column that holds bytes; raises ValueError for anything else."""
    if not isinstance(value, bytes):
        raise ValueError(f"bytes were expected, not {type(value).__name__}")
    return value


def text(value: Any) -> str:
    """A column that holds a text; raises ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError(f"a text was expected, not {type(value).__name__}")
    return value


def number(value: Any) -> float:
    """A column that holds a finite number; raises ValueError for anything else."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"a number was expected, not {value!r:.40}")
    return float(value)


def whole(value: Any, least: int, most: int) -> int:
    """A column that holds a whole number within its range; raises ValueError for anything else."""
    if not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"a whole number from {least} to {most} was expected, not {value!r:.40}")
    return value


def review_of(value: Any) -> ReviewState:
    """A column that holds a review state; NULL, and what there is not, is unreviewed."""
    try:
        return ReviewState(value or 0)
    except ValueError:
        return ReviewState.UNREVIEWED


def moment(value: Any) -> datetime.datetime:
    """A column that holds a time as `now` writes it, in UTC where it names no zone; raises ValueError for anything else."""
    found = datetime.datetime.fromisoformat(text(value))
    return found if found.tzinfo is not None else found.replace(tzinfo=datetime.UTC)


def column(values: Sequence[Any], dtype: type[np.generic], otherwise: float) -> NDArray[Any]:
    """A column of many rows as an array; NULL and what is no number of that type becomes `otherwise`."""
    if None not in values:
        try:
            found = np.array(values, dtype)
            if found.ndim == 1 and found.tolist() == list(values):
                return found
        except (ValueError, TypeError, OverflowError):
            pass  # one by one, then
    return np.array([_cast(value, dtype, otherwise) for value in values], dtype)


def _cast(value: Any, dtype: type[np.generic], otherwise: float) -> Any:
    if not isinstance(value, int | float) or value != value:
        return otherwise
    if np.issubdtype(dtype, np.integer):
        limits = np.iinfo(dtype)  # type: ignore[type-var]
        return value if isinstance(value, int) and limits.min <= value <= limits.max else otherwise
    return value


def annotation_from_row(frame_id: int, points: Any, review: Any, scheme: LandmarkScheme) -> Annotation:
    """A row's human layer; raises `ProjectError` where the row is damaged."""
    try:
        return Annotation.from_blob(blob(points), scheme, ReviewState(review))
    except ValueError as error:
        raise ProjectError(
            f"the annotation of frame {frame_id} is damaged: {error}. Restore a backup."
        ) from error


def annotation_counts(annotation: Annotation) -> dict[str, int]:
    """The denormalised columns of an annotation row."""
    state = annotation.state
    return {
        "review": int(annotation.review),
        "corrected": int((state == LandmarkState.CORRECTED).sum()),
        "confirmed": int((state == LandmarkState.CONFIRMED).sum()),
        "missing": int((state == LandmarkState.MISSING).sum()),
        "flagged": int((annotation.flags != 0).sum()),
    }


def pack_points(annotation: Annotation, indices: NDArray[np.int64]) -> bytes:
    """float32 [K, 2] little-endian, then uint8 [K] of state | flags << 4, of some landmarks."""
    packed = (annotation.state[indices] | annotation.flags[indices] << 4).astype(np.uint8)
    return annotation.xy[indices].astype("<f4").tobytes() + packed.tobytes()


def unpack_points(
    packed_points: Any, count: int
) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]]:
    """xy float32 [K, 2], state uint8 [K], flags uint8 [K]; raises ValueError where it is damaged."""
    if len(blob(packed_points)) != 9 * count:
        raise ValueError("a history entry has the wrong size")
    xy = np.frombuffer(packed_points, "<f4", 2 * count).reshape(count, 2).astype(np.float32)
    packed = np.frombuffer(packed_points, np.uint8, count, 8 * count)
    check_points(xy, packed & np.uint8(15), packed >> np.uint8(4))
    return xy, packed & np.uint8(15), packed >> np.uint8(4)


def proposal_to_blob(proposal: Proposal) -> bytes:
    """Layout, L and R as uint16, then float32 xy, covariance, confidence, rois, global_xy, global_covariance."""
    arrays = (
        proposal.xy,
        proposal.covariance,
        proposal.confidence,
        proposal.rois,
        proposal.global_xy,
        proposal.global_covariance,
    )
    head = _PROPOSAL_HEAD.pack(_PROPOSAL_LAYOUT, len(proposal.xy), len(proposal.rois))
    return head + b"".join(np.ascontiguousarray(array, "<f4").tobytes() for array in arrays)


def proposal_from_blob(arrays: Any, model_id: str, scheme: LandmarkScheme, message: Any) -> Proposal:
    """The inverse of `proposal_to_blob`; raises `ProjectError` where the row is damaged or of another scheme."""
    try:
        layout, size, regions = _PROPOSAL_HEAD.unpack_from(blob(arrays))
        if layout != _PROPOSAL_LAYOUT:
            raise ValueError(f"layout {layout} is unknown")
        if size != scheme.size:
            raise ValueError(f"it has {size} landmarks, the scheme {scheme.size}")
        values = np.frombuffer(arrays, "<f4", offset=_PROPOSAL_HEAD.size).astype(np.float32)
        shapes = [(size, 2), (size, 2, 2), (size,), (regions, 4), (size, 2), (size, 2, 2)]
        lengths = [int(np.prod(shape)) for shape in shapes]
        if len(values) != sum(lengths):
            raise ValueError("the size is wrong")
        if (np.abs(values[np.isfinite(values)]) > FARTHEST**2).any() or np.isinf(values).any():
            raise ValueError("it holds values that cannot be")
        words = text(message)
    except (ValueError, struct.error) as error:
        raise ProjectError(
            f"a proposal of {model_id} is damaged ({error}). Propose this frame again."
        ) from error
    parts = np.split(values, np.cumsum(lengths)[:-1])
    xy, covariance, confidence, rois, global_xy, global_covariance = (
        part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)
    )
    return Proposal(
        model_id, scheme.id, xy, covariance, confidence, rois, global_xy, global_covariance, words
    )


def places_bytes(scheme: LandmarkScheme) -> int:
    """How many bytes of a proposal's blob, from its start on, `proposed_places` needs."""
    return _PROPOSAL_HEAD.size + 8 * scheme.size


def proposed_places(start: Any, scheme: LandmarkScheme) -> NDArray[np.float32]:
    """float32 [L, 2] from the start of a proposal's blob: quicker than all of it. ValueError where it is damaged."""
    try:
        layout, size, _regions = _PROPOSAL_HEAD.unpack_from(blob(start))
    except struct.error as error:
        raise ValueError(str(error)) from error
    if layout != _PROPOSAL_LAYOUT or size != scheme.size or len(start) != places_bytes(scheme):
        raise ValueError("it is no proposal of this scheme")
    xy = np.frombuffer(start, "<f4", offset=_PROPOSAL_HEAD.size).astype(np.float32).reshape(size, 2)
    if np.isinf(xy).any() or (np.abs(xy[np.isfinite(xy)]) > FARTHEST).any():
        raise ValueError("it holds values that cannot be")
    return xy


def finding_to_blob(answer: Finding) -> bytes:
    """The landmarks in question: uint16 [K], then float32 [K] values and uint8 [K] causes."""
    return b"".join(
        (
            answer.indices.astype("<u2").tobytes(),
            answer.values.astype("<f4").tobytes(),
            answer.causes.tobytes(),
        )
    )


def finding_from_blob(question: Question, score: float, points: bytes, landmarks: int) -> Finding:
    """The inverse of `finding_to_blob`; raises ValueError where it is damaged."""
    count = len(points) // _POINT_BYTES
    if len(points) != _POINT_BYTES * count:
        raise ValueError("it has the wrong size")
    indices: NDArray[np.int64] = np.frombuffer(points, "<u2", count).astype(np.int64)
    values = np.frombuffer(points, "<f4", count, 2 * count).astype(np.float32)
    if (indices >= landmarks).any() or not np.isfinite(values).all():
        raise ValueError("it names landmarks or values that there are not")
    return Finding(question, score, indices, values, np.frombuffer(points, np.uint8, count, 6 * count).copy())


def mean_and_least(confidence: NDArray[np.float32]) -> tuple[float, float]:
    """Summary columns of a proposal; 0, 0 where there is no finite confidence."""
    finite = confidence[np.isfinite(confidence)]
    return (float(finite.mean()), float(finite.min())) if len(finite) else (0.0, 0.0)
