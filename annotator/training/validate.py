"""Normalised mean error by region on samples shown as inference shows them, and signs of collapsed heatmaps."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from annotator.domain.capture import evenly
from annotator.domain.scheme import LandmarkScheme
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.soft_argmax import moments, spatial_softmax
from annotator.training.augment import plain
from annotator.training.batches import collate
from annotator.training.source import Sample, SampleSource

_OUTER_CORNERS = (36, 45)  # iBUG: outer corners of the eyes
_BY_EYES, _BY_BOX = "inter-ocular", "box"


@dataclass(frozen=True)
class Validation:
    """Figures of one validation.

    Attributes:
        nme: mean error over the normaliser, in percent, by region's name, `global_only`, `overview` (all landmarks by the global
            network alone) and `all`; what has no known landmark is left out.
        normaliser: `inter-ocular` (outer eye corners), or `box` (square root of the landmarks' box) where some sample lacks them.
        peak, spread: means over the regional (or else global) maps of the greatest probability, and of the standard deviation in
            cells. A run whose peak stays near 1 / cells has collapsed, whatever its loss says.
        outside: share of true regional landmarks outside their first crop; NaN for a holistic model.
        frames: how many samples were measured.
    """

    nme: dict[str, float]
    normaliser: str
    peak: float
    spread: float
    outside: float
    frames: int


def validate(
    model: AttentionDrivenCropping,
    scheme: LandmarkScheme,
    source: SampleSource,
    size: int,
    frames: int,
    iterations: int = 2,
    device: torch.device | str = "cpu",
    autocast: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Validation:
    """Measures a model on up to `frames` samples, evenly spread over the source, letterboxed to size x size.

    `autocast` makes the context in which networks run, such as that of a run in half precision.
    """
    model.eval()
    rows, lengths = [], []
    for number in evenly(range(len(source)), frames):
        item = plain(source[number], size)
        lengths.append((eye_distance(scheme, item), box_size(item)))
        with torch.inference_mode(), autocast():
            rows.append(_measure(model, scheme, item, iterations, device))
    if not rows:
        return Validation({}, _BY_EYES if _has_corners(scheme) else _BY_BOX, 0.0, 0.0, 0.0, 0)
    final, overview, sharp = (np.stack(column) for column in zip(*rows, strict=True))
    eyes, boxes = np.array(lengths).T
    by_eyes = bool(np.isfinite(eyes).all())  # one measure for all frames
    scale = (eyes if by_eyes else boxes)[:, None]
    final, overview = final / scale, overview / scale
    nme = {"all": _mean(final), "overview": _mean(overview)}
    for region in scheme.regions:
        nme[region.name] = _mean(final[:, list(region.indices)])
    nme["global_only"] = _mean(final[:, list(scheme.global_only)])
    peak, spread, outside = (_mean(column) for column in sharp.T)
    kept = {name: round(100 * value, 4) for name, value in nme.items() if np.isfinite(value)}
    return Validation(kept, _BY_EYES if by_eyes else _BY_BOX, peak, spread, outside, len(rows))


def eye_distance(scheme: LandmarkScheme, item: Sample) -> float:
    """Distance of the outer eye corners in the sample's pixels; NaN where one is not marked or the scheme has none."""
    if not _has_corners(scheme):
        return float("nan")
    a, b = (item.xy[scheme.ibug68[i]] for i in _OUTER_CORNERS)
    return float(np.linalg.norm(a - b))


def box_size(item: Sample) -> float:
    """Square root of the box of the marked landmarks in the sample's pixels; NaN where too few are marked."""
    known = item.xy[np.isfinite(item.xy).all(-1)]
    if len(known) < 2:
        return float("nan")
    extent = np.ptp(known, axis=0)
    return float(np.sqrt(extent[0] * extent[1])) or float("nan")


def _measure(
    model: AttentionDrivenCropping,
    scheme: LandmarkScheme,
    item: Sample,
    iterations: int,
    device: torch.device | str,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Errors [L] of the final and the global points in the sample's pixels, NaN where unknown; and peak, spread, outside."""
    batch = collate([item]).to(torch.device(device))
    output = model(batch.source_B3SS, iterations=iterations)
    true = np.where(item.known[:, None], item.xy, np.nan)
    side = item.image.shape[0]
    final = np.linalg.norm(output.xy_BL2[0].float().cpu().numpy() - true, axis=-1)
    overview = np.linalg.norm(output.overview.xy_BL2[0].float().cpu().numpy() * side - true, axis=-1)
    maps = [r.logits_BKhw for r in output.regions] or [output.overview.logits_BLhw]
    peaks = torch.cat([spatial_softmax(m).flatten(2).amax(-1)[0] for m in maps])
    spreads = torch.cat(
        [moments(m)[1].diagonal(dim1=-2, dim2=-1).mean(-1)[0].sqrt() * m.shape[-1] for m in maps]
    )
    first = model.boxes(output.overview.xy_BL2 * side, side)[0].float().cpu().numpy()
    missed = [
        ((true[list(r)] < box[:2]) | (true[list(r)] > box[2:])).any(-1)
        for r, box in zip(model.regions, first, strict=True)
    ]
    outside = np.concatenate(missed).mean() if missed else np.nan
    return final, overview, np.array([peaks.mean().item(), spreads.mean().item(), outside])


def _has_corners(scheme: LandmarkScheme) -> bool:
    return all(i in scheme.ibug68 for i in _OUTER_CORNERS)


def _mean(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
