"""A project in which many moments were filmed by a known rig, and the rigs that it may have been told instead."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from rig_project import NAMES, SCHEME, SIZE, make_rig
from rig_worlds import bumped

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.rigs.rig import Rig
from annotator.rigs.projection import Lenses
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

MODEL = "model"


def filmed(folder: Path, moments: int = 12, people: int = 0, sigma: float = 1.0) -> ProjectStore:
    """`ada/talk` by three cameras. A model proposed everything (with noise in pixels); of the first few moments people set all
    points instead. The eyes' outer corners are where the face has them, 90 mm apart."""
    store = ProjectStore.create(folder / "film.annotator", SCHEME, folder)
    store.models.add(ModelCard(MODEL, SCHEME.id, {}), folder / MODEL)
    store.models.activate(MODEL)
    rng = np.random.default_rng(1)
    store.frames.add(
        Frame(0, f"ada/talk/{camera}/{index}.jpg", "ada", "talk", camera, str(index), *SIZE)
        for camera in NAMES
        for index in range(moments)
    )
    ids = store.frames.by_path()
    lenses = Lenses.of(list(make_rig().cameras.values()))
    for index in range(moments):
        xy = lenses.project(head(rng) + rng.normal(0, [20, 20, 60]))
        xy = xy + rng.normal(0, sigma, xy.shape)
        for row, camera in enumerate(NAMES):
            frame = ids[f"ada/talk/{camera}/{index}.jpg"]
            if index < people:
                before = store.annotations.get(frame)
                after = edits.apply(edits.move(range(SCHEME.size), xy[row]), before)[0]
                store.annotations.commit(Change(frame, before, after, "Move"))
            else:
                store.proposals.save(frame, proposal(xy[row], sigma))
    return store


def head(rng: np.random.Generator) -> np.ndarray:
    """[L, 3] mm; landmarks 36 and 45, the outer corners of the eyes, are 90 mm apart."""
    points = rng.normal(0, 1, (SCHEME.size, 3)) * [45.0, 55.0, 25.0]
    points[[36, 45]] = [[-45, 0, 0], [45, 0, 0]]
    return points


def proposal(xy: np.ndarray, sigma: float) -> Proposal:
    count = len(xy)
    place, wide = xy.astype(np.float32), np.tile(np.eye(2, dtype=np.float32) * sigma**2, (count, 1, 1))
    none = np.zeros((0, 4), np.float32)
    return Proposal(
        MODEL, SCHEME.id, place, wide, np.ones(count, np.float32), none, place, wide, "", (), *SIZE
    )


def bumped_rig(degrees: float = 0.2, camera: str = "left") -> Rig:
    """The true rig with one camera turned (0.2 degrees are 17 pixels)."""
    true = make_rig()
    turned = bumped(true.cameras[camera], np.array([degrees, 0, 0]))
    return replace(true, cameras={**true.cameras, camera: turned})
