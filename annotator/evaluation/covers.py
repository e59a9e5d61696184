"""Things that cover a face, painted into a picture whose landmarks are known: what a model can be measured on when it cannot see
everything. The truth stays where it is.

Pictures are uint8 [H,W,3] RGB, points (x, y) picture pixels. Everything is drawn by a random generator that is handed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine, bounding_box, compose, invert_affine, similarity
from annotator.domain.faces.face_frame import face_turn
from annotator.domain.scheme import LandmarkScheme
from annotator.evaluation.metrics import Floats
from annotator.imaging.opencv import cv2
from annotator.imaging.sampling import sample

Picture = NDArray[np.uint8]
_LEAST = 3  # points of which a region's place can be told
_HAIR = ((28, 22, 20), (62, 42, 30), (105, 78, 52), (176, 148, 104), (120, 118, 116))
_STRANDS = (60, 160)
_CHANGED, _AROUND = 10.0, 0.004
"""A point is covered where the picture round it changed by this many levels on average, within this share of the face."""


@dataclass(frozen=True, eq=False)
class FaceSpot:
    """Where a face lies in its picture: `frame_from_face` [2,3] brings face units to pixels (origin in the middle of the
    landmarks, x to the right and y down as the face stands, the longer side of its box as the unit); `regions` holds the middle
    (2,) and half the width and height (2,) of each region of which at least three points are known, face units."""

    frame_from_face: Affine
    length: float
    regions: Mapping[str, tuple[Floats, Floats]]

    def pixels(self, *places: Floats) -> Floats:
        """float64[K,2]: places in face units as pixels."""
        return apply_affine(self.frame_from_face, np.array(places))


def face_spot(xy: Floats, scheme: LandmarkScheme) -> FaceSpot | None:
    """Where the face of points [L,2] lies; None where fewer than three are known."""
    known = np.isfinite(xy).all(axis=-1)
    if known.sum() < _LEAST:
        return None
    turn = face_turn(scheme, xy)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    upright = xy[known] @ rotation
    low, high = upright.min(0), upright.max(0)
    length = float((high - low).max())
    if length <= 1.0:
        return None
    middle = rotation @ ((low + high) / 2)
    affine = np.concatenate([length * rotation, middle[:, None]], axis=1)
    places = apply_affine(invert_affine(affine), xy)
    regions = {}
    for region in scheme.regions:
        own = places[list(region.indices)]
        own = own[np.isfinite(own).all(-1)]
        if len(own) >= _LEAST:
            box = bounding_box(own)
            regions[region.name] = ((box[:2] + box[2:]) / 2, np.maximum((box[2:] - box[:2]) / 2, 0.04))
    return FaceSpot(affine, length, regions)


def covered(before: Picture, after: Picture, xy: Floats, length: float) -> NDArray[np.bool_]:
    """bool[L]: the points [L,2] round which a picture changed; `length` is the face's, px. Those not known or outside are not."""
    change = np.abs(after.astype(np.float32) - before).mean(axis=2)
    side = 2 * max(1, round(_AROUND * length)) + 1
    mean = cv2.blur(change, (side, side))
    height, width = mean.shape
    inside: NDArray[np.bool_] = np.asarray(((xy >= 0) & (xy < [width, height])).all(-1))  # NaN is not
    column, row = np.where(inside[:, None], xy, 0.0).astype(int).T
    change_there: Floats = np.asarray(mean, np.float64)[row, column]
    return inside & (change_there > _CHANGED)


def hand(rng: np.random.Generator, picture: Picture, face: FaceSpot) -> Picture:
    """Three or four fingers before a region or the jaw, in the colour of the face, from the side or from below."""
    target = _somewhere(rng, face) + rng.normal(0, 0.05, 2)
    away = np.array([np.sign(target[0]) or 1.0, 0.0]) if rng.random() < 0.6 else np.array([0.0, 1.0])
    angle = rng.normal(0, 0.35)
    along = away @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    across = np.array([-along[1], along[0]])
    count, thick = int(rng.integers(3, 5)), float(rng.uniform(0.045, 0.065))
    skin = _skin(picture, face) * rng.uniform(0.8, 1.15)
    result = picture
    for number in rng.permutation(count):
        off = (number - (count - 1) / 2) * 2.05 * thick
        tip = target + across * off + along * abs(off) * rng.uniform(0.1, 0.8)
        base = tip + along * rng.uniform(0.55, 0.8) + across * off * rng.uniform(-0.2, 0.3)
        result = _rod(result, face, tip, base, thick * rng.uniform(0.85, 1.1), skin, rng)
    return result


