"""The toy scheme and samples."""

from pathlib import Path

import pytest
from list_source import ListSource

from annotator.domain.scheme import LandmarkScheme

from .toys import toy_sample, toy_scheme


@pytest.fixture
def scheme(tmp_path: Path) -> LandmarkScheme:
    return toy_scheme(tmp_path)


@pytest.fixture
def source() -> ListSource:
    return ListSource([toy_sample(seed) for seed in range(8)], "toys")
