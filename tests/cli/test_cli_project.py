"""Commands on a project: import, status, ledger, models, propose; what they print, keep and refuse."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

Runner = Callable[..., Any]
LANDMARKS = 89


def correct(project: Path, frame: int, landmark: int, x: float, y: float) -> None:
    with ProjectStore.open(project) as store:
        before = store.annotations.get(frame)
        after = edits.apply(edits.move([landmark], [[x, y]]), before)[0]
        store.annotations.commit(Change(frame, before, after, "Move 1 landmark", seconds=1.5, user="ada"))


def test_import_makes_a_project_and_adds_only_what_is_new(annotator: Runner, captures: Path) -> None:
    project = captures.parent / "new.annotator"
    first = annotator("import", project, captures, "--json")
    assert first.code == 0
    assert json.loads(first.out) | {"project": ""} == {
        "project": "",
        "matched": 4,
        "added": 4,
        "known": 0,
        "left_out": 0,
        "failures": [],
        "notes": {},
    }
    again = json.loads(annotator("import", project, captures, "--json").out)
    assert (again["added"], again["known"]) == (0, 4)
    with ProjectStore.open(project) as store:
        assert store.frames.capture_root == captures


def test_import_with_a_damaged_file_is_partial(annotator: Runner, captures: Path) -> None:
    (captures / "anna" / "smile" / "c3.jpg").write_bytes(b"\xff\xd8\xff nothing")
    run = annotator("import", captures.parent / "new.annotator", captures)
    assert run.code == 3
    assert "4 frames added" in run.out
    assert "c3.jpg" in run.err


def test_preview_changes_nothing(annotator: Runner, captures: Path) -> None:
    project = captures.parent / "new.annotator"
    run = annotator(
        "import", project, captures, "--preview", "--pattern", "{subject}/{take}/c1.jpg", "--json"
    )
    assert [match["subject"] for match in json.loads(run.out)["matched"]] == ["anna", "ben"]
    shown = annotator("import", project, captures, "--preview")
    assert "4 frames would be taken" in shown.out
    assert not project.exists()


def test_nothing_to_import_makes_no_project(annotator: Runner, captures: Path) -> None:
    project = captures.parent / "new.annotator"
    run = annotator("import", project, captures, "-p", "{subject}.exr")
    assert run.code == 1
    assert "--preview" in run.err
    assert not project.exists()


def test_a_scheme_that_does_not_exist_makes_no_project(annotator: Runner, captures: Path) -> None:
    project = captures.parent / "new.annotator"
    run = annotator("import", project, captures, "--scheme", "no-such")
    assert run.code == 1
    assert "studio-89" in run.err
    assert not project.exists()


def test_status_counts(annotator: Runner, project: Path) -> None:
    correct(project, 1, 5, 10, 20)
    with ProjectStore.open(project) as store:
        before = store.annotations.get(2)
        after = edits.apply(edits.set_review(ReviewState.APPROVED), before)[0]
        store.annotations.commit(Change(2, before, after, "Approve"))
    told = json.loads(annotator("status", project, "--json").out)
    assert told["frames"] == 4
    assert (told["subjects"], told["takes"], told["cameras"]) == (2, 1, 2)
    assert told["reviews"] == {"unreviewed": 3, "needs_work": 0, "approved": 1, "rejected": 0}
    assert (told["touched"], told["corrected"], told["confirmed"], told["finished"]) == (1, 1, 0, 0)
    assert (told["edits"], told["seconds"]) == (2, 1.5)
    shown = annotator("status", project).out
    assert "1 corrected" in shown
    assert "3 unreviewed" in shown


def test_status_says_when_the_captures_are_gone(annotator: Runner, project: Path, captures: Path) -> None:
    captures.rename(captures.with_name("elsewhere"))
    assert "relink" in annotator("status", project).err


def test_ledger_lists_who_changed_what(annotator: Runner, project: Path) -> None:
    assert "Nothing was changed yet" in annotator("ledger", project).err
    correct(project, 1, 5, 10, 20)
    correct(project, 3, 7, 30, 40)
    (entry,) = json.loads(annotator("ledger", project, "--frame", "1", "--json").out)
    assert (entry["user"], entry["seconds"], entry["path"]) == ("ada", 1.5, "anna/smile/c1.jpg")
    (landmark,) = entry["landmarks"]
    assert (landmark["from"], landmark["to"]) == ([None, None], [10.0, 20.0])
    table = list(csv.DictReader(io.StringIO(annotator("ledger", project, "--csv").out)))
    assert [(row["path"], row["to_x"], row["to_state"]) for row in table] == [
        ("anna/smile/c1.jpg", "10.0", "2"),
        ("ben/smile/c1.jpg", "30.0", "2"),
    ]
    assert "ben/smile/c1.jpg" in annotator("ledger", project, "--newest", "1").out


def test_models_of_a_project_are_listed_activated_and_remembered(
    annotator: Runner, project: Path, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        card = ModelCard(name, DEFAULT_SCHEME, {"kind": "adc"})
        (tmp_path / name / "model.toml").write_text(card.to_toml())
        assert annotator("models", project, "--activate", tmp_path / name).code == 0
    assert annotator("models", project, "--activate", "first").code == 0
    listed = {
        model["id"]: model["active"] for model in json.loads(annotator("models", project, "--json").out)
    }
    assert listed["first"]
    assert not listed["second"]
    history = json.loads(annotator("models", project, "--history", "--json").out)
    assert [entry["model_id"] for entry in history][-3:] == ["first", "second", "first"]
    unknown = annotator("models", project, "--activate", "third")
    assert unknown.code == 1
    assert "first" in unknown.err or "third" in unknown.err
    assert annotator("models", "--activate", "first").code == 2


class FakePredictor:
    """Places all landmarks at the frame's centre."""

    batch = 2
    notes = ("ran on the CPU",)

    def __init__(
        self, folder: Path, device: str = "auto", changes: object = None, compiled: bool = False
    ) -> None:
        self.card = ModelCard(folder.name, DEFAULT_SCHEME, {"kind": "adc"})
        self.scheme = None

    def propose_many(self, images: Sequence[Any], heatmaps: bool = False) -> list[Proposal]:
        size = np.array(images[0].shape[1::-1], np.float32) / 2
        xy = np.tile(size, (LANDMARKS, 1))
        covariance = np.tile(np.eye(2, dtype=np.float32), (LANDMARKS, 1, 1))
        confidence = np.full(LANDMARKS, 0.5, np.float32)
        rois = np.zeros((4, 4), np.float32)
        one = Proposal(self.card.id, DEFAULT_SCHEME, xy, covariance, confidence, rois, xy, covariance)
        return [one] * len(images)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model folder whose predictor is the fake one."""
    import annotator.inference.predictor as predictor

    monkeypatch.setattr(predictor, "Predictor", FakePredictor)
    folder = tmp_path / "fake"
    folder.mkdir()
    (folder / "model.toml").write_text(ModelCard("fake", DEFAULT_SCHEME, {"kind": "adc"}).to_toml())
    return folder


def test_propose_all_then_only_what_is_left(annotator: Runner, project: Path, model: Path) -> None:
    some = json.loads(annotator("propose", project, "--subject", "anna", "--model", model, "--json").out)
    assert (some["proposed"], some["skipped"]) == (2, 0)
    rest = annotator("propose", project, "--all", "--model", "fake")
    assert rest.code == 0
    assert "2 proposed by fake, 2 already there" in rest.out
    assert "ran on the CPU" in rest.err
    with ProjectStore.open(project) as store:
        proposal = store.proposals.get(4, "fake")
        assert proposal is not None
        assert proposal.xy[0].tolist() == [32.0, 24.0]


def test_propose_asks_the_cameras_where_that_is_wanted(annotator: Runner, project: Path, model: Path) -> None:
    plain = json.loads(annotator("propose", project, "--all", "--model", model, "--json").out)
    assert plain["agreement"] is None
    asked = annotator("propose", project, "--all", "--model", model, "--rig")
    assert asked.code == 0
    assert "4 frames without a rig" in asked.out
    assert annotator("rig", "consensus", project, "--always").code == 0
    always = json.loads(annotator("propose", project, "--all", "--model", model, "--json").out)
    assert always["agreement"]["without_rig"] == 4
    kept = json.loads(annotator("propose", project, "--all", "--model", model, "--no-rig", "--json").out)
    assert kept["agreement"] is None


def test_propose_reports_frames_that_failed(
    annotator: Runner, project: Path, model: Path, captures: Path
) -> None:
    (captures / "ben" / "smile" / "c2.jpg").unlink()
    run = annotator("propose", project, "--all", "--model", model)
    assert run.code == 3
    assert "c2.jpg" in run.err


def test_propose_for_a_camera_that_does_not_exist_names_those_there_are(
    annotator: Runner, project: Path, model: Path
) -> None:
    run = annotator("propose", project, "--camera", "c9", "--model", model)
    assert run.code == 2
    assert "c1, c2" in run.err


def test_a_cancelled_propose_says_how_to_go_on(
    annotator: Runner, project: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os
    import signal

    plain = FakePredictor.propose_many

    def interrupted(self: FakePredictor, images: Sequence[Any], heatmaps: bool = False) -> list[Proposal]:
        os.kill(os.getpid(), signal.SIGINT)
        return plain(self, images, heatmaps)

    monkeypatch.setattr(FakePredictor, "propose_many", interrupted)
    run = annotator("propose", project, "--all", "--model", model, "-q")
    assert run.code == 130
    assert "same command" in run.err
    with ProjectStore.open(project) as store:
        assert len(store.proposals.frame_ids("fake")) == 2


def test_status_prints_a_queue_with_reasons(annotator: Runner, project: Path) -> None:
    run = annotator("status", project, "--queue", "least-covered", "-n", "2", "--json")
    found = json.loads(run.out)
    assert [item["frame"]["subject"] for item in found["items"]] == ["anna", "ben"]
    assert found["items"][0]["reason"].startswith("anna 0 of 2")
    assert "nothing to look at" in annotator("status", project, "--queue", "label-errors").out
    shown = annotator("status", project, "--queue", "least-covered")
    assert "anna/smile/c1.jpg" in shown.out
    wrong = annotator("status", project, "--queue", "soon")
    assert wrong.code == 1
    assert "disagreement" in wrong.err


def test_status_prints_how_the_work_goes(annotator: Runner, project: Path) -> None:
    assert json.loads(annotator("status", project, "--stats").out)["frames_a_minute"] is None
    correct(project, 1, 5, 10.0, 12.0)
    found = json.loads(annotator("status", project, "--stats").out)
    assert (found["edits"], found["frames"], found["corrections_a_frame"]) == (1, 1, 1.0)
    assert found["work"][0]["seconds"] == 1.5
    assert [row["touched"] for row in found["progress"]["subject"]] == [1, 0]


def test_captures_that_moved_are_found_again(annotator: Runner, project: Path, tmp_path: Path) -> None:
    with ProjectStore.open(project, read_only=True) as store:
        old = store.frames.capture_root
    moved = tmp_path / "elsewhere" / "captures"
    moved.parent.mkdir()
    old.rename(moved)
    refused = annotator("relink", project, tmp_path / "elsewhere")
    assert refused.code == 1
    assert str(moved) in refused.err
    assert json.loads(annotator("relink", project, moved, "--check", "--json").out)["found"] == 4
    with ProjectStore.open(project, read_only=True) as store:
        assert store.frames.capture_root == old
    assert "4 of 4 frames" in annotator("relink", project, moved).out
    with ProjectStore.open(project, read_only=True) as store:
        assert store.frames.capture_root == moved


def test_a_project_is_told_of_newer_landmarks_and_converted(
    annotator: Runner, captures: Path, tmp_path: Path
) -> None:
    old, new = tmp_path / "old.annotator", tmp_path / "new.annotator"
    annotator("import", old, captures, "--scheme", "studio-89@1")
    told = annotator("status", old)
    assert "annotator convert" in " ".join((told.out + told.err).split())
    report = json.loads(annotator("convert", old, new, "--json").out)
    assert (report["source"], report["target"]) == ("studio-89@1", "studio-89@2")
    status = json.loads(annotator("status", new, "--json").out)
    assert (status["scheme"], status["newer_scheme"]) == ("studio-89@2", None)
    assert status["frames"] == json.loads(annotator("status", old, "--json").out)["frames"]
    refused = annotator("convert", new, tmp_path / "third.annotator")
    assert refused.code == 1
    assert "newest version" in " ".join(refused.err.split())


def test_a_project_without_a_model_is_not_sent_to_propose(
    annotator: Runner, captures: Path, tmp_path: Path
) -> None:
    run = annotator("import", tmp_path / "points.annotator", captures, "--scheme", "ibug-68", "-q")
    assert run.code == 0
    assert "propose" not in run.out
    assert "by hand" in run.err
    refused = annotator("propose", tmp_path / "points.annotator", "--all", "-q")
    assert refused.code == 1
    assert "--scheme ibug-68@1 --out MODEL" in refused.err


def test_a_project_that_is_there_keeps_its_scheme_and_says_so(
    annotator: Runner, project: Path, captures: Path
) -> None:
    run = annotator("import", project, captures, "--scheme", "ibug-68", "-q")
    assert run.code == 1
    assert DEFAULT_SCHEME in run.err
    assert annotator("import", project, captures, "--scheme", "studio-89", "-q").code == 0
