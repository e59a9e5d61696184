"""The queues in words, and the refresh that learns a project's usual shapes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.scheme_file import load_scheme
from annotator.domain.uncertainty import Cause, Finding, Question
from annotator.services.project.queues import Queue, parse_queue, read_queue, reason
from annotator.services.project.refresh_queues import needs_refresh, refresh_queues
from annotator.store.changes import Change
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
