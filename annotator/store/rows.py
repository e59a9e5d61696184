"""Rows to domain values and back: the packed columns of a project file."""

import datetime
import getpass
import re
import struct

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState, ReviewState
from annotator.domain.errors import ProjectError
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme

_PROPOSAL_HEAD = struct.Struct("<HHH")
_PROPOSAL_LAYOUT = 1


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


def annotation_from_row(frame_id: int, points: bytes, review: int, scheme: LandmarkScheme) -> Annotation:
    """A row's human layer; raises `ProjectError` where the row is damaged."""
    try:
        return Annotation.from_blob(points, scheme, ReviewState(review))
    except ValueError as error:
        text = f"the annotation of frame {frame_id} is damaged: {error}. Restore a backup."
        raise ProjectError(text) from error


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
    blob: bytes, count: int
) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]]:
    """xy float32 [K, 2], state uint8 [K], flags uint8 [K]; raises `ProjectError` where the size is wrong."""
    if len(blob) != 9 * count:
        raise ProjectError("the project is damaged: a history entry has the wrong size. Restore a backup.")
    xy = np.frombuffer(blob, "<f4", 2 * count).reshape(count, 2).astype(np.float32)
    packed = np.frombuffer(blob, np.uint8, count, 8 * count)
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


def proposal_from_blob(blob: bytes, model_id: str, scheme_id: str, message: str) -> Proposal:
    """The inverse of `proposal_to_blob`; raises `ProjectError` where the row is damaged."""
    try:
        layout, size, regions = _PROPOSAL_HEAD.unpack_from(blob)
        if layout != _PROPOSAL_LAYOUT:
            raise ValueError(f"layout {layout} is unknown")
        values = np.frombuffer(blob, "<f4", offset=_PROPOSAL_HEAD.size).astype(np.float32)
        shapes = [(size, 2), (size, 2, 2), (size,), (regions, 4), (size, 2), (size, 2, 2)]
        lengths = [int(np.prod(shape)) for shape in shapes]
        if len(values) != sum(lengths):
            raise ValueError("the size is wrong")
    except (ValueError, struct.error) as error:
        raise ProjectError(
            f"a proposal of {model_id} is damaged ({error}). Propose this frame again."
        ) from error
    parts = np.split(values, np.cumsum(lengths)[:-1])
    xy, covariance, confidence, rois, global_xy, global_covariance = (
        part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)
    )
    return Proposal(
        model_id, scheme_id, xy, covariance, confidence, rois, global_xy, global_covariance, message
    )


def mean_and_least(confidence: NDArray[np.float32]) -> tuple[float, float]:
    """Summary columns of a proposal; 0, 0 where there is no finite confidence."""
    finite = confidence[np.isfinite(confidence)]
    return (float(finite.mean()), float(finite.min())) if len(finite) else (0.0, 0.0)
