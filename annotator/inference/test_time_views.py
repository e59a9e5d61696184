"""What the global network is shown: square windows of the frame, level with the face, and windows to search.

A view is what the proxy shows: a square of the frame (black beyond it). The first one holds the whole frame; the next ones lie
round the face, turned so that it stands upright and sized as in training, and give the network the framing that it knows.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, bounding_box
from annotator.imaging.proxy import proxy
from annotator.imaging.pyramid import halve
from annotator.imaging.sampling import sample

FACE_FILL = 0.5
"""Longer side of the landmarks' box over the side of a well framed view, unless the model's card says otherwise."""
_LEAST_SCALE, _MOST_SCALE = 0.6, 1.25
_SHIFT_SLACK = 0.2
_TILT_SLACK = np.deg2rad(8.0)
_FINEST = 1.5  # pixels of a halving for each pixel that is shown, at least: with fewer, it would be blurred


@dataclass(frozen=True)
class ViewWindow:
    """A square of the frame: centre and side in frame pixels, `roll` in radians (from the frame's x axis to the
    window's, clockwise on the screen), and whether it is seen in a mirror."""

    centre: tuple[float, float]
    side: float
    roll: float = 0.0
    mirrored: bool = False

    @property
    def frame_from_unit(self) -> Affine:
        """From the window's unit square to frame pixels."""
        x, y = np.cos(self.roll) * self.side, np.sin(self.roll) * self.side
        across = -1.0 if self.mirrored else 1.0
        linear = np.array([[across * x, -y], [across * y, x]])
        return np.concatenate([linear, (np.array(self.centre) - linear @ [0.5, 0.5])[:, None]], axis=1)

    def moved(self, scale: float, dx: float, dy: float, turn: float, mirror: bool) -> "ViewWindow":
        """Another one close by: its side times `scale`, shifted by shares of the side along its axes, turned, mirrored."""
        cos, sin = np.cos(self.roll), np.sin(self.roll)
        shift = self.side * np.array([cos * dx - sin * dy, sin * dx + cos * dy])
        centre = (self.centre[0] + float(shift[0]), self.centre[1] + float(shift[1]))
        return ViewWindow(centre, self.side * scale, self.roll + turn, self.mirrored ^ mirror)


@dataclass(frozen=True)
class View:
    """`pixels` uint8[S,S,3] of a window; `frame_from_unit` from the picture's unit square (exact also where the
    letterbox of a whole frame was rounded to pixels)."""

    pixels: NDArray[np.uint8]
    window: ViewWindow
    frame_from_unit: Affine

    @property
    def frame_from_proxy(self) -> Affine:
        """From the picture's pixels to the frame's."""
        return grid_affine(self.frame_from_unit, self.pixels.shape[1], self.pixels.shape[0])


class FrameViews:
    """A frame uint8[H,W,3] with its halvings, so that what is shown of it small does not read all of its pixels again."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.pixels = pixels
        self._levels: list[NDArray[np.uint8]] = [pixels]
        self._whole: View | None = None

    def whole(self, size: int) -> View:
        """The view that holds all of the frame, letterboxed."""
        if self._whole is None or len(self._whole.pixels) != size:
            height, width = self.pixels.shape[:2]
            level = 0  # only halvings that lose no column or row give the same average
            while (height | width) % (2 << level) == 0 and max(height, width) >= size << (level + 1):
                level += 1
            small, level_from_proxy = proxy(self._level(level), size)
            affine = level_from_proxy * (1 << level) @ np.diag([size, size, 1.0])
            self._whole = View(small, ViewWindow((width / 2, height / 2), float(max(width, height))), affine)
        return self._whole

    def view(self, window: ViewWindow, size: int) -> View:
        """The view of a window, which may reach beyond the frame."""
        affine = window.frame_from_unit
        return View(self.picture(affine, size), window, affine)

    def picture(self, frame_from_unit: Affine, size: int) -> NDArray[np.uint8]:
        """uint8[size,size,3]: what the parallelogram of a unit square shows; black beyond the frame."""
        frame_from_picture = grid_affine(frame_from_unit, size, size)
        span = float(np.linalg.norm(frame_from_picture[:, :2], axis=0).max())
        level = max(0, int(np.log2(max(span, 1.0) / _FINEST)))
        level_from_picture = frame_from_picture / (1 << level)
        return np.asarray(sample(self._level(level), level_from_picture, size, size), np.uint8)

    def _level(self, number: int) -> NDArray[np.uint8]:
        while len(self._levels) <= number:
            self._levels.append(halve(self._levels[-1]))
        return self._levels[number]


def grid_affine(frame_from_unit: Affine, width: int, height: int) -> Affine:
    """From the pixels of a width x height grid over a unit square to the frame."""
    affine: Affine = frame_from_unit @ np.diag([1.0 / width, 1.0 / height, 1.0])
    return affine


def turned(xy: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    """Points [...,2] turned round the origin by an angle in radians (clockwise on the screen); NaN stays NaN."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([cos * xy[..., 0] - sin * xy[..., 1], sin * xy[..., 0] + cos * xy[..., 1]], axis=-1)


def face_window(xy: NDArray[np.float64], fill: float = FACE_FILL, roll: float = 0.0) -> ViewWindow | None:
    """The window, turned by `roll`, of which the box of points [L,2] fills the share `fill`; None for points without extent."""
    box = bounding_box(turned(xy, -roll))
    side = float(max(box[2] - box[0], box[3] - box[1])) / fill
    if not np.isfinite(side) or side < 2.0:
        return None
    x, y = turned((box[:2] + box[2:]) / 2, roll)
    return ViewWindow((float(x), float(y)), side, roll)


def worth_refining(now: ViewWindow, wanted: ViewWindow) -> bool:
    """Whether the wanted window differs enough from the present one: less than .6 of its side, a quarter larger, a fifth
    off, or turned by more than eight degrees.

    Training shows faces of many sizes and places, so another view only pays where the face is small, cut off or tilted; one
    that is taken without need can lose a face whose points are still badly placed.
    """
    ratio = wanted.side / now.side
    shift = np.abs(np.subtract(wanted.centre, now.centre)).max() / now.side
    turn = abs(angle_between(wanted.roll, now.roll))
    return bool(ratio < _LEAST_SCALE or ratio > _MOST_SCALE or shift > _SHIFT_SLACK or turn > _TILT_SLACK)


def tilt(roll: float) -> float:
    """The roll by which boxes are turned with a face: none up to eight degrees, for which training makes up."""
    return roll if abs(angle_between(roll, 0.0)) > _TILT_SLACK else 0.0


def angle_between(a: float, b: float) -> float:
    """The turn from `b` to `a`, in -pi .. pi."""
    return float((a - b + np.pi) % (2 * np.pi) - np.pi)


def search_windows(width: int, height: int, share: float) -> list[ViewWindow]:
    """Square windows over the frame with sides `share` of its longer side, half overlapping, top left to bottom right."""
    side = share * max(width, height)
    return [
        ViewWindow((x + side / 2, y + side / 2), side)
        for y in _starts(height, side)
        for x in _starts(width, side)
    ]


def turned_windows(window: ViewWindow, degrees: tuple[float, ...]) -> list[ViewWindow]:
    """The same window turned by each of the angles."""
    return [replace(window, roll=window.roll + float(np.deg2rad(angle))) for angle in degrees]


def _starts(length: float, side: float) -> list[float]:
    """Left edges of half-overlapping windows that cover `length`; one centred window where it is shorter than one."""
    room = length - side
    if room <= 0:
        return [room / 2]
    count = int(np.ceil(room / (side / 2))) + 1
    return [room * i / (count - 1) for i in range(count)]
