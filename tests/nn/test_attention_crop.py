"""Boxes from landmarks, their noise and limits, and crop-uncrop as an identity."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck

from annotator.nn.attention_crop import BoxRule, boxes_from_landmarks, from_unit, jitter_boxes, to_unit

REGIONS = ((0, 1, 2), (3, 4))
POINTS = torch.tensor(
    [
        [[10.0, 20], [30, 24], [14, 28], [50, 60], [70, 90]],
        [[0.0, 0], [4, 4], [2, 1], [5, 5], [5, 5]],
    ]
)


def test_boxes_by_hand() -> None:
    boxes = boxes_from_landmarks(POINTS, REGIONS, 100.0, BoxRule(margin=0.5, min_aspect=0.5, min_size=0.02))
    # region 0 of sample 0: 20 x 8 round (20, 24), doubled to 40 x 16, the shorter side raised to half the longer one
    torch.testing.assert_close(boxes[0, 0], torch.tensor([0.0, 14, 40, 34]))
    torch.testing.assert_close(boxes[0, 1], torch.tensor([40.0, 45, 80, 105]))
    # two equal points collapse: the least side, 2 % of 100, remains
    torch.testing.assert_close(boxes[1, 1], torch.tensor([4.0, 4, 6, 6]))


def test_missing_landmarks_do_not_count_unless_all_are_missing() -> None:
    weight = torch.tensor([[1.0, 0, 1, 0, 0], [1, 1, 1, 1, 1]])
    boxes = boxes_from_landmarks(POINTS, REGIONS, 100.0, BoxRule(margin=0.0, min_aspect=0.1), weight)
    torch.testing.assert_close(boxes[0, 0], torch.tensor([10.0, 20, 14, 28]))
    torch.testing.assert_close(boxes[0, 1], torch.tensor([50.0, 60, 70, 90]))


def test_no_regions_no_boxes() -> None:
    assert boxes_from_landmarks(POINTS, (), 100.0, BoxRule()).shape == (2, 0, 4)


def test_limits_follow_each_frame() -> None:
    rule = BoxRule(margin=0.0, min_aspect=1.0, min_size=0.1, max_size=0.15)
    boxes = boxes_from_landmarks(POINTS, REGIONS, torch.tensor([100.0, 200.0]), rule)
    sizes = (boxes[..., 2:] - boxes[..., :2])[..., 0]
    torch.testing.assert_close(sizes, torch.tensor([[15.0, 15.0], [20.0, 20.0]]))


def test_boxes_scale_with_the_unit() -> None:
    rule = BoxRule()
    small = boxes_from_landmarks(POINTS / 100, REGIONS, 1.0, rule)
    large = boxes_from_landmarks(POINTS * 40.96, REGIONS, 4096.0, rule)
    torch.testing.assert_close(small * 4096, large, atol=1e-3, rtol=0)


def test_gradients_to_landmarks() -> None:
    points = torch.tensor([[[0.1, 0.2], [0.5, 0.35], [0.3, 0.6]]], dtype=torch.float64, requires_grad=True)
    rule = BoxRule(min_aspect=0.3)
    assert gradcheck(lambda p: boxes_from_landmarks(p, ((0, 1, 2),), 1.0, rule), (points,))


@given(st.lists(st.floats(0, 4096), min_size=4, max_size=4), st.floats(5, 2000), st.floats(5, 2000))
def test_uncrop_undoes_crop_on_a_4096_frame(values: list[float], width: float, height: float) -> None:
    x, y, u, v = values
    box = torch.tensor([[[x, y, x + width, y + height]]])
    points = torch.tensor([[[[u, v], [v, u]]]])
    back = from_unit(to_unit(points, box), box)
    assert (back - points).abs().max() < 1e-3 * max(1.0, 4096 / min(width, height) * 0.5)
    inside = torch.rand(1, 1, 9, 2)
    torch.testing.assert_close(to_unit(from_unit(inside, box), box), inside, atol=1e-3, rtol=0)


def test_noise_changes_width_and_height_apart_and_repeats_with_its_seed() -> None:
    boxes = torch.tensor([[[0.0, 0, 10, 20], [5, 5, 9, 9]]]).expand(500, 2, 4)
    noisy = jitter_boxes(boxes, 0.2, 0.1, torch.Generator().manual_seed(3))
    again = jitter_boxes(boxes, 0.2, 0.1, torch.Generator().manual_seed(3))
    torch.testing.assert_close(noisy, again)
    factor = (noisy[..., 2:] - noisy[..., :2]) / (boxes[..., 2:] - boxes[..., :2])
    assert factor.min() >= 0.6 - 1e-6
    assert factor.max() <= 1.6 + 1e-6
    assert factor.std(0).flatten().tolist() == pytest.approx([0.19] * 4, abs=0.03)
    assert abs(torch.corrcoef(factor[:, 0].T)[0, 1].item()) < 0.15


def test_no_noise_is_the_identity() -> None:
    boxes = torch.tensor([[[1.0, 2, 30, 40]]])
    torch.testing.assert_close(jitter_boxes(boxes, 0.0, 0.0), boxes)
