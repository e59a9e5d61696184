"""A small scheme and a small project for the store's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_helpers import SCHEME, small_project

from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import parse_scheme
from annotator.store.project_store import ProjectStore


@pytest.fixture(scope="session")
def scheme() -> LandmarkScheme:
    return parse_scheme(SCHEME)


@pytest.fixture
def store(tmp_path: Path, scheme: LandmarkScheme) -> Iterator[ProjectStore]:
    """Four frames: ids 1..4 are ada/left 10, ada/left 9, ada/right 9, bob/left 1."""
    with small_project(tmp_path, scheme) as made:
        yield made
