"""From logit maps to points and their covariance, always in float32 or better (bfloat16 here costs more than half a pixel).

Unit coordinates: a map spans [0, 1] x [0, 1], the centre of column i of w lies at (i + .5) / w. Everything is differentiable.
"""

from typing import Literal

import torch
from torch import Tensor

from annotator.nn.axis_logits import AxisLogits, Stage, maps

Decode = Literal["plain", "window", "compensated"]

WINDOW = 11
"""Side of the local window in cells; it leaves a bias of at most .04 cells for peaks of 6 and more above the background."""


def spatial_softmax(logits_BKhw: Tensor) -> Tensor:
    """Probabilities [B, K, h, w]; each map sums to 1."""
    logits = _precise(logits_BKhw)
    return torch.softmax(logits.flatten(2), -1).view_as(logits)


def centres(count: int, like: Tensor) -> Tensor:
    """[count] centres of equal cells that span 0..1, with the type and device of a tensor."""
    return (torch.arange(count, device=like.device, dtype=like.dtype) + 0.5) / count


def expectation(probability_BKhw: Tensor) -> Tensor:
    """Mean places [B, K, 2] (x, y) of normalised maps, unit coordinates."""
    h, w = probability_BKhw.shape[-2:]
    # sums of products, not matrix products: autocast would take those to bfloat16, which moves points by half a pixel
    x = (probability_BKhw.sum(-2) * centres(w, probability_BKhw)).sum(-1)
    y = (probability_BKhw.sum(-1) * centres(h, probability_BKhw)).sum(-1)
    return torch.stack([x, y], -1)


def covariance(probability_BKhw: Tensor) -> Tensor:
    """Spread [B, K, 2, 2] of normalised maps about their own mean, squared unit coordinates."""
    h, w = probability_BKhw.shape[-2:]
    mean = expectation(probability_BKhw)
    dx = centres(w, probability_BKhw) - mean[..., :1]
    dy = centres(h, probability_BKhw) - mean[..., 1:]
    xx = (probability_BKhw.sum(-2) * dx * dx).sum(-1)
    yy = (probability_BKhw.sum(-1) * dy * dy).sum(-1)
    xy = ((probability_BKhw * dy[..., :, None]).sum(-2) * dx).sum(-1)
    return torch.stack([xx, xy, xy, yy], -1).view(*xx.shape, 2, 2)


def moments(logits: Stage) -> tuple[Tensor, Tensor]:
    """Points [B, K, 2] and covariances [B, K, 2, 2] of the maps' softmax, unit coordinates."""
    if isinstance(logits, AxisLogits):
        return _axis_moments(logits)
    probability = spatial_softmax(logits)
    return expectation(probability), covariance(probability)


def soft_argmax(logits: Stage, decode: Decode = "plain") -> Tensor:
    """Points [B, K, 2] (x, y) in unit coordinates.

    Args:
        logits: maps before the softmax, any float type, 2D or 1D.
        decode: `plain` is the expectation of the whole map, which a weak peak's background pulls to the centre; `window` takes
            the expectation within `WINDOW` cells of the maximum; `compensated` removes the pull in closed form (Gu et al., ICCV
            2021), taking the map's median as its background.
    """
    if decode == "window":
        return expectation(spatial_softmax(_windowed(_precise(maps(logits)))))
    if decode == "compensated":
        return _compensated(_precise(maps(logits)))
    if isinstance(logits, AxisLogits):
        return _axis_moments(logits)[0]
    return expectation(spatial_softmax(logits))


def _axis_moments(logits: AxisLogits) -> tuple[Tensor, Tensor]:
    """Points and covariances of two independent softmaxes, whose covariance is diagonal."""
    precise = logits.float()
    means, variances = [], []
    for values in (precise.over_x_BKw, precise.over_y_BKh):
        probability = values.softmax(-1)
        place = centres(values.shape[-1], probability)
        mean = (probability * place).sum(-1)
        means.append(mean)
        variances.append((probability * (place - mean[..., None]) ** 2).sum(-1))
    return torch.stack(means, -1), torch.diag_embed(torch.stack(variances, -1))


def _precise(logits: Tensor) -> Tensor:
    return logits if logits.dtype == torch.float64 else logits.float()


def _windowed(logits_BKhw: Tensor) -> Tensor:
    """The maps with minus infinity outside a window round their maximum."""
    h, w = logits_BKhw.shape[-2:]
    at = logits_BKhw.flatten(2).argmax(-1)
    rows = torch.arange(h, device=at.device)
    columns = torch.arange(w, device=at.device)
    reach = WINDOW // 2
    near_y = (rows - (at // w)[..., None]).abs() <= reach
    near_x = (columns - (at % w)[..., None]).abs() <= reach
    return logits_BKhw.masked_fill(~(near_y[..., :, None] & near_x[..., None, :]), float("-inf"))


def _compensated(logits_BKhw: Tensor) -> Tensor:
    """Solves E = (peak mass * x + cells * centre) / (peak mass + cells) for x, the background's weight being one a cell."""
    cells = logits_BKhw.shape[-2] * logits_BKhw.shape[-1]
    background = logits_BKhw.flatten(2).median(-1).values
    log_mass = logits_BKhw.flatten(2).logsumexp(-1) - background
    # share of the background in all mass; kept below 1 so that an empty map gives the plain expectation
    share = (cells * torch.exp(-log_mass)).clamp(max=1.0)
    pull = torch.where(share < 0.99, share / (1 - share).clamp_min(1e-2), torch.zeros_like(share))
    mean = expectation(spatial_softmax(logits_BKhw))
    return mean + pull[..., None] * (mean - 0.5)
