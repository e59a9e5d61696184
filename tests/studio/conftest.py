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
            "anchors",
            "capture",
            "render",
            "rendered_schemes",
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
    from annotator.studio.person.head_model import head_model
    from annotator.studio.person.subject import make_subject

    return make_subject(3030, head_model().targets.names)


@pytest.fixture(scope="session")
def level():
    """The head at its roughest refinement."""
    from annotator.studio.person.head_model import head_model

    return head_model().level(1)


@pytest.fixture(scope="session")
def resting(level):
    """The resting head as a surface in head space (origin at eye level)."""
    from annotator.studio.geometry.subdivision import vertex_normals
    from annotator.studio.hair.strands import Surface

    points = level.rest - [0.0, EYE_LEVEL_MM, 128.0]
    return Surface(points, vertex_normals(points, level.faces), level.rest, level.faces.astype(np.int64))


def dressed(subject, **changes):
    """The subject with other clothes, hair or `traits`."""
    traits = changes.pop("traits", {})
    return replace(subject, traits={**subject.traits, **traits}, **changes)


@pytest.fixture(scope="session")
def capture(scheme, subject):
    """A smiling subject, roughly lit, with few hairs."""
    from annotator.studio.light.baking import BakeQuality
    from annotator.studio.light.lighting import make_lighting
    from annotator.studio.person.expressions import expression
    from annotator.studio.scene.capture import build_capture

    rng = np.random.default_rng(4)
    light = make_lighting("softboxes", rng)
    return build_capture(subject, expression("big_smile"), light, scheme, rng, BakeQuality(1, 1, 4), 2, 0.02)


@pytest.fixture(scope="session")
def renderer():
    from annotator.studio.draw.renderer import Renderer
    from annotator.studio.errors import StudioError

    try:
        return Renderer()
    except StudioError as error:
        pytest.skip(f"no OpenGL here: {error}")
