"""Edits and annotations: every edit has an exact inverse, and a blob keeps every bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotator.domain import edits
from annotator.domain.annotation import Annotation, Flag, LandmarkState, ReviewState
from annotator.domain.layers import displayed
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.scheme_file import load_scheme

SCHEME = load_scheme("ibug-68")
L = SCHEME.size
number = st.floats(-100, 9000, width=32)


@st.composite
def annotations(draw: st.DrawFn) -> Annotation:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    state = rng.integers(0, 4, L, dtype=np.uint8)
    xy = rng.uniform(0, 4096, (L, 2)).astype(np.float32)
    xy[state == LandmarkState.MISSING] = np.nan
    flags = rng.integers(0, 4, L, dtype=np.uint8)
    return Annotation(SCHEME.id, xy, state, flags, ReviewState(rng.integers(0, 4)))


def proposal(xy: NDArray[np.float32]) -> Proposal:
    cov = np.tile(np.eye(2, dtype=np.float32), (L, 1, 1))
    return Proposal("m", SCHEME.id, xy, cov, np.ones(L, np.float32), np.zeros((4, 4), np.float32), xy, cov)


@st.composite
def some_edit(draw: st.DrawFn, annotation: Annotation) -> edits.Edit:
    at = draw(st.lists(st.integers(0, L - 1), unique=True, max_size=10))
    match draw(st.integers(0, 7)):
        case 0:
            return edits.move(at, [[draw(number), draw(number)] for _ in at])
        case 1:
            return edits.nudge(annotation, at, draw(number), draw(number))
        case 2:
            return edits.accept(annotation, at)
        case 3:
            return edits.clear(at)
        case 4:
            return edits.set_flags(
                annotation, at, draw(st.sampled_from([Flag.OCCLUDED, Flag.OUT_OF_FRAME])), draw(st.booleans())
            )
        case 5:
            return edits.set_review(draw(st.sampled_from(list(ReviewState))))
        case 6:
            other = draw(annotations())
            return edits.replace_all(other)
        case _:
            xy = np.full((L, 2), draw(number), np.float32)
            return edits.accept(displayed(annotation, proposal(xy)))


@given(st.data())
def test_every_edit_is_undone_and_redone_exactly(data: st.DataObject) -> None:
    before = data.draw(annotations())
    edit = data.draw(some_edit(before))
    after, inverse = edits.apply(edit, before)
    back, again = edits.apply(inverse, after)
    assert back == before
    assert edits.apply(again, back)[0] == after


@given(annotations())
def test_a_blob_keeps_everything(annotation: Annotation) -> None:
    blob = annotation.to_blob()
    assert len(blob) == 9 * L
    assert Annotation.from_blob(blob, SCHEME, annotation.review) == annotation


def test_values_cannot_be_changed_in_place() -> None:
    annotation = Annotation.empty(SCHEME)
    with pytest.raises(ValueError):
        annotation.xy[0] = 1


def test_missing_and_nan_must_agree() -> None:
    with pytest.raises(ValueError, match="NaN"):
        Annotation(SCHEME.id, np.zeros((L, 2), np.float32), np.zeros(L, np.uint8), np.zeros(L, np.uint8))


def test_accepting_takes_points_where_they_are_shown() -> None:
    moved, _ = edits.apply(edits.move([3], [[5, 6]]), Annotation.empty(SCHEME))
    xy = np.full((L, 2), 50, np.float32)
    xy[7] = np.nan
    after, _ = edits.apply(edits.accept(displayed(moved, proposal(xy))), moved)
    assert after.xy[3].tolist() == [5, 6], "a person's place, not the proposed one"
    assert after.state[3] == LandmarkState.CONFIRMED
    assert after.state[7] == LandmarkState.MISSING
    assert after.xy[8].tolist() == [50, 50]
    assert after.state[8] == LandmarkState.CONFIRMED
    assert not len(edits.accept(after).indices), "what is confirmed or missing stays"
    one, _ = edits.apply(edits.accept(displayed(moved, proposal(xy)), [8]), moved)
    assert np.flatnonzero(one.is_human).tolist() == [3, 8]


def test_nudge_and_accept_leave_missing_landmarks_missing() -> None:
    moved, _ = edits.apply(edits.move([1, 2], [[10, 10], [20, 20]]), Annotation.empty(SCHEME))
    nudged, _ = edits.apply(edits.nudge(moved, [0, 1], 0.5, -1), moved)
    assert nudged.xy[1].tolist() == [10.5, 9]
    confirmed, _ = edits.apply(edits.accept(nudged, range(L)), nudged)
    assert (confirmed.state > 0).tolist() == [i in (1, 2) for i in range(L)]


def test_an_edit_names_each_landmark_once() -> None:
    with pytest.raises(ValueError, match="once"):
        edits.clear([1, 1])
