"""One small capture shared by the tests that need geometry or pictures; skipped where the extra is not installed."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from annotator.domain.scheme_file import load_scheme

EYE_LEVEL_MM = 727.0
EXTRA = ("anny", "embreex", "moderngl")
collect_ignore = (
    []
    if all(importlib.util.find_spec(name) for name in EXTRA)
    else [
        f"test_{name}.py"
        for name in (
            "capture",
            "render",
            "beards",
            "borders",
            "people",
            "garments",
            "hair_cover",
            "lens",
            "sequences",
            "skin_detail",
        )
    ]
)


@pytest.fixture(scope="session")
def scheme():
    return load_scheme("studio-89")


@pytest.fixture(scope="session")
def subject():
    from annotator.synthesis.head_model import head_model
    from annotator.synthesis.subject import make_subject

    return make_subject(3030, head_model().targets.names)


@pytest.fixture(scope="session")
def level():
    """The head at its roughest refinement."""
    from annotator.synthesis.head_model import head_model

    return head_model().level(1)


@pytest.fixture(scope="session")
def resting(level):
    """The resting head as a surface in head space (origin at eye level)."""
    from annotator.synthesis.strands import Surface
    from annotator.synthesis.subdivision import vertex_normals

    points = level.rest - [0.0, EYE_LEVEL_MM, 128.0]
    return Surface(points, vertex_normals(points, level.faces), level.rest, level.faces.astype(np.int64))


def dressed(subject, **changes):
    """The subject with other clothes, hair or `traits`."""
    traits = changes.pop("traits", {})
    return replace(subject, traits={**subject.traits, **traits}, **changes)


@pytest.fixture(scope="session")
def capture(scheme, subject):
    """A smiling subject, roughly lit, with few hairs."""
    from annotator.synthesis.baking import BakeQuality
    from annotator.synthesis.capture import build_capture
    from annotator.synthesis.expressions import expression
    from annotator.synthesis.lighting import make_lighting

    rng = np.random.default_rng(4)
    light = make_lighting("softboxes", rng)
    return build_capture(subject, expression("big_smile"), light, scheme, rng, BakeQuality(1, 1, 4), 2, 0.02)


@pytest.fixture(scope="session")
def renderer():
    from annotator.synthesis.errors import StudioError
    from annotator.synthesis.renderer import Renderer

    try:
        return Renderer()
    except StudioError as error:
        pytest.skip(f"no OpenGL here: {error}")
