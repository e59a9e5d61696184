"""From latent heatmaps to points with their uncertainty: the first two moments of each map's spatial softmax.

Legend: B images, K landmarks, h x w map cells. Cell (row, col) has its centre at (col + .5, row + .5), as everywhere.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine, apply_covariance

_FLOOR = 0.1
"""Least standard deviation in map cells: a map with all its mass in one cell still does not know where inside it."""


@dataclass(frozen=True)
class Moments:
    """`xy` float64[K,2] map pixels, `covariance` float64[K,2,2] map pixels^2, of one image's maps."""

    xy: NDArray[np.float64]
    covariance: NDArray[np.float64]

    def in_frame(self, frame_from_heatmap: Affine, scale: float = 1.0) -> "Moments":
        """The same in frame pixels, covariances multiplied by the calibration factor `scale`."""
        covariance = apply_covariance(frame_from_heatmap, self.covariance) * scale
        return Moments(apply_affine(frame_from_heatmap, self.xy), covariance)


def heatmap_moments(logits_BKhw: torch.Tensor) -> list[Moments]:
    """Moments of every image's maps. Softmax and sums are float32 whatever the logits are: half precision moves points."""
    logits = logits_BKhw.detach().float()
    height, width = logits.shape[-2:]
    p = torch.softmax(logits.flatten(2), dim=-1).view_as(logits)
    x = torch.arange(width, device=p.device, dtype=p.dtype) + 0.5 - width / 2
    y = torch.arange(height, device=p.device, dtype=p.dtype) + 0.5 - height / 2
    along_x, along_y = p.sum(-2), p.sum(-1)
    mean_x, mean_y = along_x @ x, along_y @ y
    dx, dy = x - mean_x[..., None], y - mean_y[..., None]
    var_x, var_y = (along_x * dx**2).sum(-1), (along_y * dy**2).sum(-1)
    mixed = ((p @ x) * dy).sum(-1)
    xy = torch.stack([mean_x + width / 2, mean_y + height / 2], dim=-1)
    rows = torch.stack([torch.stack([var_x, mixed], -1), torch.stack([mixed, var_y], -1)], dim=-2)
    covariance = rows.cpu().numpy().astype(np.float64) + _FLOOR**2 * np.eye(2)
    points = xy.cpu().numpy().astype(np.float64)
    return [Moments(a, b) for a, b in zip(points, covariance, strict=True)]


def sigma(covariance: NDArray[np.floating]) -> NDArray[np.float64]:
    """One standard deviation [...] of covariances [...,2,2], averaged over directions: sqrt(trace / 2)."""
    variance: NDArray[np.float64] = np.trace(covariance, axis1=-2, axis2=-1).astype(np.float64) / 2.0
    return np.sqrt(np.maximum(variance, 0.0))
