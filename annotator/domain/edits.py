"""Edits as values: what changes in an annotation, and the edit that undoes it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from annotator.domain.annotation import Annotation, Flag, LandmarkState, ReviewState
from annotator.domain.words import counted

Indices = Sequence[int] | NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Edit:
    """New values for some landmarks of an annotation, and perhaps for its review state.

    Attributes:
        label: what the history shows, such as `Move 3 landmarks`.
        indices: int64 [K], without repeats. xy: float32 [K, 2]; state, flags: uint8 [K]; None leaves them as they are.
        review: None leaves it as it is.
        stroke: edits of one gesture share a token, so that they undo as one.
    """

    label: str
    indices: NDArray[np.int64]
    xy: NDArray[np.float32] | None = None
    state: NDArray[np.uint8] | None = None
    flags: NDArray[np.uint8] | None = None
    review: ReviewState | None = None
    stroke: int | None = None


def apply(edit: Edit, annotation: Annotation) -> tuple[Annotation, Edit]:
    """The annotation after an edit, and the edit that leads back exactly."""
    at = edit.indices
    xy, state, flags = annotation.xy.copy(), annotation.state.copy(), annotation.flags.copy()
    inverse = replace(
        edit,
        xy=None if edit.xy is None else xy[at],
        state=None if edit.state is None else state[at],
        flags=None if edit.flags is None else flags[at],
        review=None if edit.review is None else annotation.review,
    )
    if edit.xy is not None:
        xy[at] = edit.xy
    if edit.state is not None:
        state[at] = edit.state
    if edit.flags is not None:
        flags[at] = edit.flags
    review = annotation.review if edit.review is None else edit.review
    return replace(annotation, xy=xy, state=state, flags=flags, review=review), inverse


def move(indices: Indices, xy: ArrayLike, stroke: int | None = None) -> Edit:
    """Puts landmarks at xy [K, 2] (frame pixels); they become corrected."""
    at = _as_indices(indices)
    places = np.asarray(xy, np.float32).reshape(len(at), 2)
    return Edit(f"Move {_count(at)}", at, places, _states(at, LandmarkState.CORRECTED), stroke=stroke)


def nudge(annotation: Annotation, indices: Indices, dx: float, dy: float, stroke: int | None = None) -> Edit:
    """Shifts the landmarks that are placed by (dx, dy) frame pixels; missing ones stay missing."""
    at = _as_indices(indices)
    at = at[annotation.state[at] != LandmarkState.MISSING]
    shifted = annotation.xy[at] + np.array([dx, dy], np.float32)
    return replace(move(at, shifted, stroke), label=f"Nudge {_count(at)}")


def accept(shown: Annotation, indices: Indices | None = None) -> Edit:
    """A person agrees with landmarks (None: with all) at the places where they are shown; they become confirmed there.

    Proposed and tracked landmarks are those of `layers.displayed`. Missing ones stay missing, and confirmed ones as they are.
    """
    at = _as_indices(range(len(shown.state)) if indices is None else indices)
    at = at[shown.is_shown_through[at] | (shown.state[at] == LandmarkState.CORRECTED)]
    return Edit(f"Accept {_count(at)}", at, shown.xy[at], _states(at, LandmarkState.CONFIRMED))


def clear(indices: Indices) -> Edit:
    """Takes landmarks away; their flags go too."""
    at = _as_indices(indices)
    nowhere = np.full((len(at), 2), np.nan, np.float32)
    return Edit(
        f"Clear {_count(at)}", at, nowhere, _states(at, LandmarkState.MISSING), np.zeros(len(at), np.uint8)
    )


def set_flags(annotation: Annotation, indices: Indices, flag: Flag, on: bool) -> Edit:
    """Sets or takes back one flag."""
    at = _as_indices(indices)
    before = annotation.flags[at]
    after = before | np.uint8(flag) if on else before & np.uint8(~int(flag) & 255)
    name = (flag.name or "flag").replace("_", " ").lower()
    return Edit(f"{'Mark' if on else 'Unmark'} {_count(at)} {name}", at, flags=after)


def set_review(review: ReviewState) -> Edit:
    """Sets the frame's review state."""
    return Edit(f"Frame {review.name.replace('_', ' ').lower()}", _as_indices(()), review=review)


def replace_all(annotation: Annotation, label: str = "Replace annotation") -> Edit:
    """Makes any annotation of the same scheme equal to this one, as an import or a revert does."""
    at = _as_indices(range(len(annotation.state)))
    return Edit(label, at, annotation.xy, annotation.state, annotation.flags, annotation.review)


def without(edit: Edit, indices: Indices, review: bool = False) -> Edit:
    """The edit without some of its landmarks, and without its review state where `review` says so."""
    keep = ~np.isin(edit.indices, np.asarray(indices, np.int64))
    return replace(
        edit,
        indices=edit.indices[keep],
        xy=None if edit.xy is None else edit.xy[keep],
        state=None if edit.state is None else edit.state[keep],
        flags=None if edit.flags is None else edit.flags[keep],
        review=None if review else edit.review,
    )


def changes_nothing(edit: Edit) -> bool:
    """Whether an edit names neither a landmark nor a review state."""
    return not len(edit.indices) and edit.review is None


def _as_indices(indices: Indices | range) -> NDArray[np.int64]:
    at = np.asarray(indices, np.int64).reshape(-1)
    if len(np.unique(at)) != len(at):
        raise ValueError("an edit names each landmark once")
    return at


def _states(at: NDArray[np.int64], state: LandmarkState) -> NDArray[np.uint8]:
    return np.full(len(at), state, np.uint8)


def _count(at: NDArray[np.int64]) -> str:
    return counted(len(at), "landmark")
