"""The search for cyclic garbage: young garbage soon, old garbage only while the hand rests, nothing lost at the end."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from annotator.ui.common.garbage import Tidying


class Ring:
    """Refers to itself, so that only a search finds it."""

    def __init__(self) -> None:
        self.me = self


class Clock:
    """Seconds that a test turns on."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tidying(qapp: QApplication, clock: Clock) -> Iterator[Tidying]:
    gc.collect()
    made = Tidying(now=clock)
    yield made
    made.end()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def forgotten_ring() -> "weakref.ref[Ring]":
    return weakref.ref(Ring())


def test_python_does_not_search_by_itself(tidying: Tidying) -> None:
    seen = forgotten_ring()
    assert len([[] for _ in range(5000)]) == 5000
    assert seen() is not None


def test_young_garbage_goes_once_there_is_enough(tidying: Tidying) -> None:
    seen = forgotten_ring()
    tidying.look()
    assert seen() is not None, "a few objects are not worth it"
    many = [[] for _ in range(3000)]
    tidying.look()
    assert seen() is None
    assert len(many) == 3000


def test_old_garbage_waits_for_a_hand_that_rests(
    tidying: Tidying, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Ring()
    seen = weakref.ref(ring)
    for _ in range(12):
        gc.collect(1)  # it is old now, and it is time for the old
    del ring
    tidying.look()
    assert seen() is not None
    clock.seconds = 5.0
    buttons = "PySide6.QtGui.QGuiApplication.mouseButtons"
    monkeypatch.setattr(buttons, lambda: Qt.MouseButton.NoButton)  # whatever tests before left pressed
    with monkeypatch.context() as dragging:
        dragging.setattr(buttons, lambda: Qt.MouseButton.LeftButton)
        tidying.look()
    assert seen() is not None, "a drag is going on"
    clock.seconds = 9.0
    tidying.look()
    assert seen() is None


def test_what_stands_is_searched_once_and_then_left_alone(tidying: Tidying) -> None:
    seen = forgotten_ring()
    tidying.settle()
    assert seen() is None
    assert gc.get_freeze_count() > 10_000
    before = gc.get_freeze_count()
    tidying.settle()
    assert gc.get_freeze_count() == pytest.approx(before, rel=0.1)
