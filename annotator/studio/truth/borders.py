"""Checks landmarks against the pixels: how far lid, limbus, lip and nostril points lie from the border that is drawn.

Only small windows round the points are drawn, and in them only what lies where (`identity.frag`): no light, no hair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.studio.anchors.drawn_edges import KINDS as EDGES
from annotator.studio.anchors.tables import Place, anchors, curve_places
from annotator.studio.draw.identity_pass import IdentityFields, draw_identity
from annotator.studio.draw.renderer import Renderer
from annotator.studio.geometry.camera import Camera
from annotator.studio.scene.capture import Capture
from annotator.studio.scene.surfaces import IDENTITIES

Floats = NDArray[np.float64]
Field = NDArray[np.float32]
KINDS = {
    "lids": "eye_",
    "limbus": "iris_",
    "outer lips": "mouth_",
    "inner lips": "lips_inner_",
    "nostrils": "nostril_",
}
"""Prefixes of landmark names by kind of border."""
LIMIT_PX = 1.5
MARGIN_PX, GRANULE_PX = 40, 64
SKIN, EYE = IDENTITIES["skin"], IDENTITIES["eye"]
JUMP_MM, SEAM_MM = 1.5, 0.25
"""Neighbouring pixels of skin whose resting places are farther apart show two layers: a fold, or the seam of the lips."""


@dataclass(frozen=True)
class ShownWindow:
    """What a window of a frame shows, and the frame pixel of its corner."""

    fields: IdentityFields
    corner: tuple[float, float]


def border_distances(
    renderer: Renderer, capture: Capture, camera: Camera, scheme: LandmarkScheme, visible: NDArray[np.bool_]
) -> dict[str, float]:
    """Frame pixels from each visible border landmark to the nearest drawn border of its kind, by landmark name."""
    xy, _ = camera.project(capture.landmarks)
    places = [anchor.place for anchor in anchors(scheme)]
    lash = {n for n, place in enumerate(places) if _may_be_lash_line(place)}
    within = {n for n, place in enumerate(places) if place.kind == "ring" and place.values[0] == "lip"}
    distances: dict[str, float] = {}
    for prefixes, side in (
        (("eye_", "iris_"), "left"),
        (("eye_", "iris_"), "right"),
        (("mouth_", "lips_", "nostril_"), ""),
    ):
        chosen = [
            i
            for i, n in enumerate(scheme.names)
            if n.startswith(prefixes) and side in n and visible[i] and i not in within
        ]
        chosen = [i for i in chosen if ((xy[i] > 0) & (xy[i] < camera.size)).all()]
        if not chosen:
            continue
        shown = _show(renderer, capture, camera, xy[chosen])
        lines = _borders(shown)
        for index in chosen:
            name = scheme.names[index]
            points = lines["lash line" if index in lash else _kind(name)]
            if len(points):
                distances[name] = float(np.sqrt(((points - xy[index]) ** 2).sum(1).min()))
    return distances


def _may_be_lash_line(place: Place) -> bool:
    """Whether a landmark may lie on the line of the lashes, which is drawn on the skin, as well as on the lid's edge."""
    if place.kind == "edge":
        return EDGES[place.values[0]].line is not None
    if place.kind == "curve":
        return any(_may_be_lash_line(node) for node in curve_places(place.values[0], place.right))
    return place.kind == "corner"


def _kind(name: str) -> str:
    return next(kind for kind, prefix in KINDS.items() if name.startswith(prefix))


def _show(renderer: Renderer, capture: Capture, camera: Camera, xy: Floats) -> ShownWindow:
    low, high = np.floor(xy.min(0)) - MARGIN_PX, np.ceil(xy.max(0)) + MARGIN_PX
    width, height = (int(side) for side in np.ceil((high - low) / GRANULE_PX) * GRANULE_PX)
    window = (float(low[0]), float(low[1]), float(low[0]) + width, float(low[1]) + height)
    return ShownWindow(
        draw_identity(renderer, capture, camera, window, (width, height)), (window[0], window[1])
    )


def _borders(shown: ShownWindow) -> dict[str, Floats]:
    """Frame pixels (n, 2) of the drawn borders by kind."""
    surface = shown.fields.surface
    kind, share = np.round(surface[..., 0]), surface[..., 1]
    skin = kind == SKIN
    layers = [*_crossings(skin), *_jumps(shown.fields.origin, skin)]
    lids = np.concatenate(layers)
    lash = np.concatenate([lids, *_crossings(skin & (surface[..., 2] >= 0.5))])
    masks = {
        "limbus": (kind == EYE) & (share >= 0.5),
        "outer lips": skin & (share >= 0.5),
        "nostrils": skin & (surface[..., 3] >= 0.5),
    }
    found = {name: np.concatenate(list(_crossings(mask))) for name, mask in masks.items()}
    inner = np.concatenate([*layers, *_crossings(skin & (share < 1.5))])
    found |= {"lids": lids, "lash line": lash, "inner lips": inner}
    return {name: points + shown.corner for name, points in found.items()}


def _crossings(mask: NDArray[np.bool_]) -> Iterator[Floats]:
    """Places between neighbours across and down of which one is in the mask."""
    rows, columns = np.nonzero(mask[:, 1:] != mask[:, :-1])
    yield np.stack([columns + 1.0, rows + 0.5], 1)
    rows, columns = np.nonzero(mask[1:] != mask[:-1])
    yield np.stack([columns + 0.5, rows + 1.0], 1)


def _jumps(origin: Field, skin: NDArray[np.bool_]) -> Iterator[Floats]:
    """Places between neighbours of skin that come from places far apart, or from both lips."""
    for axis in (1, 0):
        here, there = (np.moveaxis(origin, axis, 0)[part] for part in (slice(None, -1), slice(1, None)))
        both = np.moveaxis(skin, axis, 0)
        away = np.linalg.norm(there[..., :3] - here[..., :3], axis=2)
        far = (away > JUMP_MM) | ((away > SEAM_MM) & (here[..., 3] * there[..., 3] < 0))
        found = np.stack(np.nonzero(far & both[:-1] & both[1:]), 1) + np.array([1.0, 0.5])
        yield found[:, ::-1] if axis == 0 else found
