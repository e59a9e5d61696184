"""The window as a workplace: tour, settings, layout, panels by keyboard, menus, names for screen readers."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QSettings, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot
from ui_helpers import key

from annotator.session.session import Session
from annotator.ui.commands.keys.keymap_dialog import KeymapDialog
from annotator.ui.common.arrangement import made_sizes
from annotator.ui.common.preferences import Preferences, load_preferences, save_preferences
from annotator.ui.common.theme import apply_theme, scaled, ui_font
from annotator.ui.common.view_options import Labels
from annotator.ui.dialogs.settings import SettingsDialog
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
INTERACTIVE = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
)


def nameless(root: QWidget) -> list[str]:
    """Interactive widgets below `root` that a screen reader could not name; parts that Qt makes itself are left out."""
    found = []
    for widget in root.findChildren(QWidget):
        parent = widget.parentWidget()
        own = "qt_" in widget.objectName() + (parent.objectName() if parent else "")
        own |= type(parent).__name__ in (
            "QLineEdit",
            "QTabBar",
            "QComboBox",
            "QSpinBox",
            "QDoubleSpinBox",
            "QScrollBar",
        )
        own |= type(parent).__name__ in (
            "QKeySequenceEdit",
            "QComboBoxPrivateContainer",
            "QTreeWidget",
            "QTableWidget",
        )
        own |= type(widget).__name__ in (
            "QScrollBar",
            "QHeaderView",
            "QTableCornerButton",
            "QComboBoxListView",
        )
        own |= parent is not None and isinstance(parent.parentWidget(), QComboBox)  # the list that opens
        if not isinstance(widget, INTERACTIVE) or own:
            continue
        spoken = widget.accessibleName() or getattr(widget, "text", lambda: "")() or widget.toolTip()
        if not spoken:
            found.append(f"{type(widget).__name__} in {type(parent).__name__}")
    return found


def test_every_interactive_widget_has_a_name(qtbot, window: MainWindow) -> None:
    dialogs: list[QDialog] = [KeymapDialog(window.keymap), SettingsDialog(Preferences())]
    for dialog in dialogs:
        qtbot.addWidget(dialog)
    assert [name for root in (window, *dialogs) for name in nameless(root)] == []


def test_the_tour_goes_through_real_parts_and_ends(window: MainWindow, session: Session) -> None:
    window._settings.remove("tour/seen")
    window.tour_guide.offer()
    tour = window.tour_guide.tour
    assert tour is not None
    seen = []
    for _ in range(20):
        seen.append(tour.title.text())
        assert window.rect().contains(tour._hole.center())
        assert tour.rect().contains(tour.card.geometry()), "the card is in the window"
        key(tour, Qt.Key.Key_Return)
        if window.tour_guide.tour is None:
            break
    assert 5 <= len(seen) <= 7
    assert len(set(seen)) == len(seen)
    window.tour_guide.offer()
    assert window.tour_guide.tour is None, "never again by itself"
    window.actions_by_id["tour"].trigger()
    assert window.tour_guide.tour is not None
    key(window.tour_guide.tour, Qt.Key.Key_Left)
    assert window.tour_guide.tour.step == 0
    QTest.mouseClick(window.tour_guide.tour.next, Qt.MouseButton.LeftButton)
    assert window.tour_guide.tour.step == 1
    key(window.tour_guide.tour, Qt.Key.Key_Escape)
    assert window.tour_guide.tour is None
    assert session.annotations.undo_stack.count() == 0, "nothing below it was touched"


def test_the_tour_names_the_keys_in_use(window: MainWindow) -> None:
    keys = window.keymap.keys
    window.keymap.use(keys | {"accept_frame_next": ("F8",)}, "annotator")
    texts = " ".join(step.text for step in window.tour_guide.steps())
    window.keymap.use(keys, "annotator")
    assert "F8" in texts


def test_settings_are_remembered_and_taken_over(
    window: MainWindow, session: Session, tmp_path: Path, monkeypatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(session.memory, "set_total", told.append)
    before = ui_font(12).pixelSize()
    window.window_settings.use(Preferences(scale=150, memory_mb=512, ahead=3, device="cpu", threads=2))
    assert ui_font(12).pixelSize() == 18
    assert told == [512 << 20]
    assert session.frames._neighbours()[1:] == [2, 3, 4], "three ahead, none before the first"
    assert load_preferences(window._settings) == Preferences(150, 512, 3, "cpu", 2)
    window.window_settings.use(Preferences())
    assert ui_font(12).pixelSize() == before
    assert told[-1] >= 256 << 20, "automatic again"
    settings = QSettings(str(tmp_path / "odd.ini"), QSettings.Format.IniFormat)
    settings.setValue("preferences/scale", "huge")
    settings.setValue("preferences/ahead", 99)
    settings.setValue("preferences/device", "toaster")
    assert load_preferences(settings) == Preferences()
    save_preferences(settings, Preferences(ahead=0))
    assert load_preferences(settings).ahead == 0


def test_the_settings_dialog_tells_what_is_chosen(qtbot) -> None:
    dialog = SettingsDialog(Preferences(scale=125, threads=3))
    qtbot.addWidget(dialog)
    assert dialog.value() == Preferences(scale=125, threads=3)
    dialog.show()
    assert dialog.memory.lineEdit().width() > 100, "its text can be read"
    dialog.memory.setValue(2048)
    dialog.device.setCurrentIndex(dialog.device.findData("cpu"))
    assert dialog.value() == Preferences(125, 2048, 2, "cpu", 3)
    dialog.buttons.button(dialog.buttons.StandardButton.RestoreDefaults).click()
    assert dialog.value() == Preferences()


def test_the_theme_keeps_its_scale(qapp: QApplication) -> None:
    apply_theme(qapp, 1.5)
    apply_theme(qapp)
    assert qapp.font().pixelSize() == 18
    assert "font-size: 16px" in qapp.styleSheet()
    apply_theme(qapp, 1.0)
    assert qapp.font().pixelSize() == 12


def test_the_same_theme_restyles_nothing(qapp: QApplication, qtbot: QtBot) -> None:
    apply_theme(qapp, 1.0)
    events: list[QEvent.Type] = []

    class Told(QLabel):
        def changeEvent(self, event: QEvent) -> None:
            events.append(event.type())

    widget = Told("Frames")
    qtbot.addWidget(widget)
    widget.show()
    events.clear()
    apply_theme(qapp)
    assert QEvent.Type.StyleChange not in events


def test_tabs_and_toggles_are_remembered_and_reset(
    qtbot: QtBot, own_session: Session, tmp_path: Path
) -> None:
    settings = QSettings(str(tmp_path / "layout.ini"), QSettings.Format.IniFormat)
    first = MainWindow(own_session, settings)
    qtbot.addWidget(first)
    first.show()
    first.details.setCurrentIndex(2)
    first.arrangement.show_drawer(True)
    first.options.update(ellipses=True, suggestions=False, labels=Labels.ALL)
    first.close()
    second = MainWindow(own_session, settings)
    qtbot.addWidget(second)
    assert second.details.currentIndex() == 2
    assert not second.drawer.isHidden()
    assert (second.options.value.ellipses, second.options.value.suggestions) == (True, False)
    assert second.options.value.labels is Labels.ALL
    assert not second.fine_edits.suggestions.enabled
    second.show()
    second.resize(2000, 1100)
    second.arrangement.splitters["columns"].setSizes([500, 1000, 500])
    assert second.arrangement.splitters["columns"].sizes()[0] > 400
    second.actions_by_id["reset_layout"].trigger()
    assert second.details.currentIndex() == 0
    assert second.options.value.labels is Labels.SELECTED
    assert second.fine_edits.suggestions.enabled
    assert abs(second.arrangement.splitters["columns"].sizes()[0] - made_sizes("columns")[0]) <= 3
    assert abs(second.arrangement.splitters["columns"].sizes()[2] - 400) <= 3


def test_f6_goes_from_panel_to_panel(window: MainWindow) -> None:
    window.view.setFocus()
    panels = [window.lists, window.pages, window.heatmaps, window.details]
    seen = []
    for _ in panels:
        key(window, Qt.Key.Key_F6)
        focused = QApplication.focusWidget()
        seen.append(
            next(i for i, panel in enumerate(panels) if panel is focused or panel.isAncestorOf(focused))
        )
    assert seen == [2, 3, 0, 1]
    key(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert window.lists.isAncestorOf(QApplication.focusWidget())
    window.view.setFocus()


@pytest.mark.parametrize("place", ["frames", "landmarks", "pane"])
def test_right_clicks_open_menus(window: MainWindow, session: Session, monkeypatch, place: str) -> None:
    shown: list[list[str]] = []
    monkeypatch.setattr(
        "annotator.ui.shell.context_menus.open_menu",
        lambda menu, *_: shown.append([action.text() for action in menu.actions() if action.text()]),
    )
    if place == "frames":
        widget = window.frames.list.viewport()
        at = window.frames.list.visualRect(window.frames.rows.index(1, 0)).center()
    elif place == "landmarks":
        window.details.setCurrentWidget(window.landmarks)
        widget = window.landmarks.viewport()
        at = window.landmarks.visualItemRect(window.landmarks._items[12]).center()
    else:
        widget = (
            window.heatmaps.panes[0]
            if hasattr(window.heatmaps, "panes")
            else next(iter(window.heatmaps._panes))
        )
        at = QPoint(20, 20)
    QApplication.sendEvent(
        widget, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at))
    )
    assert shown, "a menu was opened"
    assert len(shown[0]) >= 3
    if place == "frames":
        assert session.frames.current_id == 2, "the frame under the pointer is the one that the menu is about"
    window.details.setCurrentIndex(0)


def test_the_status_line_tells_what_all_caches_take(window: MainWindow, session: Session) -> None:
    titles = {"frames", "heatmaps", "display tiles", "contact sheet", "thumbnails"}
    assert set(session.memory.used()) == titles
    window.view.viewport().grab()
    session.memory.set_total(300 << 20)
    status = window.statusBar()
    assert status.memory.text().endswith(" of 300 MB")
    assert status.memory.toolTip().count("\n") == len(titles)
    assert sum(session.memory.used().values()) <= 300 << 20


def test_large_texts_get_larger_rows_columns_and_dialogs(qapp: QApplication, qtbot: QtBot) -> None:
    small = (scaled(56), made_sizes("columns"), made_sizes("right"))
    apply_theme(qapp, 2.0)
    try:
        assert scaled(56) == 2 * small[0]
        assert made_sizes("columns") == [2 * small[1][0], small[1][1], 2 * small[1][2]]
        assert made_sizes("right") == [small[2][0], 2 * small[2][1]]
        dialog = SettingsDialog(Preferences())
        qtbot.addWidget(dialog)
        dialog.show()
        layout = dialog.layout()
        assert layout is not None
        assert dialog.height() >= layout.totalHeightForWidth(dialog.width())
        assert all(each.height() >= each.heightForWidth(each.width()) for each in dialog.findChildren(QLabel))
    finally:
        apply_theme(qapp, 1.0)
