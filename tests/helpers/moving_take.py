"""A take of real pictures that move evenly, with proposals that are off alike in all frames."""

from pathlib import Path

import numpy as np
import simplejpeg

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.imaging.sampling import sample
from annotator.nn.zoo import architecture
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SCHEME = load_scheme("ibug-68")
SIDE = 200
STEP = np.array([1.5, -0.5])


def truth(number: int) -> np.ndarray:
    """float64 [L, 2]: where landmarks are in frame number 1, 2, ..."""
    return np.random.default_rng(5).uniform(50, 150, (SCHEME.size, 2)) + (number - 1) * STEP


def moving_take(folder: Path, frames: int = 10, gap: tuple[int, int] = (0, 0), proposed: bool = True) -> Path:
    """`ada/talk` by the camera `left`, frame numbers from 1, without those of the gap; frame ids follow the numbers."""
    coarse = np.random.default_rng(0).uniform(0, 255, (60, 60, 3)).astype(np.uint8)
    captures = folder / "captures"
    captures.mkdir()
    numbers = [number for number in range(1, frames + 1) if not gap[0] <= number <= gap[1]]
    for number in numbers:
        shift = (number - 1) * STEP
        frame_from_target = np.array([[0.2, 0, 10 - 0.2 * shift[0]], [0, 0.2, 10 - 0.2 * shift[1]]])
        picture = sample(coarse, frame_from_target, SIDE, SIDE)
        (captures / f"f_{number:04d}.jpg").write_bytes(simplejpeg.encode_jpeg(picture, quality=95))
    path = folder / "take.annotator"
    with ProjectStore.create(path, SCHEME, captures) as store:
        store.frames.add(
            Frame(0, f"f_{n:04d}.jpg", "ada", "talk", "left", f"{n:04d}", SIDE, SIDE) for n in numbers
        )
        store.models.add(ModelCard("one", SCHEME.id, architecture("tiny", SCHEME)), folder)
        store.models.activate("one")
        ids = store.frames.by_path()
        for number in numbers if proposed else ():
            store.proposals.save(ids[f"f_{number:04d}.jpg"], proposal(truth(number) + (3.0, 0.0)))
    return path


def proposal(xy: np.ndarray) -> Proposal:
    """By the model "one", 2 px wide."""
    covariance = np.tile(4 * np.eye(2, dtype=np.float32), (SCHEME.size, 1, 1))
    one, none = np.ones(SCHEME.size, np.float32), np.zeros((0, 4), np.float32)
    places = xy.astype(np.float32)
    return Proposal("one", SCHEME.id, places, covariance, one, none, places, covariance, "", (), SIDE, SIDE)


def set_key(store: ProjectStore, frame_id: int, number: int, landmarks: list[int]) -> None:
    """A person puts landmarks of a frame where they are."""
    before = store.annotations.get(frame_id)
    after = edits.apply(edits.move(landmarks, truth(number)[landmarks]), before)[0]
    store.annotations.commit(Change(frame_id, before, after, "Move"))
