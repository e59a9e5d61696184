from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rig_project import FACE, NAMES, SCHEME, SIZE, make_project, make_rig, place, seen

from annotator.domain import edits
from annotator.domain.annotation import Flag
from annotator.domain.proposal import Proposal
from annotator.services.rigs.consensus import consensus_of
from annotator.services.rigs.moments import moment_of, moments
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore


def _calibrated(folder: Path) -> ProjectStore:
    store = make_project(folder)
    store.rigs.add(replace(make_rig(), takes=("ada/*",)))
    return store


def test_a_moment_is_what_the_cameras_of_a_rig_took_at_once(tmp_path: Path) -> None:
    with _calibrated(tmp_path) as store:
        found = list(moments(store))
        assert [moment.name for moment in found] == ["ada / smile / 0", "ada / smile / 1"]
        assert [frame.path for frame in found[1].frames.values()] == [
            f"ada/smile/{camera}/1.jpg" for camera in NAMES
        ]
        left = store.frames.get(store.frames.by_path()["ada/smile/left/1.jpg"])
        own = moment_of(store, left)
        assert own is not None
        assert own.frames == found[1].frames
        assert own.row(left.id) == 1
        with pytest.raises(ValueError, match="none of the moment"):
            found[0].row(left.id)
        assert [moment.index for moment in moments(store, [left.id])] == ["1"]


def test_no_rig_holds_for_a_take_no_moment_is_there(tmp_path: Path) -> None:
    with _calibrated(tmp_path) as store:
        assert moment_of(store, store.frames.get(store.frames.by_path()["ben/smile/left/1.jpg"])) is None


def test_two_corrected_views_tell_the_third_where_its_points_are(tmp_path: Path) -> None:
    with _calibrated(tmp_path) as store:
        rig = make_rig().cameras
        for camera in ("front", "left"):
            place(store, f"ada/smile/{camera}/0.jpg", seen(rig[camera]))
        found = consensus_of(store, next(moments(store)), None)
        np.testing.assert_allclose(found.consensus.xy[2], seen(rig["right"]), atol=0.02)
        np.testing.assert_allclose(found.consensus.points, FACE, atol=0.02)
        assert found.sightings.trusted[:2].all()
        assert not found.sightings.trusted[2].any()


def test_peoples_points_go_before_proposals_and_occluded_ones_do_not_vote(tmp_path: Path) -> None:
    with _calibrated(tmp_path) as store:
        rig, path = make_rig().cameras, "ada/smile/front/0.jpg"
        front = store.frames.by_path()[path]
        before = store.annotations.get(front)
        moved = edits.apply(edits.move([0], seen(rig["front"])[:1]), before)[0]
        hidden = edits.apply(edits.set_flags(moved, [1], Flag.OCCLUDED, True), moved)[0]
        store.annotations.commit(Change(front, before, hidden, "Move"))
        wide = np.tile(np.eye(2, dtype=np.float32) * 900, (SCHEME.size, 1, 1))
        xy = (seen(rig["front"]) + 50).astype(np.float32)
        proposal = Proposal(
            "m",
            SCHEME.id,
            xy,
            wide,
            np.ones(SCHEME.size, np.float32),
            np.zeros((0, 4), np.float32),
            xy,
            wide,
            "",
            (),
            *SIZE,
        )
        seen_so = consensus_of(store, next(moments(store)), None, proposals={front: proposal}).sightings
        np.testing.assert_allclose(seen_so.xy[0, 0], seen(rig["front"])[0], atol=0.01)
        np.testing.assert_allclose(seen_so.xy[0, 1:], xy[1:])
        assert seen_so.trusted[0].tolist() == [True] + [False] * (SCHEME.size - 1)
        assert seen_so.votes[0].tolist() == [True, False] + [True] * (SCHEME.size - 2)


def test_a_frame_of_another_size_than_the_calibration_tells_nothing(tmp_path: Path) -> None:
    with make_project(tmp_path, size=(1024, 768)) as store:
        store.rigs.add(make_rig())
        for camera in NAMES:
            place(store, f"ada/smile/{camera}/0.jpg", seen(make_rig().cameras[camera]) / 2)
        found = consensus_of(store, next(moments(store)), None)
        assert not found.sightings.votes.any()
        assert np.isnan(found.consensus.points).all()
