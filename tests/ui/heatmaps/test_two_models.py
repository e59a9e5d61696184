"""Two models side by side in the heatmap panes: chosen by key, on the same crop, for each frame anew."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot
from ui_helpers import key

from annotator.domain.model_card import ModelCard
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The lists that were offered; the last of each, which is the oldest model, is taken."""
    offered: list[list[str]] = []

    def choose(_parent, _title, _text, items, *_more) -> tuple[str, bool]:
        offered.append(list(items))
        return items[-1], True

    monkeypatch.setattr(QInputDialog, "getItem", choose)
    return offered


def test_the_other_model_is_seen_on_the_same_crop_and_goes_with_frame_and_selection(
    window: MainWindow, session: Session, chosen, scheme, qtbot: QtBot
) -> None:
    panel = window.heatmaps
    session.selection.select(scheme.region("left_eye").indices[0])
    key(window.view, Qt.Key.Key_9)
    assert chosen[0][-1].endswith("  Model two")
    qtbot.waitUntil(lambda: panel.other.content.base is not None)
    beside = next(pane for pane in panel.panes if pane.name == "left_eye")
    assert beside.isVisible()
    assert panel.other.isVisible()
    assert sum(pane.isVisible() for pane in panel.panes) == 1
    assert panel.other.content.title == "Model two"
    assert panel.other.content.base == beside.content.base
    assert panel.other.content.heat is not None
    np.testing.assert_allclose(panel.other.content.points, beside.content.points)
    assert not panel.other.geometry().intersects(beside.geometry())
    assert abs(panel.other.width() - beside.width()) <= 1
    assert abs(panel.other.height() - beside.height()) <= 1
    assert beside.content.title == "Left eye · Model one"
    session.selection.select(scheme.region("right_eye").indices[0])
    assert beside.content.title == "Left eye"
    assert panel.other.name == "right_eye"
    key(window.view, Qt.Key.Key_PageDown)
    qtbot.waitUntil(
        lambda: session.proposals.get(2, "two") is not None and panel.other.content.base is not None
    )
    assert session.models.active.id == "one", "looking makes no other model active"
    assert session.proposals.get(2).model_id == "one"
    key(window.view, Qt.Key.Key_9)
    assert not panel.other.isVisible()
    assert all(pane.isVisible() for pane in panel.panes)


def test_a_pane_in_a_window_of_its_own_leaves_the_room_to_the_other_model(
    window: MainWindow, session: Session, chosen, scheme, qtbot: QtBot
) -> None:
    panel = window.heatmaps
    session.selection.select(scheme.region("left_eye").indices[0])
    key(window.view, Qt.Key.Key_9)
    qtbot.waitUntil(lambda: panel.other.content.base is not None)
    beside = next(pane for pane in panel.panes if pane.name == "left_eye")
    panel.grid.detach(beside)
    assert beside.window() is not window
    assert panel.other.isVisible()
    assert panel.other.size() == panel.grid.size()
    panel.grid.detach(beside)
    assert beside.window() is window
    assert not panel.other.geometry().intersects(beside.geometry())
    key(window.view, Qt.Key.Key_9)
    assert all(pane.isVisible() for pane in panel.panes)


def test_without_another_model_of_the_scheme_it_is_said_what_helps(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.heatmaps.two, "choices", list)
    key(window.view, Qt.Key.Key_9)
    assert f"no other model of {session.scheme.id}" in window.banners.notice.text.text()
    assert window.heatmaps.two.model is None


def test_the_model_before_the_retraining_comes_first(window: MainWindow, session: Session) -> None:
    two = window.heatmaps.two
    assert "one" not in [model.id for model in two.choices()], "the active one"
    assert [model.id for model in two.choices()][-1] == "two"
    card = ModelCard("three", session.scheme.id, {}, title="Model three", parent="two")
    session.store.models.add(card, session.path.parent / "three")
    session.models.set_active("three")
    assert next(model.id for model in two.choices()) == "two"
    session.models.set_active("one")
