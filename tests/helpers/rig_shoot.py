"""A shoot of one made-up face by four calibrated cameras: frames on the disk, a rig, and where each camera sees each landmark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot
from rig_worlds import FOCAL, SIZE, dome, face, seen_by

from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard
from annotator.domain.rigs.rig import Rig
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.store.project_store import ProjectStore

SIDE = 640
CAMERAS = 4
OFF = 3.0
"""Pixels by which proposals are wrong, in a direction of each camera's own, so that their consensus is nearly right."""


def wait(qtbot: QtBot, until: Callable[[], bool]) -> None:
    """For proposals of all views and what they say, also on a busy machine."""
    qtbot.waitUntil(until, timeout=60_000)


@dataclass(frozen=True, eq=False)
class Shoot:
    """A project's file; frames 1 to 4 are the views of one moment, frame 5 is of a take without a rig.

    Attributes:
        rig: its cameras are called as the frames' are. truth: float64 [V, L, 2]. proposed: the same, as a model has them.
    """

    path: Path
    scheme: LandmarkScheme
    rig: Rig
    truth: NDArray[np.float64]
    proposed: NDArray[np.float64]

    def places(self) -> dict[str, NDArray[np.float64]]:
        """File name -> what a model proposes there."""
        return {f"{name}.jpg": xy for name, xy in zip(self.rig.cameras, self.proposed, strict=True)}


def make_shoot(folder: Path, calibrated: bool = True, other_size: bool = False) -> Shoot:
    """Writes frames and a project with the models "one" (active) and "two"; `other_size`: the last frame is not as calibrated."""
    scheme = load_scheme("studio-89")
    rig = dome(CAMERAS, FOCAL * SIDE / SIZE, size=SIDE)
    points = face(np.random.default_rng(3), scheme.size) * 0.8
    truth = seen_by(rig, points)
    angle = 2 * np.pi * np.arange(CAMERAS) / CAMERAS
    proposed = truth + OFF * np.stack([np.cos(angle), np.sin(angle)], 1)[:, None]
    captures, frames = folder / "captures", []
    for take, names in (("smile", list(rig.cameras)), ("frown", ["alone"])):
        for number, name in enumerate(names):
            side = SIDE // 2 if other_size and number == CAMERAS - 1 else SIDE
            path = f"ada/{take}/{name}.jpg"
            (captures / path).parent.mkdir(parents=True, exist_ok=True)
            picture = np.full((side, side, 3), 60 + 20 * number, np.uint8)
            picture[:, : side // 2] += 20
            (captures / path).write_bytes(simplejpeg.encode_jpeg(picture, quality=90))
            frames.append(Frame(0, path, "ada", take, name, "", side, side))
    project = folder / "shoot.annotator"
    with ProjectStore.create(project, scheme, captures) as store:
        store.frames.add(frames)
        for name in ("one", "two"):
            store.models.add(ModelCard(name, scheme.id, {}, title=f"Model {name}"), folder / name)
        store.models.activate("one")
        if calibrated:
            store.rigs.add(Rig(rig.name, rig.cameras, takes=("ada/smile",)))
    return Shoot(project, scheme, rig, truth, proposed)
