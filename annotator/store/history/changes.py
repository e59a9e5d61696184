"""One edit to write, and what becomes of it where the project is no longer what the person saw: compare, then swap.

A landmark that nobody set is one and the same thing whatever a model proposes there: what a person saw of it is the
proposal, what the project holds is nothing.
"""

from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.store.rows import now


class Origin(IntEnum):
    """Where an entry of the ledger comes from; numbers are stored, and never change."""

    PERSON = 0
    """Somebody edited, undid, redid or reverted."""
    IMPORT = 1
    """A file set landmarks, or they were taken over from a project of another scheme."""
    TAKE_BACK = 2
    """An import was undone or redone."""
    VIEWS = 3
    """Somebody took landmarks from where the other views of a moment expect them."""

    @property
    def is_work(self) -> bool:
        """Whether a person did it with a hand."""
        return self in (Origin.PERSON, Origin.VIEWS)


@dataclass(frozen=True, eq=False)
class Change:
    """One edit to write: a frame's annotation before and after it.

    Attributes:
        before: what the person saw: the human layer, over the proposal where nobody set a landmark.
        seconds: time that the edit took. model_id: whose proposal was shown. user: None for the OS user.
        size: width and height in px of the picture that was seen, None where it does not matter.
    """

    frame_id: int
    before: Annotation
    after: Annotation
    label: str
    seconds: float = 0.0
    model_id: str | None = None
    user: str | None = None
    origin: Origin = Origin.PERSON
    at: str = field(default_factory=now)
    size: tuple[int, int] | None = None

    def indices(self) -> NDArray[np.int64]:
        """int64 [K]: the landmarks that differ."""
        return np.flatnonzero(differ(self.before, self.after)).astype(np.int64)

    def applied_to(self, stored: Annotation) -> Annotation:
        """What the project held, with just the changed landmarks (and the review state, if it changed) replaced."""
        review = stored.review if self.before.review == self.after.review else self.after.review
        return replace(over(stored, self.after, self.indices()), review=review)

    def on(self, stored: Annotation) -> "Change":
        """The same change made on what the project holds: its "from" is that, or the proposal where nobody set anything."""
        return self._made_on(stored, self.indices(), self.before.review != self.after.review)

    def settled(self, stored: Annotation) -> "Settled":
        """The change without the landmarks that somebody else set since the person looked; those are told apart."""
        at = self.indices()
        theirs = differ(people(self.before), people(stored))[at]
        done = ~differ(people(self.after), people(stored))[at]
        reviewed = self.before.review != self.after.review
        review_lost = reviewed and stored.review not in (self.before.review, self.after.review)
        mine = self._made_on(stored, at[~theirs & ~done], reviewed and not review_lost)
        return Settled(mine, stored, people(self.before), people(self.after), at[theirs & ~done], review_lost)

    def refused(self, stored: Annotation) -> "Settled":
        """Nothing of the change: the picture has another size than was seen."""
        nothing = replace(self, before=stored, after=stored)
        none = np.zeros(0, np.int64)
        return Settled(nothing, stored, stored, stored, none, review_lost=False, resized=True)

    def human_after(self) -> Annotation:
        """The human layer after a change that was made `on` one."""
        return people(self.after)

    def _made_on(self, stored: Annotation, at: NDArray[np.int64], reviewed: bool) -> "Change":
        seen = np.flatnonzero(~stored.is_human & self.before.is_shown_through)
        before = replace(over(stored, self.before, seen), flags=stored.flags)
        review = self.after.review if reviewed else stored.review
        return replace(
            self, before=before, after=replace(over(before, people(self.after), at), review=review)
        )


@dataclass(frozen=True, eq=False)
class Settled:
    """What became of a change.

    Attributes:
        change: what of it was written, made on what the project held. held: the human layer before it.
        seen, wanted: what the person saw there, and wanted. lost: int64 [K], landmarks that were left as somebody else set them.
        review_lost: whether the review state was left so. ledger_id: 0 where nothing was written. resized: nothing was, as the
        picture has another size than was seen.
    """

    change: Change
    held: Annotation
    seen: Annotation
    wanted: Annotation
    lost: NDArray[np.int64]
    review_lost: bool
    ledger_id: int = 0
    resized: bool = False

    @property
    def stored(self) -> Annotation:
        """The human layer as the project holds it now."""
        return self.change.human_after() if self.ledger_id else self.held

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left as somebody else set it."""
        return not len(self.lost) and not self.review_lost


def over(base: Annotation, top: Annotation, at: NDArray[np.integer]) -> Annotation:
    """The base with some landmarks of another annotation in their place."""
    xy, state, flags = base.xy.copy(), base.state.copy(), base.flags.copy()
    xy[at], state[at], flags[at] = top.xy[at], top.state[at], top.flags[at]
    return replace(base, xy=xy, state=state, flags=flags)


def people(annotation: Annotation) -> Annotation:
    """The human layer of what is shown: proposed and tracked landmarks are missing there."""
    hidden = np.flatnonzero(annotation.is_shown_through)
    xy, state = annotation.xy.copy(), annotation.state.copy()
    xy[hidden], state[hidden] = np.nan, LandmarkState.MISSING
    return replace(annotation, xy=xy, state=state)


def differ(one: Annotation, other: Annotation) -> NDArray[np.bool_]:
    """bool [L]: the landmarks that are not the same in both, in place, state or flags."""
    same = (one.xy == other.xy) | (np.isnan(one.xy) & np.isnan(other.xy))
    different: NDArray[np.bool_] = ~same.all(-1) | (one.state != other.state) | (one.flags != other.flags)
    return different
