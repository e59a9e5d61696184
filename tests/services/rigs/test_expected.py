"""Where each view should see each landmark, and what was taken from the views."""

from pathlib import Path

import numpy as np
from rig_project import SCHEME, make_project, make_rig, seen
from rig_worlds import dome, face, seen_by, sighted

from annotator.domain import edits
from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import leave_one_out, triangulate
from annotator.services.rigs.expected import expected_places, only, quick_look
from annotator.services.rigs.taken import taken_places, without_taken
from annotator.store.history.changes import Change, Origin

RNG = np.random.default_rng(4)


def _moment() -> tuple[list, Sightings]:
    rig = dome(5)
    found = sighted(seen_by(rig, face(RNG, 20)), 6.0, RNG)
    trusted = np.zeros_like(found.trusted)
    trusted[1, :4], trusted[3, 2:7] = True, True
    return list(rig.cameras.values()), Sightings(found.xy, found.covariance, found.votes, trusted)


def test_a_persons_point_is_held_against_the_others_alone() -> None:
    cameras, seen_so = _moment()
    floor, soft = np.full((5, 1), 0.5), np.zeros(20, bool)
    found = triangulate(cameras, seen_so, floor, soft)
    places = expected_places(cameras, seen_so, found, floor, soft)
    others = seen_so.xy - leave_one_out(cameras, seen_so, floor, soft)
    own = seen_so.trusted
    np.testing.assert_allclose(places[own], others[own], atol=0.5)
    np.testing.assert_array_equal(places[~own], found.xy[~own])


def test_a_quick_look_at_some_landmarks_says_nearly_the_same() -> None:
    cameras, seen_so = _moment()
    floor, soft = np.full((5, 1), 0.5), np.zeros(20, bool)
    found = triangulate(cameras, seen_so, floor, soft)
    places = expected_places(cameras, seen_so, found, floor, soft)
    at = np.array([2, 9])
    points, quick = quick_look(cameras, only(seen_so, at), floor, soft[at])
    assert quick.shape == (5, 2, 2)
    np.testing.assert_allclose(quick, places[:, at], atol=3.0)
    np.testing.assert_allclose(points, found.points[at], atol=1.0)


def test_what_was_taken_is_known_by_the_ledger_until_it_is_moved_or_accepted(tmp_path: Path) -> None:
    with make_project(tmp_path) as store:
        frame = store.frames.by_path()["ada/smile/front/0.jpg"]
        xy = seen(make_rig().cameras["front"])

        def commit(edit: edits.Edit, label: str, origin: Origin = Origin.PERSON) -> None:
            before = store.annotations.get(frame)
            store.annotations.commit(
                Change(frame, before, edits.apply(edit, before)[0], label, origin=origin)
            )

        def left() -> list[int]:
            human = store.annotations.get(frame)
            places = taken_places(store, [frame]).get(frame, ())
            return np.flatnonzero(without_taken(human, places).is_human).tolist()

        commit(edits.move([1], xy[[1]] + 9), "Move 1 landmark")
        commit(edits.move([2, 3, 4], xy[[2, 3, 4]]), "Take", Origin.VIEWS)
        assert left() == [1]
        commit(edits.move([3], xy[[3]] + 1), "Move 1 landmark")
        commit(edits.accept(store.annotations.get(frame), [4]), "Accept 1 landmark")
        assert left() == [1, 3, 4]
        commit(edits.move([3], xy[[3]]), "Undo move 1 landmark")
        assert left() == [1, 4], "it stands where it was taken again"
        commit(edits.move([1], xy[[1]]), "Take", Origin.VIEWS)
        commit(edits.move([1], xy[[1]] + 9), "Undo take")
        assert left() == [1, 4], "what an undo brought back is a person's"
        assert SCHEME.size == len(xy)
