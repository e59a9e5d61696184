"""A project of spotted faces before four calibrated cameras, with a model's noisy proposals."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from blank_model import blank_model
from rig_worlds import camera_at, seen_by
from spots import COLOURS, FACE, SCHEME

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.model_card import read_card
from annotator.domain.proposal import Proposal
from annotator.domain.rigs.rig import Rig
from annotator.domain.schemes.scheme_writer import write_scheme
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SIZE, CAMERAS = 200, ("a", "b", "c", "d")
NOISE = 4.0


def rig() -> Rig:
    """Four cameras in an arc, a metre away; a millimetre is a pixel."""
    cameras = {}
    for name, yaw in zip(CAMERAS, np.radians([-30, -10, 10, 30]), strict=True):
        place = 1000.0 * np.array([np.sin(yaw), 0.1, np.cos(yaw)])
        cameras[name] = camera_at(name, place, focal=1000.0, size=SIZE)
    return Rig("arc", cameras, unit=1.0)


def face(seed: int) -> np.ndarray:
    """The five points of a face in mm, [5, 3]."""
    rng = np.random.default_rng(seed)
    flat = (FACE - [0.5, 0.6]) * rng.uniform(80, 95) * [1, -1] + rng.normal(0, 3, 2)
    return np.column_stack([flat, rng.normal(0, 8, 5)])


@contextmanager
def rigged_project(folder: Path, subjects: int = 5) -> Iterator[ProjectStore]:
    """One moment a subject: `s0/t/a/1.png` and so on; rig, untrained model `blank` and its proposals are there, nobody touched
    anything."""
    root = folder / "captures"
    cameras = rig()
    blank = blank_model(folder, SCHEME, preprocessing={"search": False}, licence="MIT")
    (blank / "scheme.toml").write_text(write_scheme(SCHEME), encoding="utf-8")
    with ProjectStore.create(folder / "rigged.annotator", SCHEME, root) as store:
        store.rigs.add(cameras)
        store.models.add(read_card(blank), blank)
        for subject in range(subjects):
            for name, xy in zip(CAMERAS, truth(subject), strict=True):
                path = f"s{subject}/t/{name}/1.png"
                paint(root / path, xy)
                store.frames.add([Frame(0, path, f"s{subject}", "t", name, "1", SIZE, SIZE)])
        ids = store.frames.by_path()
        for subject in range(subjects):
            for name, xy in zip(CAMERAS, truth(subject), strict=True):
                seed = np.random.default_rng([subject, ord(name)])
                noisy = (xy + seed.normal(0, NOISE, xy.shape)).astype(np.float32)
                store.proposals.save(ids[f"s{subject}/t/{name}/1.png"], proposal(noisy))
        yield store


def truth(subject: int) -> np.ndarray:
    """Where the cameras see a subject's points, [4, 5, 2] pixels."""
    return seen_by(rig(), face(subject))


def proposal(xy: np.ndarray, model_id: str = "blank") -> Proposal:
    """Points of a model that knows how far it is off."""
    covariance = np.tile(NOISE**2 * np.eye(2, dtype=np.float32), (len(xy), 1, 1))
    sure = np.ones(len(xy), np.float32)
    return Proposal(
        model_id,
        SCHEME.id,
        xy,
        covariance,
        sure,
        np.zeros((2, 4), np.float32),
        xy,
        covariance,
        "",
        (),
        SIZE,
        SIZE,
    )


def correct(store: ProjectStore, path: str, xy: np.ndarray) -> None:
    """A person puts all points of a frame where they are."""
    frame = store.frames.by_path()[path]
    before = store.annotations.get(frame)
    after = edits.apply(edits.move(range(len(xy)), xy), before)[0]
    store.annotations.commit(Change(frame, before, after, "Move"))


def paint(path: Path, points: np.ndarray) -> None:
    """A picture with one coloured spot a landmark."""
    picture = np.full((SIZE, SIZE, 3), 20, np.uint8)
    for point, colour in zip(points, COLOURS, strict=True):
        cv2.circle(picture, tuple(np.rint(point - 0.5).astype(int).tolist()), 9, colour, -1)
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture[..., ::-1])
