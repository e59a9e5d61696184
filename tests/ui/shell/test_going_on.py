"""From frame to frame by one key: the next frame is shown at the landmark that the model is least sure of."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSettings, Qt
from pytestqt.qtbot import QtBot
from ui_fakes import FakeInference
from ui_helpers import key, wheel

from annotator.domain.annotation import ReviewState
from annotator.domain.frame_key import FrameKey
from annotator.session.session import Session
from annotator.ui.commands.keys.keymap import Keymap, conflicts
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
UNSURE = 0  # of the model that proposes in these tests, at 0.2


@pytest.fixture
def proposed(qtbot: QtBot, window: MainWindow, session: Session) -> Iterator[MainWindow]:
    """Frame 1 is seen, and frame 2 has its proposal."""
    session.proposals.request(2)
    qtbot.waitUntil(lambda: session.proposals.get(2) is not None)
    doubt = window.options.value.doubt
    yield window
    window.options.update(doubt=doubt)


def test_the_next_frame_comes_up_at_its_least_sure_landmark(proposed: MainWindow, session: Session) -> None:
    key(proposed.view, Qt.Key.Key_G)
    assert session.annotations.shown(1).review is ReviewState.APPROVED
    assert session.frames.current_id == 2
    assert session.selection.indices == (UNSURE,)
    middle = proposed.view.frame_at(proposed.view.viewport().rect().center().toPointF())
    xy = session.annotations.shown(2).xy[UNSURE]
    assert np.hypot(middle.x() - xy[0], middle.y() - xy[1]) < 3
    assert proposed.view.zoom > 2 * proposed.view.fit_zoom


def test_a_frame_of_which_the_model_is_sure_is_shown_whole(proposed: MainWindow, session: Session) -> None:
    proposed.options.update(doubt=0.1)
    proposed.view.zoom_to(4.0)
    key(proposed.view, Qt.Key.Key_X)
    assert session.annotations.shown(1).review is ReviewState.REJECTED
    assert session.frames.current_id == 2
    assert proposed.view.zoom == pytest.approx(proposed.view.fit_zoom)


@pytest.fixture
def slow(inference: FakeInference, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A model that answers at once for frame 1 alone; calling it lets the others through."""
    waiting: list[tuple[FrameKey, str]] = []
    answer = inference._answer

    def wait(frame: FrameKey, model_id: str) -> None:
        if frame.frame_id == 1:
            answer(frame, model_id)
        else:
            waiting.append((frame, model_id))

    monkeypatch.setattr(inference, "_answer", wait)
    return lambda: [answer(*each) for each in waiting] and None


def test_a_frame_that_is_proposed_only_now_comes_up_at_that_landmark_then(
    slow: Callable[[], None], window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    key(window.view, Qt.Key.Key_G)
    assert session.frames.current_id == 2
    assert session.selection.indices == ()
    slow()
    qtbot.waitUntil(lambda: session.selection.indices == (UNSURE,))
    assert window.view.zoom > 2 * window.view.fit_zoom


def test_a_view_that_was_moved_while_the_model_worked_stays(
    slow: Callable[[], None], window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    key(window.view, Qt.Key.Key_G)
    wheel(window.view.viewport(), QPointF(200, 200), 2)
    zoom = window.view.zoom
    slow()
    qtbot.waitUntil(lambda: session.proposals.get(2) is not None)
    assert window.view.zoom == zoom
    assert session.selection.indices == ()


# ---- keys that were chosen before these commands were there
def test_a_key_that_was_chosen_wins_over_a_newer_standard_one(window: MainWindow, tmp_path) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    settings.setValue("keymap/changes", '{"snap": ["G"]}')
    keymap = Keymap(window.actions_by_id, settings)
    assert keymap.keys["snap"] == ("G",)
    assert "G" not in keymap.keys["accept_frame_next"]
    assert keymap.keys["accept_frame_next"], "its other keys stay"
    assert conflicts(keymap.keys) == {}
    window.keymap.use(window.keymap.keys, window.keymap.preset)
