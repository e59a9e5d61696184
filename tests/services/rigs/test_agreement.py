"""Proposals that agree: what is proposed, from what, what is left alone, and what is told."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rig_project import NAMES, SCHEME, SIZE, make_project, make_rig, seen

from annotator.domain import edits
from annotator.domain.annotation import Flag
from annotator.domain.faces.confidence import landmark_confidence
from annotator.domain.faces.face_frame import face_size
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.domain.uncertainty import Question
from annotator.formats.registry import format_named
from annotator.services.project.export_dataset import export_dataset
from annotator.services.project.export_filter import ExportFilter
from annotator.services.rigs.agreement import agree, proposals_agree, set_proposals_agree
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SOFT = view_dependent(SCHEME)
FIRM = int(np.flatnonzero(~SOFT)[0])
SIGMA = 6.0


def _proposal(xy: np.ndarray, model: str = "m") -> Proposal:
    wide = np.tile(np.eye(2, dtype=np.float32) * SIGMA**2, (SCHEME.size, 1, 1))
    points, sure = xy.astype(np.float32), np.full(SCHEME.size, 0.5, np.float32)
    rois = np.zeros((len(SCHEME.regions), 4), np.float32)
    return Proposal(model, SCHEME.id, points, wide, sure, rois, points, wide, "", (), *SIZE)


def _ids(store: ProjectStore, index: str = "0", subject: str = "ada") -> dict[str, int]:
    paths = store.frames.by_path()
    return {camera: paths[f"{subject}/smile/{camera}/{index}.jpg"] for camera in NAMES}


def _proposed(folder: Path, noise: float = SIGMA) -> ProjectStore:
    """Every frame of both subjects is proposed with some noise; ada has a rig."""
    store = make_project(folder)
    store.rigs.add(replace(make_rig(), takes=("ada/*",)))
    rng, cameras = np.random.default_rng(3), make_rig().cameras
    store.proposals.save_all(
        (frame_id, _proposal(seen(cameras[camera]) + rng.normal(0, noise, (SCHEME.size, 2))))
        for subject in ("ada", "ben")
        for index in ("0", "1")
        for camera, frame_id in _ids(store, index, subject).items()
    )
    return store


def _move(store: ProjectStore, frame_id: int, indices: list[int], xy: np.ndarray) -> None:
    before = store.annotations.get(frame_id)
    after = edits.apply(edits.move(indices, xy), before)[0]
    store.annotations.commit(Change(frame_id, before, after, "Move"))


def _error(store: ProjectStore, index: str = "0") -> float:
    cameras, ids = make_rig().cameras, _ids(store, index)
    shown = dict(store.proposals.items(list(ids.values()), "m"))
    apart = [np.linalg.norm(shown[i].xy - seen(cameras[c]), axis=1)[~SOFT] for c, i in ids.items()]
    return float(np.mean(apart))


def test_what_the_cameras_say_is_nearer_to_the_truth_and_surer(tmp_path: Path) -> None:
    with _proposed(tmp_path) as store:
        before = _error(store)
        summary = agree(store, "m")
        assert _error(store) < 0.8 * before
        assert (summary.moments, summary.frames, summary.without_rig) == (2, 6, 6)
        front = store.proposals.get(_ids(store)["front"], "m")
        assert np.median(front.covariance[~SOFT].trace(axis1=1, axis2=2)) < 2 * SIGMA**2
        inside = ((front.xy >= 0) & (front.xy <= SIZE)).all(1)
        together = store.consensus.get(_ids(store)["front"], "m")
        expected = landmark_confidence(front.covariance, face_size(together.xy), 1.0, inside)
        np.testing.assert_allclose(front.confidence[~SOFT], expected[~SOFT], rtol=1e-4)


def test_errors_are_as_large_as_the_covariances_say(tmp_path: Path) -> None:
    with _proposed(tmp_path) as store:
        agree(store, "m")
        squared = []
        for index in ("0", "1"):
            for camera, frame_id in _ids(store, index).items():
                found = store.proposals.get(frame_id, "m")
                off = (found.xy - seen(make_rig().cameras[camera]))[~SOFT].astype(float)
                inverse = np.linalg.inv(found.covariance[~SOFT].astype(float))
                squared.append(np.einsum("li,lij,lj->l", off, inverse, off))
        assert 1.0 < np.mean(squared) < 3.0  # 2 where they are honest


def test_asking_twice_says_the_same(tmp_path: Path) -> None:
    with _proposed(tmp_path) as store:
        ids = list(_ids(store).values())
        first = agree(store, "m")
        shown = {i: (v.xy.tobytes(), v.covariance.tobytes()) for i, v in store.proposals.items(ids, "m")}
        second = agree(store, "m")
        assert {
            i: (v.xy.tobytes(), v.covariance.tobytes()) for i, v in store.proposals.items(ids, "m")
        } == shown
        assert first == second
        own = dict(store.proposals.own_items(ids, "m"))
        assert (own[ids[0]].xy != store.proposals.get(ids[0], "m").xy).any()


def test_peoples_points_are_left_alone_and_tell_the_other_views(tmp_path: Path) -> None:
    with _proposed(tmp_path) as store:
        ids, cameras = _ids(store), make_rig().cameras
        for camera in ("front", "left"):
            _move(store, ids[camera], [FIRM], seen(cameras[camera])[[FIRM]])
        human = {i: v.to_blob() for i, v in store.annotations.items()}
        own = dict(store.proposals.own_items(list(ids.values()), "m"))
        agree(store, "m")
        assert {i: v.to_blob() for i, v in store.annotations.items()} == human
        right = store.proposals.get(ids["right"], "m")
        assert np.linalg.norm(right.xy[FIRM] - seen(cameras["right"])[FIRM]) < 2
        for camera in (
            "front",
            "left",
        ):  # what the model thought there still can be held against what people set
            shown = store.proposals.get(ids[camera], "m")
            assert shown.xy[FIRM].tolist() == own[ids[camera]].xy[FIRM].tolist()


def test_view_dependent_landmarks_stay_the_frames_own(tmp_path: Path) -> None:
    with _proposed(tmp_path) as store:
        ids = list(_ids(store).values())
        agree(store, "m")
        for frame_id, own in store.proposals.own_items(ids, "m"):
            shown = store.proposals.get(frame_id, "m")
            assert (shown.xy[SOFT] == own.xy[SOFT]).all()
            assert (shown.xy[~SOFT] != own.xy[~SOFT]).any(1).all()


def _outlier(store: ProjectStore) -> int:
    frame_id = _ids(store)["left"]
    own = dict(store.proposals.own_items([frame_id], "m"))[frame_id]
    xy = own.xy.copy()
    xy[FIRM] += (0, 90)
    store.proposals.save(frame_id, replace(own, xy=xy))
    return frame_id


def test_a_camera_that_disagrees_is_told_and_outvoted(tmp_path: Path) -> None:
    with _proposed(tmp_path, noise=1) as store:
        frame_id = _outlier(store)
        summary = agree(store, "m")
        assert summary.disagreeing == {"left": 1}
        assert "left 1" in summary.text()
        truth = seen(make_rig().cameras["left"])[FIRM]
        assert np.linalg.norm(store.proposals.get(frame_id, "m").xy[FIRM] - truth) < 15
        finding = store.findings.get(frame_id, "m", Question.CAMERAS)
        assert finding.indices.tolist() == [FIRM]
        assert finding.values[0] == pytest.approx(90, abs=8)
        assert store.findings.get(_ids(store)["front"], "m", Question.CAMERAS) is None
        store.consensus.remove()
        assert store.findings.get(frame_id, "m", Question.CAMERAS) is None


def test_a_person_who_slipped_is_told(tmp_path: Path) -> None:
    with _proposed(tmp_path, noise=1) as store:
        ids, cameras = _ids(store), make_rig().cameras
        for camera in NAMES:
            off = (0, 60) if camera == "right" else (0, 0)
            _move(store, ids[camera], [FIRM], seen(cameras[camera])[[FIRM]] + off)
        agree(store, "m")
        assert FIRM in store.findings.get(ids["right"], "m", Question.CAMERAS).indices


def test_two_cameras_that_do_not_agree_settle_nothing(tmp_path: Path) -> None:
    with _proposed(tmp_path, noise=1) as store:
        frame_id = _outlier(store)
        before = store.annotations.get(_ids(store)["right"])
        hidden = edits.apply(edits.set_flags(before, [FIRM], Flag.OCCLUDED, True), before)[0]
        store.annotations.commit(Change(_ids(store)["right"], before, hidden, "Hide"))
        agree(store, "m")
        own = dict(store.proposals.own_items([frame_id], "m"))[frame_id]
        assert store.proposals.get(frame_id, "m").xy[FIRM].tolist() == own.xy[FIRM].tolist()
        assert store.findings.get(frame_id, "m", Question.CAMERAS) is not None


def test_a_view_that_does_not_see_a_point_receives_it(tmp_path: Path) -> None:
    with _proposed(tmp_path, noise=1) as store:
        frame_id = _ids(store)["left"]
        own = dict(store.proposals.own_items([frame_id], "m"))[frame_id]
        xy = own.xy.copy()
        xy[FIRM] = np.nan
        store.proposals.save(frame_id, replace(own, xy=xy))
        agree(store, "m")
        truth = seen(make_rig().cameras["left"])[FIRM]
        np.testing.assert_allclose(store.proposals.get(frame_id, "m").xy[FIRM], truth, atol=15)


def test_beside_the_proposals_stay_and_the_cameras_that_disagree_are_told(tmp_path: Path) -> None:
    with _proposed(tmp_path, noise=1) as store:
        frame_id = _outlier(store)
        summary = agree(store, "m", taken=False)
        own = dict(store.proposals.own_items([frame_id], "m"))[frame_id]
        assert store.proposals.get(frame_id, "m").xy.tolist() == own.xy.tolist()
        assert store.findings.get(frame_id, "m", Question.CAMERAS) is not None
        assert "would move" in summary.text()


def test_only_the_moments_of_the_frames_that_are_asked_for(tmp_path: Path) -> None:
    with _proposed(tmp_path) as store:
        summary = agree(store, "m", [_ids(store, "1")["left"]])
        assert summary.moments == 1
        assert store.consensus.frame_ids("m") == set(_ids(store, "1").values())


def test_stopped_what_is_done_stays_and_the_next_run_does_the_rest(tmp_path: Path) -> None:
    with _proposed(tmp_path) as store:
        assert agree(store, "m", stop=lambda: True).stopped
        assert store.consensus.frame_ids("m") == set()
        assert not agree(store, "m").stopped


def test_without_its_rig_a_frame_is_the_models_again(tmp_path: Path) -> None:
    with _proposed(tmp_path) as store:
        agree(store, "m")
        store.rigs.remove("dome")
        summary = agree(store, "m")
        assert (summary.moments, summary.without_rig) == (0, 12)
        assert store.consensus.frame_ids("m", stale=True) == set()


def _measures(store: ProjectStore) -> None:
    agree(store, "m")


def _edits(store: ProjectStore) -> None:
    _move(store, _ids(store)["front"], [FIRM], seen(make_rig().cameras["front"])[[FIRM]])


def _proposes(store: ProjectStore) -> None:
    ids = _ids(store)
    store.proposals.save(ids["left"], _proposal(seen(make_rig().cameras["left"]) + 3))


@pytest.mark.parametrize("order", [(_measures, _edits, _proposes), (_proposes, _measures, _edits)])
def test_what_is_shown_is_what_a_fresh_look_would_say_or_the_models_own(
    tmp_path: Path, order: tuple[Callable[[ProjectStore], None], ...]
) -> None:
    with _proposed(tmp_path) as store:
        for step in order:
            step(store)
        ids = list(_ids(store).values())
        own = dict(store.proposals.own_items(ids, "m"))
        for frame_id, shown in store.proposals.items(ids, "m"):
            assert shown.xy.tolist() == own[frame_id].xy.tolist()
        agree(store, "m")
        once = {i: v.xy.tobytes() for i, v in store.proposals.items(ids, "m")}
        store.consensus.remove()
        agree(store, "m")
        assert {i: v.xy.tobytes() for i, v in store.proposals.items(ids, "m")} == once


def test_the_project_remembers_whether_it_wants_it_always(tmp_path: Path) -> None:
    with make_project(tmp_path) as store:
        assert not proposals_agree(store)
        set_proposals_agree(store, True)
        with store.again() as other:
            assert proposals_agree(other)


def test_an_export_has_the_points_of_the_cameras_and_says_so(tmp_path: Path) -> None:
    with _proposed(tmp_path) as store:
        store.models.add(ModelCard("m", SCHEME.id, {}), tmp_path)
        store.models.activate("m")
        agree(store, "m")
        report = export_dataset(store, tmp_path / "out.csv", filters=ExportFilter(proposals=True))
        assert json.loads(report.manifest.read_text())["models"]["frames_agreed_by_cameras"] == 6
        frames = format_named("csv").read(tmp_path / "out.csv", SCHEME).frames
        written = {frame.path: frame.xy for frame in frames}
        shown = store.proposals.get(_ids(store)["left"], "m")
        np.testing.assert_allclose(written["ada/smile/left/0.jpg"], shown.xy, atol=0.01)
