"""The answers to the question *motion*: they follow from the frames on either side, unlike those to all other questions.

What changes in a frame may change them for its neighbours, so that all these are asked anew inside of the same transaction.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from annotator.domain.annotation import Annotation, ReviewState
from annotator.domain.errors import ProjectError
from annotator.domain.faces.face_frame import face_size
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.takes.breaks import BEYOND, REACH, breaks
from annotator.domain.takes.take import frame_number
from annotator.domain.uncertainty import OWN_ERROR, Finding, breaks_in_motion
from annotator.store.file.database import Database
from annotator.store.rows import annotation_from_row, places_bytes, proposed_places
from annotator.store.sequences.tracks import read_tracks
from annotator.store.tables import annotation, frame, proposal

_BESIDE = 2  # frames on either side whose answers change with a frame
_FEW = 8  # frames of one camera of which each is looked round for by itself
_CHUNK = 500


@dataclass(frozen=True, eq=False)
class _Layers:
    """Of T frames: whether people decided, what is open, bool [T, L], where people and tracks, and where the model have it."""

    is_open: NDArray[np.bool_]
    held: NDArray[np.float64]
    proposed: NDArray[np.float64]


def motion_findings(
    connection: Connection,
    database: Database,
    scheme: LandmarkScheme,
    frame_ids: Sequence[int],
    model_id: str,
) -> list[tuple[int, Finding]]:
    """(frame id, answer) of some frames and of those beside them, as they are in the caller's transaction."""
    answers: list[tuple[int, Finding]] = []
    for ids, numbers, wanted in _stretches(connection, frame_ids):
        if len(ids) < 3:
            continue
        layers = _read(connection, database, scheme, ids, model_id)
        own = OWN_ERROR * _size(layers)
        if not own:
            continue
        held, model = breaks(numbers, layers.held, own), breaks(numbers, layers.proposed, own)
        values = np.where(np.isfinite(layers.held).all(-1), held, model)
        for at in wanted:
            answers.append((ids[at], breaks_in_motion(values[at], layers.is_open[at], BEYOND)))
    return answers


def _stretches(
    connection: Connection, frame_ids: Sequence[int]
) -> list[tuple[list[int], NDArray[np.int64], list[int]]]:
    """Frames of one camera in a row: (ids, numbers, places of those whose answers are wanted)."""
    c = frame.c
    columns = select(c.id, c.index, c.subject, c.take, c.camera, c.sort_key)
    groups: dict[tuple[str, str, str], dict[int, tuple[str, str]]] = defaultdict(dict)
    for start in range(0, len(frame_ids), _CHUNK):
        some = [int(i) for i in frame_ids[start : start + _CHUNK]]
        for row in connection.execute(columns.where(c.id.in_(some))):
            _note(groups[row[2], row[3], row[4]], row)
    found = []
    for key, own in groups.items():
        shot = (c.subject == key[0], c.take == key[1], c.camera == key[2])
        around: dict[int, tuple[str, str]] = {}
        if len(own) > _FEW:
            for row in connection.execute(columns.where(*shot)):
                _note(around, row)
        else:
            for frame_id, (place, index) in own.items():
                around[frame_id] = (place, index)
                before = columns.where(*shot, c.sort_key < place).order_by(c.sort_key.desc()).limit(REACH)
                after = columns.where(*shot, c.sort_key > place).order_by(c.sort_key).limit(REACH)
                for row in (*connection.execute(before), *connection.execute(after)):
                    _note(around, row)
        found += _in_a_row(around, set(own))
    return found


def _note(frames: dict[int, tuple[str, str]], row: Any) -> None:
    """Keeps a frame's place and index; damaged ones are told where they are shown."""
    if isinstance(row[5], str) and isinstance(row[1], str):
        frames[row[0]] = (row[5], row[1])


def _in_a_row(
    around: dict[int, tuple[str, str]], own: set[int]
) -> list[tuple[list[int], NDArray[np.int64], list[int]]]:
    order = sorted(around, key=lambda frame_id: (around[frame_id][0], frame_id))
    numbered = [(frame_id, frame_number(around[frame_id][1])) for frame_id in order]
    rising: list[tuple[int, int]] = []
    for frame_id, number in numbered:
        if number is not None and (not rising or number > rising[-1][1]):
            rising.append((frame_id, number))
    ids = [frame_id for frame_id, _ in rising]
    changed = [at for at, frame_id in enumerate(ids) if frame_id in own]
    wanted = {at + shift for at in changed for shift in range(-_BESIDE, _BESIDE + 1)}
    return [
        (ids, np.array([number for _, number in rising], np.int64), sorted(wanted & set(range(len(ids)))))
    ]


def _read(
    connection: Connection, database: Database, scheme: LandmarkScheme, ids: list[int], model_id: str
) -> _Layers:
    """The layers of some frames; damaged rows count as nothing, and are told where they are shown."""
    row_of = {frame_id: row for row, frame_id in enumerate(ids)}
    size = (len(ids), scheme.size)
    layers = _Layers(np.ones(size, np.bool_), np.full((*size, 2), np.nan), np.full((*size, 2), np.nan))
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        for frame_id, track in read_tracks(connection, database, scheme, some):
            layers.held[row_of[frame_id]] = track.xy
        a, p = annotation.c, proposal.c
        for frame_id, points, review in connection.execute(
            select(a.frame_id, a.points, a.review).where(a.frame_id.in_(some))
        ):
            try:
                human = annotation_from_row(frame_id, points, review, scheme)
            except ProjectError:
                continue
            row = row_of[frame_id]
            layers.held[row, human.is_human] = human.xy[human.is_human]
            layers.is_open[row] = _is_undecided(human) & ~human.is_human
        head = func.substr(p.arrays, 1, places_bytes(scheme))
        chosen = select(p.frame_id, head).where(p.frame_id.in_(some), p.model_id == model_id)
        for frame_id, places in connection.execute(chosen):
            try:
                layers.proposed[row_of[frame_id]] = proposed_places(places, scheme)
            except ValueError:
                continue
    return layers


def _is_undecided(human: Annotation) -> bool:
    return human.review in (ReviewState.UNREVIEWED, ReviewState.NEEDS_WORK)


def _size(layers: _Layers) -> float:
    """The face's size, px, from the first frame that shows one; 0 for none."""
    for places in (layers.proposed, layers.held):
        known = np.isfinite(places).all((1, 2))
        if known.any():
            return float(face_size(places[int(known.argmax())]))
    return 0.0
