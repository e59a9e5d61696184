"""What an import makes of coordinates that cannot be meant: warnings, out of frame, and frames that are left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Flag
from annotator.domain.capture import Frame
from annotator.domain.faces.wild_points import (
    face_sizes_away,
    far_from_face,
    look_like_shares,
    outside,
    typical_size,
)
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.words import counted
from annotator.formats.base import ImportedFrame
from annotator.services.project.match_frames import Pair

_NAMED: Final = 4


@dataclass(frozen=True, eq=False)
class Checked:
    """Frames with landmarks to set, those that lie outside their picture set out of frame; `left_out` has frames whose
    coordinates cannot be pixels (path in the file: why), `warnings` what a person should look at."""

    pairs: tuple[Pair, ...]
    left_out: Mapping[str, str]
    warnings: tuple[str, ...]


def checked(pairs: Sequence[Pair], scheme: LandmarkScheme) -> Checked:
    """Look for coordinates that cannot be meant: shares of the picture, points outside it, points far from their face."""
    kept: list[Pair] = []
    left_out: dict[str, str] = {}
    away, far = _Found(scheme), _Found(scheme)
    for frame, item in pairs:
        if look_like_shares(item.xy, frame.width, frame.height):
            left_out[item.path] = (
                f"its coordinates lie between 0 and 1: they are shares of the picture, not pixels. Multiply x by "
                f"{frame.width} and y by {frame.height}"
            )
            continue
        beyond = outside(item.xy, frame.width, frame.height)
        away.add(frame, item, beyond, _beyond_by(item.xy, frame))
        far.add(frame, item, far_from_face(item.xy) & ~beyond, face_sizes_away(item.xy))
        flags = np.where(beyond, item.flags | np.uint8(Flag.OUT_OF_FRAME), item.flags).astype(np.uint8)
        kept.append((frame, replace(item, flags=flags)))
    warnings = [
        away.text("outside the picture, by up to {0} face sizes; they are set out of frame"),
        far.text("far from the rest of the face, by up to {0} face sizes: look at them"),
    ]
    return Checked(tuple(kept), left_out, tuple(text for text in warnings if text))


def _beyond_by(xy: NDArray[np.float32], frame: Frame) -> NDArray[np.float64]:
    """float64 [L]: how far each point lies outside its picture, in sizes of the face (of the picture where that is not known)."""
    low, high = np.zeros(2), np.array([frame.width, frame.height], np.float64)
    past = np.maximum(np.maximum(low - xy, xy - high), 0.0)
    size = typical_size(xy) or float(np.sqrt(high.prod())) or 1.0
    return np.asarray(np.linalg.norm(past, axis=-1) / size)


class _Found:
    """Landmarks of one kind over all frames."""

    def __init__(self, scheme: LandmarkScheme) -> None:
        self._scheme = scheme
        self._count, self._frames, self._most = 0, 0, 0.0
        self._named: list[str] = []

    def add(
        self, frame: Frame, item: ImportedFrame, wild: NDArray[np.bool_], sizes: NDArray[np.float64]
    ) -> None:
        """Those of a frame (bool [L]) with how far each is off (float64 [L], face sizes)."""
        indices = np.flatnonzero(wild & item.placed)
        if not len(indices):
            return
        self._count += len(indices)
        self._frames += 1
        self._most = max(self._most, float(np.nan_to_num(sizes[indices]).max()))
        room = _NAMED - len(self._named)
        self._named += [f"{self._scheme.names[i]} of {frame.path}" for i in indices[:room]]

    def text(self, what: str) -> str:
        """One line for people; "" where there are none."""
        if not self._count:
            return ""
        more = ", ..." if self._count > len(self._named) else ""
        lie = "lies" if self._count == 1 else "lie"
        amount = f"{counted(self._count, 'landmark')} of {counted(self._frames, 'frame')} {lie}"
        return f"{amount} {what.format(f'{self._most:.1f}')} ({', '.join(self._named)}{more})"
