"""How far small patches of a picture moved since the picture before: Lucas and Kanade (IJCAI 1981), all landmarks at once.

Inverse compositional steps (Baker and Matthews, IJCV 2004): the patch and its slopes come from the picture before and are used
again in every step. A little resistance holds a patch without structure, or an edge along itself, where it was expected.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

_RADIUS = 6  # pixels of the picture: patches are 13 x 13
_STEPS = 5
_RESISTANCE = 0.004  # of the patches' mean structure
_LEAST = 1e-4


@dataclass(frozen=True, eq=False)
class PatchMotion:
    """Moves [B, K, 2] in pixels, and how good they are [B, K, 2]: the logs of what is left of the patch's contrast, and of its
    structure across its weakest direction."""

    move_BK2: Tensor
    quality_BK2: Tensor


@torch.no_grad()
def patch_motion(before_B1HW: Tensor, now_B1HW: Tensor, xy_BK2: Tensor, expected_BK2: Tensor) -> PatchMotion:
    """Where the patches round points went.

    Args:
        before_B1HW, now_B1HW: grey pictures, floats of any scale. xy_BK2: centres in the picture before, pixels (centres at .5).
        expected_BK2: moves to start from, pixels.
    """
    offsets = _offsets(xy_BK2)
    slope_x, slope_y = _slopes(before_B1HW)
    at = xy_BK2[:, :, None] + offsets
    patch = _read(before_B1HW, at)
    x, y = _read(slope_x, at), _read(slope_y, at)
    xx, xy, yy = (x * x).mean(-1), (x * y).mean(-1), (y * y).mean(-1)
    held = _RESISTANCE * (xx + yy).mean(-1, keepdim=True) + _LEAST
    determinant = (xx + held) * (yy + held) - xy * xy
    move = expected_BK2
    for _ in range(_STEPS):
        rest = _read(now_B1HW, at + move[:, :, None]) - patch
        away = move - expected_BK2
        a = (x * rest).mean(-1) + held * away[..., 0]
        b = (y * rest).mean(-1) + held * away[..., 1]
        step = torch.stack([(yy + held) * a - xy * b, (xx + held) * b - xy * a], -1) / determinant[..., None]
        move = move - step.clamp(-2.0, 2.0)
    left = (_read(now_B1HW, at + move[:, :, None]) - patch).square().mean(-1)
    contrast = patch.var(-1) + _LEAST
    weakest = (xx + yy) / 2 - (((xx - yy) / 2).square() + xy * xy).sqrt()
    quality = torch.stack([(left / contrast + _LEAST).log(), (weakest / held + _LEAST).log()], -1)
    return PatchMotion(move, quality)


def _offsets(like: Tensor) -> Tensor:
    line = torch.arange(-_RADIUS, _RADIUS + 1, device=like.device, dtype=like.dtype)
    down, across = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([across.flatten(), down.flatten()], -1)


def _slopes(picture_B1HW: Tensor) -> tuple[Tensor, Tensor]:
    """Central differences along x and y."""
    padded = functional.pad(picture_B1HW, (1, 1, 1, 1), mode="replicate")
    x = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
    y = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2
    return x, y


def _read(picture_B1HW: Tensor, xy_BKP2: Tensor) -> Tensor:
    """Values [B, K, P] at pixels."""
    h, w = picture_B1HW.shape[-2:]
    size = torch.tensor([w, h], device=xy_BKP2.device, dtype=xy_BKP2.dtype)
    places = 2 * xy_BKP2 / size - 1
    return functional.grid_sample(picture_B1HW, places, padding_mode="border", align_corners=False)[:, 0]
