"""The sample project: made once, brought up to date, never destroyed."""

from pathlib import Path

import numpy as np
import pytest
import simplejpeg

from annotator.domain import edits
from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.capture import Frame
from annotator.domain.errors import ModelError, ProjectError
from annotator.domain.model_card import ModelCard
from annotator.services.models import active_model
from annotator.services.models.registry import ModelEntry
from annotator.services.project import sample_project
from annotator.services.project.sample_project import PROJECT_NAME, ensure_sample_project
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore


def put_frame(folder: Path, relative: str) -> None:
    file = folder / relative
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(simplejpeg.encode_jpeg(np.zeros((48, 64, 3), np.uint8), colorspace="RGB"))


@pytest.fixture
def samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four captures, and a shipped model called `starter`."""
    folder = tmp_path / "installed" / "samples"
    for subject in ("anna", "ben"):
        for camera in ("c1", "c2"):
            put_frame(folder, f"{subject}/neutral/{camera}.jpg")
    ship(monkeypatch, tmp_path, "a" * 64)
    return folder


def ship(monkeypatch: pytest.MonkeyPatch, folder: Path, sha256: str) -> None:
    """Have `starter` with these weights be the shipped model."""
    card = ModelCard("starter", DEFAULT_SCHEME, {"kind": "adc"}, sha256=sha256)
    entry = ModelEntry(card, folder / "starter", "shipped")
    monkeypatch.setattr(active_model, "default_model", lambda scheme, project: entry)


def test_a_new_one_references_the_captures_and_has_an_active_model(tmp_path: Path, samples: Path) -> None:
    project = ensure_sample_project(tmp_path / "new" / "data", samples)
    assert project == tmp_path / "new" / "data" / PROJECT_NAME
    assert [file.name for file in project.parent.iterdir()] == [PROJECT_NAME]
    with ProjectStore.open(project) as store:
        frames = [summary.frame for summary in store.frames.list()]
        active = store.models.active()
        assert store.frames.capture_root == samples
        assert store.frames.path(frames[0].id) == samples / "anna/neutral/c1.jpg"
    assert [(f.subject, f.take, f.camera) for f in frames] == [
        ("anna", "neutral", "c1"),
        ("anna", "neutral", "c2"),
        ("ben", "neutral", "c1"),
        ("ben", "neutral", "c2"),
    ]
    assert {(f.width, f.height) for f in frames} == {(64, 48)}
    assert active is not None
    assert active.id == "starter"


def test_work_in_an_existing_one_stays(tmp_path: Path, samples: Path) -> None:
    project = ensure_sample_project(tmp_path, samples)
    with ProjectStore.open(project) as store:
        before = store.annotations.get(1)
        after = edits.apply(edits.move([3], [[10.0, 20.0]]), before)[0]
        store.annotations.commit(Change(1, before, after, "Move 1 landmark"))
    assert ensure_sample_project(tmp_path, samples) == project
    with ProjectStore.open(project) as store:
        assert store.annotations.get(1) == after
        assert store.frames.count() == 4
        assert len(store.models.history()) == 1


def test_a_newer_version_adds_its_frames_and_model(
    tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = ensure_sample_project(tmp_path, samples)
    put_frame(samples, "cleo/smile/c1.jpg")
    ship(monkeypatch, tmp_path, "b" * 64)
    ensure_sample_project(tmp_path, samples)
    with ProjectStore.open(project) as store:
        assert store.frames.count() == 5
        assert [model.card.sha256 for model in store.models.all()] == ["b" * 64]


def test_samples_that_moved_are_found_again(tmp_path: Path, samples: Path) -> None:
    project = ensure_sample_project(tmp_path, samples)
    moved = samples.rename(samples.with_name("moved"))
    ensure_sample_project(tmp_path, moved)
    with ProjectStore.open(project) as store:
        assert store.frames.path(1).is_file()
        assert store.frames.count() == 4


def test_the_choice_of_another_model_stays(tmp_path: Path, samples: Path) -> None:
    project = ensure_sample_project(tmp_path, samples)
    with ProjectStore.open(project) as store:
        store.models.add(ModelCard("mine", DEFAULT_SCHEME, {"kind": "adc"}), tmp_path / "mine")
        store.models.activate("mine")
    ensure_sample_project(tmp_path, samples)
    with ProjectStore.open(project) as store:
        active = store.models.active()
        assert active is not None
        assert active.id == "mine"


def test_without_a_model_it_is_still_made(
    tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(scheme: str, project: Path) -> ModelEntry:
        raise ModelError("none")

    monkeypatch.setattr(active_model, "default_model", none)
    with ProjectStore.open(ensure_sample_project(tmp_path, samples)) as store:
        assert store.models.active() is None


def test_no_samples_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ProjectError, match="doctor"):
        ensure_sample_project(tmp_path / "data", tmp_path / "empty")
    assert not (tmp_path / "data").exists()


def test_a_foreign_file_of_that_name_is_left_alone(tmp_path: Path, samples: Path) -> None:
    (tmp_path / PROJECT_NAME).write_text("my notes")
    with pytest.raises(ProjectError):
        ensure_sample_project(tmp_path, samples)
    assert (tmp_path / PROJECT_NAME).read_text() == "my notes"


def test_one_made_by_another_process_meanwhile_wins(
    tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = sample_project.sample_frames

    def late(folder: Path) -> list[Frame]:
        monkeypatch.setattr(sample_project, "sample_frames", frames)
        with ProjectStore.open(ensure_sample_project(tmp_path, samples)) as store:
            store.settings.set("who", "the other")
        return frames(folder)

    monkeypatch.setattr(sample_project, "sample_frames", late)
    with ProjectStore.open(ensure_sample_project(tmp_path, samples)) as store:
        assert store.settings.get("who") == "the other"
