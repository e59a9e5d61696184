"""Which frame to work on next: by what is still to do in it, or by how unsure the model is."""

from collections.abc import Callable, Mapping, Sequence

from annotator.domain.annotation import ReviewState
from annotator.domain.errors import AnnotatorError
from annotator.store.frames import FrameSummary

Wanted = Callable[[FrameSummary], bool]


def _in_review(state: ReviewState) -> Wanted:
    return lambda summary: summary.review is state


def _untouched(summary: FrameSummary) -> bool:
    return summary.counts.human == 0


def _unfinished(summary: FrameSummary) -> bool:
    return summary.counts.human < summary.counts.total


def _open_to_doubt(summary: FrameSummary) -> bool:
    """Proposed, not decided by a person, and with landmarks that no person has set."""
    decided = summary.review in (ReviewState.APPROVED, ReviewState.REJECTED)
    return summary.mean_confidence is not None and not decided and _unfinished(summary)


UNCERTAIN = "uncertain"
"""The queue by doubt: the frames whose proposal has the least mean confidence come first."""
_BY_STATE: Mapping[str, Wanted] = {
    **{state.name.lower(): _in_review(state) for state in ReviewState},
    "untouched": _untouched,
    "unfinished": _unfinished,
}
STATES: tuple[str, ...] = (*_BY_STATE, UNCERTAIN)
"""Names that `next_frame` takes."""


def next_frame(
    frames: Sequence[FrameSummary], current_id: int, state: str, backwards: bool = False
) -> FrameSummary | None:
    """The next frame in a state.

    Args:
        frames: in the order in which they are shown.
        current_id: where to go on from; an id that is not listed (such as 0) stands before the first frame.
        state: one of `STATES`. A review state's name; `untouched`: no landmark set by a person; `unfinished`: some
            landmark not set by a person; `uncertain`: by rising mean confidence of the proposal, among frames
            that nobody has decided or finished.
        backwards: the one before instead.

    Returns:
        The frame found, going round at the end; None where no other frame is in that state.

    Raises:
        AnnotatorError: there is no such state.
    """
    if state == UNCERTAIN:
        return _by_doubt(frames, current_id, backwards)
    if state not in _BY_STATE:
        raise AnnotatorError(f"There is no queue {state!r}; there are {', '.join(STATES)}.")
    wanted, count = _BY_STATE[state], len(frames)
    start = _row_of(frames, current_id)
    step = -1 if backwards else 1
    if start < 0 and backwards:
        start = 0
    for distance in range(1, count + 1):
        candidate = frames[(start + step * distance) % count]
        if candidate.frame.id != current_id and wanted(candidate):
            return candidate
    return None


def _by_doubt(frames: Sequence[FrameSummary], current_id: int, backwards: bool) -> FrameSummary | None:
    """The frame next to the current one by (mean confidence, row); the current frame need not be in the queue itself."""
    ranked = [
        (summary.mean_confidence or 0.0, row, summary)
        for row, summary in enumerate(frames)
        if summary.frame.id != current_id and _open_to_doubt(summary)
    ]
    if not ranked:
        return None
    ranked.sort(key=lambda entry: entry[:2])
    here = _row_of(frames, current_id)
    if here < 0 or frames[here].mean_confidence is None:
        return ranked[-1 if backwards else 0][2]
    place = (frames[here].mean_confidence or 0.0, here)
    after = next((number for number, entry in enumerate(ranked) if entry[:2] > place), len(ranked))
    return ranked[(after - 1 if backwards else after) % len(ranked)][2]


def _row_of(frames: Sequence[FrameSummary], frame_id: int) -> int:
    """Row of a frame, -1 where it is not listed."""
    return next((row for row, summary in enumerate(frames) if summary.frame.id == frame_id), -1)
