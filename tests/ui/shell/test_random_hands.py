"""Hands that do anything at any time: no frame changes but the one that was seen when a press or a key began."""

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from ui_helpers import has_pixels, key, wheel

from annotator.domain.annotation import Annotation
from annotator.session.session import Session
from annotator.ui.common.page import Page
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
STEPS = 150
KEYS = (
    (Qt.Key.Key_PageDown, NO_KEYS),
    (Qt.Key.Key_PageUp, NO_KEYS),
    (Qt.Key.Key_N, NO_KEYS),
    (Qt.Key.Key_J, NO_KEYS),
    (Qt.Key.Key_Z, CTRL),
    (Qt.Key.Key_Z, CTRL | SHIFT),
    (Qt.Key.Key_Return, CTRL | SHIFT),
    (Qt.Key.Key_Return, CTRL),
    (Qt.Key.Key_A, NO_KEYS),
    (Qt.Key.Key_A, SHIFT),
    (Qt.Key.Key_A, CTRL),
    (Qt.Key.Key_O, NO_KEYS),
    (Qt.Key.Key_P, NO_KEYS),
    (Qt.Key.Key_Delete, NO_KEYS),
    (Qt.Key.Key_4, ALT),
    (Qt.Key.Key_2, CTRL),
    *[(Qt.Key.Key_F2, NO_KEYS)] * 5,
    (Qt.Key.Key_F3, NO_KEYS),
    (Qt.Key.Key_F4, NO_KEYS),
    (Qt.Key.Key_Tab, NO_KEYS),
    (Qt.Key.Key_Right, NO_KEYS),
    (Qt.Key.Key_Right, SHIFT),
    (Qt.Key.Key_Down, NO_KEYS),
    (Qt.Key.Key_Escape, NO_KEYS),
    (Qt.Key.Key_F, NO_KEYS),
    (Qt.Key.Key_Return, NO_KEYS),
)


class Hands:
    """A mouse, a keyboard and a clock over one window; `seen` are the frames that a person can have meant."""

    def __init__(self, window: MainWindow, session: Session, seed: int) -> None:
        self.window, self.session = window, session
        self.random = random.Random(seed)
        self.pressed: frozenset[int] = frozenset()  # frames that were seen at the press
        self.held: tuple[Qt.Key, Qt.KeyboardModifier] | None = None
        self.told: list[str] = []

    def seen(self) -> frozenset[int]:
        """Frames that are on the screen now: the current one, or those of the patches."""
        page = self.window.pages.page
        if page is Page.FRAME:
            return frozenset({self.session.frames.current_id})
        if page is Page.SHEET:
            return frozenset(cell.frame.id for cell in self.window.pages.sheet.grid.cells)
        return frozenset()

    def target(self) -> tuple[object, QPoint]:
        """What the mouse works in, and a place in it: a landmark, if it can be."""
        pages, grid = self.window.pages, self.window.pages.sheet.grid
        if pages.page is Page.DASHBOARD:
            return pages.dashboard, pages.dashboard.rect().center()
        if pages.page is Page.SHEET and not grid.cells:
            return pages.sheet, pages.sheet.rect().center()
        if pages.page is Page.SHEET:
            return grid.viewport(), grid.cell_rect(self.random.randrange(len(grid.cells))).center().toPoint()
        xy = self.window.view.overlay.data_shown.xy
        if not len(xy):
            return self.window.view.viewport(), QPoint(100, 100)
        x, y = xy[self.random.randrange(len(xy))].tolist()
        return self.window.view.viewport(), self.window.view.view_at(x, y).toPoint()

    def press(self) -> frozenset[int]:
        widget, at = self.target()
        self.pressed = self.seen()
        QTest.mousePress(widget, LEFT, self.random.choice((NO_KEYS, NO_KEYS, SHIFT)), at)
        return self.pressed

    def move(self) -> frozenset[int]:
        widget, at = self.target()
        QTest.mouseMove(widget, at + QPoint(self.random.randint(-60, 60), self.random.randint(-60, 60)))
        return self.pressed

    def release(self) -> frozenset[int]:
        widget, at = self.target()
        QTest.mouseRelease(widget, LEFT, NO_KEYS, at)
        allowed, self.pressed = self.pressed, frozenset()
        return allowed

    def strike(self) -> frozenset[int]:
        """A key: it may edit what is seen and end what was held; undo may change the frame that it brings into sight."""
        code, keys = self.random.choice(KEYS)
        self.told[-1] += f" {code.name} {keys.name}"
        allowed = self.seen() | self.pressed
        key(QApplication.focusWidget() or self.window.view, code, keys)
        return allowed | (self.seen() if code == Qt.Key.Key_Z else frozenset())

    def hold(self) -> frozenset[int]:
        """An arrow goes down and stays down."""
        self.held = (Qt.Key.Key_Right, self.random.choice((NO_KEYS, SHIFT)))
        self.meant = self.seen()
        QTest.keyPress(QApplication.focusWidget() or self.window.view, *self.held)
        return self.meant | self.pressed

    def repeat(self) -> frozenset[int]:
        """It strikes again, wherever the keyboard is now."""
        if self.held is None:
            return frozenset()
        widget = QApplication.focusWidget() or self.window.view
        QTest.simulateEvent(widget, True, int(self.held[0]), self.held[1], "", True)
        return self.meant | self.pressed

    def look(self) -> frozenset[int]:
        """Zooms."""
        widget, at = self.target()
        wheel(widget, QPointF(at), self.random.choice((-3, 3)))
        return frozenset()

    def turn(self) -> frozenset[int]:
        """Something behind the window goes to another frame."""
        self.session.frames.go_to(self.random.randint(1, 4))
        return self.pressed

    def propose(self) -> frozenset[int]:
        """A proposal arrives."""
        self.session.proposals.request(self.random.randint(1, 4), force=True)
        QApplication.processEvents()
        return self.pressed


def layers(session: Session) -> dict[int, Annotation]:
    return {frame: session.annotations.human(frame) for frame in (1, 2, 3, 4)}


@pytest.mark.parametrize("seed", range(6))
def test_only_what_was_seen_changes(qtbot, window: MainWindow, session: Session, seed: int) -> None:
    for frame in (1, 2, 3, 4):
        session.proposals.request(frame)
    qtbot.waitUntil(lambda: all(session.proposals.get(frame) is not None for frame in (1, 2, 3, 4)))
    hands = Hands(window, session, seed)
    acts: list[Callable[[], frozenset[int]]] = [
        *(hands.press, hands.release) * 3,
        *(hands.move, hands.strike) * 5,
        *(hands.hold, hands.repeat, hands.repeat, hands.look, hands.turn, hands.propose),
    ]
    before, changes = layers(session), 0
    for _ in range(STEPS):
        act = hands.random.choice(acts)
        hands.told.append(act.__name__)
        allowed = act()
        after = layers(session)
        changed = {frame for frame, value in after.items() if value != before[frame]}
        assert changed <= allowed, (changed, allowed, hands.told[-12:])
        before, changes = after, changes + bool(changed)
    QTest.mouseRelease(window.view.viewport(), LEFT, NO_KEYS, QPoint(1, 1))
    assert changes > 2, "the hands did something"
    window.pages.show_frame()
    window.lists.setCurrentIndex(0)
    assert has_pixels(session) or session.frames.current_id
