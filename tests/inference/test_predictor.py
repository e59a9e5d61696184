"""The predictor on a model whose answers are known."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from annotator.domain.coords import apply_affine
from annotator.domain.errors import AnnotatorError, ModelError
from annotator.imaging.sampling import sample
from annotator.inference.decode import Points, fused
from annotator.inference.no_face import is_no_face
from annotator.inference.options import InferenceOptions, OptionChanges
from annotator.inference.predictor import Predictor
from annotator.inference.regions import RegionReader, box_affines, drawn_affines
from annotator.inference.runner import Runner
from annotator.inference.test_time_views import FrameViews

from .conftest import SCHEME, build_module, paint

Maker = Callable[..., Predictor]


def _errors(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    return np.linalg.norm(found - true, axis=-1)


def test_regions_are_read_from_the_original_pixels(make_predictor: Maker) -> None:
    frame, points = paint(900, 700, (230.3, 120.7), 400.0)
    proposal = make_predictor().propose(frame)
    assert _errors(proposal.xy, points)[:6].max() < 0.6
    assert _errors(proposal.xy, points)[6] < 4.0
    assert _errors(proposal.xy, points)[:6].mean() < 0.5 * _errors(proposal.global_xy, points)[:6].mean()
    assert proposal.message == ""
    assert proposal.confidence.min() > 0.15
    assert (proposal.model_id, proposal.scheme_id) == ("discs-model", "discs@1")


def test_heatmaps_and_crops_lie_where_their_affines_say(make_predictor: Maker) -> None:
    frame, points = paint(640, 640, (150.0, 100.0), 330.0)
    proposal = make_predictor(looks=1, iterations=1).propose(frame)
    assert [heat.name for heat in proposal.heatmaps] == ["global", "right_eye", "left_eye", "mouth"]
    for heat in proposal.heatmaps:
        chance = heat.probability()
        height, width = chance.shape[1:]
        x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        mean = np.stack([(chance * x).sum((1, 2)), (chance * y).sum((1, 2))], axis=-1)
        target = proposal.global_xy if heat.name == "global" else proposal.xy
        assert apply_affine(heat.frame_from_heatmap, mean) == pytest.approx(target[heat.indices], abs=0.05)
        inverse = np.linalg.inv(np.vstack([heat.frame_from_crop, [0, 0, 1]]))[:2]
        column, row = np.floor(apply_affine(inverse, points[heat.indices[0]])).astype(int)
        seen, there = (
            heat.crop[row, column].astype(int),
            frame[tuple(np.floor(points[heat.indices[0]][::-1]).astype(int))],
        )
        assert np.abs(seen - there).max() < 60
    assert proposal.rois.shape == (3, 4)
    assert make_predictor().propose(frame, heatmaps=False).heatmaps == ()


def test_a_small_face_at_the_side_is_seen_again(make_predictor: Maker) -> None:
    frame, points = paint(1200, 1000, (900.0, 80.0), 200.0)
    once = make_predictor(refine_face=False, iterations=1).propose(frame)
    again = make_predictor().propose(frame)
    assert _errors(again.global_xy, points).max() < 0.6 * _errors(once.global_xy, points).max()
    assert _errors(again.xy, points)[:6].max() < 0.5
    assert again.heatmaps[0].frame_from_crop[0, 0] < 0.5 * once.heatmaps[0].frame_from_crop[0, 0]


def test_a_tiny_face_is_searched_for(make_predictor: Maker) -> None:
    frame, points = paint(1600, 1600, (1200.0, 900.0), 90.0, radius=0.1)
    assert is_no_face(make_predictor(search=False).propose(frame).message)
    found = make_predictor().propose(frame)
    assert found.message == ""
    assert _errors(found.xy, points)[:6].max() < 0.6


def test_no_face_and_two_faces_are_never_certain(make_predictor: Maker) -> None:
    empty = np.zeros((500, 700, 3), np.uint8)
    one, _ = paint(900, 500, (80.0, 120.0), 200.0)
    two, _ = paint(900, 500, (620.0, 120.0), 200.0, into=one)
    for frame in (empty, two):
        proposal = make_predictor(search=False).propose(frame)
        assert is_no_face(proposal.message)
        assert proposal.confidence.max() < 0.1
        assert np.isfinite(proposal.xy).all()


def test_a_blind_region_falls_back_to_the_global_network(make_predictor: Maker) -> None:
    frame, points = paint(640, 640, (150.0, 100.0), 330.0)
    proposal = make_predictor(build_module(blind="mouth")).propose(frame)
    assert proposal.message == "Mouth: cannot be read, placed by the global network."
    assert np.array_equal(proposal.xy[4:6], proposal.global_xy[4:6])
    assert _errors(proposal.xy, points)[:4].max() < 0.6
    assert proposal.confidence[4:6].max() < proposal.confidence[:4].min()


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float16])
def test_every_pixel_depth_gives_the_same_points(make_predictor: Maker, dtype: type) -> None:
    frame, _ = paint(480, 400, (110.0, 60.0), 240.0)
    if dtype is np.uint16:
        deep = frame.astype(np.uint16) * 257
    else:
        encoded = frame / 255
        linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
        deep = linear.astype(dtype)
    plain = make_predictor().propose(frame)
    assert make_predictor().propose(deep).xy == pytest.approx(plain.xy, abs=0.05)


def test_many_frames_of_different_sizes_equal_one_by_one(make_predictor: Maker) -> None:
    frames = [paint(640, 480, (150.0, 100.0), 260.0)[0], paint(300, 500, (40.0, 60.0), 200.0)[0]]
    predictor = make_predictor()
    for proposal, frame in zip(predictor.propose_many(frames), frames, strict=True):
        alone = predictor.propose(frame, heatmaps=False)
        assert proposal.xy == pytest.approx(alone.xy, abs=1e-3)
        assert proposal.covariance == pytest.approx(alone.covariance, rel=1e-3)
        assert proposal.heatmaps == ()


def test_given_boxes_are_read_as_they_are(make_predictor: Maker) -> None:
    frame, points = paint(640, 640, (150.0, 100.0), 330.0)
    rois = np.array([[120.0, 60.0, 320.0, 180.0], [330.0, 50.0, 520.0, 170.0], [190.0, 300.0, 450.0, 400.0]])
    proposal = make_predictor().propose(frame, rois=rois)
    assert np.array_equal(proposal.rois, rois.astype(np.float32))
    assert _errors(proposal.xy, points)[:6].max() < 0.8


def test_one_region_is_read_again_in_a_drawn_box(make_predictor: Maker) -> None:
    frame, points = paint(640, 640, (150.0, 100.0), 330.0)
    predictor = make_predictor()
    elsewhere = np.array([[0.0, 500.0, 90.0, 600.0]] * 3)
    before = predictor.propose(frame, rois=elsewhere)
    assert "Mouth" in before.message
    after = predictor.rerun_region(frame, "mouth", np.array([190.0, 300.0, 450.0, 400.0]), before)
    assert _errors(after.xy, points)[4:6].max() < 0.8
    assert np.array_equal(np.delete(after.xy, [4, 5], 0), np.delete(before.xy, [4, 5], 0))
    assert after.rois[2] == pytest.approx([190.0, 300.0, 450.0, 400.0])
    assert np.array_equal(after.rois[:2], before.rois[:2])
    assert after.confidence[4:6].min() > before.confidence[4:6].max()
    assert [heat.name for heat in after.heatmaps] == [heat.name for heat in before.heatmaps]
    assert not np.array_equal(after.heatmaps[3].crop, before.heatmaps[3].crop)


def test_calibration_in_the_card_scales_the_covariances(make_predictor: Maker) -> None:
    frame, _ = paint(640, 640, (150.0, 100.0), 330.0)
    plain = make_predictor(looks=1, iterations=1).propose(frame)
    scales = {"global": 4.0, "mouth": 9.0}
    scaled = make_predictor(looks=1, iterations=1, covariance_scale=scales).propose(frame)
    assert scaled.global_covariance == pytest.approx(4.0 * plain.global_covariance, rel=1e-5)
    assert scaled.covariance[4:6] == pytest.approx(9.0 * plain.covariance[4:6], rel=1e-4)
    assert scaled.covariance[:4] == pytest.approx(plain.covariance[:4], rel=1e-4)
    assert scaled.confidence[4] < plain.confidence[4]


def test_bad_input_is_refused_in_plain_words(make_predictor: Maker) -> None:
    predictor = make_predictor()
    frame = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(AnnotatorError, match="height x width x 3"):
        predictor.propose(frame[..., 0])
    with pytest.raises(AnnotatorError, match="uint8, uint16"):
        predictor.propose(frame.astype(np.int64))
    with pytest.raises(AnnotatorError, match="3 times x0 y0 x1 y1"):
        predictor.propose(frame, rois=np.zeros((2, 4)))
    with pytest.raises(AnnotatorError, match="one frame pixel"):
        predictor.propose(frame, rois=np.zeros((3, 4)))
    proposal = predictor.propose(frame)
    with pytest.raises(AnnotatorError, match="right_eye, left_eye, mouth"):
        predictor.rerun_region(frame, "nose", np.array([0, 0, 9, 9]), proposal)


@pytest.mark.parametrize(
    "wrong",
    [
        {"iterations": 0},
        {"looks": 7},
        {"face_fill": 7},
        {"mean_shape": [[0, 0]]},
        {"covariance_scale": {"global": "x"}},
    ],
)
def test_a_card_that_cannot_be_used_is_refused(make_predictor: Maker, wrong: dict[str, object]) -> None:
    with pytest.raises(ModelError, match=r"model\.toml"):
        make_predictor(**wrong)


@pytest.mark.parametrize("degrees", [-40.0, 30.0, 120.0])
def test_a_rolled_face_is_read_upright_and_mapped_back(make_predictor: Maker, degrees: float) -> None:
    upright, points = paint(900, 900, (260.0, 240.0), 380.0)
    angle, middle = np.deg2rad(degrees), np.array([450.0, 450.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    frame = sample(upright, np.concatenate([turn.T, (middle - turn.T @ middle)[:, None]], axis=1), 900, 900)
    points = (points - middle) @ turn.T + middle
    proposal = make_predictor(looks=1, iterations=1).propose(frame)
    assert _errors(proposal.xy, points)[:6].max() < 1.0
    assert proposal.message == ""
    for heat in proposal.heatmaps:
        across = heat.frame_from_crop[:, 0]
        assert np.degrees(np.arctan2(across[1], across[0])) == pytest.approx(degrees, abs=3.0)
        chance = heat.probability()
        x, y = np.meshgrid(*(np.arange(size) + 0.5 for size in chance.shape[:0:-1]))
        mean = np.stack([(chance * x).sum((1, 2)), (chance * y).sum((1, 2))], axis=-1)
        target = proposal.global_xy if heat.name == "global" else proposal.xy
        assert apply_affine(heat.frame_from_heatmap, mean) == pytest.approx(target[heat.indices], abs=0.05)
    for roi, heat in zip(proposal.rois, proposal.heatmaps[1:], strict=True):
        side = heat.crop.shape[0]
        corners = apply_affine(heat.frame_from_crop, side * np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]]))
        assert roi == pytest.approx([*corners.min(0), *corners.max(0)], abs=0.01)


def test_a_drawn_box_holds_the_turned_one_that_is_read() -> None:
    boxes = np.array([[10.0, 20.0, 110.0, 120.0], [0.0, 0.0, 60.0, 40.0]])
    for roll in (0.3, -0.8, 2.0):
        for box, affine in zip(boxes, drawn_affines(boxes, roll), strict=True):
            corners = apply_affine(affine, np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]]))
            assert corners.mean(0) == pytest.approx((box[:2] + box[2:]) / 2)
            reach = np.array([*corners.min(0), *corners.max(0)])
            assert (reach[:2] >= box[:2] - 1e-9).all()
            assert (reach[2:] <= box[2:] + 1e-9).all()
            assert np.isclose(reach, box).sum() >= 2
            sides = np.linalg.norm(affine[:, :2], axis=0)
            assert sides[0] / sides[1] == pytest.approx((box[2] - box[0]) / (box[3] - box[1]))


def test_flipped_crops_are_read_as_the_mirrored_region() -> None:
    frame, points = paint(640, 640, (150.0, 100.0), 330.0)
    boxes = np.array([[120.0, 60.0, 320.0, 180.0], [330.0, 50.0, 520.0, 170.0], [190.0, 300.0, 450.0, 400.0]])
    for mirrored in (True, False):
        runner = Runner(build_module(mirrored=mirrored), torch.device("cpu"), 1)
        reader = RegionReader(runner, SCHEME, InferenceOptions())
        affines = [box_affines(boxes, 0.0)]
        answer = (reader.read_mirrored if mirrored else reader.read_affines)([FrameViews(frame)], affines)[0]
        for reading in answer:
            assert _errors(reading.points.xy, points[list(reading.region.indices)]).max() < 0.8


def test_further_iterations_and_views_are_averaged(make_predictor: Maker) -> None:
    frame, points = paint(640, 640, (150.0, 100.0), 330.0)
    for changes in ({"iterations": 3}, {"looks": 6}, {"iterations": 2, "looks": 4}):
        proposal = make_predictor(**changes).propose(frame)
        assert _errors(proposal.xy, points)[:6].max() < 0.8
        assert proposal.message == ""


def test_answers_are_fused_by_the_law_of_total_variance() -> None:
    eye = np.eye(2)[None]
    answers = [
        Points(np.array([[0.0, 0.0]]), 1.0 * eye),
        Points(np.array([[2.0, 0.0]]), 3.0 * eye),
    ]
    total = fused(answers)
    assert total.xy == pytest.approx(np.array([[1.0, 0.0]]))
    assert total.covariance[0] == pytest.approx(np.array([[4.0, 0.0], [0.0, 2.0]]))
    assert fused(answers[:1]) is answers[0]


def test_what_the_user_asks_for_replaces_the_card() -> None:
    card = InferenceOptions(views=3, iterations=2)
    assert card.changed(OptionChanges()) == card
    assert card.changed(OptionChanges(iterations=4, flip=True)) == replace(card, iterations=4, flip=True)
    with pytest.raises(ModelError, match="1 to 5"):
        card.changed(OptionChanges(iterations=9))
