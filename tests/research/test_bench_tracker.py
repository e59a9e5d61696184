"""A tracker measured on takes: which frames follow one another, and jitter."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from annotator.domain.errors import AnnotatorError
from annotator.research.bench.tracker import jitter, takes_of


def test_takes_are_told_by_names_and_broken_at_gaps() -> None:
    names = [f"s/talking_{n:04d}/{c}.jpg" for c in "ba" for n in (3, 0, 1, 2, 5, 6, 7)]
    data: Any = SimpleNamespace(truth=SimpleNamespace(names=names), title="set")
    assert takes_of(data) == [[8, 9, 10, 7], [11, 12, 13], [1, 2, 3, 0], [4, 5, 6]]
    still: Any = SimpleNamespace(truth=SimpleNamespace(names=["s/smile/a.jpg"]), title="set")
    with pytest.raises(AnnotatorError, match="takes-judged"):
        takes_of(still)


def test_jitter_is_that_of_second_differences_within_a_run() -> None:
    time = np.arange(8.0)
    steady = np.stack([3 * time, 2 * time], -1)[:, None]
    lengths, one = np.full(8, 10.0), np.zeros(8, int)
    assert jitter(steady, lengths, one) == pytest.approx(0.0, abs=1e-12)
    shaken = steady + np.stack([(-1.0) ** time, 0 * time], -1)[:, None]
    assert jitter(shaken, lengths, one) == pytest.approx(0.4)
    jump = steady.copy()
    jump[4:] += 100  # between two runs, where it does not count
    assert jitter(jump, lengths, np.repeat([0, 1], 4)) == pytest.approx(0.0, abs=1e-12)
