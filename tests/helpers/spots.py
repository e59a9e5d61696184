"""Frames with coloured spots for landmarks, a project of them, and a quick recipe: what trainings are tested on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from blank_model import blank_model

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.scheme import Landmark, LandmarkScheme, Region
from annotator.domain.schemes.scheme_writer import write_scheme
from annotator.services.models.training.train import TrainOptions
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore
from annotator.training.config import AugmentConfig, Phase, TrainingConfig

SCHEME = LandmarkScheme(
    "spots",
    1,
    "Spots",
    (
        Landmark("eye_right", "eyes", "eye_left", 36),
        Landmark("eye_left", "eyes", "eye_right", 45),
        Landmark("mouth_right", "mouth", "mouth_left", 48),
        Landmark("mouth_left", "mouth", "mouth_right", 54),
        Landmark("chin", None, "chin", 8),
    ),
    (
        Region("eyes", "Eyes", "#ff0000", (0, 1), "eyes"),
        Region("mouth", "Mouth", "#00ff00", (2, 3), "mouth"),
    ),
    (),
)
FACE = np.array([[0.0, 0.0], [1.0, 0.0], [0.2, 0.8], [0.8, 0.8], [0.5, 1.2]])
COLOURS = [(255, 40, 40), (40, 255, 40), (40, 40, 255), (255, 255, 40), (255, 255, 255)]
QUICK = TrainingConfig(
    "quick",
    steps=60,
    batch=8,
    source=128,
    rate=6e-3,
    ema=0.9,
    precision="32-true",
    phases=(Phase(1.0, {"ce": 1.0}, 0.0),),
    augment=AugmentConfig(enabled=False),
    validate_every=30,
)


def paint(path: Path, seed: int) -> np.ndarray:
    """A picture with one coloured spot a landmark; returns the true points [5, 2]."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(90, 110)
    points = FACE * size + rng.uniform(40, 55, 2)
    picture = np.full((200, 200, 3), 20, np.uint8)
    for point, colour in zip(points, COLOURS, strict=True):
        cv2.circle(picture, tuple(np.rint(point - 0.5).astype(int).tolist()), 9, colour, -1)
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture[..., ::-1])
    return points


@contextmanager
def spotted_project(folder: Path) -> Iterator[ProjectStore]:
    """Fifteen annotated frames of five subjects, one landmark never marked, and an untrained model."""
    root = folder / "captures"
    names = [(f"s{i // 3}", f"{i}.png") for i in range(15)]
    truth = [paint(root / subject / name, i) for i, (subject, name) in enumerate(names)]
    blank = blank_model(folder, SCHEME, preprocessing={"search": False}, licence="MIT")
    (blank / "scheme.toml").write_text(write_scheme(SCHEME), encoding="utf-8")
    with ProjectStore.create(folder / "my show.annotator", SCHEME, root) as opened:
        opened.frames.add(Frame(0, f"{s}/{n}", s, "", "", n, 200, 200) for s, n in names)
        by_path = opened.frames.by_path()
        for (subject, name), points in zip(names, truth, strict=True):
            frame_id = by_path[f"{subject}/{name}"]
            before = opened.annotations.get(frame_id)
            after, _ = edits.apply(edits.move([0, 1, 2, 3], points[:4]), before)
            opened.annotations.commit(Change(frame_id, before, after, "Mark"))
        yield opened


def options(store: ProjectStore, **values: Any) -> TrainOptions:
    return TrainOptions(model=str(store.path.parent / "blank"), device="cpu", **values)
