"""What the examples of the help name, made small: projects, captures, rendered and marked folders, models."""

import shutil
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import OpenImageIO as oiio
import pytest
import simplejpeg
from blank_model import blank_model

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.capture import Frame
from annotator.domain.model_card import read_card
from annotator.domain.rigs.rig import CameraModel, Rig
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.formats.base import WriteOptions
from annotator.rigs.files.registry import write_rig
from annotator.services.models.active_model import ensure_active_model
from annotator.services.models.evaluation_sets import load_set, scheme_of_project
from annotator.services.project.copies.merge_copies import merge_copies
from annotator.services.project.export_dataset import export_dataset
from annotator.services.project.people.assign import assign
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SIDE = 64


class Reached(Exception):
    """The work that an example asks for would begin now."""


def fill(folder: Path) -> None:
    """Make the world in a new folder."""
    old, new, ibug = (load_scheme(name) for name in ("studio-89@1", "studio-89@2", "ibug-68"))
    captures = [f"{s}/smile/{c}/0001.jpg" for s in ("anna", "ben") for c in ("c1", "c3")]
    for root in ("mnt/captures", "mnt/new/captures"):
        _pictures(folder / root, captures)
    for name in ("anna_c1_0001.exr", "anna_c1_0002.exr"):
        _exr(folder / "mnt/plates" / name)
    _exr(folder / "mnt/plate.0001.exr")
    _project(folder / "shoot.annotator", old, folder / "mnt/captures", captures)
    _project(folder / "shoot-2.annotator", new, folder / "mnt/captures", captures)
    with ProjectStore.open(folder / "shoot.annotator") as store:
        for file in ("vendor.json", "fixed.csv"):
            export_dataset(store, folder / file)
        export_dataset(store, folder / "old_pts", "pts")
        export_dataset(store, folder / "cvat.xml")
        store.copy_to(folder / "shoot-of-vera.annotator")
    (folder / "checked.toml").write_text('"Kinn" = "chin"\n', encoding="utf-8")
    _merged_once(folder)
    _two_people(folder)
    (folder / "farm").mkdir()
    _calibrations(folder)
    for name in ("renders/train", "renders/test", "renders/other-look", "paper-set/train", "paper-set/test"):
        _marked(folder / name, new, "annotations.json")
    for name in ("300w/common", "portraits"):
        _marked(folder / name, ibug, "", "pts")
    made = blank_model(folder, new)
    for name in ("runs/mine", "models/seed-6", "models/seed-7", "models/tracker"):
        shutil.copytree(made, folder / name)
    shutil.rmtree(made)
    made = blank_model(folder, old)
    for name in ("mnt/models/feature", "mnt/models/feature-film"):
        shutil.copytree(made, folder / name)
    trained = folder / "shoot.models" / "shoot-2026-11-21-1"
    shutil.copytree(made, trained)
    card = (trained / "model.toml").read_text(encoding="utf-8")
    (trained / "model.toml").write_text(card.replace('"blank"', f'"{trained.name}"'), encoding="utf-8")
    with ProjectStore.open(folder / "shoot.annotator") as store:
        store.models.add(read_card(trained), trained)


def _two_people(folder: Path) -> None:
    """Vera and Otto both moved a landmark, and each has a subject."""
    with ProjectStore.open(folder / "shoot.annotator") as store:
        for name, subject, x in (("vera", "anna", 20.0), ("otto", "ben", 22.0)):
            before = store.annotations.get(2)
            after, _ = edits.apply(edits.move([0], [[x, 30.0]]), before)
            store.annotations.commit(Change(2, before, after, "Move", user=name))
            assign(store, [name], subjects=[subject])


def _merged_once(folder: Path) -> None:
    """Somebody worked on another copy, which was merged: it can be taken back, and left a conflict."""
    other = folder / "of-otto.annotator"
    with ProjectStore.open(folder / "shoot.annotator") as store:
        store.copy_to(other)
        with ProjectStore.open(other) as copy:
            before = copy.annotations.get(3)
            after, _ = edits.apply(edits.set_review(ReviewState.NEEDS_WORK), before)
            copy.annotations.commit(Change(3, before, after, "Mark"))
            rejected, _ = edits.apply(edits.set_review(ReviewState.REJECTED), before)
            store.annotations.commit(Change(3, before, rejected, "Reject"))  # a conflict
            merge_copies(store, copy)
    other.unlink()


