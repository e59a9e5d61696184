"""What other cameras are worth, on made-up moments whose truth is known: the table says what was put in."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from annotator.domain.errors import AnnotatorError
from annotator.domain.proposal import Proposal
from annotator.domain.rigs.rig import Rig
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.research.bench.rig import filmed, run
from annotator.research.bench.rig.disturbed import REFERENCE, Error, disturbed
from annotator.rigs.files.registry import write_rig
from annotator.rigs.projection import Lenses
from annotator.studio.geometry.still_rig import still_rig

SCHEME, SIDE = load_scheme("studio-89@1"), 256
SHARE = 0.008  # of the eye distance, by which the made-up model is off in each axis


def face(number: int) -> np.ndarray:
    rng = np.random.default_rng(number)
    points = rng.normal(0, 1, (SCHEME.size, 3)) * [35, 40, 20] + [0, -30, -15]
    points[SCHEME.ibug68[36]], points[SCHEME.ibug68[45]] = [-45, 0, 0], [45, 0, 0]
    return np.asarray(points)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four moments of eight views with a number in each picture's first pixel, and a model that reads it."""
    rig, images, annotations = still_rig("dome-8", SIDE), [], []
    write_rig(rig, tmp_path / "rig.json")
    places = []
    for moment in range(4):
        seen = Lenses.of(list(rig.cameras.values())).project(face(moment))
        for camera, xy in zip(rig.cameras, seen, strict=True):
            number = len(places)
            name = f"subject_{moment}/random_000/{camera}.png"
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(tmp_path / name), np.full((SIDE, SIDE, 3), number, np.uint8))
            images.append({"id": number + 1, "file_name": name, "width": SIDE, "height": SIDE})
            keys = np.column_stack([xy - 0.5, np.full(len(xy), 2)]).ravel().tolist()
            annotations.append(
                {"id": number + 1, "image_id": number + 1, "category_id": 1, "keypoints": keys}
            )
            places.append(xy)
    category = {"id": 1, "name": "face", "keypoints": list(SCHEME.names)}
    coco = {
        "info": {"scheme": SCHEME.id},
        "images": images,
        "annotations": annotations,
        "categories": [category],
    }
    (tmp_path / "annotations.json").write_text(json.dumps(coco), encoding="utf-8")
    (tmp_path / "weights.safetensors").write_bytes(b"")
    sigma = SHARE * float(np.linalg.norm(np.diff(places[2][[SCHEME.ibug68[36], SCHEME.ibug68[45]]], axis=0)))

    class Model:
        card = type("Card", (), {"id": "made-up"})()
        scheme, notes = SCHEME, ()
        asked = 0

        def __init__(self, *_: Any) -> None: ...

        def propose(self, image: np.ndarray, heatmaps: bool = True) -> Proposal:
            Model.asked += 1
            number = int(image[0, 0, 0])
            noise = np.random.default_rng([number, 5]).normal(0, sigma, places[number].shape)
            xy = (places[number] + noise).astype(np.float32)
            spread = np.tile(sigma**2 * np.eye(2, dtype=np.float32), (len(xy), 1, 1))
            one = np.ones(len(xy), np.float32)
            return Proposal("made-up", SCHEME.id, xy, spread, one, np.zeros((0, 4), np.float32), xy, spread)

    monkeypatch.setattr(filmed, "Predictor", Model)
    monkeypatch.setattr(run, "CORRECTED", (0, 2))
    monkeypatch.setattr(run, "_TIMED", 3)
    return tmp_path


def test_the_table_says_what_was_put_in(folder: Path) -> None:
    figures = run.bench_rig(folder, folder, (Error(), Error(pixels=12)))
    rows = {(row["calibration"], row["refined"], row["corrected"]): row for row in figures["rows"]}
    assert len(rows) == 6
    exact, helped = rows["exact", False, 0], rows["exact", False, 2]
    assert exact["single"] == pytest.approx(100 * SHARE * np.sqrt(np.pi / 2), rel=0.1)
    assert exact["points"] == 4 * 8 * SCHEME.size
    assert exact["misfit"] < 1e-3
    assert exact["nme"] < 0.6 * exact["single"]
    assert helped["points"] == 4 * 6 * SCHEME.size
    assert helped["nme"] < 0.3
    assert helped["beyond"] < 10 < helped["single_beyond"]
    off = Error(pixels=12).name
    assert rows[off, False, 2]["nme"] > 2 * helped["nme"]
    assert rows[off, True, 2]["nme"] < 0.6 * rows[off, False, 2]["nme"]
    assert rows[off, True, 0]["misfit"] < 0.5 * rows[off, False, 0]["misfit"]
    assert figures["timings"]["triangulate"]["repetitions"] == 3
    assert figures["synthetic"]


def test_proposals_are_kept_beside_the_set(folder: Path) -> None:
    filmed.filmed_set(folder, folder)
    asked = filmed.Predictor.asked  # type: ignore[attr-defined]
    again = filmed.filmed_set(folder, folder)
    assert asked == filmed.Predictor.asked == 32  # type: ignore[attr-defined]
    assert (len(again.moments), again.model_id) == (4, "made-up")
    (folder / "proposals-made-up.npz").write_bytes(b"damaged")
    assert len(filmed.filmed_set(folder, folder).moments) == 4


def test_a_set_whose_cameras_moved_is_refused(folder: Path) -> None:
    (folder / "rig.json").unlink()
    with pytest.raises(AnnotatorError, match="--fixed-rig"):
        filmed.filmed_set(folder, folder)


@pytest.mark.parametrize("pixels", [0.7, 4, 12])
def test_an_error_in_pixels_is_that_large_in_every_camera(pixels: float) -> None:
    rig, points = still_rig("dome-8", 2048), [face(0), face(1)]
    off = disturbed(rig, points, Error(pixels=pixels), np.random.default_rng(0))
    for a, b in zip(cameras(rig), cameras(off), strict=True):
        apart = Lenses.of([a]).project(np.concatenate(points)) - Lenses.of([b]).project(
            np.concatenate(points)
        )
        rms = np.sqrt(np.square(apart).sum(-1).mean()) * REFERENCE / 2048
        assert rms == pytest.approx(pixels, rel=0.01)
        assert a.matrix[0, 0] != b.matrix[0, 0]
        assert b.distortion.any()


def test_a_turn_of_a_hundredth_of_a_degree_is_some_four_pixels_at_4096() -> None:
    rig, points = still_rig("dome-8", 4096), [face(0)]
    off = disturbed(rig, points, Error(degrees=0.01), np.random.default_rng(0))
    apart = Lenses.of(cameras(rig)).project(points[0]) - Lenses.of(cameras(off)).project(points[0])
    assert 2.0 < np.linalg.norm(apart, axis=-1).mean() < 9.0


def cameras(rig: Rig) -> list[Any]:
    return list(rig.cameras.values())
