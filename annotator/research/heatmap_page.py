"""A page of latent heatmaps, as Fig. 3 of the ADC paper: what the global network saw, the crop, what the regional one saw."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine, compose, invert_affine
from annotator.domain.errors import AnnotatorError
from annotator.domain.proposal import Heatmap, Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.imaging.opencv import cv2
from annotator.imaging.sampling import sample
from annotator.inference.predictor import Predictor
from annotator.research.picture_file import Picture

_CELL = 240
_GAP = 8
_STRENGTH = 0.75
_TITLES = ("global: proxy and heatmaps", "global heatmaps, there", "crop", "regional heatmaps", "landmarks")


def heatmap_page(predictor: Predictor, image: NDArray[Any]) -> Picture:
    """RGB picture: a row for each region of one frame HxWx3; in the columns the proxy with the global maps of the region's
    landmarks, the same maps where the crop lies, the crop, the regional maps on it, and the landmarks.

    Raises AnnotatorError for a model without regions.
    """
    proposal = predictor.propose(image)
    global_map, *regional = proposal.heatmaps
    if not regional:
        raise AnnotatorError(f"{predictor.card.id} reads no regions, so there are no crops to show.")
    rows = [_row(global_map, own, proposal, predictor.scheme) for own in regional]
    return np.vstack([_titles(), *rows])


def _row(global_map: Heatmap, own: Heatmap, proposal: Proposal, scheme: LandmarkScheme) -> Picture:
    """The five pictures of a region."""
    tint = np.array([int(scheme.region(own.name).colour[i : i + 2], 16) for i in (1, 3, 5)], float)
    crop_from_frame = invert_affine(own.frame_from_crop)
    side = own.crop.shape[0]
    crop = _enlarged(own.crop)
    to_cell = np.array([[_CELL / side, 0.0, 0.0], [0.0, _CELL / side, 0.0]])
    points = apply_affine(compose(to_cell, crop_from_frame), proposal.xy[own.indices])
    cells: list[Picture] = [
        _warmed(_enlarged(global_map.crop), _total(global_map, own.indices), tint),
        _warmed(crop, _seen_in(_total(global_map, own.indices), global_map.frame_from_heatmap, own), tint),
        crop,
        _warmed(crop, _total(own, np.arange(len(own.indices))), tint),
        _dotted(crop, points, tint),
    ]
    return _line(cells)


def _total(heat: Heatmap, landmarks: NDArray[np.int64]) -> NDArray[np.float32]:
    """float32[h,w] 0..1: the sum of some landmarks' probabilities, each over its own peak so that wide maps show too."""
    chance = heat.probability()[landmarks]
    total = (chance / np.maximum(chance.max(axis=(1, 2), keepdims=True), 1e-12)).max(axis=0)
    return np.asarray(total, np.float32)


def _seen_in(total: NDArray[np.float32], frame_from_heatmap: Affine, own: Heatmap) -> NDArray[np.float32]:
    """A global map resampled to where a crop lies."""
    heatmap_from_crop = compose(invert_affine(frame_from_heatmap), own.frame_from_crop)
    height, width = own.crop.shape[:2]
    return np.asarray(sample(np.repeat(total[..., None], 3, -1), heatmap_from_crop, width, height)[..., 0])


def _warmed(picture: Picture, total: NDArray[np.float32], tint: NDArray[np.float64]) -> Picture:
    """A grey picture with a map over it in the region's colour."""
    grey = picture.mean(axis=-1, keepdims=True) * 0.6
    heat = cv2.resize(total, (_CELL, _CELL), interpolation=cv2.INTER_CUBIC).clip(0, 1)[..., None] * _STRENGTH
    mixed = grey * (1 - heat) + tint * heat
    return np.asarray(mixed.round().clip(0, 255), np.uint8)


def _dotted(picture: Picture, points: NDArray[np.float64], tint: NDArray[np.float64]) -> Picture:
    canvas = picture.copy()
    for x, y in points:
        centre = (round(float(x) * 16 - 8), round(float(y) * 16 - 8))
        cv2.circle(canvas, centre, 3 * 16, (0, 0, 0), -1, cv2.LINE_AA, 4)
        cv2.circle(canvas, centre, 2 * 16, tuple(tint.tolist()), -1, cv2.LINE_AA, 4)
    return canvas


def _enlarged(picture: Picture) -> Picture:
    return np.asarray(cv2.resize(picture, (_CELL, _CELL), interpolation=cv2.INTER_LINEAR))


def _titles() -> Picture:
    cells = []
    for title in _TITLES:
        cell = np.full((22, _CELL, 3), 24, np.uint8)
        cv2.putText(cell, title, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (225, 225, 225), 1, cv2.LINE_AA)
        cells.append(cell)
    return _line(cells)


def _line(cells: list[Picture]) -> Picture:
    height = len(cells[0])
    gap = np.full((height, _GAP, 3), 24, np.uint8)
    parts: list[Picture] = [gap]
    for cell in cells:
        parts += [cell, gap]
    line = np.hstack(parts)
    return np.vstack([line, np.full((_GAP, line.shape[1], 3), 24, np.uint8)])