def _calibrations(folder: Path) -> None:
    """Two cameras side by side, in the files that the examples name, and as a rig of the project in two versions."""

    def rig(names: tuple[str, str], side: int = SIDE) -> Rig:
        matrix = np.array([[2.0 * side, 0, side / 2], [0, 2.0 * side, side / 2], [0, 0, 1]])
        poses = [np.concatenate([np.eye(3), [[x], [0.0], [1500.0]]], axis=1) for x in (0.0, -90.0)]
        cameras = [
            CameraModel(name, side, side, matrix, np.zeros(5), pose)
            for name, pose in zip(names, poses, strict=True)
        ]
        return Rig("tuesday", {camera.name: camera for camera in cameras})

    write_rig(rig(("c1", "c3")), folder / "calibration.toml")
    write_rig(rig(("c1", "c3"), SIDE // 2), folder / "cameras.xml")
    write_rig(rig(("a", "b")), folder / "colmap" / "sparse" / "0", "colmap")
    (folder / "cameras.toml").write_text('a = "c1"\nb = "c3"\n', encoding="utf-8")
    with ProjectStore.open(folder / "shoot.annotator") as store:
        store.rigs.add(rig(("c1", "c3")), rig(("c1", "c3")))


def stop_before_the_long_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever takes longer than a moment raises `Reached` once data, models and options are read."""
    for place in (
        "annotator.services.models.training.train.train_project",
        "annotator.services.models.training.train_folders.train",
        "annotator.services.models.training.learn_convention.learn_convention",
        "annotator.services.models.calibrate.calibrate_model",
        "annotator.services.models.confidence_fit.calibrate_expected_error",
        "annotator.services.models.known.measure_models.measure_models",
        "annotator.services.models.propose.propose_project",
        "annotator.services.models.known.onnx_model.write_onnx",
        "annotator.services.models.farm.evaluate_shard.evaluate_shard",
        "annotator.services.models.farm.propose_shard.propose_shard",
        "annotator.services.models.farm.merge_shards.merge_shards",
        "annotator.services.models.farm.propose_ray.propose_on_ray",
        "annotator.services.models.farm.track_shard.track_shard",
        "annotator.services.rigs.agreement.agree",
        "annotator.services.rigs.check_rigs.calibration_alarm",
        "annotator.services.rigs.refine_rig.refine",
        "annotator.services.rigs.solve_rig.solve",
        "annotator.studio.truth.faces_alone.made_up_faces",
        "annotator.studio.dataset.dataset.render_dataset",
        "annotator.studio.truth.border_check.check_borders",
        "annotator.research.experiments.run.run_experiment",
        "annotator.research.bench.networks.bench_networks",
        "annotator.research.bench.runtimes.bench_runtimes",
        "annotator.research.bench.pipeline.bench_pipeline",
        "annotator.research.bench.rig.run.bench_rig",
        "annotator.research.bench.window.bench_window",
        "annotator.research.bench.kills.matrix.kill_matrix",
        "annotator.research.bench.mutations.run.bench_mutations",
        "annotator.research.bench.take.run.bench_take",
        "annotator.research.bench.take.rig.bench_take_in_space",
        "annotator.services.takes.track.track_sequence",
        "annotator.services.takes.track_rig.track_in_space",
        "annotator.research.correction_loop.correction_loop",
        "annotator.research.bench.tracker.bench_tracker",
        "annotator.research.bench.farm.bench_farm",
        "annotator.services.models.protocols.run.run_protocol",
        "annotator.services.doctor.diagnose",
    ):
        monkeypatch.setattr(place, _reached)
    monkeypatch.setattr("annotator.services.models.evaluate.prepared", _read_set)
    monkeypatch.setattr("annotator.services.models.mediapipe.make_environment", lambda: Path("python"))
    monkeypatch.setattr("annotator.inference.mediapipe.MediaPipePredictor", _Loaded)
    monkeypatch.setattr("annotator.inference.predictor.Predictor", _Loaded)


class _Loaded:
    """A model that is said to be loaded; the example's device may not be there."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __enter__(self) -> "_Loaded":
        return self

    def __exit__(self, *_: object) -> None: ...


def _reached(*_: Any, **__: Any) -> NoReturn:
    raise Reached


def _read_set(models: list[str], data: Path, options: Any, device: str) -> NoReturn:
    from annotator.services.models.registry import find_model

    for name in models:
        if name != "mediapipe":
            find_model(name)
    load_set(data, load_scheme(scheme_of_project(data) if data.is_file() else DEFAULT_SCHEME))
    raise Reached


def _pictures(root: Path, names: list[str]) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(simplejpeg.encode_jpeg(pixels, colorspace="RGB"))


def _project(path: Path, scheme: LandmarkScheme, root: Path, names: list[str]) -> None:
    """Everything is confirmed and approved on the first two frames; the others are untouched. With the shipped model, if any."""
    with ProjectStore.create(path, scheme, root) as store:
        ensure_active_model(store)
        store.frames.add(
            Frame(0, name, name.split("/")[0], "smile", name.split("/")[-2], "1", SIDE, SIDE)
            for name in names
        )
        for frame_id in (1, 2):
            value = store.annotations.get(frame_id)
            places = np.random.default_rng(0).uniform(12, SIDE - 4, (scheme.size, 2))
            places[:, 0] -= 7.68 * (frame_id - 1)  # as the two cameras of `_calibrations` see a flat face
            placed, _ = edits.apply(edits.move(range(scheme.size), places), value)
            accepted, _ = edits.apply(edits.accept(placed), placed)
            approved, _ = edits.apply(edits.set_review(ReviewState.APPROVED), accepted)
            for before, after in ((value, placed), (placed, accepted), (accepted, approved)):
                store.annotations.commit(Change(frame_id, before, after, "Mark", seconds=2.0))


def _exr(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = oiio.ImageOutput.create(str(path))
    assert picture.open(str(path), oiio.ImageSpec(SIDE, SIDE, 3, "half"))
    assert picture.write_image(np.random.default_rng(0).random((SIDE, SIDE, 3)).astype(np.float32))
    picture.close()


def _marked(folder: Path, scheme: LandmarkScheme, file: str, format_name: str | None = None) -> None:
    """A folder of pictures with true landmarks, as rendered sets and 300-W have them."""
    names = [f"s{n}/neutral/c1/0001.jpg" for n in range(2)]
    _pictures(folder, names)
    made = folder.with_name(f"{folder.name}.annotator")
    _project(made, scheme, folder, names)
    with ProjectStore.open(made) as store:
        export_dataset(store, folder / file, format_name, options=WriteOptions(overwrite=True))
    made.unlink()
