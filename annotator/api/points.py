"""Landmarks of one frame as a script reads them: by name, or as arrays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, Flag, LandmarkState
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.takes.track import Track
from annotator.services.project.find_frames import landmark_mask


@dataclass(frozen=True)
class Point:
    """One landmark that has a place.

    Attributes:
        name, region: of the scheme; region is None for those outside all regions. x, y: frame pixels, pixel centres at +0.5.
        state: `proposed` (a model placed it), `tracked` (carried through the take), `corrected` (a person moved it) or
            `confirmed` (a person agreed).
        occluded, out_of_frame: its flags. confidence: 0..1 where it is proposed, else None.
        covariance: of a proposed or tracked one in px squared, rows (xx, xy), (yx, yy); None where a person set it.
    """

    name: str
    region: str | None
    x: float
    y: float
    state: str
    occluded: bool = False
    out_of_frame: bool = False
    confidence: float | None = None
    covariance: tuple[tuple[float, float], tuple[float, float]] | None = None


class Points(Mapping[str, Point]):
    """The placed landmarks of a frame by their names, in the scheme's order; a value, never changed.

    Attributes:
        names: of all L landmarks. xy: float32 [L, 2], NaN where there is none. state, flags: uint8 [L] (`LandmarkState`, `Flag`).
        confidence: float32 [L], NaN where it is not proposed. message: the model's word on the frame, such as `no face found`.
    """

    def __init__(
        self,
        scheme: LandmarkScheme,
        annotation: Annotation,
        proposal: Proposal | None = None,
        track: Track | None = None,
    ) -> None:
        self._scheme, self._proposal, self._track = scheme, proposal, track
        self.names = scheme.names
        self.xy, self.state, self.flags = annotation.xy, annotation.state, annotation.flags
        proposed = annotation.state == LandmarkState.PROPOSED
        nothing = np.full(len(self.names), np.nan, np.float32)
        self.confidence: NDArray[np.float32] = (
            nothing if proposal is None else np.where(proposed, proposal.confidence, nothing)
        )
        self.message = "" if proposal is None else proposal.message
        self._annotation = annotation

    def __getitem__(self, name: str) -> Point:
        at = self._scheme.index(name)
        if self.state[at] == LandmarkState.MISSING:
            raise KeyError(name)
        return self._point(at)

    def __iter__(self) -> Iterator[str]:
        return (self.names[at] for at in np.flatnonzero(self.state != LandmarkState.MISSING))

    def __len__(self) -> int:
        return int((self.state != LandmarkState.MISSING).sum())

    def where(
        self,
        *,
        region: str | Sequence[str] = (),
        state: str = "",
        confidence_below: float | None = None,
    ) -> "Points":
        """Those of some regions, in a state, or proposed with less than a confidence; several conditions hold at once.

        Raises:
            AnnotatorError: a region that the scheme lacks. KeyError: no such state.
        """
        regions = (region,) if isinstance(region, str) else tuple(region)
        keep = landmark_mask(self._scheme, tuple(name for name in regions if name), ())
        if state:
            keep &= self.state == LandmarkState[state.upper()]
        if confidence_below is not None:
            keep &= self.confidence < np.float32(confidence_below)  # False for NaN
        xy = np.where(keep[:, None], self.xy, np.float32(np.nan))
        left = np.where(keep, self.state, np.uint8(LandmarkState.MISSING))
        kept = Annotation(self._annotation.scheme_id, xy, left, self.flags, self._annotation.review)
        return Points(self._scheme, kept, self._proposal, self._track)

    def _point(self, at: int) -> Point:
        state = LandmarkState(int(self.state[at]))
        proposed = self._proposal is not None and state is LandmarkState.PROPOSED
        source = {LandmarkState.PROPOSED: self._proposal, LandmarkState.TRACKED: self._track}.get(state)
        covariance = None
        if source is not None:
            (xx, xy), (yx, yy) = source.covariance[at].tolist()
            covariance = ((xx, xy), (yx, yy))
        return Point(
            self.names[at],
            self._scheme.landmarks[at].region,
            float(self.xy[at, 0]),
            float(self.xy[at, 1]),
            state.name.lower(),
            bool(self.flags[at] & Flag.OCCLUDED),
            bool(self.flags[at] & Flag.OUT_OF_FRAME),
            float(self.confidence[at]) if proposed else None,
            covariance,
        )
