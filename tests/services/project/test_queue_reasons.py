"""The queues in words, and the refresh that learns a project's usual shapes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.domain.uncertainty import Cause, Finding, Question
from annotator.services.project.queue.queue_reasons import reason
from annotator.services.project.queue.queues import Queue, parse_queue, read_queue
from annotator.services.project.queue.refresh_queues import needs_refresh, refresh_queues
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SCHEME = load_scheme("studio-89")
L, MOUTH, CHIN = SCHEME.size, SCHEME.index("mouth_left"), SCHEME.index("chin")


def finding(question: Question, score: float, points: list[tuple[int, float, Cause]]) -> Finding:
    indices, values, causes = zip(*points, strict=True)
    return Finding(
        question, score, np.array(indices), np.array(values, np.float32), np.array(causes, np.uint8)
    )


def test_reasons_name_the_region_and_the_measure() -> None:
    other = SCHEME.index("mouth_right")
    apart = finding(Question.DISAGREEMENT, 4, [(MOUTH, 7.12, Cause.APART), (other, 3, Cause.APART)])
    assert reason(apart, SCHEME) == "Mouth: 2 points beyond 2 sigma apart, up to 7.1"
    unsure = finding(Question.UNCERTAIN, 11.6, [(CHIN, 0.2, Cause.UNSURE), (MOUTH, 0.4, Cause.UNSURE)])
    assert reason(unsure, SCHEME) == "about 12 to correct; Outline: 1 point, mouth: 1 unsure, least 0.20"
    sure = finding(Question.UNCERTAIN, 0.3, [(CHIN, 0.81, Cause.UNSURE)])
    assert reason(sure, SCHEME) == "about 1 to correct; least sure: chin (0.81)"
    wrong = finding(
        Question.LABEL_ERROR,
        30,
        [(CHIN, 30, Cause.ODD_SHAPE), (MOUTH, 9, Cause.SWAPPED), (other, 9, Cause.SWAPPED)],
    )
    assert reason(wrong, SCHEME) == "swapped: mouth_left, mouth_right; 1 more"
    off = [(CHIN, 12.4, Cause.OFF_OTHERS), (MOUTH, 30, Cause.OFF_OTHERS)]
    assert reason(finding(Question.CAMERAS, 9, off[:1]), SCHEME) == (
        "chin 12 px from where the other cameras see it"
    )
    assert reason(finding(Question.CAMERAS, 9, off), SCHEME).endswith("the other cameras see it; 1 more")
    spread = [(index, 4.0, Cause.ODD_SHAPE) for index in (MOUTH, other, CHIN, SCHEME.index("nose_tip"))]
    assert reason(finding(Question.LABEL_ERROR, 4, spread), SCHEME) == (
        "Mouth: 2 points, elsewhere: 2 beyond 3 sigma off the usual shape, up to 4.0"
    )


def test_an_unknown_queue_names_those_there_are() -> None:
    with pytest.raises(AnnotatorError, match="label-errors"):
        parse_queue("soon")


def face(number: int) -> Proposal:
    """A face of 880 x 480 on a grid with some noise of its own, at a place of its own."""
    place = np.arange(L)
    grid = np.stack([80.0 * (place % 11), 60.0 * (place // 11)], 1)
    xy = (grid + np.random.default_rng(number).normal(0, 2, (L, 2)) + 10 * number).astype(np.float32)
    covariance = np.tile(np.eye(2) * 1e6, (L, 1, 1)).astype(np.float32)  # a model that knows nothing
    boxes = np.zeros((len(SCHEME.regions), 4), np.float32)
    return Proposal("m", SCHEME.id, xy, covariance, np.full(L, 0.7, np.float32), boxes, xy, covariance)


@pytest.fixture
def store(tmp_path: Path) -> ProjectStore:
    with ProjectStore.create(tmp_path / "p.annotator", SCHEME, tmp_path) as made:
        made.frames.add(Frame(0, f"{n}.jpg", "ada", "", "c", str(n), 2000, 2000) for n in range(20))
        made.models.add(ModelCard("m", SCHEME.id, {}), tmp_path)
        made.models.activate("m")
        yield made


def test_without_proposals_or_model_the_queues_are_empty(store: ProjectStore, tmp_path: Path) -> None:
    assert read_queue(store, Queue.UNCERTAIN).total == 0
    assert not needs_refresh(store)
    with ProjectStore.create(tmp_path / "bare.annotator", SCHEME, tmp_path) as bare:
        assert read_queue(bare, Queue.LABEL_ERRORS).items == ()


def test_a_page_is_limited_and_tells_the_total(store: ProjectStore) -> None:
    store.proposals.save_all((n, face(n)) for n in range(1, 6))
    page = read_queue(store, Queue.UNCERTAIN, 2)
    assert (len(page.items), page.total) == (2, 5)
    assert page.items[0].score == pytest.approx(0.3 * L, rel=1e-5)
    assert len(read_queue(store, Queue.LEAST_COVERED, 3).items) == 3


def test_the_refresh_learns_shapes_and_finds_what_breaks_them(store: ProjectStore) -> None:
    store.proposals.save_all((n, face(n)) for n in range(1, 21))
    before = store.annotations.get(7)
    stray = face(7).xy[MOUTH] + [0, 60]
    after = edits.apply(edits.move([MOUTH], [stray]), before)[0]
    store.annotations.commit(Change(7, before, after, "Move 1 landmark"))
    assert (
        read_queue(store, Queue.LABEL_ERRORS).items == ()
    )  # the model is no help, and nothing was learnt yet
    assert needs_refresh(store)
    summary = refresh_queues(store)
    assert summary.shapes == 20
    (item,) = read_queue(store, Queue.LABEL_ERRORS).items
    assert (item.frame.id, item.landmarks[0]) == (7, MOUTH)
    assert "off the usual shape" in item.reason
    assert not needs_refresh(store)


def test_a_refresh_can_be_stopped_and_proposals_without_a_face_teach_nothing(store: ProjectStore) -> None:
    store.proposals.save_all((n, replace(face(n), message="no face found")) for n in range(1, 21))
    before = store.annotations.get(1)
    store.annotations.commit(Change(1, before, edits.apply(edits.move([0], [[1.0, 1.0]]), before)[0], "Move"))
    summary = refresh_queues(store, stop=lambda: True)
    assert (summary.asked, summary.shapes, summary.stopped) == (0, 0, True)


class Emptied:
    """A project of four frames without findings, and what its empty queues say."""

    def __init__(self, store: ProjectStore) -> None:
        self.store = store

    def propose(self, *frame_ids: int, confidence: float = 1.0) -> None:
        sure = np.full(L, confidence, np.float32)
        values = [(n, replace(face(n), confidence=sure, global_xy=face(n).xy)) for n in frame_ids]
        self.store.proposals.save_all(values)

    def edit(self, frame_id: int, make: edits.Edit) -> None:
        before = self.store.annotations.get(frame_id)
        self.store.annotations.commit(Change(frame_id, before, edits.apply(make, before)[0], "Edit"))

    def why(self, queue: Queue) -> str:
        page = read_queue(self.store, queue)
        assert not page.items
        return page.why


@pytest.fixture
def emptied(tmp_path: Path) -> Iterator[Emptied]:
    with ProjectStore.create(tmp_path / "p.annotator", SCHEME, tmp_path) as store:
        yield Emptied(store)


def filled(emptied: Emptied) -> Emptied:
    emptied.store.frames.add(Frame(0, f"{n}.jpg", "ada", "", "c", str(n), 1000, 1000) for n in range(4))
    emptied.store.models.add(ModelCard("m", SCHEME.id, {}), emptied.store.path.parent)
    emptied.store.models.activate("m")
    return emptied


ASKING = [Queue.UNCERTAIN, Queue.DISAGREEMENT]


def test_an_empty_project_says_so_in_every_queue(emptied: Emptied) -> None:
    assert {emptied.why(queue) for queue in Queue} == {"The project has no frames yet."}


@pytest.mark.parametrize("queue", ASKING)
def test_frames_without_proposals_are_not_said_to_be_done(emptied: Emptied, queue: Queue) -> None:
    store = filled(emptied).store
    assert "4 of 4 frames to look at have no proposal of m yet" in emptied.why(queue)
    emptied.edit(1, edits.set_review(ReviewState.APPROVED))
    emptied.propose(1, 2)
    page = read_queue(store, queue)
    assert "2 of 3 frames to look at have no proposal" in page.why
    assert page.waiting == 2
    emptied.propose(3, 4)
    assert "Nothing is open" not in emptied.why(queue)
    assert read_queue(store, queue).waiting == 0
    for frame_id in (2, 3, 4):
        emptied.edit(frame_id, edits.set_review(ReviewState.REJECTED))
    assert emptied.why(queue).startswith("Nothing is open")


def test_points_that_no_proposal_is_beside_are_not_said_to_be_right(emptied: Emptied) -> None:
    filled(emptied)
    assert "no point to judge" in emptied.why(Queue.LABEL_ERRORS)
    emptied.edit(1, edits.move([CHIN], [[1.0, 2.0]]))
    assert "1 of 1 frame to look at has no proposal of m yet" in emptied.why(Queue.LABEL_ERRORS)
    assert "looks wrong" not in emptied.why(Queue.LABEL_ERRORS)


def test_what_a_person_dismissed_is_named(emptied: Emptied) -> None:
    filled(emptied).propose(1, 2, 3, 4, confidence=0.5)
    for frame_id in (1, 2, 3, 4):
        emptied.store.findings.set_dismissed(frame_id, "m", Question.UNCERTAIN)
    assert "Left out: 4 frames that you found to be right" in emptied.why(Queue.UNCERTAIN)
    assert "sure of every" not in emptied.why(Queue.UNCERTAIN)


def test_without_an_active_model_that_is_said(emptied: Emptied) -> None:
    emptied.store.frames.add([Frame(0, "1.jpg", "ada", "", "c", "1", 1000, 1000)])
    assert "none is active" in emptied.why(Queue.UNCERTAIN)
    assert read_queue(emptied.store, Queue.LEAST_COVERED).items


def test_every_queue_has_its_words() -> None:
    for queue in Queue:
        assert all((queue.words.heading, queue.words.how, queue.words.none_asked, queue.words.all_well)), (
            queue
        )
    assert {queue.question for queue in Queue} >= set(Question)
