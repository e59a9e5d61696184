"""From options to frames: which captures a set holds, and how one of them is made. All chance follows from seeds."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.studio.draw.crops import CROP_PIXELS, RenderedCrop, plan_crops
from annotator.studio.geometry.camera import (
    Camera,
    ViewRanges,
    before_turned_head,
    jittered,
    load_rig,
    random_camera,
)
from annotator.studio.light.baking import FAST, FINE, BakeQuality
from annotator.studio.person import sequences
from annotator.studio.person.attributes import frame_attributes
from annotator.studio.person.expressions import Weights, expression, hard_expression, random_expression
from annotator.studio.person.head_model import head_model
from annotator.studio.person.sequences import talking_weights
from annotator.studio.person.subject import make_subject
from annotator.studio.scene.capture import Capture, build_capture
from annotator.studio.scene.looks import (
    Exposure,
    Look,
    draw_backdrop,
    draw_exposure,
    draw_lighting,
    load_look,
)
from annotator.studio.scene.visibility import in_frame, visible_landmarks

RANDOM = "random"
TALKING = "talking"
_NOISE_STEP = 1000  # more than a rig has cameras
_SHAKE_ROLL = 30.0  # degrees where the frame moves by its own width
_HARDSHIPS = 41  # a stream of its own, so that light and views are as without
HAND_SHARE, GLASSES_SHARE = 0.2, 0.2
"""Of the captures of a hard set: with a hand before the face, and with glasses beside those of people who wear some."""
FINE_FROM = 1600
"""Frames of at least this many pixels get the fine mesh, bake and hair."""


@dataclass(frozen=True)
class RenderOptions:
    """What to render.

    `subjects` seeds; `expressions` names, `random` (with `takes` of
    them a subject) or `talking` (a sequence of `takes` frames); `cameras` a rig name or path, or
    `random:N`; `size` pixels 256..8192; `looks` names, one drawn a capture; `format` jpg, png, tiff or exr; `crops` writes
    only the proxy and region crops, of about `crop_pixels` a side at most;
    `fixed_rig`: the cameras of a rig stand still and the head turns before them, so that one calibration holds for the set;
    `shake` is how far a hand moves the cameras of `talking`, as a share of the frame; `hard`: random expressions
    are often extreme, and hands and glasses are before many faces; `workers` processes; `seed` changes everything but the
    subjects' identities. `scheme` names the landmarks of the truth, `also` further schemes whose truth lies
    beside it.
    """

    subjects: tuple[int, ...]
    expressions: tuple[str, ...] = ("neutral",)
    cameras: str = "dome-8"
    size: int = 4096
    looks: tuple[str, ...] = ("studio-a",)
    format: str = "jpg"
    seed: int = 0
    takes: int = 1
    scheme: str = DEFAULT_SCHEME
    also: tuple[str, ...] = ()
    crops: bool = False
    crop_pixels: int = CROP_PIXELS
    fixed_rig: bool = False
    workers: int = 1
    quality: str = "auto"
    jpeg_quality: int | None = None
    fixed: dict[int, dict[str, float]] = field(default_factory=dict)
    expression_of: dict[int, tuple[str, ...]] = field(default_factory=dict)
    shake: float = 0.0
    hard: bool = False


@dataclass(frozen=True)
class CaptureJob:
    """One subject in one expression: the folder names and what chance draws from."""

    subject: int
    expression: str
    take: str
    number: int
    seed: tuple[int, ...]


@dataclass(frozen=True)
class RenderedFrame:
    """A frame with its truth: `xy` float64 (L, 2) frame pixels, `state` 0 out of frame, 1 hidden, 2 visible, and the
    `attributes` of person and view; `also` the same points and states in further schemes, by their ids."""

    camera: Camera
    pixels: NDArray[np.generic]
    exposure: Exposure
    xy: NDArray[np.float64]
    state: NDArray[np.uint8]
    look: str
    crops: tuple[RenderedCrop, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict)
    also: dict[str, tuple[NDArray[np.float64], NDArray[np.uint8]]] = field(default_factory=dict)


def capture_jobs(options: RenderOptions) -> list[CaptureJob]:
    """All captures of a set, in the order in which they are made."""
    jobs = []
    for subject in options.subjects:
        for name in options.expression_of.get(subject, options.expressions):
            many = name in (RANDOM, TALKING)
            takes = options.takes if many else 1
            for take in range(takes):
                label = f"{name}_{take:04d}" if name == TALKING else f"{name}_{take:03d}" if many else name
                same = TALKING if name == TALKING else label  # a sequence keeps its light and hair
                jobs.append(
                    CaptureJob(subject, name, label, take, (options.seed, subject, zlib.crc32(same.encode())))
                )
    return jobs


def camera_names(options: RenderOptions) -> tuple[str, ...]:
    """Names of the cameras of every capture."""
    if options.cameras.startswith(RANDOM + ":"):
        return tuple(f"cam_{number + 1:02d}" for number in range(int(options.cameras.split(":")[1])))
    return tuple(camera.name for camera in load_rig(options.cameras, options.size))


def _cameras(job: CaptureJob, options: RenderOptions, look: Look, rng: np.random.Generator) -> list[Camera]:
    if options.cameras.startswith(RANDOM + ":"):
        cameras = [random_camera(rng, ViewRanges(), name, options.size) for name in camera_names(options)]
    else:
        held = np.random.default_rng(rng.integers(1 << 31))
        if options.fixed_rig:
            turn = held.normal(0, look.head, 3) * np.array([1.0, 0.7, 0.5])
            if job.expression == TALKING:
                turn = turn + sequences.head_turn(job.subject, job.number)
            return [
                before_turned_head(camera, *map(float, turn))
                for camera in load_rig(options.cameras, options.size)
            ]
        state = held.bit_generator.state
        cameras = []
        for camera in load_rig(options.cameras, options.size):
            held.bit_generator.state = state  # one head pose a capture: the same turn for all cameras
            cameras.append(jittered(camera, held, look.head))
    if job.expression != TALKING:
        return cameras
    return [_moved(camera, number, job, options.shake) for number, camera in enumerate(cameras)]


def _moved(camera: Camera, number: int, job: CaptureJob, shake: float) -> Camera:
    """A camera at one frame of a take: how the head turns, and how the hand shakes it."""
    yaw, pitch, roll = sequences.head_turn(job.subject, job.number)
    x, y, turn = sequences.camera_shake(job.subject, number, job.number)
    shift = (camera.shift[0] + shake * x, camera.shift[1] + shake * y)
    roll += _SHAKE_ROLL * shake * turn
    return replace(
        camera, yaw=camera.yaw + yaw, pitch=camera.pitch + pitch, roll=camera.roll + roll, shift=shift
    )


def bake_quality(options: RenderOptions) -> tuple[BakeQuality, int, float]:
    """Bake, mesh refinement and share of hairs for the size, or as `quality` (fast, fine) demands."""
    fine = options.quality == "fine" or (options.quality == "auto" and options.size >= FINE_FROM)
    if options.crops:
        return FAST, 2, 0.25  # six small pictures a frame: their cost is that of vertices
    return (FINE, 3, 1.0) if fine else (FAST, 2, 0.25)


def _weights(job: CaptureJob, rng: np.random.Generator, hard: bool) -> Weights:
    if job.expression == RANDOM:
        return hard_expression(rng) if hard else random_expression(rng)
    return (
        talking_weights(job.subject, job.number) if job.expression == TALKING else expression(job.expression)
    )


def make_capture(
    job: CaptureJob, options: RenderOptions, scheme: LandmarkScheme
) -> tuple[Capture, Look, np.random.Generator]:
    """Builds the capture of a job; the generator goes on to draw cameras and exposures."""
    rng = np.random.default_rng(job.seed)
    look = load_look(str(rng.choice(list(options.looks))))
    fixed, hand_from = dict(options.fixed.get(job.subject, {})), None
    if options.hard:
        own = np.random.default_rng([*job.seed, _HARDSHIPS])
        covered, glazed = own.random(2) < (HAND_SHARE, GLASSES_SHARE)
        hand_from = own if covered else None
        fixed |= {"glasses": 1.0} if glazed else {}
    subject = make_subject(job.subject, head_model().targets.names, **fixed)
    weights = _weights(job, rng, options.hard)
    gaze = tuple(np.radians(rng.normal(0, look.gaze, 2) * (1.0, 0.6)))
    if job.expression == TALKING:
        gaze = sequences.gaze(job.subject, job.number)
    bake, level, hair = bake_quality(options)
    capture = build_capture(
        subject,
        weights,
        draw_lighting(look, rng),
        scheme,
        rng,
        bake,
        level,
        hair,
        (float(gaze[0]), float(gaze[1])),
        hand_from,
    )
    return capture, look, rng


def truth_of(
    capture: Capture, camera: Camera, scheme: LandmarkScheme
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Frame pixels (L, 2) and state (L,) of a capture's landmarks before a camera."""
    xy, _ = camera.project(capture.landmarks)
    state = np.where(visible_landmarks(capture, camera, scheme), 2, 1).astype(np.uint8)
    state[~in_frame(xy, camera)] = 0
    return xy, state


