"""Small texts over the corners of the frame view: name, format, state and zoom; and a hint in the middle of an empty one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QLabel, QWidget

from annotator.ui.common.theme import COLOURS, label

_EDGE = 10


class FrameBadges:
    """Labels laid over a view; they let the mouse through."""

    def __init__(
        self, view: QWidget, tell: Callable[[Sequence[QRectF]], None] = lambda _places: None
    ) -> None:
        """`tell`: hears where in the view the labels stand now."""
        self._view, self._tell = view, tell
        self.name, self.format, self.state, self.zoom = (_badge(view) for _ in range(4))
        self.legend = _badge(view)  # whose marks are on the frame, beside the zoom
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.warning = _badge(view)
        self.warning.setAccessibleName("Warnings of this frame")
        self.warning.setStyleSheet(f"color: {COLOURS.warning};")
        self.hint = label("", "dim", view)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_zoom(self, zoom: float) -> None:
        """Tells the zoom, given in logical pixels a frame pixel; 100 % is one pixel of the screen."""
        percent = zoom * self._view.devicePixelRatioF() * 100
        self.zoom.setText(f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %")
        self._put(self.zoom, right=True, bottom=True)
        self._put_legend()
        self._tell_places()

    def show_legend(self, text: str) -> None:
        """Shows whose marks are on the frame, in HTML; empty: nobody's."""
        self.legend.setText(text)
        self.place(not self.name.isHidden())

    def place(self, visible: bool) -> None:
        """Puts every label that has a text into its corner, or hides them all."""
        width, height = self._view.width(), self._view.height()
        for badge, right, bottom in (
            (self.name, False, False),
            (self.format, True, False),
            (self.state, False, True),
            (self.zoom, True, True),
        ):
            badge.setVisible(visible and bool(badge.text()))
            self._put(badge, right, bottom)
        self.legend.setVisible(visible and bool(self.legend.text()))
        self._put_legend()
        beside = self.zoom if self.legend.isHidden() else self.legend
        # a long line stands above the zoom, in as many lines as it needs
        if self.state.width() > beside.x() - 2 * _EDGE:
            self.state.setWordWrap(True)
            wide = width - 2 * _EDGE
            self.state.resize(wide, self.state.heightForWidth(wide))
            self.state.move(_EDGE, height - self.zoom.height() - self.state.height() - 2 * _EDGE)
        if self.name.width() + self.format.width() + 3 * _EDGE > width:
            self.format.hide()  # the name says more
        self.warning.setVisible(visible and bool(self.warning.text()))
        self.warning.setWordWrap(False)
        self.warning.adjustSize()
        if self.warning.width() > (room := width - 2 * _EDGE):  # in a narrow view on two lines
            self.warning.setWordWrap(True)
            self.warning.resize(room, self.warning.heightForWidth(room))
        self.warning.move(_EDGE, 2 * _EDGE + self.name.height())
        self.hint.setGeometry(0, height // 2 - 40, width, 80)
        self.hint.setVisible(bool(self.hint.text()))
        self._tell_places()

    def _tell_places(self) -> None:
        badges = (self.name, self.format, self.state, self.zoom, self.legend, self.warning)
        self._tell([QRectF(badge.geometry()) for badge in badges if not badge.isHidden()])

    def _put_legend(self) -> None:
        self.legend.adjustSize()
        x = self.zoom.x() - self.legend.width() - _EDGE
        self.legend.move(max(x, _EDGE), self._view.height() - self.legend.height() - _EDGE)

    def _put(self, badge: QLabel, right: bool, bottom: bool) -> None:
        """Into a corner of the view, as small as its text allows."""
        badge.setWordWrap(False)
        badge.adjustSize()
        x = self._view.width() - badge.width() - _EDGE if right else _EDGE
        y = self._view.height() - badge.height() - _EDGE if bottom else _EDGE
        badge.move(x, y)


def empty_text(is_open: bool) -> str:
    """What to do where there is no frame to show."""
    if not is_open:
        return "Open or make a project to begin.\nFile ▸ Open project…"
    return "Import captures to begin.\nFile ▸ Import captures…"


def _badge(view: QWidget) -> QLabel:
    badge = label("", "badge", view)
    badge.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    badge.hide()
    return badge
