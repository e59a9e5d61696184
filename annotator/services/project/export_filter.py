"""What of a project goes into an export: which frames, and which of their landmarks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from annotator.domain.annotation import Annotation, LandmarkState, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError
from annotator.domain.layers import displayed, shows_through, tracked
from annotator.domain.proposal import Proposal
from annotator.domain.takes.track import Track

Include = Literal["confirmed", "human"]
_INCLUDES: Final = {
    "confirmed": (LandmarkState.CONFIRMED,),
    "human": (LandmarkState.CORRECTED, LandmarkState.CONFIRMED),
}


@dataclass(frozen=True)
class ExportFilter:
    """Which frames and landmarks to export; empty tuples mean any.

    Attributes:
        include: "human" takes corrected and confirmed landmarks, "confirmed" only those.
        proposals: landmarks that no person set are filled from the model's proposals (state proposed), from
            `min_confidence` (0..1) upwards. In frames that nobody touched, all of them may be.
        tracks: landmarks that no person set are filled from what was tracked (state tracked), before any proposal.
        subjects, takes, cameras: exact names. reviews: review states; without any, all but rejected frames.
        complete: only frames with every landmark of the scheme.
        frames: ids, None for all. only: indices of landmarks, None for all; the others are left out.
        confidence_below: only landmarks that are proposed with less than this; what a person set is left out.
    """

    include: Include = "human"
    proposals: bool = False
    tracks: bool = False
    min_confidence: float = 0.0
    subjects: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    reviews: tuple[ReviewState, ...] = ()
    complete: bool = False
    frames: frozenset[int] | None = None
    only: tuple[int, ...] | None = None
    confidence_below: float | None = None

    def __post_init__(self) -> None:
        if self.include not in _INCLUDES:
            raise FormatError(f"an export includes {' or '.join(_INCLUDES)} landmarks, not {self.include!r}")
        if not 0 <= self.min_confidence <= 1:
            raise FormatError(f"the least confidence must lie between 0 and 1, not {self.min_confidence}")
        if self.confidence_below is not None and not self.proposals:
            raise FormatError("only proposals have a confidence; export them, too")

    def takes_frame(self, frame: Frame, review: ReviewState) -> bool:
        """Whether a frame is wanted at all, by its tokens and its review state."""
        if self.frames is not None and frame.id not in self.frames:
            return False
        wanted = self.reviews or tuple(state for state in ReviewState if state != ReviewState.REJECTED)
        tokens = ((self.subjects, frame.subject), (self.takes, frame.take), (self.cameras, frame.camera))
        return review in wanted and all(not names or token in names for names, token in tokens)

    def landmarks(
        self, annotation: Annotation, proposal: Proposal | None, track: Track | None = None
    ) -> Annotation:
        """The annotation with only the wanted landmarks placed; in the gaps what was tracked, and proposals, where wanted.

        What a person set but the filter does not want stays missing: nothing else stands in for it.
        """
        proposal, track = proposal if self.proposals else None, track if self.tracks else None
        kept = np.isin(annotation.state, _INCLUDES[self.include])
        if track is not None:
            kept |= tracked(annotation, track)
        if proposal is not None:
            kept |= shows_through(annotation, proposal, track) & (proposal.confidence >= self.min_confidence)
        shown = displayed(annotation, proposal, track)
        if self.confidence_below is not None:
            kept &= shown.state == LandmarkState.PROPOSED
            if proposal is not None:
                kept &= proposal.confidence < self.confidence_below
        if self.only is not None:
            kept &= np.isin(np.arange(len(kept)), self.only)
        xy = np.where(kept[:, None], shown.xy, np.float32(np.nan))
        state = np.where(kept, shown.state, np.uint8(LandmarkState.MISSING))
        return replace(annotation, xy=xy, state=state.astype(np.uint8))

    def as_text(self) -> dict[str, object]:
        """For the manifest: JSON types, review states by name."""
        names = [state.name.lower() for state in self.reviews]
        frames = None if self.frames is None else sorted(self.frames)
        return {**vars(self), "reviews": names or ["any but rejected"], "frames": frames}


def count_states(annotations: Iterable[Annotation], columns: Sequence[int]) -> dict[str, int]:
    """How many of the landmarks `columns` have each state, by its name."""
    at = list(columns)
    nothing = np.zeros(len(LandmarkState), np.int64)
    totals = sum((np.bincount(a.state[at], minlength=len(nothing)) for a in annotations), nothing)
    return {state.name.lower(): int(totals[state]) for state in LandmarkState}