def frames_of(
    job: CaptureJob,
    options: RenderOptions,
    scheme: LandmarkScheme,
    renderer: Any,
    wanted: set[str] | None = None,
) -> Iterator[RenderedFrame]:
    """Renders the frames of one capture (only the cameras in `wanted`, if given)."""
    capture, look, rng = make_capture(job, options, scheme)
    others = [(other, capture.in_scheme(other)) for other in map(load_scheme, options.also)]
    shared_backdrop = draw_backdrop(look, rng)
    moving = options.cameras.startswith(RANDOM + ":")
    shared = draw_exposure(look, capture.brightness, options.size, rng)
    for number, camera in enumerate(_cameras(job, options, look, rng)):
        # the cameras of a rig are set alike; random views are photographs by many hands
        exposure = replace(shared, seed=shared.seed + number)
        if moving:
            exposure = draw_exposure(look, capture.brightness, options.size, rng)
        if job.expression == TALKING:  # a sensor's noise differs from frame to frame
            exposure = replace(exposure, seed=exposure.seed + _NOISE_STEP * job.number)
        backdrop = draw_backdrop(look, rng) if moving else shared_backdrop
        if wanted is not None and camera.name not in wanted:
            continue
        if options.format in ("exr", "tiff"):
            exposure = exposure.for_linear()
        xy, state = truth_of(capture, camera, scheme)
        also = {other.id: truth_of(same, camera, other) for other, same in others}
        known = frame_attributes(
            capture.subject, job.expression, look.name, camera, scheme, capture.landmarks
        )
        if options.crops:
            proxy, *regions = plan_crops(xy, scheme, options.size, options.crop_pixels)
            small = renderer.frame(capture, camera, backdrop, exposure, proxy.window, proxy.pixels)
            boxes = [plan.window for plan in regions]
            parts = renderer.windows(capture, camera, backdrop, exposure, boxes, regions[0].block)
            crops = tuple(map(RenderedCrop, (proxy, *regions), (small, *parts)))
            yield RenderedFrame(camera, crops[0].image, exposure, xy, state, look.name, crops, known, also)
        else:
            pixels = renderer.frame(capture, camera, backdrop, exposure)
            yield RenderedFrame(camera, pixels, exposure, xy, state, look.name, (), known, also)
