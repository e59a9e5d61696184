"""Makes `resources/heads/`: where the landmarks of a scheme lie on a mean head, and from which directions each is seen.

    python -m annotator.studio.truth.turned_heads FOLDER [PEOPLE]

Made-up people are looked at from all round the front; rays say what each camera sees. Hair counts as air: how much of a face it
covers differs from person to person.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.faces.turned_head import TurnedHead
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import available_schemes, read_scheme
from annotator.files import atomic_file
from annotator.studio.geometry.camera import Camera
from annotator.studio.scene.visibility import visible_landmarks
from annotator.studio.truth.border_check import random_frame

Floats = NDArray[np.float64]
PEOPLE = 40
VIEWS = 120
YAW, PITCH = 95.0, 40.0
_RIDGE = 1e-2
_STEPS = 30


def looked_at(
    people: int, schemes: Sequence[LandmarkScheme], views: int = VIEWS
) -> Iterator[tuple[list[Floats], Floats, list[NDArray[np.bool_]]]]:
    """Of each person: landmarks (L, 3) in head space in each scheme, directions to the cameras (V, 3), what they see (V, L)."""
    for number in range(people):
        rng = np.random.default_rng([number, 17])
        capture, _ = random_frame(number, schemes[0])
        cameras = [
            Camera("turned", float(rng.uniform(-YAW, YAW)), float(rng.uniform(-PITCH, PITCH)))
            for _ in range(views)
        ]
        towards = np.array([-camera.rotation[2] for camera in cameras])
        captures = [replace(capture.in_scheme(scheme), hair=()) for scheme in schemes]
        seen = [
            np.array([visible_landmarks(own, camera, scheme) for camera in cameras])
            for own, scheme in zip(captures, schemes, strict=True)
        ]
        yield [own.landmarks for own in captures], towards, seen


def turned_head(points: Floats, towards: Floats, seen: NDArray[np.bool_]) -> TurnedHead:
    """The mean head of landmarks (P, L, 3), and the logistic fit of what is hidden (N, L) to directions (N, 3)."""
    known = np.c_[towards, np.ones(len(towards))]
    return TurnedHead(
        points.mean(0).astype(np.float32),
        np.array([_fitted(known, ~column) for column in seen.T], np.float32),
    )


def _fitted(known: Floats, hidden: NDArray[np.bool_]) -> Floats:
    """Weights (4,) of the logistic regression, by Newton's method, slightly drawn to zero."""
    weights = np.zeros(4)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-known @ weights))
        slope = known.T @ (chance - hidden) / len(known) + _RIDGE * weights * [1, 1, 1, 0]
        bend = (known * (chance * (1 - chance))[:, None]).T @ known / len(known) + _RIDGE * np.eye(4)
        weights = weights - np.linalg.solve(bend, slope)
    return weights


def write_heads(folder: Path, people: int = PEOPLE) -> None:
    """A file a shipped scheme."""
    schemes = [read_scheme(path) for path in available_schemes().values()]
    found = list(looked_at(people, schemes))
    towards = np.concatenate([each for _, each, _ in found])
    for number, scheme in enumerate(schemes):
        points = np.array([each[number] for each, _, _ in found])
        seen = np.concatenate([each[number] for _, _, each in found])
        head = turned_head(points, towards, seen)
        with atomic_file(folder / f"{scheme.id}.npz") as staging, staging.open("wb") as file:
            np.savez_compressed(file, points=head.points, hiding=head.hiding)


if __name__ == "__main__":
    write_heads(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else PEOPLE)
