"""A picture of another size in the window: told, not shown, and its new size taken by a button."""

from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from ui_helpers import HEIGHT, WIDTH

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def _replace(session: Session, frame_id: int, width: int, height: int) -> None:
    path: Path = session.store.frames.path(frame_id)
    path.write_bytes(simplejpeg.encode_jpeg(np.full((height, width, 3), 77, np.uint8)))


def _place(session: Session, frame_id: int, x: float, y: float) -> None:
    session.annotations.submit(frame_id, edits.move([3], [[x, y]]))


def _at(session: Session, frame_id: int) -> list[float]:
    place: list[float] = session.store.annotations.get(frame_id).xy[3].tolist()
    return place


@pytest.fixture
def replaced(qtbot, window: MainWindow, session: Session) -> MainWindow:
    """Frame 2 has a corrected landmark, then a picture of twice the size; the window turns to it."""
    _place(session, 2, 50.0, 60.0)
    qtbot.waitUntil(lambda: len(session.annotations.pending) == 0)
    qtbot.waitUntil(lambda: session.frames.image(2) is not None and not session.frames.image(2).is_preview)
    _replace(session, 2, 2 * WIDTH, 2 * HEIGHT)
    session.frames.go_to(2)
    qtbot.waitUntil(window.banners.sizes.bar.isVisible, timeout=20_000)
    return window


def test_the_picture_is_refused_and_scaled_by_a_click(qtbot, replaced: MainWindow, session: Session) -> None:
    sizes = replaced.banners.sizes
    assert f"{2 * WIDTH} x {2 * HEIGHT} now" in sizes.text.text()
    assert sizes.scale.isEnabled()
    QTest.mouseClick(sizes.scale, Qt.MouseButton.LeftButton)
    assert not sizes.bar.isVisible()
    qtbot.waitUntil(lambda: session.store.frames.get(2).width == 2 * WIDTH, timeout=20_000)
    qtbot.waitUntil(
        lambda: (
            (loaded := session.frames.image(2)) is not None
            and not loaded.is_preview
            and loaded.width == 2 * WIDTH
        ),
        timeout=20_000,
    )
    assert _at(session, 2) == [100.0, 120.0]
    assert session.annotations.shown(2).xy[3].tolist() == [100.0, 120.0]
    current = session.frames.current
    assert current is not None
    assert current.width == 2 * WIDTH


def test_needs_work_leaves_the_landmarks_and_sets_the_frame(
    qtbot, replaced: MainWindow, session: Session
) -> None:
    QTest.mouseClick(replaced.banners.sizes.needs_work, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.store.frames.get(2).width == 2 * WIDTH, timeout=20_000)
    assert _at(session, 2) == [50.0, 60.0]
    assert session.store.annotations.get(2).review is ReviewState.NEEDS_WORK


def test_another_frame_takes_the_bar_away(qtbot, replaced: MainWindow, session: Session) -> None:
    session.frames.go_to(3)
    assert not replaced.banners.sizes.bar.isVisible()


def test_a_look_at_all_pictures_finds_them(qtbot, window: MainWindow, session: Session) -> None:
    for frame_id in (2, 3, 4):
        _replace(session, frame_id, WIDTH, HEIGHT // 2)
    window.actions_by_id["update_sizes"].trigger()
    qtbot.waitUntil(window.banners.sizes.bar.isVisible, timeout=20_000)
    assert "and 2 frames more" in window.banners.sizes.text.text()
    assert not window.banners.sizes.scale.isEnabled()  # a crop
    QTest.mouseClick(window.banners.sizes.needs_work, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.store.frames.get(4).height == HEIGHT // 2, timeout=20_000)
