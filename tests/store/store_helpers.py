"""Values that the store's tests share."""

from pathlib import Path

import numpy as np

from annotator.domain.capture import Frame
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.store.project_store import ProjectStore

SCHEME = """
schema = 1
name = "five"
version = 1
landmarks = [
  { name = "eye_l", region = "eye_l", mirror = "eye_r" },
  { name = "lid_l", region = "eye_l", mirror = "lid_r" },
  { name = "eye_r", region = "eye_r", mirror = "eye_l" },
  { name = "lid_r", region = "eye_r", mirror = "lid_l" },
  { name = "chin", mirror = "chin" },
]
[[regions]]
name = "eye_l"
title = "Left eye"
colour = "#6cb4d8"
mirror = "eye_r"
[[regions]]
name = "eye_r"
title = "Right eye"
colour = "#d8b46c"
mirror = "eye_l"
"""


def frame(path: str, subject: str = "", camera: str = "", index: str = "") -> Frame:
    return Frame(0, path, subject, "t1", camera, index, 640, 480)


def make_proposal(scheme: LandmarkScheme, model_id: str, seed: int = 0, confidence: float = 0.5) -> Proposal:
    random = np.random.default_rng(seed)
    size, regions = scheme.size, len(scheme.regions)

    def values(*shape: int) -> np.ndarray:
        return random.normal(100, 30, shape).astype(np.float32)

    return Proposal(
        model_id,
        scheme.id,
        values(size, 2),
        values(size, 2, 2),
        np.full(size, confidence, np.float32),
        values(regions, 4),
        values(size, 2),
        values(size, 2, 2),
        "no face found" if seed else "",
    )


def small_project(folder: Path, scheme: LandmarkScheme) -> ProjectStore:
    """Four frames: ids 1..4 are ada/left 10, ada/left 9, ada/right 9, bob/left 1."""
    captures = folder / "captures"
    captures.mkdir()
    made = ProjectStore.create(folder / "show.annotator", scheme, captures)
    made.frames.add(
        [
            frame("ada/left/10.jpg", "ada", "left", "10"),
            frame("ada/left/9.jpg", "ada", "left", "9"),
            frame("ada/right/9.jpg", "ada", "right", "9"),
            frame("bob/left/1.jpg", "bob", "left", "1"),
        ]
    )
    return made
