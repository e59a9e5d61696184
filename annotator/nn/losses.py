"""Losses on latent heatmaps and on the points that they give. All take weights and average over what is not masked.

Points are in unit coordinates of the map (0..1). Every loss returns one number; where all is masked it is 0 with zero gradients.
Losses on logits take 2D maps or pairs of 1D maps; the cross-entropy and the likelihood of a pair equal those of its 2D product.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from annotator.nn.axis_logits import AxisLogits, Stage, cells
from annotator.nn.soft_argmax import centres, moments

VARIANCE_FLOOR = 0.1
"""Cells squared, added to a heatmap's variance: a map cannot know its point better than a fraction of a cell."""


def masked_mean(loss_BK: Tensor, weight_BK: Tensor) -> Tensor:
    """Weighted mean; entries of weight 0 have no influence, be they NaN or infinite."""
    weight = weight_BK.to(loss_BK)
    kept = torch.where(weight > 0, loss_BK, torch.zeros_like(loss_BK))
    return (kept * weight).sum() / weight.sum().clamp_min(1e-9)


def inside(xy_BK2: Tensor, weight_BK: Tensor) -> Tensor:
    """The weights [B, K] with those of points outside the map (where no soft-argmax can reach) or not finite set to 0."""
    reachable = torch.isfinite(xy_BK2).all(-1) & (xy_BK2 > 0).all(-1) & (xy_BK2 < 1).all(-1)
    return weight_BK * reachable


def gaussian_target(xy_BK2: Tensor, h: int, w: int, sigma: float) -> Tensor:
    """Normalised isotropic Gaussians [B, K, h, w] of `sigma` cells round the points; each sums to 1."""
    across, down = axis_targets(xy_BK2, h, w, sigma)
    return down[..., :, None] * across[..., None, :]


def axis_targets(xy_BK2: Tensor, h: int, w: int, sigma: float) -> tuple[Tensor, Tensor]:
    """The same Gaussians' marginals over x [B, K, w] and over y [B, K, h]."""
    x = (centres(w, xy_BK2) - xy_BK2[..., :1]) * w
    y = (centres(h, xy_BK2) - xy_BK2[..., 1:]) * h
    return torch.softmax(-(x**2) / (2 * sigma**2), -1), torch.softmax(-(y**2) / (2 * sigma**2), -1)


def cross_entropy(logits: Stage, xy_BK2: Tensor, weight_BK: Tensor, sigma: float = 1.0) -> Tensor:
    """Cross-entropy to a Gaussian round the true point: what makes latent heatmaps learn from scratch.

    The target is separable, so it is never made as a map: backward holds the logits and little else.
    """
    across, down = axis_targets(_finite(xy_BK2), *cells(logits), sigma)
    if isinstance(logits, AxisLogits):
        precise = logits.float()
        parts = ((precise.over_x_BKw, across), (precise.over_y_BKh, down))
        loss = sum_of([values.logsumexp(-1) - (values * target).sum(-1) for values, target in parts])
    else:
        values = logits.float()
        # sums of products, not matrix products, which autocast would take to bfloat16
        expected = ((values * across[..., None, :]).sum(-1) * down).sum(-1)
        loss = values.flatten(2).logsumexp(-1) - expected
    return masked_mean(loss, inside(xy_BK2, weight_BK))


def jensen_shannon(logits: Stage, xy_BK2: Tensor, weight_BK: Tensor, sigma: float = 1.0) -> Tensor:
    """Jensen-Shannon divergence to a Gaussian round the true point (DSNT, Nibali et al. 2018); 0..log 2, by axis for 1D maps."""
    tiny = torch.finfo(torch.float32).tiny

    def both(target: Tensor, values: Tensor) -> Tensor:
        found = values.softmax(-1)
        middle = ((target + found) / 2).clamp_min(tiny).log()
        parts = [(p * (p.clamp_min(tiny).log() - middle)).sum(-1) for p in (target, found)]
        return (parts[0] + parts[1]) / 2

    pairs = _with_targets(logits, xy_BK2, sigma)
    return masked_mean(sum_of([both(*pair) for pair in pairs]), inside(xy_BK2, weight_BK))


