"""The tool bar in windows of many widths and with large texts: the model and its buttons stay, all else can be reached."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolButton

from annotator.ui.common.theme import apply_theme
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui

_ALL = (
    "undo", "redo", "accept", "accept_frame", "place", "occluded", "out_of_frame", "clear", "points", "curves", "ellipses",
    "rois", "moved", "frame_heat", "crosshair", "fit", "zoom_selection", "display_reset",
)  # fmt: skip


def _is_whole(window: MainWindow, name: str) -> bool:
    """Whether an action's button is seen, not only partly."""
    button = window.toolbar.widgetForAction(window.actions_by_id[name])
    return button is not None and button.isVisible() and window.toolbar.rect().contains(button.geometry())


@pytest.fixture(params=[1.0, 1.5])
def texts(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[float]:
    apply_theme(qapp, request.param)
    yield request.param
    apply_theme(qapp, 1.0)


@pytest.mark.parametrize("width", [1920, 1440, 1280, 1100])
def test_the_models_buttons_are_seen_at_every_width(
    texts: float, width: int, empty_window: MainWindow, qtbot
) -> None:
    window = empty_window
    window.resize(width, 720)
    model, menu = window.toolbar.model, window.toolbar.more

    def lost() -> list[str]:
        """What is neither in the bar nor in the menu, or in both; and what must be in the bar and is not."""
        listed = set(menu.actions())
        seen = {name: _is_whole(window, name) for name in _ALL}
        found = [name for name, whole in seen.items() if whole == (window.actions_by_id[name] in listed)]
        return found + [name for name in ("propose_all", "retrain") if not _is_whole(window, name)]

    qtbot.waitUntil(lambda: not lost())
    assert window.toolbar.rect().contains(model.geometry())
    if (width, texts) == (1920, 1.0):
        assert not menu.actions()


def test_what_gave_way_is_chosen_from_the_menu_and_comes_back(empty_window: MainWindow, qtbot) -> None:
    window, bar = empty_window, empty_window.toolbar
    crosshair = window.actions_by_id["crosshair"]
    window.resize(1000, 720)
    qtbot.waitUntil(lambda: crosshair in bar.more.actions())
    before = window.options.value.crosshair
    button = bar.more.parent()
    assert isinstance(button, QToolButton)
    menu = bar.more

    def choose() -> None:
        assert isinstance(menu, QMenu)
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(crosshair).center())

    QTimer.singleShot(100, choose)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert window.options.value.crosshair != before
    window.resize(1920, 720)
    qtbot.waitUntil(lambda: _is_whole(window, "crosshair"))
    assert not button.isVisible()
    order = [action for action in bar.actions() if action in set(window.actions_by_id.values())]
    assert order.index(window.actions_by_id["crosshair"]) < order.index(window.actions_by_id["fit"])
