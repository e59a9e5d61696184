"""What is known of the person and the view of a frame, written with its truth so that figures can be broken down by it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.studio.geometry.camera import Camera
from annotator.studio.person.faces import ORIGINS
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
OPEN_MOUTH_MM = 2.0
OPEN_EYE_MM, NARROW_EYE_MM = 6.0, 1.5


def frame_attributes(
    subject: Subject, expression: str, look: str, camera: Camera, scheme: LandmarkScheme, landmarks: Floats
) -> dict[str, Any]:
    """The attributes of a frame by name; `landmarks` (L, 3) in head space. Keys are listed in docs/studio.md."""
    return {
        "age": round(subject.age, 3),
        "sex": "male" if subject.sex > 0.5 else "female",
        "melanin": round(subject.melanin, 3),
        "origin": ORIGINS[int(np.argmax(subject.origin))],
        "expression": expression,
        "mouth": _mouth(scheme, landmarks),
        "eyes": _eyes(scheme, landmarks),
        "yaw": round(camera.yaw, 2),
        "pitch": round(camera.pitch, 2),
        "roll": round(camera.roll, 2),
        "face": round(camera.face, 3),
        "look": look,
        "glasses": subject.glasses,
        "beard": subject.beard_style,
        "hair": subject.hair_style,
        "makeup": round(subject.traits["makeup"], 3),
    }


def _gap(scheme: LandmarkScheme, landmarks: Floats, upper: str, lower: str) -> float | None:
    """Millimetres between two landmarks; None when the scheme lacks them."""
    if upper not in scheme.names or lower not in scheme.names:
        return None
    return float(np.linalg.norm(landmarks[scheme.index(upper)] - landmarks[scheme.index(lower)]))


def _mouth(scheme: LandmarkScheme, landmarks: Floats) -> str | None:
    gap = _gap(scheme, landmarks, "lips_inner_upper_mid", "lips_inner_lower_mid")
    return None if gap is None else "open" if gap > OPEN_MOUTH_MM else "closed"


def _eyes(scheme: LandmarkScheme, landmarks: Floats) -> str | None:
    gaps = [
        gap
        for side in ("left", "right")
        if (gap := _gap(scheme, landmarks, f"eye_{side}_upper_3", f"eye_{side}_lower_3")) is not None
    ]
    if not gaps:
        return None
    return "open" if min(gaps) > OPEN_EYE_MM else "narrow" if min(gaps) > NARROW_EYE_MM else "closed"
