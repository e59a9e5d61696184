"""From latent heatmaps to points with their uncertainty, in frame pixels.

Legend: B images, K landmarks, h x w map cells. The networks give points in unit coordinates of what they saw (a view or a
box); the covariance is the second moment of each map's softmax, brought to the frame and scaled by what calibration found.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine, apply_covariance
from annotator.domain.errors import ModelError
from annotator.nn.soft_argmax import covariance, spatial_softmax

_FLOOR = 0.1
"""Least standard deviation in map cells: a map with all its mass in one cell still does not know where inside it."""


@dataclass(frozen=True)
class Maps:
    """One network's answer for one picture.

    `logits` float32 tensor [K,h,w] on the model's device; `xy` float64[K,2] and `covariance` float64[K,2,2] in unit
    coordinates of the picture.
    """

    logits: torch.Tensor
    xy: NDArray[np.float64]
    covariance: NDArray[np.float64]

    def in_frame(self, frame_from_unit: Affine, scale: float = 1.0) -> "Points":
        """Points and covariances in frame pixels; `scale` is the calibration factor of the covariances."""
        spread = apply_covariance(frame_from_unit, self.covariance) * scale
        return Points(apply_affine(frame_from_unit, self.xy), spread)

    def reordered(self, order: NDArray[np.int64]) -> "Maps":
        """The same with landmark `order[k]` in place k: what a mirrored picture calls left is right."""
        return Maps(self.logits[torch.from_numpy(order)], self.xy[order], self.covariance[order])


@dataclass(frozen=True)
class Points:
    """`xy` float64[K,2] and `covariance` float64[K,2,2], frame pixels; `apart` float64[K]: how far the answers that they are the
    mean of lay apart (one standard deviation, px), None for a single answer."""

    xy: NDArray[np.float64]
    covariance: NDArray[np.float64]
    apart: NDArray[np.float64] | None = None


def fused(answers: Sequence[Points], scale: float = 1.0) -> Points:
    """The mean of several answers for the same landmarks, with the law of total variance for its uncertainty: the mean of
    their covariances plus the covariance of their places. Views that disagree are unsure, whatever each says of itself.

    `scale` is the calibration factor that the answers' covariances carry; their disagreement gets it too.
    """
    if len(answers) == 1:
        return answers[0]
    xy = np.stack([own.xy for own in answers])
    mean = xy.mean(axis=0)
    away = xy - mean
    between = np.einsum("nki,nkj->kij", away, away) / (len(answers) - 1)
    within = np.mean([own.covariance for own in answers], axis=0)
    return Points(mean, within + scale * between, np.sqrt(np.trace(between, axis1=1, axis2=2)))


def read_maps(logits_BKhw: torch.Tensor, unit_BK2: torch.Tensor) -> list[Maps]:
    """Every image's maps with their covariance; sums are float32 whatever the logits are, for half precision moves points.

    Raises ModelError when a network answers with something that is no number.
    """
    logits = logits_BKhw.detach().float()
    height, width = logits.shape[-2:]
    spread = covariance(spatial_softmax(logits)).cpu().numpy().astype(np.float64)
    floor = np.diag([(_FLOOR / width) ** 2, (_FLOOR / height) ** 2])
    points = unit_BK2.detach().cpu().numpy().astype(np.float64)
    if not (np.isfinite(points).all() and np.isfinite(spread).all()):
        raise ModelError("The model answers with values that are no numbers: its weights are damaged.")
    return [Maps(*one) for one in zip(logits, points, spread + floor, strict=True)]
