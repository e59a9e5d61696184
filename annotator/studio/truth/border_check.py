"""The check of landmarks against drawn borders over many random frames, and its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.studio.draw.renderer import Renderer
from annotator.studio.geometry.camera import Camera
from annotator.studio.light.baking import BakeQuality
from annotator.studio.light.lighting import make_lighting
from annotator.studio.person.expressions import expression, expression_table, random_expression
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import make_subject
from annotator.studio.scene.capture import Capture, build_capture
from annotator.studio.scene.visibility import visible_landmarks
from annotator.studio.truth.borders import KINDS, LIMIT_PX, border_distances

FIRST_SUBJECT = 50_000
YAW, PITCH, SIZE = 45.0, 15.0, 4096
DRAW_LEVEL = 3
DIM = BakeQuality(2, 1, 1)
"""No light is drawn, so hardly any is baked."""
FEW_HAIRS = 0.02
PASSING_SHARE = 0.8
"""Rounded edges do not lie at the same place of the skin for all cameras, so that some points may be off."""


@dataclass(frozen=True)
class BorderFigures:
    """Points of one kind over all frames: how many were measured, how many were hidden, the median and the 90th
    percentile of their distances in pixels, and the share within `LIMIT_PX`."""

    kind: str
    points: int
    hidden: int
    median: float
    high: float
    share: float

    @property
    def passes(self) -> bool:
        """True when most points lie on their border."""
        return self.share >= PASSING_SHARE and self.median <= LIMIT_PX


@dataclass(frozen=True)
class CheckedFrame:
    """Distances in pixels by landmark name, and the border landmarks that the camera does not see."""

    distances: dict[str, float]
    hidden: tuple[str, ...]


def check_borders(
    count: int, progress: Progress = silent, stop: Stop = never, scheme_name: str = DEFAULT_SCHEME
) -> list[BorderFigures]:
    """Measures `count` frames of random subjects, expressions (named and mixed in turn) and views, at 4096 pixels."""
    scheme, renderer = load_scheme(scheme_name), Renderer()
    frames = []
    for number in range(count):
        if stop():
            break
        capture, camera = random_frame(number, scheme)
        frames.append(check_frame(renderer, capture, camera, scheme))
        progress(number + 1, count, f"subject {FIRST_SUBJECT + number}")
    return summarise(frames)


def random_frame(number: int, scheme: LandmarkScheme) -> tuple[Capture, Camera]:
    """The capture and the view of a frame of the check."""
    rng = np.random.default_rng([number, 9])
    subject = make_subject(FIRST_SUBJECT + number, head_model().targets.names)
    names = list(expression_table())
    weights = random_expression(rng) if number % 2 else expression(names[number // 2 % len(names)])
    yaw, pitch = np.radians(rng.normal(0, 3, 2) * (1.0, 0.6))
    light = make_lighting("softboxes", rng)
    gaze = (float(yaw), float(pitch))
    capture = build_capture(subject, weights, light, scheme, rng, DIM, DRAW_LEVEL, FEW_HAIRS, gaze)
    capture = replace(capture, hair=())  # borders under hair are borders too
    return capture, Camera(
        "check", float(rng.uniform(-YAW, YAW)), float(rng.uniform(-PITCH, PITCH)), size=SIZE
    )


def check_frame(renderer: Renderer, capture: Capture, camera: Camera, scheme: LandmarkScheme) -> CheckedFrame:
    """Distances of the border landmarks that a camera sees."""
    seen = visible_landmarks(capture, camera, scheme)
    on_borders = tuple(KINDS.values())
    hidden = tuple(n for n, s in zip(scheme.names, seen, strict=True) if not s and n.startswith(on_borders))
    return CheckedFrame(border_distances(renderer, capture, camera, scheme, seen), hidden)


def summarise(frames: Sequence[CheckedFrame]) -> list[BorderFigures]:
    """Figures of each kind of border of which points were measured."""
    figures = []
    for kind, prefix in KINDS.items():
        away = np.array(
            [d for frame in frames for name, d in frame.distances.items() if name.startswith(prefix)]
        )
        unseen = sum(name.startswith(prefix) for frame in frames for name in frame.hidden)
        if len(away):
            middle, high = (float(np.percentile(away, share)) for share in (50, 90))
            figures.append(
                BorderFigures(kind, len(away), unseen, middle, high, float((away <= LIMIT_PX).mean()))
            )
    return figures
