"""What came of asking the cameras, in figures and in words."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotator.domain.faces.face_frame import face_axes
from annotator.domain.rigs.consensus import FrameConsensus
from annotator.domain.words import counted
from annotator.services.rigs.consensus import MomentConsensus
from annotator.store.project_store import ProjectStore


@dataclass(frozen=True)
class Moved:
    """How far points moved from where the model itself had them: median and 95th percentile, in pixels and, where the scheme
    names the corners of the eyes, as a share of the eye distance (the largest of the moment's views)."""

    points: int
    median_px: float
    p95_px: float
    median_share: float | None
    p95_share: float | None


@dataclass
class AgreementSummary:
    """What the cameras were asked, and what came of it.

    Attributes:
        moments, frames: that were asked. points: that stand in for the model's. moved: how far. disagreeing: camera ->
            points of it that are not where the others see them, the most first.
        without_rig: frames that no moment of a rig holds.
    """

    model_id: str
    taken: bool = True
    moments: int = 0
    frames: int = 0
    points: int = 0
    moved: Moved | None = None
    disagreeing: dict[str, int] = field(default_factory=dict)
    without_rig: int = 0
    stopped: bool = False

    def text(self) -> str:
        """A few lines for people."""
        lines = [f"{counted(self.moments, 'moment')} of {counted(self.frames, 'frame')} asked"]
        if self.moved is not None:
            did = "moved" if self.taken else "would move"
            share = self.moved.median_share, self.moved.p95_share
            told = f" ({share[0]:.2%} and {share[1]:.2%} of the eye distance)" if None not in share else ""
            lines[0] += (
                f"; {self.moved.points:,} points {did} by {self.moved.median_px:.1f} px in the median, "
                f"95 % by less than {self.moved.p95_px:.1f} px{told}"
            )
        if self.disagreeing:
            worst = ", ".join(f"{camera} {count:,}" for camera, count in list(self.disagreeing.items())[:5])
            more = f" and {len(self.disagreeing) - 5} more cameras" if len(self.disagreeing) > 5 else ""
            lines.append(f"Points that are not where the other cameras see them: {worst}{more}")
        if self.without_rig:
            lines.append(f"{counted(self.without_rig, 'frame')} without a rig or other cameras of the moment")
        return "\n".join(lines) + (" (stopped)" if self.stopped else "")


class AgreementTally:
    """How far points moved, and which cameras disagree, over many moments."""

    def __init__(self) -> None:
        self.points = 0
        self.disagreeing: Counter[str] = Counter()
        self._pixels: list[NDArray[np.float64]] = []
        self._shares: list[NDArray[np.float64]] = []

    def add(self, store: ProjectStore, found: MomentConsensus, rows: dict[int, FrameConsensus]) -> None:
        """One moment."""
        lines = [face_axes(store.scheme, row.xy)[0] for row in rows.values()] if _has_eyes(store) else []
        lengths = [length for line in lines if np.isfinite(length := float(np.hypot(*line)))]
        for camera, frame in found.moment.frames.items():
            row = rows.get(frame.id)
            if row is None:
                continue
            self.points += int(row.stands_in.sum())
            count = int(row.disagrees.sum())
            if count:
                self.disagreeing[camera] += count
            own = found.sightings.xy[found.moment.row(frame.id)]
            moved = np.linalg.norm(row.xy - own, axis=-1)[row.stands_in]
            moved = moved[np.isfinite(moved)]
            self._pixels.append(moved)
            if lengths:
                self._shares.append(moved / max(lengths))

    def moved(self) -> Moved | None:
        """Over all moments so far; None where no point stands in for one that the model has."""
        pixels = np.concatenate(self._pixels) if self._pixels else np.empty(0)
        if not len(pixels):
            return None
        both = [float(value) for value in np.percentile(pixels, [50, 95])]
        shares = np.concatenate(self._shares) if self._shares else np.empty(0)
        told = [float(value) for value in np.percentile(shares, [50, 95])] if len(shares) else [None, None]
        return Moved(len(pixels), both[0], both[1], told[0], told[1])


def _has_eyes(store: ProjectStore) -> bool:
    return {36, 45} <= set(store.scheme.ibug68)