def dark_glasses(rng: np.random.Generator, picture: Picture, face: FaceSpot) -> Picture:
    """A dark lens before each region that has a twin beside it (the eyes), with bridge and temples; nearly or quite opaque."""
    pairs = [face.regions[name] for name in face.regions if _twin(face, name)]
    if len(pairs) < 2:
        return picture
    tone = rng.uniform(5, 60, 3)
    cover = np.zeros(picture.shape[:2], np.float32)
    (left, _), (right, _) = sorted(pairs[:2], key=lambda own: float(own[0][0]))
    for middle, half in pairs[:2]:
        size = np.maximum(half * rng.uniform([1.0, 0.8], [1.25, 1.15]), 0.12)
        corners = [
            middle + size * _squircle(angle) for angle in np.linspace(0, 2 * np.pi, 40, endpoint=False)
        ]
        cv2.fillPoly(cover, [_whole(face.pixels(*corners))], 1.0, cv2.LINE_AA)
    width = max(1, round(0.02 * face.length))
    lines = ([left, right], [left, left - [0.45, 0.02]], [right, right + [0.45, -0.02]])
    for ends in lines:
        cv2.polylines(cover, [_whole(face.pixels(*ends))], False, 1.0, width, cv2.LINE_AA)
    shade = np.linspace(1.4, 0.7, picture.shape[0], dtype=np.float32)[:, None, None]
    return _laid_over(picture, tone * shade, cover * rng.uniform(0.85, 1.0))


def hair_strands(rng: np.random.Generator, picture: Picture, face: FaceSpot) -> Picture:
    """Strands that fall from above the brows over one side of the face, over an eye at least."""
    tone = np.array(_HAIR[int(rng.integers(len(_HAIR)))], float)
    side = 1.0 if rng.random() < 0.5 else -1.0
    result = picture.copy()
    start, end = side * rng.uniform(0.0, 0.15), side * rng.uniform(0.2, 0.42)
    for _ in range(int(rng.integers(*_STRANDS))):
        root = np.array([start + rng.normal(0, 0.07), -0.75 + rng.normal(0, 0.03)])
        tip = np.array([end + rng.normal(0, 0.09), rng.uniform(-0.05, 0.5)])
        bend = (root + tip) / 2 + np.array([side * rng.uniform(-0.1, 0.12), rng.uniform(-0.1, 0.1)])
        steps = np.linspace(0, 1, 24)[:, None]
        curve = (1 - steps) ** 2 * root + 2 * steps * (1 - steps) * bend + steps**2 * tip
        colour = (tone * rng.uniform(0.6, 1.35)).clip(0, 255).tolist()
        width = max(1, round(face.length * rng.uniform(0.002, 0.009)))
        cv2.polylines(result, [_whole(face.pixels(*curve))], False, colour, width, cv2.LINE_AA)
    return result


def microphone(rng: np.random.Generator, picture: Picture, face: FaceSpot) -> Picture:
    """A dark foam ball before the lower half of the face, on a stem from below or from the side."""
    lower = [middle for middle, _ in face.regions.values() if middle[1] > 0.0] or [np.array([0.0, 0.3])]
    target = lower[int(rng.integers(len(lower)))] + rng.normal(0, 0.08, 2)
    radius, tone = float(rng.uniform(0.1, 0.19)), rng.uniform(15, 70) * np.ones(3)
    foot = target + ([rng.normal(0, 0.3), 1.2] if rng.random() < 0.6 else [np.sign(rng.normal()) * 1.2, 0.5])
    stem = _rod(picture, face, target, foot, 0.2 * radius, tone * 0.8, rng)
    return _rod(stem, face, target, target + (foot - target) * 0.25 * radius, radius, tone, rng, rough=0.5)


