"""What goes wrong in a studio: odd files, captures that moved, a project that cannot be written; told, and nothing is lost."""

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot
from ui_fakes import FakeInference
from ui_helpers import has_pixels, wheel

from annotator.domain import edits
from annotator.domain.annotation import LandmarkState
from annotator.domain.capture import Frame
from annotator.domain.scheme import LandmarkScheme
from annotator.imaging.probe import FrameReadError, probe
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def _write(path: Path, pixels: NDArray[np.generic]) -> None:
    height, width, channels = pixels.shape
    out = oiio.ImageOutput.create(str(path))
    kind = {"uint8": oiio.UINT8, "uint16": oiio.UINT16, "float16": oiio.HALF}[pixels.dtype.name]
    assert out.open(str(path), oiio.ImageSpec(width, height, channels, kind)), out.geterror()
    assert out.write_image(np.ascontiguousarray(pixels))
    out.close()


def _odd_pictures() -> dict[str, NDArray[np.generic]]:
    random = np.random.default_rng(0)
    broken = random.uniform(0, 1, (48, 64, 3)).astype(np.float16)
    broken[::3], broken[1::3, ::2], broken[2::3, 1::2] = np.nan, np.inf, -np.inf
    return {
        "dot.png": np.full((1, 1, 3), 200, np.uint8),
        "line.png": random.integers(0, 255, (10, 31000, 3), np.uint8),
        "pole.png": random.integers(0, 255, (6000, 3, 3), np.uint8),
        "grey.png": random.integers(0, 255, (48, 64, 1), np.uint8),
        "alpha.png": random.integers(0, 255, (48, 64, 4), np.uint8),
        "deep.tif": random.integers(0, 65535, (48, 64, 3), np.uint16),
        "broken.exr": broken,
    }


@pytest.mark.parametrize("name", sorted(_odd_pictures()))
def test_frames_of_odd_sizes_and_kinds_are_shown_and_annotated(
    qtbot: QtBot,
    empty_window: MainWindow,
    session: Session,
    tmp_path: Path,
    scheme: LandmarkScheme,
    name: str,
) -> None:
    _write(tmp_path / name, _odd_pictures()[name])
    found = probe(tmp_path / name)
    with ProjectStore.create(tmp_path / "odd.annotator", scheme, tmp_path) as store:
        store.frames.add([Frame(0, name, "", "", "", "", found.width, found.height)])
    session.open_project(tmp_path / "odd.annotator")
    qtbot.waitUntil(lambda: has_pixels(session))
    view = empty_window.view
    for notches in (12, -40):
        wheel(view.viewport(), QPointF(view.viewport().rect().center()), notches)
        view.viewport().grab()
    empty_window.options.update_display(exposure=1.0)
    view.viewport().grab()
    x, y = found.width / 2, found.height / 2
    empty_window.frame_panel.pixel_text(x, y)
    session.annotations.submit(session.frames.current_id, edits.move([0], [[x, y]]))
    place = view.view_at(x, y).toPoint()
    shown = view.viewport().grab().toImage()
    ground = view.backgroundBrush().color()
    assert any(
        shown.pixelColor(place.x() + dx, place.y() + dy) != ground for dx in range(-6, 7) for dy in (0, 4)
    )
    assert len(session.annotations.history(session.frames.current_id)) == 1


def test_a_frame_beyond_the_limits_is_refused_with_its_size(tmp_path: Path) -> None:
    _write(tmp_path / "endless.png", np.zeros((10, 60000, 3), np.uint8))
    with pytest.raises(FrameReadError, match=r"endless.png: is 60000 x 10; no side may exceed \d+ px"):
        probe(tmp_path / "endless.png")


def test_captures_that_were_renamed_are_told_and_found_again(
    qtbot: QtBot,
    window: MainWindow,
    session: Session,
    inference: FakeInference,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inference, "request", lambda *_given: None)
    (tmp_path / "captures").rename(tmp_path / "elsewhere")
    session.close_project()
    session.open_project(tmp_path / "show.annotator")
    session.frames.go_to_row(3)
    qtbot.waitUntil(lambda: "cannot be shown" in window.frame_panel.badges.hint.text())
    assert str(tmp_path / "captures") in window.frame_panel.badges.hint.text()
    session.annotations.submit(session.frames.current_id, edits.move([3], [[50.0, 60.0]]))
    assert len(session.annotations.pending) == 0
    assert session.relink(tmp_path / "elsewhere").startswith("4 of 4")
    qtbot.waitUntil(lambda: has_pixels(session))
    assert window.frame_panel.badges.hint.text() == ""


def test_a_project_that_is_only_read_keeps_the_edit_in_the_window_and_says_so(
    window: MainWindow, session: Session, project: Path
) -> None:
    session.close_project()
    session.open_project(project, read_only=True)
    session.annotations.submit(session.frames.current_id, edits.move([3], [[50.0, 60.0]]))
    assert session.annotations.shown(session.frames.current_id).state[3] == LandmarkState.CORRECTED
    assert len(session.annotations.pending) == 1
    assert "reading only" in window.statusBar().saved.text()
    assert window.banners.isVisible()
    assert not session.close_project()
    with ProjectStore.open(project, read_only=True) as store:
        assert not store.ledger.entries()


def test_a_list_that_is_read_anew_keeps_the_current_frame(window: MainWindow, session: Session) -> None:
    session.frames.go_to(3)
    session.reload()
    assert session.frames.current_id == 3
    assert window.frames.list.currentIndex().row() == session.frames.listed.row_of(3)
