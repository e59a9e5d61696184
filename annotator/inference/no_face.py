"""Why a frame shows no clear face, in words that what was measured bears out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import bounding_box
from annotator.domain.faces.face_frame import face_size
from annotator.domain.words import listed
from annotator.inference.face_search import FoundFace
from annotator.inference.other_faces import TAKEN
from annotator.inference.regions import Reading

NO_FACE = "No clear face"
"""How every such message begins, those that projects keep of earlier versions included."""
_SMALL = 64.0  # frame pixels across the landmarks, under which the regional networks have nothing to read


def is_no_face(message: str) -> bool:
    """Whether a proposal's message says that no clear face was found."""
    return message.startswith(NO_FACE)


def why_no_face(
    face: FoundFace, readings: Sequence[Reading], others: Sequence[NDArray[np.float64]], agreement: float
) -> str:
    """The cause, as a sentence.

    Args:
        face: what looked most like one. readings: its regions. others: points [L,2] of further ones.
        agreement: distance of regional and global points, over the face size, up to which a region is taken for one.
    """
    if face.doubt > TAKEN:
        return f"{NO_FACE}: nothing in this frame looks like one to this model."
    if others:
        return f"{NO_FACE}: {len(others) + 1} places look like one, none of them clearly."
    box = bounding_box(face.points.xy)
    across = float(max(box[2] - box[0], box[3] - box[1]))
    if across < _SMALL:
        return f"{NO_FACE}: what looks like one is only {across:.0f} pixels across."
    unread = _unread(face, readings, agreement)
    what = listed(unread) if unread and len(unread) < len(readings) else "no part of it"
    verb = "can" if what == "no part of it" else "cannot"
    return f"{NO_FACE}: something looks like one, but {what} {verb} be made out."


def _unread(face: FoundFace, readings: Sequence[Reading], agreement: float) -> list[str]:
    """Titles of the regions that cannot be read, or that lie elsewhere than the whole face says."""
    size = max(face_size(face.points.xy), 1e-6)
    titles = []
    for reading in readings:
        expected = face.points.xy[list(reading.region.indices)]
        away = float(np.median(np.linalg.norm(reading.points.xy - expected, axis=-1))) / size
        if not reading.readable or away > agreement:
            titles.append(reading.region.title.lower())
    return titles
