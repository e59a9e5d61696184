"""Why a frame is in a queue, in words."""

from collections.abc import Sequence
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import ReviewState
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.uncertainty import APART_BEYOND, ERROR_BEYOND, UNSURE_BELOW, Cause, Finding, Question
from annotator.domain.words import counted, listed
from annotator.services.project.copies.merge_record import MergeConflict, Side
from annotator.store.lists.coverage import LeastCovered
from annotator.store.lists.frame_list import FrameSummary


def reason(finding: Finding, scheme: LandmarkScheme) -> str:
    """Why a frame is in its queue, such as `Mouth: 3 points beyond 2 sigma, up to 7.1`."""
    if not len(finding.indices):
        return ""
    match finding.question:
        case Question.UNCERTAIN:
            return _unsure(finding, scheme)
        case Question.DISAGREEMENT:
            where = _by_region(finding.indices, scheme)
            return f"{where} beyond {APART_BEYOND:.0f} sigma apart, up to {finding.values[0]:.1f}"
        case Question.LABEL_ERROR:
            return _likely_errors(finding, scheme)
        case Question.CAMERAS:
            return _off_others(finding, scheme)
        case Question.MOTION:
            return (
                f"{_by_region(finding.indices, scheme)} out of its way, up to {finding.values[0]:.0f} sigma"
            )
        case other:
            assert_never(other)


def coverage_reason(entry: LeastCovered) -> str:
    """How well a frame's subject, take and camera are covered, such as `ada 0 of 192 · smile 3 of 40 · camera c2 1 of 90`."""
    if not entry.covered:
        return "not touched yet"
    parts = [
        f"{'camera ' if row.facet == 'camera' else ''}{row.token} {row.touched} of {row.frames}"
        for row in entry.covered
    ]
    return " · ".join(parts) + " worked on"


def _unsure(finding: Finding, scheme: LandmarkScheme) -> str:
    expected = f"about {max(finding.score, 1):.0f} to correct"
    least = float(finding.values[0])
    if least >= UNSURE_BELOW:
        return f"{expected}; least sure: {scheme.names[finding.indices[0]]} ({least:.2f})"
    return f"{expected}; {_by_region(finding.indices, scheme)} unsure, least {least:.2f}"


def _likely_errors(finding: Finding, scheme: LandmarkScheme) -> str:
    """The worst cause in words, and how many more points there are."""
    worst = Cause.SWAPPED if (finding.causes == Cause.SWAPPED).any() else Cause(int(finding.causes[0]))
    here = finding.causes == worst
    indices, values = finding.indices[here], finding.values[here]
    if worst is Cause.SWAPPED:
        names = ", ".join(scheme.names[i] for i in indices[:2])
        text = f"swapped: {names}" + (f" and {len(indices) - 2} more" if len(indices) > 2 else "")
    else:
        what = "from the proposal" if worst is Cause.FAR_FROM_PROPOSAL else "off the usual shape"
        where = _by_region(indices, scheme)
        text = f"{where} beyond {ERROR_BEYOND:.0f} sigma {what}, up to {values.max():.1f}"
    others = len(finding.indices) - len(indices)
    return f"{text}; {others} more" if others else text


def _off_others(finding: Finding, scheme: LandmarkScheme) -> str:
    """`eye_outer_l 12 px from where the other cameras see it; 2 more`: the farthest in sigmas in words."""
    first, pixels = finding.indices[0], float(finding.values[0])
    text = f"{scheme.names[first]} {pixels:.0f} px from where the other cameras see it"
    rest = finding.indices[1:]
    return f"{text}; {len(rest)} more" if len(rest) else text


def _by_region(indices: NDArray[np.int64] | Sequence[int], scheme: LandmarkScheme) -> str:
    """`Mouth: 3 points, nose: 1`: where landmarks lie, the region with the most of them first."""
    numbers = scheme.region_of[np.asarray(indices, np.int64)]
    regions, counts = np.unique(numbers, return_counts=True)
    parts = []
    for place in np.argsort(-counts, kind="stable"):
        number, count = int(regions[place]), int(counts[place])
        title = scheme.regions[number].title if number >= 0 else "Outline"
        parts.append((title, count))
    (title, count), *rest = parts
    first = f"{title}: {counted(count, 'point')}"
    if len(rest) > 1:
        return f"{first}, elsewhere: {sum(number for _, number in rest)}"
    return ", ".join([first, *(f"{name.lower()}: {number}" for name, number in rest)])


def own_reason(row: FrameSummary) -> str:
    """How far a frame of one's own is, such as `needs work · 12 of 89 points set`."""
    done = f"{row.counts.human} of {row.counts.total} points set" if row.counts.human else "not begun"
    return f"needs work · {done}" if row.review is ReviewState.NEEDS_WORK else done


def conflict_reason(found: Sequence[MergeConflict]) -> str:
    """What two copies both changed in a frame, and who: `chin, nose_tip and 3 more: anna and bo`."""
    names = [each.landmark or "review state" for each in found]
    more = [f"{len(names) - 2} more"] if len(names) > 3 else []
    people = sorted({side.user for each in found for side in (each.mine, each.theirs)})
    text = f"{listed(names[:2] + more if more else names)}: {listed(people)}"
    review = next((each for each in found if each.landmark is None), None)
    return f"{text}; {side_words(review.mine)} or {side_words(review.theirs)}" if review else text


def side_words(side: Side) -> str:
    """Where a side of a conflict has the landmark, or which review state, with who and when."""
    place = side.review or ("taken away" if side.x is None else f"{side.x:.1f}, {side.y:.1f}")
    return f"{place} ({side.user}, {side.at})"
