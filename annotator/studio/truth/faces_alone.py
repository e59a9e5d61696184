"""Landmarks without pictures: made-up people seen by many cameras, hundreds of faces a minute, to learn shapes from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.studio.anchors.drawn_edges import Sight
from annotator.studio.anchors.landmarks import place_landmarks
from annotator.studio.clothing.accessories import caruncles
from annotator.studio.geometry.camera import ViewRanges, random_camera
from annotator.studio.light.baking import FAST
from annotator.studio.person.expressions import Weights, random_expression
from annotator.studio.person.eyes import fit_eyes
from annotator.studio.person.head_model import head_model
from annotator.studio.person.mouth import mouth_parts
from annotator.studio.person.subject import Subject, make_subject
from annotator.studio.scene.capture import INNER, pose, skin_points
from annotator.studio.scene.surfaces import IDENTITIES, mesh_of_eyes

Floats = NDArray[np.float64]
FIRST_PERSON = 300_000
"""Of the people who are made up for this; no preset shows any of them."""
_LEVEL = 2  # refinement of the skin: as for small pictures
_GAZE = (np.radians(4.0), np.radians(2.4))
_SIZE = 1024


def face_points(
    subject: Subject, expression: Weights, gaze: tuple[float, float], scheme: LandmarkScheme
) -> Floats:
    """Landmarks (L, 3) in head space, mm, of a subject in an expression who looks `gaze` (radians, left and up)."""
    model, mesh = head_model(), mesh_of_eyes(FAST)
    coarse, neutral, posed = pose(model, subject, expression)
    eyes = fit_eyes(model, neutral, posed, gaze)
    points, skin = skin_points(model, coarse, eyes, FAST.level, _LEVEL)
    parts = [*mouth_parts(model, neutral, posed, subject), *caruncles(subject, points, eyes)]
    bodies = [(part.points, part.faces) for part in parts if IDENTITIES.get(part.kind) in INNER]
    bodies += [(eye.placed(mesh), mesh.faces) for eye in eyes]
    sight = Sight(skin, _LEVEL, bodies)
    return place_landmarks(scheme, skin, eyes, subject, _LEVEL, sight).points


def made_up_faces(
    people: int,
    scheme: LandmarkScheme,
    views: int = 8,
    first: int = FIRST_PERSON,
    progress: Progress = silent,
    stop: Stop = never,
) -> Floats:
    """Landmarks (people * views, L, 2) in pixels of so many people with a random expression each, from random views.

    Raises:
        StudioError: the extra `studio` is missing. Cancelled: asked to stop.
    """
    names, found = head_model().targets.names, []
    for number in range(people):
        if stop():
            raise Cancelled("Stopped before all faces were made up.")
        rng = np.random.default_rng([first + number, 211])
        expression = random_expression(rng)
        left, up = rng.normal(0, _GAZE)
        points = face_points(
            make_subject(first + number, names), expression, (float(left), float(up)), scheme
        )
        found += [random_camera(rng, ViewRanges(), "", _SIZE).project(points)[0] for _ in range(views)]
        progress(number + 1, people, "")
    return np.array(found).reshape(-1, scheme.size, 2)
