"""Frames that nobody touched teach a model what the cameras of a rig agree on; people's frames are measured by as ever."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rigged_spots import CAMERAS, NOISE, correct, proposal, rigged_project, truth
from spots import QUICK

from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.services.models.training import train as train_module
from annotator.services.models.training.consensus_labels import consensus_labels
from annotator.services.models.training.train import TrainOptions, train_project
from annotator.services.models.training.training_run import RunSettings
from annotator.services.models.training.training_split import frozen_split
from annotator.services.rigs.moments import moments
from annotator.store.project_store import ProjectStore


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProjectStore]:
    monkeypatch.setattr(train_module, "recipe", lambda name, own: QUICK)
    with rigged_project(tmp_path) as opened:
        yield opened


def wanted(store: ProjectStore, **more: Any) -> TrainOptions:
    blank = str(store.path.parent / "blank")
    return TrainOptions(model=blank, device="cpu", from_consensus=True, **more)


def labels(store: ProjectStore) -> dict[int, Any]:
    return consensus_labels(store, "blank", list(moments(store)))


def test_labels_are_nearer_to_the_truth_than_the_proposals(store: ProjectStore) -> None:
    found, ids = labels(store), store.frames.by_path()
    assert set(found) == set(ids.values())
    errors, own = [], []
    for subject in range(5):
        for name, xy in zip(CAMERAS, truth(subject), strict=True):
            frame = ids[f"s{subject}/t/{name}/1.png"]
            errors.append(np.linalg.norm(found[frame].xy - xy, axis=-1))
            own.append(np.linalg.norm(store.proposals.get(frame, "blank").xy - xy, axis=-1))
            taught = found[frame].weight > 0
            assert (found[frame].weight < 1).all()
            assert (np.isfinite(found[frame].xy).all(-1) == taught).all()
    assert np.nanmean(errors) < 0.8 * np.mean(own)


def test_touched_frames_and_what_nobody_agrees_on_do_not_teach(store: ProjectStore) -> None:
    ids = store.frames.by_path()
    correct(store, "s0/t/a/1.png", truth(0)[0])
    for name, away in zip(CAMERAS, ([60, 0], [0, 60], [0, -60], [-60, 0]), strict=True):
        frame = ids[f"s1/t/{name}/1.png"]
        xy = store.proposals.get(frame, "blank").xy.copy()
        xy[4] += np.array(away, np.float32)  # each camera has the chin elsewhere
        store.proposals.save(frame, proposal(xy))
    for name in ("a", "b"):  # two cameras always meet somewhere
        xy = store.proposals.get(ids[f"s2/t/{name}/1.png"], "blank").xy.copy()
        xy[0] = np.nan
        store.proposals.save(ids[f"s2/t/{name}/1.png"], proposal(xy))
    found = labels(store)
    assert ids["s0/t/a/1.png"] not in found
    assert ids["s0/t/b/1.png"] in found
    for name in CAMERAS:
        torn = found.get(ids[f"s1/t/{name}/1.png"])
        assert torn is None or torn.weight[4] == 0
        assert found[ids[f"s2/t/{name}/1.png"]].weight[0] == 0
        assert np.isnan(found[ids[f"s2/t/{name}/1.png"]].xy[0]).all()


def test_two_views_of_people_are_enough_and_decide(store: ProjectStore) -> None:
    for view in (0, 3):
        correct(store, f"s0/t/{CAMERAS[view]}/1.png", truth(0)[view])
    found, ids = labels(store), store.frames.by_path()
    for view in (1, 2):
        own = found[ids[f"s0/t/{CAMERAS[view]}/1.png"]]
        np.testing.assert_allclose(own.xy, truth(0)[view], atol=0.35 * NOISE)
        assert (own.weight > 0.8).all()


def test_a_project_that_nobody_touched_teaches_a_model(store: ProjectStore) -> None:
    events: list[dict[str, Any]] = []
    outcome = train_project(store, wanted(store), events.append)
    table = outcome.table
    assert not table.by_people
    assert table.held_out
    (row,) = [row for row in table.rows if row.region == "all"]
    assert row.after < 0.75 * row.before
    assert "nearer to what the cameras agree on" in table.text()
    assert "placed by hand" not in table.text()
    (start,) = [event for event in events if event["event"] == "start"]
    assert (start["frames"], start["validation_frames"]) == (16, 4)
    assert table.to_json()["by_people"] is False
    assert list(store.annotations.items()) == []


def test_beside_peoples_frames_those_measure(store: ProjectStore) -> None:
    for subject in (0, 1, 2):
        correct(store, f"s{subject}/t/b/1.png", truth(subject)[1])
    outcome = train_project(store, wanted(store, steps=2), lambda _: None)
    assert outcome.table.by_people
    assert outcome.table.frames == 1
    assert outcome.card.data["train"]["mixture"][0]["frames"] == 2


def test_frames_of_a_moment_stay_on_one_side(store: ProjectStore) -> None:
    for subject in (0, 1, 2):
        correct(store, f"s{subject}/t/b/1.png", truth(subject)[1])
    touched = [store.frames.get(frame) for frame, _ in store.annotations.items()]
    together = [tuple(moment.frames.values()) for moment in moments(store)]
    alone = frozen_split(store, touched)
    both = frozen_split(store, touched, moments=together)
    assert (both.training, both.validation) == (alone.training, alone.validation)
    learnt, kept_out = (subjects(store, side) for side in both.untouched)
    assert not learnt & kept_out
    assert learnt | kept_out == {f"s{n}" for n in range(5)}
    assert subjects(store, both.validation) <= kept_out
    assert frozen_split(store, touched, moments=together) == both


def test_in_a_project_of_one_subject_a_moment_that_measures_is_kept_out_whole(tmp_path: Path) -> None:
    with rigged_project(tmp_path, 1) as store:
        more = [
            Frame(0, f"s0/t/{name}/{n}.png", "s0", "t", name, str(n), 200, 200)
            for n in range(2, 9)
            for name in CAMERAS
        ]
        store.frames.add(more)
        together = [tuple(moment.frames.values()) for moment in moments(store)]
        split = frozen_split(store, [], moments=together)
        assert split.by == "frame"
        assert all(split.untouched)
        for moment in together:
            ids = {frame.id for frame in moment}
            assert any(ids <= set(side) for side in split.untouched)


def test_without_a_rig_it_says_what_to_do(store: ProjectStore) -> None:
    store.rigs.remove("arc")
    with pytest.raises(AnnotatorError, match="rig import"):
        train_project(store, wanted(store), lambda _: None)


def test_an_older_runs_settings_are_read() -> None:
    assert not RunSettings("m", "p", "finetune", None, None, 1).from_consensus


def subjects(store: ProjectStore, frame_ids: tuple[int, ...]) -> set[str]:
    return {store.frames.get(frame_id).subject for frame_id in frame_ids}
