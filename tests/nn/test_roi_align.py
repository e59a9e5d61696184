"""Crops against an independent RoIAlign, area averages, the identity, slices and gradients."""

import math

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck
from torch.nn import functional

from annotator.nn.roi_align import crop_boxes, samples_per_bin


def reference(image: np.ndarray, box: tuple[float, ...], size: int) -> np.ndarray:
    """Aligned RoIAlign in plain loops, black outside; image [3, H, W] float64."""
    channels, height, width = image.shape
    x0, y0, x1, y1 = box
    nx, ny = (max(1, math.ceil((b - a) / size)) for a, b in ((x0, x1), (y0, y1)))

    def pixel(row: int, column: int) -> np.ndarray:
        inside = 0 <= row < height and 0 <= column < width
        return image[:, row, column] if inside else np.zeros(channels)

    out = np.zeros((channels, size, size))
    for i in range(size):
        for j in range(size):
            for a in range(ny):
                for b in range(nx):
                    y = y0 + (i + (a + 0.5) / ny) * (y1 - y0) / size - 0.5
                    x = x0 + (j + (b + 0.5) / nx) * (x1 - x0) / size - 0.5
                    r, c = math.floor(y), math.floor(x)
                    v, u = y - r, x - c
                    top = (1 - u) * pixel(r, c) + u * pixel(r, c + 1)
                    bottom = (1 - u) * pixel(r + 1, c) + u * pixel(r + 1, c + 1)
                    out[:, i, j] += ((1 - v) * top + v * bottom) / (nx * ny)
    return out


BOXES = [(2.3, 3.1, 9.9, 17.2), (-4.0, -2.5, 11.0, 6.0), (10.2, 12.0, 27.7, 30.3), (5.0, 5.0, 6.5, 6.0)]


def test_values_equal_an_independent_roi_align() -> None:
    source = torch.rand(2, 3, 24, 20, dtype=torch.float64)
    boxes = torch.tensor([BOXES, BOXES[::-1]], dtype=torch.float64)
    found = crop_boxes(source, boxes, 5)
    for b in range(2):
        for r in range(4):
            expected = reference(source[b].numpy(), tuple(boxes[b, r].tolist()), 5)
            np.testing.assert_allclose(found[b, r].numpy(), expected, atol=1e-12)


def test_gradients_to_pixels_and_boxes() -> None:
    source = torch.rand(2, 3, 9, 8, dtype=torch.float64, requires_grad=True)
    boxes = torch.tensor(
        [[[1.13, 0.71, 6.37, 7.9]], [[2.2, 2.3, 5.9, 5.2]]], dtype=torch.float64
    ).requires_grad_()
    assert gradcheck(lambda s, b: crop_boxes(s, b, 3), (source, boxes))


def test_the_whole_image_at_its_own_size_is_itself() -> None:
    source = torch.rand(2, 3, 16, 16, dtype=torch.float64)
    box = torch.tensor([[[0.0, 0, 16, 16]]], dtype=torch.float64).expand(2, 1, 4)
    torch.testing.assert_close(crop_boxes(source, box, 16)[:, 0], source, atol=1e-12, rtol=0)


@pytest.mark.parametrize("factor", [2, 4])
def test_a_reduced_box_is_the_average(factor: int) -> None:
    source = torch.rand(1, 3, 32, 32, dtype=torch.float64)
    box = torch.tensor([[[8.0, 0, 24, 16]]], dtype=torch.float64)
    expected = functional.avg_pool2d(source[:, :, :16, 8:24], factor)
    torch.testing.assert_close(crop_boxes(source, box, 16 // factor)[:, 0], expected, atol=1e-12, rtol=0)


def test_a_slice_gives_what_the_frame_gives() -> None:
    frame = torch.randint(0, 256, (2, 3, 60, 50), dtype=torch.uint8)
    boxes = torch.tensor([[[20.4, 22.2, 35.1, 41.0]], [[17.0, 19.5, 30.0, 29.5]]])
    offset = torch.tensor([[10, 12], [14, 16]])
    slices = torch.stack([frame[b, :, y : y + 36, x : x + 30] for b, (x, y) in enumerate(offset.tolist())])
    torch.testing.assert_close(crop_boxes(slices, boxes, 8, offset), crop_boxes(frame, boxes, 8))


def test_whole_numbers_and_floats_agree_even_on_a_huge_frame() -> None:
    frame = torch.zeros(1, 3, 4096, 4096, dtype=torch.uint8)
    frame[:, :, 3000:3064, 2000:2064] = torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8)
    box = torch.tensor([[[1990.0, 2990.0, 2080.0, 3080.0]]])
    crop = crop_boxes(frame, box, 90)
    torch.testing.assert_close(
        crop[0, 0, :, 10:74, 10:74], frame[0, :, 3000:3064, 2000:2064].float(), atol=0.02, rtol=0
    )


def test_a_box_off_the_frame_is_black_and_keeps_its_gradient_path() -> None:
    boxes = torch.tensor([[[50.0, 50, 60, 60]]], requires_grad=True)
    crop = crop_boxes(torch.ones(1, 3, 20, 20), boxes, 4)
    assert not crop.detach().any()
    crop.sum().backward()
    assert boxes.grad is not None
    assert not boxes.grad.any()


def test_samples_follow_the_extent() -> None:
    assert [samples_per_bin(extent, 10) for extent in (3.0, 10.0, 10.1, 40.0, 1e6)] == [1, 1, 2, 4, 16]
