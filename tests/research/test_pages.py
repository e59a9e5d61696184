"""Pages to look at: latent heatmaps by region, and the faces that a model places best and worst."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from blank_model import blank_model

from annotator.domain.errors import AnnotatorError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.evaluation.truth import GroundTruth, Predictions
from annotator.inference.predictor import Predictor
from annotator.research.face_page import face_page
from annotator.research.heatmap_page import heatmap_page
from annotator.research.picture_file import write_picture
from annotator.services.models.evaluation_sets import EvaluationSet

SCHEME = load_scheme("ibug-68")
SIDE = 420


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    """An untrained model."""
    return Predictor(blank_model(tmp_path, SCHEME), device="cpu")


@pytest.fixture
def faces(tmp_path: Path) -> EvaluationSet:
    """Four plain frames, 10, 20, 30 and 40 bright, with the same points on a ring."""
    angle = np.linspace(0, 2 * np.pi, SCHEME.size, endpoint=False)
    ring = 100 + 60 * np.stack([np.cos(angle), np.sin(angle)], 1)
    names = tuple("abcd")
    paths = tuple(tmp_path / f"{name}.png" for name in names)
    for number, path in enumerate(paths):
        assert cv2.imwrite(str(path), np.full((200, 200, 3), 10 * (number + 1), np.uint8))
    truth = GroundTruth(SCHEME, names, names, np.tile(ring, (4, 1, 1)), np.zeros((4, SCHEME.size), bool))
    return EvaluationSet("rings", truth, paths)


def _found(faces: EvaluationSet, *off: float) -> Predictions:
    """Each face off to the right by so many pixels."""
    return Predictions("m", faces.truth.xy + np.array(off)[:, None, None] * [1.0, 0.0])


def _brightness(page: np.ndarray, row: int, column: int) -> int:
    """Of the frame that a tile shows, read in a corner that no point reaches."""
    return int(np.median(page[row * SIDE + SIDE - 30 : (row + 1) * SIDE, column * SIDE : column * SIDE + 30]))


def test_the_best_faces_stand_above_the_worst(faces: EvaluationSet) -> None:
    page = face_page(faces, _found(faces, 9.0, 1.0, 4.0, 2.0), count=2)
    assert page.shape == (2 * SIDE, 2 * SIDE, 3)
    assert [[_brightness(page, row, column) for column in (0, 1)] for row in (0, 1)] == [[20, 40], [30, 10]]


def test_a_line_leads_to_the_true_place_of_counted_points_alone(faces: EvaluationSet) -> None:
    def white(own: EvaluationSet) -> int:
        page = face_page(own, _found(faces, 0, 0, 0, 12.0), count=1)
        return int((page[SIDE + 40 :] > 200).all(axis=-1).sum())

    assert white(faces) > 500
    unknown = faces.truth.xy.copy()
    unknown[3, :27] = np.nan
    fewer = replace(faces, truth=replace(faces.truth, xy=unknown))
    assert white(fewer) < 0.8 * white(faces)


def test_constant_offsets_do_not_make_a_face_a_bad_one(faces: EvaluationSet) -> None:
    own = _found(faces, 30.0, 30.0, 30.0, 34.0)
    page = face_page(faces, own, count=1, without_offsets=True)
    assert _brightness(page, 1, 0) == 40
    assert int((page[:SIDE, :] > 200).all(axis=-1).sum()) < int(
        (face_page(faces, own, 1)[:SIDE] > 200).all(axis=-1).sum()
    )


def test_a_second_model_is_amber_beside_the_first_in_green(faces: EvaluationSet) -> None:
    def seen(page: np.ndarray, colour: tuple[int, int, int]) -> int:
        return int((np.abs(page.astype(int) - colour).max(-1) < 12).sum())

    own, other = _found(faces, 0, 1, 2, 3), _found(faces, 20, 20, 20, 20)
    alone, both = face_page(faces, own, 1), face_page(faces, own, 1, other=other)
    assert seen(alone, (255, 190, 40)) < 50 < seen(both, (255, 190, 40))
    assert seen(both, (60, 230, 110)) > 50
    covered = face_page(faces, own, 1, other=own)
    assert seen(covered, (60, 230, 110)) > 5 * seen(covered, (255, 190, 40))  # the first lies above


def test_nothing_to_measure_is_said(faces: EvaluationSet) -> None:
    nothing = replace(faces, truth=replace(faces.truth, xy=np.full_like(faces.truth.xy, np.nan)))
    with pytest.raises(AnnotatorError, match="nothing to draw"):
        face_page(nothing, _found(faces, 0, 0, 0, 0))


def test_the_page_of_heatmaps_has_a_row_a_region(predictor: Predictor, tmp_path: Path) -> None:
    frame = np.random.default_rng(0).integers(0, 255, (150, 200, 3), np.uint8)
    page = heatmap_page(predictor, frame)
    assert page.shape[0] > len(SCHEME.regions) * 240
    assert page.shape[1] > 5 * 240
    write_picture(page, tmp_path / "pages" / "maps.png")
    again = cv2.imread(str(tmp_path / "pages" / "maps.png"))
    assert np.array_equal(again[..., ::-1], page)
    with pytest.raises(AnnotatorError, match=r"jpg or \.png"):
        write_picture(page, tmp_path / "maps.gif")
