"""The queue of frames: by state, by doubt, both ways, going round."""

from pathlib import Path

import numpy as np
import pytest

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme_file import load_scheme
from annotator.services.project.next_frame import STATES, WorkColumns, next_row
from annotator.store.annotations import Change
from annotator.store.project_store import ProjectStore

LANDMARKS = 4
NONE = float("nan")
FREE, DONE = ReviewState.UNREVIEWED, ReviewState.APPROVED


def columns(
    review: list[ReviewState] | None = None,
    human: list[int] | None = None,
    confidence: list[float] | None = None,
) -> WorkColumns:
    count = len(review or human or confidence or [])
    return WorkColumns(
        np.array(review or [FREE] * count, np.uint8),
        np.array(human or [0] * count, np.int64),
        np.array(confidence or [NONE] * count, np.float64),
        LANDMARKS,
    )


def walk(frames: WorkColumns, start: int, state: str, steps: int, backwards: bool = False) -> list[int]:
    rows, current = [], start
    for _ in range(steps):
        current = next_row(frames, state, current, backwards)
        rows.append(current)
    return rows


def test_by_review_state_in_shown_order_and_round() -> None:
    frames = columns(review=[FREE, DONE, FREE, DONE])
    assert walk(frames, 0, "unreviewed", 3) == [2, 0, 2]
    assert walk(frames, -1, "approved", 3) == [1, 3, 1]
    assert walk(frames, -1, "approved", 3, backwards=True) == [3, 1, 3]
    assert walk(frames, 2, "approved", 1, backwards=True) == [1]


def test_by_human_landmarks() -> None:
    frames = columns(human=[0, 2, LANDMARKS])
    assert walk(frames, 2, "untouched", 1) == [0]
    assert walk(frames, 0, "unfinished", 1) == [1]
    assert next_row(columns(human=[LANDMARKS]), "unfinished", -1) == -1


def test_by_doubt_leaves_out_decided_finished_and_unproposed() -> None:
    frames = columns(
        review=[FREE, FREE, DONE, FREE, FREE, FREE],
        human=[0, 0, 0, LANDMARKS, 0, 0],
        confidence=[0.9, 0.2, 0.1, 0.1, NONE, 0.5],
    )
    assert walk(frames, -1, "uncertain", 4) == [1, 5, 0, 1]
    assert walk(frames, -1, "uncertain", 4, backwards=True) == [0, 5, 1, 0]
    assert walk(frames, 4, "uncertain", 1) == [1]


def test_by_doubt_walks_through_equal_confidences() -> None:
    assert walk(columns(confidence=[0.5, 0.5, 0.5]), -1, "uncertain", 4) == [0, 1, 2, 0]


def test_by_doubt_goes_on_from_a_frame_that_was_just_finished() -> None:
    frames = columns(human=[0, LANDMARKS, 0], confidence=[0.1, 0.3, 0.4])
    assert walk(frames, 1, "uncertain", 1) == [2]
    assert walk(frames, 1, "uncertain", 1, backwards=True) == [0]


@pytest.mark.parametrize("state", STATES)
def test_nothing_to_do(state: str) -> None:
    assert next_row(columns(), state, -1) == -1
    assert next_row(columns(confidence=[0.5]), state, 0) == -1


def test_asking_changes_nothing() -> None:
    frames = columns(review=[FREE, FREE])
    next_row(frames, "unreviewed", 0)
    assert frames.review.tolist() == [FREE, FREE]


def test_unknown_queue_names_those_there_are() -> None:
    with pytest.raises(AnnotatorError, match="unfinished"):
        next_row(columns(), "soon", -1)


def test_columns_of_a_project(tmp_path: Path) -> None:
    scheme = load_scheme("studio-89")
    with ProjectStore.create(tmp_path / "p.annotator", scheme, tmp_path) as store:
        store.frames.add(Frame(0, f"{n}.jpg", "anna", "", "c", str(n), 8, 8) for n in range(3))
        before = store.annotations.get(2)
        after = edits.apply(edits.move([1], [[4.0, 4.0]]), before)[0]
        store.annotations.commit(Change(2, before, after, "Move"))
        listed = WorkColumns.of(store.frames.list(), scheme.size)
    assert listed.human.tolist() == [0, 1, 0]
    assert next_row(listed, "untouched", 0) == 2
    assert next_row(listed, "uncertain", 0) == -1
