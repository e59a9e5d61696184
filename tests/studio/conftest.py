"""One small capture shared by the tests that need geometry or pictures; all are skipped where the extra is not installed."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from annotator.domain.schemes.scheme_file import load_scheme

EXTRA = ("anny", "embreex", "moderngl")
collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in EXTRA) else ["test_*.py"]


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


@pytest.fixture
def same_capture(monkeypatch, capture):
    """Every job shows the shared capture, which saves building one; cameras and exposures are drawn as ever."""
    from annotator.studio.dataset import jobs
    from annotator.studio.scene.looks import load_look

    def ready(job, options, scheme):
        return capture, load_look(options.looks[0]), np.random.default_rng(job.seed)

    monkeypatch.setattr(jobs, "make_capture", ready)


@pytest.fixture(scope="session")
def renderer():
    from annotator.studio.draw.renderer import shared_renderer
    from annotator.studio.errors import StudioError

    try:
        return shared_renderer()
    except StudioError as error:
        pytest.skip(f"no OpenGL here: {error}")