def another_region(
    rng: np.random.Generator,
    picture: Picture,
    xy: Floats,
    other: Picture,
    other_xy: Floats,
    scheme: LandmarkScheme,
) -> Picture:
    """One region's pixels replaced by the same region of another face, a little off its place, at another size and softly edged.

    Args:
        xy, other_xy: points [L,2] of both faces; the picture stays as it is where they share no region of three points.
    """
    for number in rng.permutation(len(scheme.regions)):
        at = list(scheme.regions[number].indices)
        both = np.isfinite(xy[at]).all(-1) & np.isfinite(other_xy[at]).all(-1)
        lay = similarity(other_xy[at], xy[at]) if both.sum() >= _LEAST else None
        if lay is None:
            continue
        box = bounding_box(xy[at])
        middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]).max() / 2
        shift = rng.uniform(-0.5, 0.5, 2) * half
        size = rng.uniform(0.8, 1.25) * np.eye(2)
        moved = np.concatenate([size, (middle + shift - size @ middle)[:, None]], axis=1)
        height, width = picture.shape[:2]
        pixels = sample(other, invert_affine(compose(moved, lay)), width, height)
        cover = np.zeros((height, width), np.float32)
        box_of = (tuple((middle + shift).tolist()), (2.7 * half, 2.3 * half), 0.0)
        cv2.ellipse(cover, box_of, 1.0, -1)
        soft = np.asarray(cv2.GaussianBlur(cover, (0, 0), 0.1 * half + 0.5), np.float32)
        return _laid_over(picture, pixels.astype(np.float32), soft)
    return picture


def _somewhere(rng: np.random.Generator, face: FaceSpot) -> Floats:
    """The middle of one of the regions, or a place on the jaw."""
    places = [middle for middle, _ in face.regions.values()]
    places.append(np.array([rng.uniform(-0.3, 0.3), 0.38]))
    return places[int(rng.integers(len(places)))]


def _twin(face: FaceSpot, name: str) -> bool:
    """Whether another region lies beside this one at the same height."""
    middle, half = face.regions[name]
    return any(
        abs(float(own[1] - middle[1])) < 0.15 and abs(float(own[0] - middle[0])) > 1.2 * float(half[0])
        for other, (own, _) in face.regions.items()
        if other != name
    )


def _squircle(angle: float) -> Floats:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([np.sign(cos) * abs(cos) ** 0.7, np.sign(sin) * abs(sin) ** 0.7])


def _skin(picture: Picture, face: FaceSpot) -> Floats:
    """The median colour between eyes and mouth."""
    places = face.pixels(*(np.array([x, y]) for x in np.linspace(-0.25, 0.25, 9) for y in (0.0, 0.06, 0.12)))
    height, width = picture.shape[:2]
    column, row = np.clip(places, 0, [width - 1, height - 1]).astype(int).T
    return np.asarray(np.median(picture[row, column], axis=0), np.float64)


def _rod(
    picture: Picture,
    face: FaceSpot,
    start: Floats,
    end: Floats,
    radius: float,
    colour: Floats,
    rng: np.random.Generator,
    rough: float = 0.03,
) -> Picture:
    """A rod with round ends from one place to another (face units), lit from above, with a `rough` surface."""
    a, b = face.pixels(start, end)
    reach = radius * face.length
    height, width = picture.shape[:2]
    low = np.clip(np.floor(np.minimum(a, b) - reach - 2), 0, [width, height]).astype(int)
    high = np.clip(np.ceil(np.maximum(a, b) + reach + 2), 0, [width, height]).astype(int)
    if (high <= low).any():
        return picture
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float32) + 0.5
    line = (b - a).astype(np.float32)
    share = ((x - a[0]) * line[0] + (y - a[1]) * line[1]) / max(float(line @ line), 1e-9)
    share = share.clip(0, 1)
    dx, dy = x - a[0] - share * line[0], y - a[1] - share * line[1]
    distance = np.hypot(dx, dy) / reach
    light = 0.45 + 0.55 * np.sqrt((1 - distance**2).clip(0, 1)) - 0.2 * (dy / reach).clip(-1, 1)
    grain = cv2.GaussianBlur(
        rng.standard_normal(distance.shape).astype(np.float32), (0, 0), max(0.6, 0.04 * reach)
    )
    light *= 1 + rough * grain / max(float(grain.std()), 1e-6)
    cover = ((1 - distance) * reach).clip(0, 1)
    result = picture.copy()
    window = result[low[1] : high[1], low[0] : high[0]]
    window[:] = _laid_over(window, light[..., None] * colour, cover)
    return result


def _laid_over(picture: Picture, colour: NDArray[np.floating], cover: NDArray[np.floating]) -> Picture:
    """`colour` [H,W,3] or wider over a picture, by `cover` [H,W] 0..1."""
    mixed = picture + cover[..., None] * (colour - picture)
    return np.rint(mixed).clip(0, 255).astype(np.uint8)


def _whole(places: Floats) -> NDArray[np.int32]:
    return np.rint(places).astype(np.int32)
