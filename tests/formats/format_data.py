"""Schemes and made-up annotations for the formats."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from annotator.domain.annotation import Annotation, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.formats.base import DatasetFrame, DatasetView

STUDIO, IBUG = load_scheme("studio-89"), load_scheme("ibug-68")


def make_annotation(scheme: LandmarkScheme, seed: int, missing: float = 0.2) -> Annotation:
    """Places over an 8K frame and a little beyond it; states, flags and a review by chance."""
    rng = np.random.default_rng(seed)
    state = np.where(rng.random(scheme.size) < missing, 0, rng.integers(1, 4, scheme.size)).astype(np.uint8)
    scale = rng.choice([1e-3, 1, 300, 8200], (scheme.size, 1))
    xy = (rng.uniform(-0.1, 1, (scheme.size, 2)) * scale).astype(np.float32)
    xy[state == 0] = np.nan
    flags = rng.integers(0, 4, scheme.size).astype(np.uint8)
    return Annotation(scheme.id, xy, state, flags, ReviewState(int(rng.integers(0, 4))))


def make_dataset(scheme: LandmarkScheme, count: int, seed: int = 0, missing: float = 0.2) -> DatasetView:
    """`count` frames called s0/c/0.jpg, s1/c/1.jpg, ..."""
    items = []
    for i in range(count):
        frame = Frame(i + 1, f"s{i}/c/{i}.jpg", f"s{i}", "", "c", str(i), 8192, 6000 + i)
        items.append(DatasetFrame(frame, make_annotation(scheme, seed + i, missing), "m@1"))
    return DatasetView(scheme, tuple(items))


SCHEMES: SearchStrategy[LandmarkScheme] = st.sampled_from([STUDIO, IBUG])
