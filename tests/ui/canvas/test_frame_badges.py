"""Texts over the frame's corners fit into the view."""

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from annotator.ui.canvas.frame_badges import FrameBadges

pytestmark = pytest.mark.gui


def test_a_warning_that_is_longer_than_the_view_is_wide_goes_on_below(qtbot: QtBot) -> None:
    view = QWidget()
    qtbot.addWidget(view)
    view.resize(220, 200)
    view.show()
    badges = FrameBadges(view)
    heights = []
    for text in ("Short", "Global and regional network disagree on 10 landmarks", "Short"):
        badges.warning.setText(text)
        badges.place(visible=True)
        assert badges.warning.isVisible()
        assert badges.warning.geometry().right() < view.width()
        heights.append(badges.warning.height())
    assert heights[1] > 1.5 * heights[0]
    assert heights[2] == heights[0]
