"""How far people are apart: by the ledger of one project, in two copies, along and across curves, by hand."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from project_files import IBUG, L, project

from annotator.domain import edits
from annotator.domain.errors import AnnotatorError
from annotator.services.project.people.agreement import agreement_of_copies, agreements, ceiling
from annotator.services.project.work_statistics import work_statistics
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

EYES = [36, 45]
"""The outer corners in the scheme's order, which is iBUG's: 100 px apart below."""
FACE = np.stack([20.0 + 5 * np.arange(L), np.full(L, 100.0)], 1)
FACE[EYES] = [[100, 60], [200, 60]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    """The eyes of frames 1 and 2 are set by somebody who does not count."""
    with project(tmp_path, "a") as made:
        for frame_id in (1, 2):
            put(made, frame_id, range(L), FACE, "first")
        yield made


def put(
    store: ProjectStore, frame_id: int, indices: Sequence[int], xy: np.ndarray | list[list[float]], user: str
) -> None:
    before = store.annotations.get(frame_id)
    after, _ = edits.apply(edits.move(indices, xy), before)
    store.annotations.commit(Change(frame_id, before, after, "Move", user=user))


def test_the_last_points_of_two_people_are_held_against_each_other(store: ProjectStore) -> None:
    put(store, 1, [5, 6], [[30, 90], [60, 90]], "ann")
    put(store, 1, [5, 6], [[31, 90], [60, 94]], "ben")
    put(store, 1, [5], [[33, 90]], "ben")
    put(store, 2, [5], [[30, 90]], "ann")
    (found,) = agreements(store, ["ANN", "ben"])
    assert (found.first, found.second, found.frames, found.normaliser) == ("ann", "ben", 1, "inter-ocular")
    assert list(found.landmarks) == [IBUG.names[5], IBUG.names[6]]
    assert found.landmarks[IBUG.names[5]].median == pytest.approx(0.03)
    assert found.landmarks[IBUG.names[6]].px == pytest.approx(4)
    assert (found.whole.points, found.whole.mean) == (2, pytest.approx(0.035))


def test_along_and_across_are_told_apart_where_there_is_a_curve(store: ProjectStore) -> None:
    """Landmarks 4 to 7 lie on the jaw, which is level here."""
    put(store, 1, [4, 5, 6, 7], [[30, 80], [40, 80], [50, 80], [60, 80]], "ann")
    put(store, 1, [5], [[43, 81]], "ben")
    put(store, 1, [4, 6], [[30, 80], [50, 80]], "cem")  # agreed places are ann's
    found = next(each for each in agreements(store) if {each.first, each.second} == {"ann", "ben"})
    jaw = found.landmarks[IBUG.names[5]]
    assert jaw.along == pytest.approx(0.03, abs=3e-4)  # of the smooth line through their middle
    assert jaw.across == pytest.approx(0.01, abs=3e-4)


def test_a_point_that_was_taken_back_is_nobodys(store: ProjectStore) -> None:
    put(store, 1, [5], [[30, 90]], "ann")
    put(store, 1, [5], [[40, 90]], "ben")
    put(store, 1, [5], [[30, 90]], "ben")
    assert agreements(store, ["ann", "ben"]) == []
    with pytest.raises(AnnotatorError, match="zoe put no point by hand here; ann, ben, first did"):
        agreements(store, ["zoe"])


def test_copies_that_were_marked_apart_are_held_against_each_other(
    store: ProjectStore, tmp_path: Path
) -> None:
    store.copy_to(tmp_path / "b.annotator")
    with ProjectStore.open(tmp_path / "b.annotator") as copy:
        assert agreement_of_copies(store, copy) is None, "what both had before is no agreement"
        put(store, 1, [5, 8], [[30, 90], [10, 10]], "ann")
        put(copy, 1, [5, 9], [[30, 98], [11, 10]], "ann")
        found = agreement_of_copies(store, copy)
        assert found is not None
        assert (found.first, found.second, found.whole.points) == ("a", "b", 1)
        assert found.whole.px == pytest.approx(8)
        with pytest.raises(AnnotatorError, match="agrees with itself"):
            agreement_of_copies(store, store)


def test_the_dashboard_has_it_as_a_ceiling(store: ProjectStore) -> None:
    assert work_statistics(store).people is None
    put(store, 1, [5, 6], [[30, 90], [60, 90]], "ann")
    put(store, 1, [5, 6], [[32, 90], [60, 94]], "ben")
    found = ceiling(store, store.ledger.entries())
    assert found is not None
    assert work_statistics(store).people == found
    pairs = agreements(store)
    assert found.points == sum(each.whole.points for each in pairs)
