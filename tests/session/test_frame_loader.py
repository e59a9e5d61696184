"""Pixels: preview first, then the frame, neighbours ahead, memory bounded, bad files named."""

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from session_files import HEIGHT, WIDTH, write_frame

from annotator.imaging.pyramid import pyramid
from annotator.imaging.reader import read_frame
from annotator.session.session import Session

WAIT = 60_000


def loaded(session: Session, frame_id: int) -> bool:
    image = session.frames.image(frame_id)
    return image is not None and not image.is_preview


def test_full_pixels_arrive_and_the_preview_is_kept(session: Session, project: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignals([session.frames.image_loaded, session.frames.preview_ready], timeout=WAIT):
        session.open_project(project)
    qtbot.waitUntil(lambda: loaded(session, 1), timeout=WAIT)
    image = session.frames.image(1)
    assert image is not None
    expected = pyramid(read_frame(session.store.frames.path(1)))
    assert (image.width, image.height, image.frame_id) == (WIDTH, HEIGHT, 1)
    for got, wanted in zip(image.levels, expected, strict=True):
        np.testing.assert_array_equal(got, wanted)
    assert (session.frames.preview(1) or b"").startswith(b"\xff\xd8")


def test_a_known_preview_is_there_at_once(session: Session, project: Path, qtbot: QtBot) -> None:
    session.open_project(project)
    qtbot.waitUntil(lambda: session.frames.preview(1) is not None, timeout=WAIT)
    session.close_project()
    session.open_project(project)
    image = session.frames.image(1)
    assert image is not None
    assert image.is_preview
    assert image.levels[0].shape == (HEIGHT, WIDTH, 3)
    assert int(image.levels[0][0, 0, 0]) == 1
    qtbot.waitUntil(lambda: loaded(session, 1), timeout=WAIT)


def test_neighbours_are_decoded_ahead_in_a_thread_and_a_child(opened: Session, qtbot: QtBot) -> None:
    opened.frames.go_to(4)
    for frame_id in (4, 5, 3, 6, 2):  # 6 is a TIFF: the child decodes it
        qtbot.waitUntil(lambda i=frame_id: loaded(opened, i), timeout=WAIT)
    assert opened.frames.image(6).levels[0][7, 9].tolist() == [6, 6, 6]  # type: ignore[union-attr]


def test_memory_stays_under_its_budget(opened: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: loaded(opened, 1), timeout=WAIT)
    one = opened.frames.image(1).nbytes  # type: ignore[union-attr]
    opened.memory.set_total(int(2.5 * one))
    for frame_id in (2, 3, 4, 5, 4, 3, 2, 1):
        opened.frames.go_to(frame_id)
        qtbot.waitUntil(lambda i=frame_id: loaded(opened, i), timeout=WAIT)
        assert opened.frames._loader.nbytes <= 2.5 * one
    opened.memory.set_total(0)
    assert loaded(opened, 1)  # the frame that is looked at is never dropped
    assert opened.frames._loader.nbytes == one


@pytest.mark.parametrize("frame_id", [3, 6])
def test_a_damaged_file_is_named_and_can_be_tried_again(opened: Session, frame_id: int, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: loaded(opened, 3), timeout=WAIT)
    opened.frames._loader.clear()
    path = opened.store.frames.path(frame_id)
    path.write_bytes(b"no image at all, whatever it is called")
    with qtbot.waitSignal(opened.frames.image_failed, timeout=WAIT) as caught:
        opened.frames.go_to(frame_id)
    assert caught.args[0] == frame_id
    assert path.name in caught.args[1]
    write_frame(path, 9)
    opened.frames.go_to(1)
    opened.frames.go_to(frame_id)
    qtbot.waitUntil(lambda: loaded(opened, frame_id), timeout=WAIT)


def test_a_frame_of_another_size_than_imported_is_refused(opened: Session, qtbot: QtBot) -> None:
    small = np.zeros((8, 8, 3), np.uint8)
    with qtbot.waitSignal(opened.frames.image_loaded, timeout=WAIT):
        opened.frames.go_to(2)
    import simplejpeg

    opened.frames._loader.clear()
    opened.store.frames.path(5).write_bytes(simplejpeg.encode_jpeg(small))
    with qtbot.waitSignal(
        opened.frames.image_failed, timeout=WAIT, check_params_cb=lambda i, _: i == 5
    ) as caught:
        opened.frames.go_to(5)
    assert "is 8 x 8 now; it was 320 x 240" in caught.args[1]


def test_a_decoder_that_dies_is_started_again(opened: Session, qtbot: QtBot) -> None:
    opened.frames.go_to(6)
    qtbot.waitUntil(lambda: loaded(opened, 6), timeout=WAIT)
    child = opened.frames._loader._process._child
    assert child is not None
    child.kill()
    child.join()
    opened.frames._loader.clear()
    with qtbot.waitSignal(opened.frames.image_failed, timeout=WAIT):
        opened.frames._want_pixels()
    opened.frames._want_pixels()
    qtbot.waitUntil(lambda: loaded(opened, 6), timeout=WAIT)


def test_previews_are_made_in_idle_times_without_keeping_pixels(opened: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: all(loaded(opened, frame_id) for frame_id in (1, 2, 3)))
    before = opened.frames._loader.nbytes
    assert opened.frames.preview(5) is None
    with qtbot.waitSignal(opened.frames.preview_ready, check_params_cb=lambda frame: frame == 5):
        opened.frames.request_previews([5])
    assert opened.frames.preview(5) is not None
    assert opened.frames._loader.nbytes == before
    assert opened.frames.image(5).is_preview
