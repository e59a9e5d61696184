"""Pictures of noise with the mean face of the shipped scheme in the middle of them."""

import numpy as np

from annotator.domain.assets import DEFAULT_SCHEME, asset
from annotator.domain.model_card import read_card
from annotator.domain.schemes.scheme_file import load_scheme

SCHEME = load_scheme(DEFAULT_SCHEME)


def upright_face(side: int, turn: float = 0.0) -> np.ndarray:
    """float64[L,2]: the shipped model's mean face, half as large as a picture of this side, turned (radians)."""
    shape = np.array(read_card(asset("models/starter")).preprocessing["mean_shape"])
    shape = shape - (shape.min(0) + shape.max(0)) / 2
    cos, sin = np.cos(turn), np.sin(turn)
    turned = shape @ np.array([[cos, sin], [-sin, cos]])
    return np.asarray(side / 2 + turned * side / 2 / np.ptp(shape, axis=0).max())


def face_picture(side: int, seed: int) -> np.ndarray:
    """uint8[side,side,3]: smooth colours, others with each seed."""
    rng = np.random.default_rng(seed)
    base, slope = rng.uniform(90, 200, 3), rng.uniform(-30, 30, 3)
    rows = np.linspace(-1, 1, side)[:, None, None]
    return np.rint(base + slope * rows + np.zeros((side, side, 1))).clip(0, 255).astype(np.uint8)
