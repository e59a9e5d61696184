"""Where the global network looks: square views of the frame, the face box that refines them, and windows to search.

A view is what the proxy shows: a square of the frame (black beyond it). The first one holds the whole frame; when the face
fills little of it or lies at its side, a second one round the face gives the network the framing that it was trained on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, bounding_box
from annotator.imaging.proxy import proxy
from annotator.imaging.sampling import crop

FACE_FILL = 0.5
"""Longer side of the landmarks' box over the side of a well framed view, unless the model's card says otherwise."""
_LEAST_SCALE, _MOST_SCALE = 0.6, 1.25
_SHIFT_SLACK = 0.2


@dataclass(frozen=True)
class View:
    """`pixels` uint8[S,S,3] and `frame_from_proxy`."""

    pixels: NDArray[np.uint8]
    frame_from_proxy: Affine

    @property
    def box(self) -> NDArray[np.float64]:
        """x0 y0 x1 y1 of the view in frame pixels."""
        side_y, side_x = self.pixels.shape[:2]
        a = self.frame_from_proxy
        x0, y0 = a[:, 2]
        return np.array([x0, y0, x0 + a[0, 0] * side_x, y0 + a[1, 1] * side_y])


def whole_frame(pixels: NDArray[np.uint8], size: int) -> View:
    """The view that holds all of the frame, letterboxed."""
    return View(*proxy(pixels, size))


def view_of_box(pixels: NDArray[np.uint8], box: NDArray[np.float64], size: int) -> View:
    """The view of a box in frame pixels, which may reach beyond the frame."""
    small, frame_from_proxy = crop(pixels, box, size, size)
    return View(small, frame_from_proxy)


def face_view_box(xy: NDArray[np.float64], fill: float = FACE_FILL) -> NDArray[np.float64] | None:
    """The square round points [L,2] of which their box fills the share `fill`; None for points without extent."""
    box = bounding_box(xy)
    side = float(max(box[2] - box[0], box[3] - box[1])) / fill
    if not np.isfinite(side) or side < 2.0:
        return None
    centre = (box[:2] + box[2:]) / 2
    return np.concatenate([centre - side / 2, centre + side / 2])


def worth_refining(view: View, wanted: NDArray[np.float64]) -> bool:
    """Whether the wanted view differs enough from the present one: less than .6 of its side, a quarter larger, or a fifth off.

    Training shows faces of many sizes and places, so a new look only pays where the face is small or cut off; one that is
    taken without need can lose a face whose points are still badly placed.
    """
    now = view.box
    ratio = (wanted[2] - wanted[0]) / (now[2] - now[0])
    shift = np.abs((wanted[:2] + wanted[2:]) - (now[:2] + now[2:])).max() / 2 / (now[2] - now[0])
    return bool(ratio < _LEAST_SCALE or ratio > _MOST_SCALE or shift > _SHIFT_SLACK)


def search_boxes(width: int, height: int, share: float) -> list[NDArray[np.float64]]:
    """Square windows over the frame with sides `share` of its longer side, half overlapping, top left to bottom right."""
    side = share * max(width, height)
    return [np.array([x, y, x + side, y + side]) for y in _starts(height, side) for x in _starts(width, side)]


def _starts(length: float, side: float) -> list[float]:
    """Left edges of half-overlapping windows that cover `length`; one centred window where it is shorter than one."""
    room = length - side
    if room <= 0:
        return [room / 2]
    count = int(np.ceil(room / (side / 2))) + 1
    return [room * i / (count - 1) for i in range(count)]
