"""Queues and coverage of a project, by hand: what is listed, in which order, and how writes keep it true."""

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from store_helpers import frame, make_proposal

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.domain.edits import Edit
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.uncertainty import Question
from annotator.store import findings
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

XY = np.array([[10, 10], [20, 10], [60, 10], [50, 10], [35, 80]], np.float32)


def proposal(scheme: LandmarkScheme, confidence: float, apart: float = 0.0, model: str = "m") -> Proposal:
    """Points at XY with unit covariance; the global network puts landmark 1 `apart` px to the right."""
    unit = np.tile(np.eye(2), (5, 1, 1)).astype(np.float32)
    global_xy = XY.copy()
    global_xy[1, 0] += apart
    made = make_proposal(scheme, model)
    sure = np.full(5, confidence, np.float32)
    return replace(made, xy=XY, confidence=sure, covariance=unit, global_xy=global_xy, global_covariance=unit)


def change(store: ProjectStore, frame_id: int, edit: Edit) -> None:
    before = store.annotations.get(frame_id)
    store.annotations.commit(Change(frame_id, before, edits.apply(edit, before)[0], edit.label))


def ids(store: ProjectStore, question: Question, model: str = "m") -> list[int]:
    return [entry.frame.id for entry in store.findings.top(question, model, 10)]


@pytest.fixture
def proposed(store: ProjectStore, scheme: LandmarkScheme) -> ProjectStore:
    values = [(1, 0.9, 0.0), (2, 0.3, 9.0), (3, 0.6, 40.0)]
    store.proposals.save_all((i, proposal(scheme, confidence, apart)) for i, confidence, apart in values)
    return store


def test_queues_come_with_the_proposals(proposed: ProjectStore) -> None:
    assert ids(proposed, Question.UNCERTAIN) == [2, 3, 1]
    assert ids(proposed, Question.DISAGREEMENT) == [3, 2]
    assert ids(proposed, Question.LABEL_ERROR) == []
    assert ids(proposed, Question.UNCERTAIN, "other") == []
    first = proposed.findings.top(Question.UNCERTAIN, "m", 1)[0].finding
    assert first.score == pytest.approx(5 * 0.7, rel=1e-6)
    assert first.indices.tolist() == [0, 1, 2, 3, 4]
    second = proposed.findings.top(Question.UNCERTAIN, "m", 1, offset=1)[0]
    assert second.frame.id == 3
    assert [proposed.findings.count(question, "m") for question in Question] == [3, 2, 0, 0, 0]


def test_a_commit_brings_the_queues_up_to_date(proposed: ProjectStore) -> None:
    change(proposed, 2, edits.move([0, 1], XY[:2]))
    assert proposed.findings.get(2, "m", Question.UNCERTAIN).score == pytest.approx(3 * 0.7, rel=1e-6)
    assert ids(proposed, Question.DISAGREEMENT) == [3]  # the point in question was set by a person
    change(proposed, 2, edits.move([0], [[13.0, 14.0]]))
    (entry,) = proposed.findings.top(Question.LABEL_ERROR, "m", 10)
    own = 0.003**2 * 50 * 70  # a person's own error on a face of 50 x 70
    assert entry.finding.score == pytest.approx(5 / np.sqrt(1 + own), rel=1e-4)
    assert entry.finding.indices.tolist() == [0]
    change(proposed, 2, edits.set_review(ReviewState.REJECTED))
    assert 2 not in ids(proposed, Question.UNCERTAIN) + ids(proposed, Question.LABEL_ERROR)
    change(proposed, 2, edits.set_review(ReviewState.NEEDS_WORK))
    (entry,) = proposed.findings.top(Question.LABEL_ERROR, "m", 10)
    assert entry.review is ReviewState.NEEDS_WORK


def test_every_model_has_queues_of_its_own(proposed: ProjectStore, scheme: LandmarkScheme) -> None:
    proposed.proposals.save(1, proposal(scheme, 0.1, model="n"))
    change(proposed, 1, edits.move([4], [[35.0, 90.0]]))
    assert ids(proposed, Question.LABEL_ERROR) == ids(proposed, Question.LABEL_ERROR, "n") == [1]
    assert proposed.findings.get(1, "n", Question.UNCERTAIN).score == pytest.approx(4 * 0.9, rel=1e-6)


