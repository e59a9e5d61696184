"""Pictures with points on an ellipse, for experiments on tiny data."""

import numpy as np

SIDE = 128


def ring(count: int, seed: int) -> np.ndarray:
    """Points on an ellipse, a little different for each seed; no two alike."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    centre, radius = 64 + rng.uniform(-6, 6, 2), rng.uniform(28, 36, 2)
    return np.asarray(centre + radius * np.stack([np.cos(angle), np.sin(angle)], 1))


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
