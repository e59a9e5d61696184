"""The main job from start to end in the real window, with the real processes for proposing and training.

Once on small pictures with a tiny untrained network, once on the shipped 4096x4096 samples with the shipped model.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from artist import CTRL, SHIFT, Artist, at_the_window
from numpy.testing import assert_allclose
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from annotator.domain.annotation import Annotation, LandmarkState, ReviewState
from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard, read_card
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.formats.registry import format_named
from annotator.nn.checkpoint import save_model
from annotator.nn.zoo import architecture, build
from annotator.services.models.registry import default_model
from annotator.store.project_store import ProjectStore
from annotator.ui.dialogs.export import ExportDialog
from annotator.ui.dialogs.train import TrainDialog

pytestmark = [pytest.mark.gui, pytest.mark.timeout(900)]
DRAG = (40, -25)
KEY = Qt.Key


@dataclass(frozen=True)
class Start:
    """What a road starts from: the project (None: what a first start opens) and the model that should propose."""

    project: Path | None
    model_id: str


@pytest.fixture
def tiny_start(tmp_path: Path) -> Start:
    """Five small frames of noise with an untrained network: quick, and everything else is real."""
    scheme = load_scheme("ibug-68")
    description = architecture("tiny", scheme)
    folder = tmp_path / "show.models" / "tiny"
    save_model(folder, build(description), ModelCard("tiny", scheme.id, description))
    rng = np.random.default_rng(3)
    project = tmp_path / "show.annotator"
    names = [f"{subject}/c1.jpg" for subject in ("ada", "ben", "cleo", "dan", "eve")]
    for name in names:
        file = tmp_path / "captures" / name
        file.parent.mkdir(parents=True)
        pixels = rng.integers(0, 255, (360, 480, 3), np.uint8)
        file.write_bytes(simplejpeg.encode_jpeg(pixels, colorspace="RGB"))
    with ProjectStore.create(project, scheme, tmp_path / "captures") as store:
        store.frames.add(Frame(0, name, name.partition("/")[0], "", "c1", "", 480, 360) for name in names)
        store.models.add(read_card(folder), folder)
        store.models.activate("tiny")
    return Start(project, "tiny")


def test_the_main_job_on_small_frames(tmp_path: Path, tiny_start: Start) -> None:
    walk_the_road(tmp_path, tiny_start, steps=2)


@pytest.mark.slow
def test_the_main_job_on_the_shipped_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    project = walk_the_road(tmp_path, Start(None, default_model(DEFAULT_SCHEME).id), steps=3)
    assert project.is_relative_to(tmp_path)
    with ProjectStore.open(project, read_only=True) as store:
        assert {(s.frame.width, s.frame.height) for s in store.frames.list()} == {(4096, 4096)}


def walk_the_road(tmp_path: Path, start: Start, steps: int) -> Path:
    """Proposals arrive, correct, undo, redo, accept, quit, reopen, export, retrain, the new model proposes."""
    settings = tmp_path / "window.ini"
    with at_the_window(settings, start.project) as artist:
        project = artist.session.path
        see_the_proposal(artist, start.model_id)
        correct_undo_redo(artist, start.model_id)
        accept_frames(artist, start.model_id)
        left = contents(project)
    assert contents(project) == left
    with at_the_window(settings) as artist:
        assert artist.session.path == project, "the window opens the last project"
        find_everything_again(artist, left)
        export(artist, tmp_path / "landmarks.json", left)
        new_model = retrain(artist, start.model_id, steps)
        artist.session.models.set_active(new_model)
        artist.wait_for_proposal(new_model)
        assert contents(project) == left, "no proposal touches what a person set"
        artist.window.actions_by_id["roll_back"].trigger()
        active = artist.session.models.active
        assert active is not None
        assert active.id == start.model_id
        assert artist.errors == []
    return project


def contents(project: Path) -> dict[int, Annotation]:
    """Every annotation of a project as it is on disk, by frame id."""
    with ProjectStore.open(project, read_only=True) as store:
        return dict(store.annotations.items())


def see_the_proposal(artist: Artist, model_id: str) -> None:
    artist.wait_for_picture()
    artist.wait_for_proposal(model_id)
    proposal, scheme = artist.session.proposals.get(artist.frame), artist.session.scheme
    assert proposal is not None
    assert np.isfinite(proposal.xy).all()
    assert [heatmap.name for heatmap in proposal.heatmaps] == ["global", *(r.name for r in scheme.regions)]
    assert len(artist.window.heatmaps.panes) == 1 + len(scheme.regions)
    shown = artist.session.annotations.shown(artist.frame)
    assert (shown.state == LandmarkState.PROPOSED).all()
    assert_allclose(artist.window.view.overlay.data_shown.xy, proposal.xy)
    assert contents(artist.session.path) == {}, "proposals alone are no annotation"


def correct_undo_redo(artist: Artist, model_id: str) -> None:
    """Drag one landmark: on disk at the release; undone and redone by keys."""
    session, frame, landmark = artist.session, artist.frame, artist.lonely_landmark()
    proposed = session.annotations.shown(frame).xy[landmark].tolist()
    wanted = artist.drag(landmark, *DRAG)
    on_disk = contents(session.path)[frame]
    assert on_disk.state[landmark] == LandmarkState.CORRECTED
    assert on_disk.is_human.sum() == 1
    assert_allclose(on_disk.xy[landmark], wanted, atol=1e-2)
    (entry,) = session.annotations.history(frame)
    assert (entry.model_id, entry.indices.tolist()) == (model_id, [landmark])
    assert_allclose(entry.from_xy[0], proposed)

    artist.key(KEY.Key_Z, CTRL)
    assert not contents(session.path)[frame].is_human.any()
    assert_allclose(session.annotations.shown(frame).xy[landmark], proposed)
    artist.key(KEY.Key_Z, CTRL | SHIFT)
    assert contents(session.path)[frame] == on_disk


def accept_frames(artist: Artist, model_id: str) -> None:
    """Accept every frame's proposal by keys and approve the first; the corrected landmark stays where it was put."""
    session = artist.session
    corrected = contents(session.path)[artist.frame]
    landmark = int(np.flatnonzero(corrected.is_human)[0])
    first = artist.frame
    artist.key(KEY.Key_2, CTRL)
    for _ in range(len(session.frames.listed)):
        artist.wait_for_proposal(model_id)
        artist.key(KEY.Key_Return, CTRL)
        artist.key(KEY.Key_PageDown)
    found = contents(session.path)
    assert len(found) == len(session.frames.listed)
    assert all(annotation.is_human.all() for annotation in found.values())
    assert found[first].review is ReviewState.APPROVED
    assert_allclose(found[first].xy[landmark], corrected.xy[landmark])


