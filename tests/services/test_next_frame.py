"""The queue of frames: by state, by doubt, both ways, going round."""

from collections.abc import Sequence

import pytest

from annotator.domain.annotation import ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.services.next_frame import STATES, next_frame
from annotator.store.frames import FrameCounts, FrameSummary

LANDMARKS = 4


def summary(
    key: int, review: ReviewState = ReviewState.UNREVIEWED, human: int = 0, confidence: float | None = None
) -> FrameSummary:
    frame = Frame(key, f"{key}.jpg", "anna", "", "c1", str(key), 64, 64)
    counts = FrameCounts(human, 0, LANDMARKS - human, 0, LANDMARKS)
    return FrameSummary(frame, review, counts, confidence, confidence)


def walk(
    frames: Sequence[FrameSummary], start: int, state: str, steps: int, backwards: bool = False
) -> list[int]:
    ids, current = [], start
    for _ in range(steps):
        found = next_frame(frames, current, state, backwards)
        assert found is not None
        current = found.frame.id
        ids.append(current)
    return ids


def test_by_review_state_in_shown_order_and_round() -> None:
    done = ReviewState.APPROVED
    frames = [summary(5), summary(3, done), summary(9), summary(1, done)]
    assert walk(frames, 5, "unreviewed", 3) == [9, 5, 9]
    assert walk(frames, 0, "approved", 3) == [3, 1, 3]
    assert walk(frames, 0, "approved", 3, backwards=True) == [1, 3, 1]


def test_by_human_landmarks() -> None:
    frames = [summary(1, human=0), summary(2, human=2), summary(3, human=LANDMARKS)]
    assert walk(frames, 3, "untouched", 1) == [1]
    assert walk(frames, 1, "unfinished", 1) == [2]
    assert next_frame([frames[2]], 0, "unfinished") is None


def test_by_doubt_leaves_out_decided_finished_and_unproposed() -> None:
    frames = [
        summary(1, confidence=0.9),
        summary(2, confidence=0.2),
        summary(3, confidence=0.1, review=ReviewState.APPROVED),
        summary(4, confidence=0.1, human=LANDMARKS),
        summary(5),
        summary(6, confidence=0.5),
    ]
    assert walk(frames, 0, "uncertain", 4) == [2, 6, 1, 2]
    assert walk(frames, 0, "uncertain", 4, backwards=True) == [1, 6, 2, 1]
    assert walk(frames, 5, "uncertain", 1) == [2]


def test_by_doubt_walks_through_equal_confidences() -> None:
    frames = [summary(key, confidence=0.5) for key in (7, 8, 9)]
    assert walk(frames, 0, "uncertain", 4) == [7, 8, 9, 7]


def test_by_doubt_goes_on_from_a_frame_that_was_just_finished() -> None:
    frames = [
        summary(1, confidence=0.1),
        summary(2, confidence=0.3, human=LANDMARKS),
        summary(3, confidence=0.4),
    ]
    assert walk(frames, 2, "uncertain", 1) == [3]


@pytest.mark.parametrize("state", STATES)
def test_nothing_to_do(state: str) -> None:
    assert next_frame([], 0, state) is None
    assert next_frame([summary(1, confidence=0.5)], 1, state) is None


def test_unknown_queue_names_those_there_are() -> None:
    with pytest.raises(AnnotatorError, match="unfinished"):
        next_frame([], 0, "soon")
