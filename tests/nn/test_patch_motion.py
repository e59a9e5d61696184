"""Patches are found again where a picture was moved to, and held where there is nothing to see."""

import torch
from torch.nn import functional

from annotator.nn.patch_motion import patch_motion

SIDE = 96


def moved(picture: torch.Tensor, x: float, y: float) -> torch.Tensor:
    theta = torch.tensor([[[1, 0, -2 * x / SIDE], [0, 1, -2 * y / SIDE]]], dtype=picture.dtype)
    grid = functional.affine_grid(theta, list(picture.shape), align_corners=False)
    return functional.grid_sample(picture, grid, padding_mode="border", align_corners=False)


def textured() -> torch.Tensor:
    random = torch.Generator().manual_seed(0)
    coarse = torch.randn(1, 1, 12, 12, generator=random)
    return functional.interpolate(coarse, size=(SIDE, SIDE), mode="bicubic", align_corners=False)


def test_moves_are_found_to_a_tenth_of_a_pixel() -> None:
    picture = textured()
    places = torch.rand(1, 20, 2, generator=torch.Generator().manual_seed(1)) * 50 + 23
    found = patch_motion(picture, moved(picture, 1.6, -0.7), places, torch.zeros(1, 20, 2))
    away = (found.move_BK2 - torch.tensor([1.6, -0.7])).norm(dim=-1)
    assert away.median() < 0.1
    assert away.max() < 0.3
    assert found.quality_BK2.shape == (1, 20, 2)


def test_what_has_no_structure_stays_where_it_was_expected() -> None:
    flat, places = torch.zeros(1, 1, SIDE, SIDE), torch.full((1, 2, 2), 40.0)
    expected = torch.tensor([[[2.0, 1.0], [-3.0, 0.5]]])
    torch.testing.assert_close(patch_motion(flat, flat, places, expected).move_BK2, expected)


def test_an_edge_is_held_along_itself() -> None:
    edge = (torch.arange(SIDE, dtype=torch.float32) > 48).float().expand(1, 1, SIDE, SIDE)
    edge = functional.avg_pool2d(edge, 5, 1, 2)
    found = patch_motion(
        edge, moved(edge, 1.0, 0.0), torch.full((1, 1, 2), 48.0), torch.tensor([[[0.0, 2.0]]])
    )
    x, y = found.move_BK2[0, 0].tolist()
    assert abs(x - 1) < 0.25
    assert abs(y - 2) < 0.05
