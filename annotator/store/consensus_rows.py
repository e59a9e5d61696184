"""Rows of the `consensus` table to values and back, and which of them count."""

import struct
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, and_, select

from annotator.domain.annotation import FARTHEST, Flag
from annotator.domain.errors import ProjectError
from annotator.domain.rigs.consensus import FrameConsensus
from annotator.domain.scheme import LandmarkScheme
from annotator.store.file.left_out import LeftOut
from annotator.store.rows import blob, text, whole
from annotator.store.tables import consensus, proposal

_HEAD = struct.Struct("<HH")
_LAYOUT = 1
_STANDS_IN, _DISAGREES = 1, 2
_MOST = 2**63 - 1
COLUMNS = (consensus.c.arrays, consensus.c.rig_id, consensus.c.taken, consensus.c.at)
"""What `from_row` takes."""


def beside_proposal() -> ColumnElement[bool]:
    """The condition under which a consensus says something of a proposal's frame."""
    c, p = consensus.c, proposal.c
    return and_(c.frame_id == p.frame_id, c.model_id == p.model_id, c.stale == 0)


def read(
    connection: Connection, frame_id: int, model_id: str, scheme: LandmarkScheme, left_out: LeftOut
) -> FrameConsensus | None:
    """A frame's consensus; None where there is none that still holds, or its row is damaged, which is told."""
    c = consensus.c
    here = and_(c.frame_id == frame_id, c.model_id == model_id, c.stale == 0)
    row = connection.execute(select(*COLUMNS).where(here)).one_or_none()
    return None if row is None else usable(frame_id, model_id, tuple(row), scheme, left_out)


def usable(
    frame_id: int, model_id: str, row: tuple[Any, ...], scheme: LandmarkScheme, left_out: LeftOut
) -> FrameConsensus | None:
    """A row's value; None where it is damaged, which is told: the model's own points are shown then."""
    try:
        return from_row(model_id, row, scheme)
    except ProjectError as error:
        left_out.add(f"Frame {frame_id}: {error}")
        return None


def to_blob(value: FrameConsensus) -> bytes:
    """Layout and L as uint16, then float32 xy, covariance, confidence, residuals, apart, then uint8 marks: 1 stands in,
    2 disagrees, predicted flags << 4."""
    marks = value.stands_in * _STANDS_IN | value.disagrees * _DISAGREES | value.predicted << 4
    arrays = (value.xy, value.covariance, value.confidence, value.residuals, value.apart)
    packed = b"".join(np.ascontiguousarray(array, "<f4").tobytes() for array in arrays)
    return _HEAD.pack(_LAYOUT, len(value.xy)) + packed + marks.astype(np.uint8).tobytes()


def from_row(model_id: str, row: tuple[Any, ...], scheme: LandmarkScheme) -> FrameConsensus:
    """The inverse of `to_blob`, of a row of `COLUMNS`; raises `ProjectError` where it is damaged or of another scheme."""
    try:
        arrays, rig_id, taken, at = blob(row[0]), whole(row[1], 0, _MOST), whole(row[2], 0, 1), text(row[3])
        layout, size = _HEAD.unpack_from(arrays)
        if layout != _LAYOUT or size != scheme.size or len(arrays) != _HEAD.size + size * (4 * 9 + 1):
            raise ValueError("its size or layout is wrong")
        values: NDArray[np.float32] = np.frombuffer(arrays, "<f4", 9 * size, _HEAD.size).astype(np.float32)
        if np.isinf(values).any() or (np.abs(values[np.isfinite(values)]) > FARTHEST**2).any():
            raise ValueError("it holds values that cannot be")
        xy, covariance, confidence, residuals, apart = np.split(
            values, np.cumsum([2 * size, 4 * size, size, size])
        )
        marks = np.frombuffer(arrays, np.uint8, size, _HEAD.size + 36 * size)
        predicted = marks >> np.uint8(4)
        if (predicted > int(Flag.OCCLUDED | Flag.OUT_OF_FRAME)).any():
            raise ValueError("it predicts what there is not")
        return FrameConsensus(
            rig_id,
            model_id,
            xy.reshape(size, 2),
            covariance.reshape(size, 2, 2),
            confidence,
            residuals,
            apart,
            (marks & _DISAGREES) > 0,
            predicted,
            (marks & _STANDS_IN) > 0,
            bool(taken),
            at,
        )
    except (ValueError, struct.error) as error:
        raise ProjectError(f"what the cameras say together is damaged ({error}). Ask them again.") from error


def kept(value: FrameConsensus, at: str) -> FrameConsensus:
    """The value as it is read again: bounded to what a row may hold."""
    large = np.float32(FARTHEST)

    def bounded(array: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.clip(array, -large, large)

    small = np.abs(np.nan_to_num(value.covariance)) < large**2
    sound = np.asarray(small.all((1, 2)) & (np.abs(value.xy) < large).all(1))
    return replace(
        value,
        xy=np.where(sound[:, None], value.xy, np.float32(np.nan)),
        covariance=np.where(sound[:, None, None], value.covariance, np.float32(np.nan)),
        residuals=bounded(value.residuals),
        apart=bounded(value.apart),
        stands_in=value.stands_in & sound,
        at=at,
    )
