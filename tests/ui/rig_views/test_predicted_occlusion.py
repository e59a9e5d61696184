"""What a turned face hides, without a rig: drawn as a suggestion, marked by a key, never by itself."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from ui_fakes import FakeInference
from ui_helpers import key

from annotator.domain.annotation import Flag, ReviewState
from annotator.domain.faces.turned_head import shipped_head
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
_ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def turned(window: MainWindow, session: Session, inference: FakeInference, qtbot: QtBot) -> MainWindow:
    """Frame 1 shows a face that looks far to its right."""
    head = shipped_head(session.scheme.id, session.scheme.size)
    assert head is not None
    x, y, z = head.points.astype(np.float64).T
    a = np.radians(60)
    xy = 1.8 * np.stack([x * np.cos(a) - z * np.sin(a), -y], 1)
    inference.places["left.jpg"] = xy - xy.min(0) + 120
    session.proposals.request(1, force=True)
    qtbot.waitUntil(lambda: len(window.rig.hidden.suggested) > 5)
    return window


def occluded(session: Session) -> NDArray[np.int64]:
    return np.flatnonzero(session.annotations.human(1).flags & int(Flag.OCCLUDED))


def test_it_is_drawn_and_nothing_is_written(turned: MainWindow, session: Session) -> None:
    marks, suggested = turned.rig.hidden_marks.item, turned.rig.hidden.suggested
    np.testing.assert_allclose(marks.places, session.annotations.shown(1).xy[suggested])
    assert not len(occluded(session))
    assert session.annotations.history(1) == []
    key(turned.view, Qt.Key.Key_H, _ALT)
    assert not len(marks.places)
    key(turned.view, Qt.Key.Key_H, _ALT)
    assert len(marks.places) == len(suggested)


def test_a_key_marks_all_as_one_step(turned: MainWindow, session: Session) -> None:
    suggested = turned.rig.hidden.suggested
    key(turned.view, Qt.Key.Key_O, _ALT)
    np.testing.assert_array_equal(occluded(session), suggested)
    assert not len(turned.rig.hidden.suggested)
    assert not len(turned.rig.hidden_marks.item.places)
    key(turned.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not len(occluded(session))
    np.testing.assert_array_equal(turned.rig.hidden.suggested, suggested)


def test_the_key_marks_the_selected_alone(turned: MainWindow, session: Session) -> None:
    first, *rest = turned.rig.hidden.suggested.tolist()
    session.selection.select(first)
    assert turned.inspector.values["views"].text() == "probably not seen from here"
    key(turned.view, Qt.Key.Key_O, _ALT)
    assert occluded(session).tolist() == [first]
    assert turned.rig.hidden.suggested.tolist() == rest


def test_a_frame_that_somebody_approved_is_left_in_peace(turned: MainWindow, session: Session) -> None:
    key(turned.view, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert session.annotations.shown(1).review is ReviewState.APPROVED
    assert not len(turned.rig.hidden.suggested)
    key(turned.view, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert len(turned.rig.hidden.suggested)


def test_a_face_that_hides_nothing_says_so(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    count = len(window.rig.hidden.suggested)
    session.selection.select(next(i for i in range(89) if i not in window.rig.hidden.suggested))
    key(window.view, Qt.Key.Key_O, _ALT)
    assert "expected to be hidden" in window.banners.notice.text.text()
    assert len(window.rig.hidden.suggested) == count