def find_everything_again(artist: Artist, left: dict[int, Annotation]) -> None:
    artist.wait_for_picture()
    session = artist.session
    assert {frame: session.annotations.human(frame) for frame in left} == left
    assert session.frames.current_row == len(session.frames.listed) - 1, "the window opens where it was left"
    assert len(session.annotations.pending) == 0


def export(artist: Artist, file: Path, left: dict[int, Annotation]) -> None:
    """Through the dialog; the file holds what the project holds."""

    def fill(dialog: QDialog) -> None:
        assert isinstance(dialog, ExportDialog)
        dialog.format.setCurrentIndex(dialog.format.findData("coco"))
        dialog.file.setText(str(file))

    artist.answer(ExportDialog, fill, "Export")
    artist.window.actions_by_id["export"].trigger()
    job = artist.last_job("export")
    assert job.state.value == "done", job.message
    paths = {artist.session.store.frames.get(frame).path: value for frame, value in left.items()}
    dataset = format_named("coco").read(file, artist.session.scheme)
    assert {item.path for item in dataset.frames} == set(paths)
    for item in dataset.frames:
        assert_allclose(item.xy, paths[item.path].xy)
    manifest = json.loads(file.with_name("landmarks.manifest.json").read_text())
    assert manifest["counts"]["frames"] == len(left)


def retrain(artist: Artist, parent: str, steps: int) -> str:
    """Through the dialog, for a few steps; the new model is known, measured on frozen frames, and not active."""

    def fill(dialog: QDialog) -> None:
        assert isinstance(dialog, TrainDialog)
        dialog.steps.setValue(steps)
        dialog.minutes.setValue(0)

    artist.answer(TrainDialog, fill, "Start training")
    artist.window.actions_by_id["retrain"].trigger()
    job = artist.last_job("train")
    assert job.state.value == "done", job.message
    events = artist.session.jobs.training_events
    kinds = [event["event"] for event in events]
    assert {"start", "step", "validation"} <= set(kinds)
    assert kinds[-1] == "done"
    table = events[-1]["table"]
    assert table["held_out"]
    assert table["frames"] >= 1
    # the one point that the artist moved may lie on a frame of the training: then nothing says whether the model is better
    assert table["accepted"]["points"] > 0
    assert (table["verdict"] == "unknown") == (not table["rows"])
    assert artist.window.training.keep.objectName() == ("" if table["verdict"] == "better" else "primary")
    active = artist.session.models.active
    assert active is not None
    assert active.id == parent, "a new model is active only if the artist says so"
    new = [model for model in artist.session.models.all() if model.card.parent == parent]
    assert len(new) == 1
    return new[0].id
