"""Evaluation sets of every kind, and the whole run on an untrained model."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from annotator.domain import edits
from annotator.domain.annotation import Annotation, Flag, LandmarkState
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError, FormatError
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.evaluation.truth import Predictions
from annotator.formats.base import DatasetFrame, DatasetView
from annotator.formats.coco import Coco
from annotator.nn.checkpoint import save_model
from annotator.nn.zoo import architecture, build
from annotator.services.models.evaluate import EvaluateOptions, build_report, evaluate
from annotator.services.models.evaluation_sets import COMPARABLE_IBUG, load_set
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SCHEME = load_scheme("studio-89")


def _points(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(5, 60, (SCHEME.size, 2)).astype(np.float32)


def _picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 255, (64, 72, 3), np.uint8))


@pytest.fixture
def json_folder(tmp_path: Path) -> Path:
    """Four pictures with points of the 68-point markup beside them, and one without."""
    folder = tmp_path / "portraits"
    for name in "abcde":
        _picture(folder / f"{name}.png")
    for number, name in enumerate("abcd"):
        points = {str(i): [i + number, 2.0 * i] for i in (8, 17, *range(36, 48), 48, 54)}
        (folder / f"{name}.json").write_text(json.dumps({"ibug68": points, "other": 1}), encoding="utf-8")
    return folder


@pytest.fixture
def models(tmp_path: Path) -> list[str]:
    """Two untrained models, by folder."""
    description = architecture("tiny", SCHEME)
    for name in ("one", "two"):
        save_model(tmp_path / name, build(description), ModelCard(name, SCHEME.id, description))
    return [str(tmp_path / "one"), str(tmp_path / "two")]


def test_json_points_are_pixel_centres_from_zero(json_folder: Path) -> None:
    data = load_set(json_folder, SCHEME)
    assert data.truth.names == ("a", "b", "c", "d")
    corner = SCHEME.ibug68[36]
    assert data.truth.xy[1, corner] == pytest.approx([37.5, 72.5])
    assert np.isnan(data.truth.xy[0, SCHEME.index("pupil_left")]).all()
    assert data.paths[3].name == "d.png"


def test_comparable_points_are_chin_eyes_and_mouth(json_folder: Path) -> None:
    data = load_set(json_folder, SCHEME).only_ibug(COMPARABLE_IBUG)
    marked = {SCHEME.landmarks[i].ibug68 for i in np.flatnonzero(data.truth.mask()[0])}
    assert marked == {8, *range(36, 48), 48, 54}


def test_damaged_json_names_the_file(json_folder: Path) -> None:
    (json_folder / "b.json").write_text('{"ibug68": [1, 2]}', encoding="utf-8")
    with pytest.raises(FormatError, match=r"b\.json must hold"):
        load_set(json_folder, SCHEME)


def test_a_set_in_crops_is_refused(tmp_path: Path) -> None:
    _picture(tmp_path / "anna" / "c_mouth.png")
    state = np.full(SCHEME.size, LandmarkState.CONFIRMED, np.uint8)
    annotation = Annotation(SCHEME.id, _points(1), state, np.zeros(SCHEME.size, np.uint8))
    frame = DatasetFrame(Frame(1, "anna/c_mouth.png", "anna", "", "", "", 72, 64), annotation)
    Coco().write(DatasetView(SCHEME, [frame]), tmp_path / "annotations.json")
    table = json.loads((tmp_path / "annotations.json").read_text(encoding="utf-8"))
    table["images"][0]["attributes"] = {"crop": "mouth"}
    (tmp_path / "annotations.json").write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(AnnotatorError, match="render whole frames to measure on"):
        load_set(tmp_path, SCHEME)


def test_an_unfinished_render_says_so(tmp_path: Path) -> None:
    (tmp_path / "annotations.jsonl").write_text("{}\n", encoding="utf-8")
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(AnnotatorError, match="not rendered to its end"):
        load_set(tmp_path, SCHEME)


def test_pts_files_beside_pictures(tmp_path: Path) -> None:
    _picture(tmp_path / "x" / "face.png")
    rows = "\n".join(f"{i + 1} {2 * i + 1}" for i in range(68))
    (tmp_path / "x" / "face.pts").write_text(f"version: 1\nn_points: 68\n{{\n{rows}\n}}\n", encoding="ascii")
    (tmp_path / "x" / "lost.pts").write_text(f"version: 1\nn_points: 68\n{{\n{rows}\n}}\n", encoding="ascii")
    data = load_set(tmp_path, SCHEME)
    assert len(data.paths) == 1
    assert data.truth.xy[0, SCHEME.ibug68[36]] == pytest.approx([36.5, 72.5])


def test_dataset_folder_keeps_subjects_and_occlusion(tmp_path: Path) -> None:
    frames = []
    for number, subject in enumerate(("anna", "ben")):
        path = f"{subject}/smile/front.png"
        _picture(tmp_path / path)
        flags = np.zeros(SCHEME.size, np.uint8)
        flags[3] = Flag.OCCLUDED
        state = np.full(SCHEME.size, LandmarkState.CONFIRMED, np.uint8)
        annotation = Annotation(SCHEME.id, _points(number), state, flags)
        frames.append(DatasetFrame(Frame(number + 1, path, subject, "", "", "", 72, 64), annotation))
    Coco().write(DatasetView(SCHEME, frames), tmp_path / "annotations.json")
    data = load_set(tmp_path, SCHEME)
    assert data.truth.subjects == ("anna", "ben")
    assert data.truth.occluded[:, 3].all()
    assert data.truth.occluded.sum() == 2
    assert data.truth.xy[1] == pytest.approx(_points(1), abs=1e-3)


def test_what_a_rendered_set_says_of_its_frames_comes_with_them(tmp_path: Path) -> None:
    frames = []
    for number, subject in enumerate(("anna", "ben")):
        path = f"{subject}/smile/front.png"
        _picture(tmp_path / path)
        state = np.full(SCHEME.size, LandmarkState.CONFIRMED, np.uint8)
        annotation = Annotation(SCHEME.id, _points(number), state, np.zeros(SCHEME.size, np.uint8))
        frames.append(DatasetFrame(Frame(number + 1, path, subject, "", "", "", 72, 64), annotation))
    Coco().write(DatasetView(SCHEME, frames), tmp_path / "annotations.json")
    file = tmp_path / "annotations.json"
    written = json.loads(file.read_text(encoding="utf-8"))
    for number, image in enumerate(written["images"]):
        image["attributes"] = {"yaw": 10.0 * number}
    file.write_text(json.dumps(written), encoding="utf-8")
    data = load_set(tmp_path, SCHEME)
    assert data.attributes == ({"yaw": 0.0}, {"yaw": 10.0})
    assert data.subset([1]).attributes == ({"yaw": 10.0},)


def test_project_counts_only_what_people_set(tmp_path: Path) -> None:
    with ProjectStore.create(tmp_path / "p.annotator", SCHEME, tmp_path) as store:
        store.frames.add(Frame(0, f"{n}.png", "", "", "", "", 72, 64) for n in range(2))
        (first, _) = (int(i) for i in store.frames.list().ids)
        before = store.annotations.get(first)
        after, _ = edits.apply(edits.move([4, 7, 8], [[1, 2], [3, 4], [99, 4]]), before)
        after, _ = edits.apply(edits.set_flags(after, [8], Flag.OUT_OF_FRAME, True), after)
        store.annotations.commit(Change(first, before, after, "Move"))
    data = load_set(tmp_path / "p.annotator", SCHEME)
    assert data.truth.names == ("0.png",)
    assert np.flatnonzero(data.truth.mask()[0]).tolist() == [4, 7]


def test_a_place_without_truth_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(AnnotatorError, match="points beside each picture"):
        load_set(tmp_path, SCHEME)


def test_two_models_are_measured_on_the_same_frames_and_reported(
    json_folder: Path, models: list[str], tmp_path: Path
) -> None:
    (json_folder / "c.png").write_bytes(b"damaged")
    options = EvaluateOptions(comparable_only=True, remove_offsets=True, worst=2)
    seen: list[int] = []
    result = evaluate(
        models, json_folder, tmp_path / "out", options, "cpu", lambda done, *_: seen.append(done)
    )
    assert [score.model_id for score in result.scores] == ["one", "two"]
    assert result.scores[0].frames == 3
    assert result.report.differences["two"].count == 3
    assert seen == [1, 2, 4]
    assert any("c: " in note for note in result.predictions[0].notes)
    assert result.page is not None
    assert result.page.read_text(encoding="utf-8").count("<figure>") == 4
    value = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert value["extra"]["one, as predicted"]["eyes NME %"] > 0


def test_stop_and_empty_request(json_folder: Path, models: list[str]) -> None:
    with pytest.raises(Cancelled):
        evaluate(models[:1], json_folder, device="cpu", stop=lambda: True)
    with pytest.raises(AnnotatorError, match="at least one model"):
        evaluate([], json_folder)


def test_constant_offsets_vanish_from_the_second_figure(json_folder: Path) -> None:
    data = load_set(json_folder, SCHEME)
    predicted = data.truth.xy.copy()
    predicted[:, SCHEME.ibug68[8]] += [3.0, 0.0]
    covariance = np.broadcast_to(np.eye(2), (*predicted.shape, 2))
    report = build_report(
        data, [Predictions("m", predicted, covariance)], EvaluateOptions(remove_offsets=True, worst=0)
    )
    raw, corrected = report.extra["m, as predicted"], report.extra["m, constant offsets removed"]
    eye_distance = np.hypot(9.0, 18.0)
    assert raw["chin NME %"] == pytest.approx(100 * 3.0 / eye_distance)
    assert raw["eyes NME %"] == 0.0
    assert corrected["chin NME %"] == pytest.approx(0.0, abs=1e-9)
    assert report.extra["m, coverage"]["inside 1 sigma (39.3 %)"] == pytest.approx(100 * 14 / 15, abs=0.5)


def test_options_limit_the_frames(json_folder: Path, models: list[str]) -> None:
    result = evaluate(models[:1], json_folder, options=EvaluateOptions(most=2, worst=0), device="cpu")
    assert result.page is None
    assert len(result.data.paths) == 2
