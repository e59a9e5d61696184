"""A page of the faces that a model places best and worst, to look at before believing a mean."""

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine, invert_affine
from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme
from annotator.evaluation.metrics import Normaliser, frame_nme, normaliser_lengths, point_errors
from annotator.evaluation.offsets import remove_constant_offsets
from annotator.evaluation.truth import Predictions
from annotator.imaging.opencv import cv2
from annotator.imaging.sampling import sample
from annotator.research.picture_file import Picture
from annotator.services.models.evaluation_sets import EvaluationSet

_SIDE = 420
_FACE = 0.8  # the landmarks' box in a tile
_TRUE = (255, 255, 255)
_OUTSIDE = (240, 240, 120)  # landmarks of no region
_OWN, _OTHER = (60, 230, 110), (255, 190, 40)  # where two models are compared


def face_page(
    data: EvaluationSet,
    own: Predictions,
    count: int = 5,
    without_offsets: bool = False,
    other: Predictions | None = None,
) -> Picture:
    """RGB picture: the `count` best faces above the `count` worst, each with its NME in % of the outer-eye distance.

    Dots in their regions' colours are the model's landmarks; a white line leads to the true place of those that are counted.
    `without_offsets` takes NME, order and lines without each point's constant offset. Beside `other`, another model's
    landmarks on the same frames, these are amber and the model's own green.

    Raises:
        AnnotatorError: no face can be measured or read.
    """
    places = [each.xy for each in (own, other) if each is not None]
    if without_offsets:
        places = [remove_constant_offsets(xy, data.truth.xy, data.truth.scheme) for xy in places]
    xy = places[0]
    lengths = normaliser_lengths(data.truth.xy, data.truth.scheme, Normaliser.INTER_OCULAR)
    errors = 100 * frame_nme(point_errors(xy, data.truth.xy, data.truth.mask()), lengths)
    order = [int(i) for i in np.argsort(errors) if np.isfinite(errors[i])]
    if not order:
        raise AnnotatorError("No face of this set can be measured: there is nothing to draw.")
    count = min(count, len(order))
    rows = [
        np.hstack([_tile(data, places, errors, i) for i in chosen])
        for chosen in (order[:count], order[-count:])
    ]
    return np.vstack(rows)


def _tile(
    data: EvaluationSet, places: list[NDArray[np.float64]], errors: NDArray[np.float64], i: int
) -> Picture:
    scheme, true, xy = data.truth.scheme, data.truth.xy[i], places[0][i]
    tile_from_frame = _placed(xy)
    picture = sample(data.picture(i), invert_affine(tile_from_frame), _SIDE, _SIDE)
    picture = np.ascontiguousarray(picture[..., :3])
    for found, wanted in zip(
        apply_affine(tile_from_frame, xy), apply_affine(tile_from_frame, true), strict=True
    ):
        if np.isfinite(wanted).all() and np.isfinite(found).all():
            cv2.line(picture, _fixed(found), _fixed(wanted), _TRUE, 1, cv2.LINE_AA, 4)
    layers = [(xy, _colours(scheme))]
    if len(places) > 1:
        layers = [(places[1][i], [_OTHER] * scheme.size), (xy, [_OWN] * scheme.size)]
    for placed, colours in layers:
        for found, colour in zip(apply_affine(tile_from_frame, placed), colours, strict=True):
            if np.isfinite(found).all():
                cv2.circle(picture, _fixed(found), 36, colour, -1, cv2.LINE_AA, 4)
    text = f"{errors[i]:.2f} %"
    cv2.putText(picture, text, (10, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.75, (0, 0, 0), 4, cv2.LINE_AA)
    cv2.putText(picture, text, (10, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.75, _TRUE, 2, cv2.LINE_AA)
    return picture


def _placed(xy: NDArray[np.float64]) -> Affine:
    """From the frame to a tile in which the face stands in the middle."""
    known = xy[np.isfinite(xy).all(axis=-1)]
    low, high = known.min(axis=0), known.max(axis=0)
    scale = _FACE * _SIDE / max(float((high - low).max()), 1.0)
    return np.concatenate([scale * np.eye(2), (_SIDE / 2 - scale * (low + high) / 2)[:, None]], axis=1)


def _colours(scheme: LandmarkScheme) -> list[tuple[int, ...]]:
    return [
        _OUTSIDE if number < 0 else tuple(bytes.fromhex(scheme.regions[number].colour[1:]))
        for number in scheme.region_of
    ]


def _fixed(point: NDArray[np.float64]) -> tuple[int, int]:
    """Sixteenths of a pixel, as OpenCV takes them; its pixel centres lie at whole numbers."""
    x, y = np.rint((point - 0.5) * 16).astype(int).tolist()
    return x, y
