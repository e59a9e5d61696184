"""Frames whose picture has another size than when it was imported: finding them, and taking the new size.

Landmarks are stored in frame pixels. A picture that was replaced by a larger, smaller or cropped one makes them point to
wrong places, so such frames are refused wherever pixels are read, until the person says what becomes of the landmarks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Final

import numpy as np

from annotator.domain.annotation import Annotation, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.words import counted
from annotator.imaging.probe import FrameReadError
from annotator.services.models.frame_pictures import headers
from annotator.store.project_store import ProjectStore

_LABEL: Final = "Take new picture size"


class PointsRule(StrEnum):
    """What becomes of the landmarks of a frame whose picture has another size."""

    SCALE = "scale"
    """They move with the picture; for the whole picture in another resolution."""
    NEEDS_WORK = "needs-work"
    """They stay at their numbers and the frame is set to needs work; for another crop or another picture."""


@dataclass(frozen=True)
class SizeChange:
    """A frame as the project knows it, and the width and height (px) that its picture has now."""

    frame: Frame
    width: int
    height: int

    @property
    def scale(self) -> tuple[float, float]:
        """What x and y grow by."""
        return self.width / self.frame.width, self.height / self.frame.height

    @property
    def keeps_shape(self) -> bool:
        """Whether both sides grew alike, to a pixel: a crop rarely does."""
        if not (self.frame.width and self.frame.height):
            return False
        scale = max(self.width / self.frame.width, self.height / self.frame.height)
        away = abs(self.width - self.frame.width * scale), abs(self.height - self.frame.height * scale)
        return max(away) <= max(1.0, scale)

    @property
    def text(self) -> str:
        """For people."""
        old = f"{self.frame.width} x {self.frame.height}"
        return f"{self.frame.path}: {old} px when it was imported, {self.width} x {self.height} now"


@dataclass(frozen=True)
class SizeReport:
    """What a look at the pictures found: frames looked at, those of another size, and files that cannot be read (path: why)."""

    frames: int
    changes: tuple[SizeChange, ...]
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """One line for people."""
        lost = f"; {len(self.unreadable)} cannot be read" if self.unreadable else ""
        return f"{len(self.changes)} of {counted(self.frames, 'picture')} have another size than when imported{lost}"


@dataclass(frozen=True)
class TakenSizes:
    """What was taken: frames that have their new size now, and frames left as they were (path: why)."""

    taken: tuple[str, ...]
    left: Mapping[str, str]

    @property
    def text(self) -> str:
        """One line for people."""
        left = f"; {len(self.left)} have another shape and were left as they were" if self.left else ""
        return f"{counted(len(self.taken), 'frame')} took the new size of their picture{left}"


def changed_sizes(
    store: ProjectStore,
    frame_ids: Sequence[int] | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> SizeReport:
    """Hold the sizes in the pictures' headers (None: of all frames) against the project's. Raises Cancelled on stop."""
    every = frame_ids is None
    frames = [s.frame for s in store.frames.list()] if every else list(store.frames.of_ids(frame_ids or ()))
    changes: list[SizeChange] = []
    unreadable: dict[str, str] = {}
    for number, (frame, found) in enumerate(headers(store, frames, stop), 1):
        if isinstance(found, FrameReadError):
            unreadable[frame.path] = found.reason
        elif (found.width, found.height) != (frame.width, frame.height):
            changes.append(SizeChange(frame, found.width, found.height))
        progress(number, len(frames), frame.path)
    return SizeReport(len(frames), tuple(changes), unreadable)


def take_sizes(
    store: ProjectStore,
    changes: Sequence[SizeChange],
    points: PointsRule,
    user: str | None = None,
    progress: Progress = silent,
    stop: Stop = never,
    written: list[int] | None = None,
) -> TakenSizes:
    """Take the new sizes, a frame at a time: its landmarks as `points` says, with an entry in the ledger; what models saw in the
    old picture is dropped. A frame whose sides did not grow alike is not scaled and stays as it is.

    `written`, where it is given, gets the ids of the ledger's entries as they are made. Raises StoreWriteError, and Cancelled
    on stop; frames finished before keep their new size.
    """
    taken: list[str] = []
    left: dict[str, str] = {}
    for number, change in enumerate(changes, 1):
        if stop():
            raise Cancelled(f"Stopped; {len(taken)} frames have their new size.")
        progress(number, len(changes), change.frame.path)
        if points is PointsRule.SCALE and not change.keeps_shape:
            left[change.frame.path] = (
                f"has another shape, {change.width} x {change.height} px in place of {change.frame.width} x "
                f"{change.frame.height}: scaling would put its landmarks in wrong places. Take it with {PointsRule.NEEDS_WORK}"
            )
            continue
        entry = store.annotations.resize(
            change.frame.id,
            (change.width, change.height),
            partial(_changed, change=change, points=points),
            _LABEL,
            user,
            change.scale if points is PointsRule.SCALE else (1.0, 1.0),
        )
        if entry and written is not None:
            written.append(entry)
        taken.append(change.frame.path)
    return TakenSizes(tuple(taken), left)


def _changed(before: Annotation, change: SizeChange, points: PointsRule) -> Annotation:
    if points is PointsRule.NEEDS_WORK:
        touched = before.is_human.any() or before.review != ReviewState.UNREVIEWED
        return replace(before, review=ReviewState.NEEDS_WORK) if touched else before
    return replace(before, xy=(before.xy.astype(np.float64) * change.scale).astype(np.float32))
