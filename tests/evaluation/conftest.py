"""A five-point scheme with eye corners, so that every figure can be worked out by hand."""

import numpy as np
import pytest

from annotator.domain.scheme import Landmark, LandmarkScheme, Region
from annotator.evaluation.truth import GroundTruth


@pytest.fixture
def scheme() -> LandmarkScheme:
    """right and left outer eye corners, two mouth corners, and a chin outside the regions."""
    landmarks = (
        Landmark("eye_right", "eyes", "eye_left", 36),
        Landmark("eye_left", "eyes", "eye_right", 45),
        Landmark("mouth_right", "mouth", "mouth_left", 48),
        Landmark("mouth_left", "mouth", "mouth_right", 54),
        Landmark("chin", None, "chin", 8),
    )
    regions = (
        Region("eyes", "Eyes", "#ff0000", (0, 1), "eyes"),
        Region("mouth", "Mouth", "#00ff00", (2, 3), "mouth"),
    )
    return LandmarkScheme("five", 1, "Five", landmarks, regions, ())


@pytest.fixture
def face() -> np.ndarray:
    """[5, 2]: eyes 100 px apart, a box of 100 x 160."""
    return np.array([[0.0, 0.0], [100.0, 0.0], [20.0, 100.0], [80.0, 100.0], [50.0, 160.0]])


@pytest.fixture
def truth(scheme: LandmarkScheme, face: np.ndarray) -> GroundTruth:
    """Three frames of two subjects; the third is twice as large, its chin missing and its left mouth corner occluded."""
    xy = np.stack([face, face + 5.0, 2.0 * face])
    xy[2, 4] = np.nan
    occluded = np.zeros((3, 5), bool)
    occluded[2, 3] = True
    return GroundTruth(scheme, ("a", "b", "c"), ("anna", "anna", "ben"), xy, occluded)
