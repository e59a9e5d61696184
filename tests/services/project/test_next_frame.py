"""Which frame comes next: by state, and along the queue `Most uncertain`, both ways, going round."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.domain.layers import displayed
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.domain.uncertainty import Question
from annotator.services.project.next_frame import STATES, WorkColumns, next_row, next_uncertain
from annotator.services.project.queue.queues import Queue, read_queue
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

LANDMARKS = 4
FREE, DONE = ReviewState.UNREVIEWED, ReviewState.APPROVED


def columns(
    review: list[ReviewState] | None = None,
    human: list[int] | None = None,
) -> WorkColumns:
    count = len(review or human or [])
    return WorkColumns(
        np.array(review or [FREE] * count, np.uint8),
        np.array(human or [0] * count, np.int64),
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


@pytest.mark.parametrize("state", STATES)
def test_nothing_to_do(state: str) -> None:
    assert next_row(columns(), state, -1) == -1
    assert next_row(columns(human=[0]), state, 0) == -1


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


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[ProjectStore]:
    """Six frames; the model is the surer of a frame the higher its number, and has not proposed the last one."""
    scheme = load_scheme("studio-89")
    with ProjectStore.create(tmp_path / "p.annotator", scheme, tmp_path) as store:
        store.frames.add(Frame(0, f"{n}.jpg", "anna", "", "c", str(n), 8, 8) for n in range(6))
        store.models.add(ModelCard("m", scheme.id, {}), tmp_path)
        store.models.activate("m")
        for frame_id in range(1, 6):
            store.proposals.save(frame_id, proposal(scheme, 0.1 * frame_id))
        yield store


def proposal(scheme: LandmarkScheme, confidence: float) -> Proposal:
    xy = np.full((scheme.size, 2), 4, np.float32)
    spread = np.zeros((scheme.size, 2, 2), np.float32)
    sure = np.full(scheme.size, confidence, np.float32)
    return Proposal("m", scheme.id, xy, spread, sure, np.zeros((0, 4), np.float32), xy, spread)


def along(store: ProjectStore, start: int, steps: int, backwards: bool = False) -> list[int]:
    found, current = [], start
    for _ in range(steps):
        current = next_uncertain(store, current, lambda _: True, backwards)
        found.append(current)
    return found


def accept(store: ProjectStore, frame_id: int, landmarks: range) -> None:
    human = store.annotations.get(frame_id)
    shown = displayed(human, store.proposals.get(frame_id, "m"))
    after = edits.apply(edits.accept(shown, landmarks), shown)[0]
    store.annotations.commit(Change(frame_id, shown, after, "Accept"))


def test_the_next_uncertain_frame_is_the_queue_s(queue: ProjectStore) -> None:
    order = [item.frame.id for item in read_queue(queue, Queue.UNCERTAIN).items]
    assert order == [1, 2, 3, 4, 5]
    assert along(queue, 0, 6) == [*order, order[0]]
    assert along(queue, 0, 6, backwards=True) == [*order[::-1], order[-1]]
    assert along(queue, 6, 1) == [1], "a frame without a proposal stands before the first"


def test_a_finished_frame_is_left_from_its_old_place(queue: ProjectStore) -> None:
    accept(queue, 3, range(89))
    assert along(queue, 3, 1) == [4]
    assert along(queue, 3, 1, backwards=True) == [2]
    assert 3 not in along(queue, 0, 5)


def test_a_frame_moves_back_in_the_queue_as_it_is_worked_on(queue: ProjectStore) -> None:
    accept(queue, 1, range(80))
    assert along(queue, 0, 5) == [2, 3, 4, 5, 1]


def test_only_listed_frames_are_gone_to(queue: ProjectStore) -> None:
    assert next_uncertain(queue, 2, lambda frame_id: frame_id in (1, 2, 5)) == 5
    assert next_uncertain(queue, 5, lambda frame_id: frame_id == 5) == 0
    queue.findings.set_dismissed(1, "m", Question.UNCERTAIN)
    assert along(queue, 5, 1) == [2]
