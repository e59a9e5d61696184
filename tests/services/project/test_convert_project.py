"""A project becomes one of the newer scheme; the old file stays as it is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from annotator.domain.annotation import Annotation, LandmarkState, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError, ModelError, ProjectError
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled
from annotator.domain.rigs.rig import CameraModel, Rig
from annotator.domain.rigs.rig_values import rig_to_plain
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.services.project.copies.convert_project import convert_project
from annotator.services.project.status import project_status
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

V1, V2 = load_scheme("studio-89@1"), load_scheme("studio-89@2")


@pytest.fixture
def store(tmp_path: Path):
    with ProjectStore.create(tmp_path / "old.annotator", V1, tmp_path) as made:
        made.frames.add(Frame(0, f"{name}.jpg", name, "", "c", "", 400, 300) for name in ("anna", "bo", "cy"))
        frame = made.frames.by_path()["bo.jpg"]
        xy = np.random.default_rng(0).uniform(50, 250, (V1.size, 2)).astype(np.float32)
        state = np.full(V1.size, LandmarkState.CORRECTED, np.uint8)
        after = Annotation(V1.id, xy, state, np.zeros(V1.size, np.uint8), ReviewState.APPROVED)
        made.annotations.commit(Change(frame, Annotation.empty(V1), after, "Place"))
        yield made


def test_rigs_go_along(store: ProjectStore, tmp_path: Path) -> None:
    camera = CameraModel("c", 400, 300, np.eye(3), np.zeros(5), np.eye(3, 4))
    rig = Rig("dome", {name: replace(camera, name=name) for name in ("c", "d")}, ("anna",))
    store.rigs.add(rig)
    convert_project(store, tmp_path / "new.annotator")
    with ProjectStore.open(tmp_path / "new.annotator") as new:
        assert rig_to_plain(new.rigs.of_take("anna", "").rig) == rig_to_plain(rig)


def test_annotations_go_along_and_the_old_project_is_untouched(store: ProjectStore, tmp_path: Path) -> None:
    report = convert_project(store, tmp_path / "new.annotator")
    assert (report.source, report.target, report.frames, report.annotated) == (V1.id, V2.id, 3, 1)
    assert report.reopened == 1
    assert report.kept + report.proposed + report.lost == V1.size
    with ProjectStore.open(tmp_path / "new.annotator") as new:
        assert new.scheme == V2
        frame = new.frames.by_path()["bo.jpg"]
        found = new.annotations.get(frame)
        assert int(found.is_human.sum()) == report.kept
        assert found.review == ReviewState.NEEDS_WORK
        assert [entry.label for entry in new.ledger.entries(frame)] == ["Convert from studio-89@1"]
        assert project_status(new).newer_scheme is None
    assert project_status(store).newer_scheme == V2.id
    assert store.annotations.get(store.frames.by_path()["bo.jpg"]).review == ReviewState.APPROVED


def test_a_stop_or_a_file_in_the_way_leaves_nothing_behind(store: ProjectStore, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        convert_project(store, tmp_path / "new.annotator", stop=lambda: True)
    assert not (tmp_path / "new.annotator").exists()
    (tmp_path / "new.annotator").write_text("mine")
    with pytest.raises(ProjectError):
        convert_project(store, tmp_path / "new.annotator")
    assert (tmp_path / "new.annotator").read_text() == "mine"


def test_the_newest_version_converts_no_further(store: ProjectStore, tmp_path: Path) -> None:
    convert_project(store, tmp_path / "new.annotator")
    with (
        ProjectStore.open(tmp_path / "new.annotator") as new,
        pytest.raises(AnnotatorError, match="newest version"),
    ):
        convert_project(new, tmp_path / "newer.annotator")


def test_a_model_of_the_older_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with (
        ProjectStore.create(tmp_path / "p.annotator", V2, tmp_path) as new,
        pytest.raises(ModelError, match=r"lie elsewhere.*annotator train"),
    ):
        new.models.add(ModelCard("starter", V1.id, {}), tmp_path)