def test_what_a_person_passed_returns_only_when_it_gets_worse(proposed: ProjectStore) -> None:
    change(proposed, 1, edits.move([0], [[15.0, 10.0]]))
    table = proposed.findings
    table.set_dismissed(1, "m", Question.LABEL_ERROR)
    assert (ids(proposed, Question.LABEL_ERROR), table.count(Question.LABEL_ERROR, "m")) == ([], 0)
    assert table.get(1, "m", Question.LABEL_ERROR) is None
    change(proposed, 1, edits.move([1], [[24.0, 10.0]]))  # another point, but no worse
    assert ids(proposed, Question.LABEL_ERROR) == []
    change(proposed, 1, edits.move([1], [[29.0, 10.0]]))
    assert ids(proposed, Question.LABEL_ERROR) == [1]
    table.set_dismissed(1, "m", Question.LABEL_ERROR)
    table.set_dismissed(1, "m", Question.LABEL_ERROR, on=False)
    assert ids(proposed, Question.LABEL_ERROR) == [1]


def test_a_refused_commit_leaves_the_queues_alone(proposed: ProjectStore) -> None:
    before = ids(proposed, Question.UNCERTAIN)
    with (
        closing(ProjectStore.open(proposed.path, read_only=True)) as frozen,
        pytest.raises(Exception, match="read"),
    ):
        change(frozen, 2, edits.move([0], XY[:1]))
    assert ids(proposed, Question.UNCERTAIN) == before


def test_a_queue_is_read_from_its_index(proposed: ProjectStore) -> None:
    sql = (
        "EXPLAIN QUERY PLAN SELECT frame_id, score, points FROM finding WHERE model_id = 'm' AND doubt = 0 "
        "AND score > passed ORDER BY score DESC, frame_id LIMIT 10"
    )
    with proposed._database.read() as connection:
        plan = " ".join(str(row) for row in connection.exec_driver_sql(sql))
    assert "finding_in_order" in plan
    assert "TEMP B-TREE" not in plan


def test_coverage_counts_frames_in_which_a_person_set_something(store: ProjectStore) -> None:
    def touched(facet: str) -> dict[str, tuple[int, int]]:
        return {row.token: (row.touched, row.frames) for row in store.coverage.rows(facet)}

    assert touched("subject") == {"ada": (0, 3), "bob": (0, 1)}
    change(store, 1, edits.move([0], XY[:1]))
    change(store, 1, edits.move([1], XY[1:2]))
    change(store, 3, edits.set_review(ReviewState.NEEDS_WORK))
    assert touched("subject") == {"ada": (1, 3), "bob": (0, 1)}
    assert touched("camera") == {"left": (1, 3), "right": (0, 1)}
    change(store, 3, edits.move([1], XY[1:2]))
    assert touched("camera") == {"left": (1, 3), "right": (1, 1)}
    change(store, 1, edits.clear([0, 1]))
    assert touched("subject") == {"ada": (1, 3), "bob": (0, 1)}
    store.frames.add([frame("cy/up/1.jpg", "cy", "up", "1")])
    assert touched("subject") == {"ada": (1, 3), "bob": (0, 1), "cy": (0, 1)}
    assert store.frames.facets() == {
        "subject": ["ada", "bob", "cy"],
        "take": ["t1"],
        "camera": ["left", "right", "up"],
    }


def test_the_least_covered_come_first_and_each_choice_counts(store: ProjectStore) -> None:
    # ada/left 10, ada/left 9, ada/right 9, bob/left 1
    chosen = [entry.frame.id for entry in store.coverage.least_covered(10)]
    # ada (first of equals): camera left, the middle one of [2, 1] = 1; bob: left; ada again: right is less covered; the rest.
    assert chosen == [1, 4, 3, 2]
    change(store, 3, edits.move([0], XY[:1]))
    entries = store.coverage.least_covered(10)
    assert [entry.frame.id for entry in entries] == [4, 1, 2]
    assert [(row.facet, row.token, row.touched, row.frames) for row in entries[0].covered] == [
        ("subject", "bob", 0, 1),
        ("take", "t1", 1, 4),
        ("camera", "left", 0, 3),
    ]


def test_decided_and_touched_frames_cover_nothing_more(store: ProjectStore) -> None:
    change(store, 4, edits.set_review(ReviewState.REJECTED))
    change(store, 1, edits.move([0], XY[:1]))
    assert [entry.frame.id for entry in store.coverage.least_covered(10)] == [3, 2]
    assert [entry.frame.id for entry in store.coverage.least_covered(1)] == [3]


def test_a_long_queue_is_counted_only_so_far(proposed: ProjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "COUNTED", 1)
    assert proposed.findings.count(Question.UNCERTAIN, "m") == 2  # one more than is counted: more than one