def l1(found_BK2: Tensor, xy_BK2: Tensor, weight_BK: Tensor) -> Tensor:
    """Mean Euclidean distance; smooth at 0."""
    difference = found_BK2 - _finite(xy_BK2)
    return masked_mean((difference.square().sum(-1) + 1e-12).sqrt(), _known(xy_BK2, weight_BK))


def l2(found_BK2: Tensor, xy_BK2: Tensor, weight_BK: Tensor) -> Tensor:
    """Mean squared Euclidean distance: the paper's Eq. 1, in whatever unit the points have."""
    difference = found_BK2 - _finite(xy_BK2)
    return masked_mean(difference.square().sum(-1), _known(xy_BK2, weight_BK))


def wing(
    found_BK2: Tensor, xy_BK2: Tensor, weight_BK: Tensor, width: float = 0.04, bend: float = 0.008
) -> Tensor:
    """Wing loss (Feng et al., CVPR 2018), logarithmic for errors below `width`, linear above; summed over x and y."""
    error = (found_BK2 - _finite(xy_BK2)).abs()
    near = width * torch.log1p(error / bend)
    jump = width - width * torch.log1p(torch.tensor(width / bend)).item()
    return masked_mean(torch.where(error < width, near, error - jump).sum(-1), _known(xy_BK2, weight_BK))


def negative_log_likelihood(logits: Stage, xy_BK2: Tensor, weight_BK: Tensor, _sigma: float = 1.0) -> Tensor:
    """The heatmap's own mean and covariance as a Gaussian that must explain the true point; cells, so that scales compare.

    Finishing with it makes the maps as wide, in each direction, as their error: calibrated uncertainty.
    """
    h, w = cells(logits)
    mean, spread = moments(logits)
    count = torch.tensor([w, h], device=mean.device, dtype=mean.dtype)
    difference = (_finite(xy_BK2) - mean) * count
    spread = spread * count[:, None] * count + VARIANCE_FLOOR * torch.eye(2, device=mean.device)
    a, b, c = spread[..., 0, 0], spread[..., 0, 1], spread[..., 1, 1]
    determinant = (a * c - b * b).clamp_min(1e-6)
    x, y = difference.unbind(-1)
    distance = (c * x * x - 2 * b * x * y + a * y * y) / determinant
    return masked_mean((distance + determinant.log()) / 2, inside(xy_BK2, weight_BK))


MAP_LOSSES: dict[str, Callable[[Stage, Tensor, Tensor, float], Tensor]] = {
    "ce": cross_entropy,
    "js": jensen_shannon,
    "nll": negative_log_likelihood,
}
"""Losses on heatmaps by the names of recipes: logits, true points, weights, sigma of the target in cells."""
POINT_LOSSES: dict[str, tuple[Callable[[Tensor, Tensor, Tensor], Tensor], bool]] = {
    "l1": (l1, True),
    "l2": (l2, True),
    "wing": (wing, False),
}
"""Losses on points by the names of recipes: found points, true points, weights; and whether they have a unit: cells or pixels."""


def sum_of(parts: list[Tensor]) -> Tensor:
    """Sum of tensors of one shape."""
    return torch.stack(parts).sum(0) if len(parts) > 1 else parts[0]


def _with_targets(logits: Stage, xy_BK2: Tensor, sigma: float) -> list[tuple[Tensor, Tensor]]:
    """Target and logits of each softmax, flat in the last axis: one pair for 2D maps, one an axis for 1D maps."""
    h, w = cells(logits)
    if isinstance(logits, AxisLogits):
        across, down = axis_targets(_finite(xy_BK2), h, w, sigma)
        precise = logits.float()
        return [(across, precise.over_x_BKw), (down, precise.over_y_BKh)]
    return [(gaussian_target(_finite(xy_BK2), h, w, sigma).flatten(2), logits.float().flatten(2))]


def _finite(xy: Tensor) -> Tensor:
    """Missing points hold NaN; a weight of 0 masks them, but NaN must not enter the arithmetic (0 * NaN is NaN)."""
    return torch.nan_to_num(xy, nan=0.5)


def _known(xy_BK2: Tensor, weight_BK: Tensor) -> Tensor:
    return weight_BK * torch.isfinite(xy_BK2).all(-1)
