"""Comparing, wiping and the loupe: keys on one side, the frame view on the other."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QObject, QPointF
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog

from annotator.domain.annotation import Annotation
from annotator.imaging.ocio import DisplayTransformError, DisplayView, converter, display_views
from annotator.session.session import Session
from annotator.ui.canvas.comparison import Against, other_side
from annotator.ui.canvas.frame_panel import FramePanel
from annotator.ui.canvas.loupe import Loupe
from annotator.ui.commands.hold_keys import HoldKey
from annotator.ui.common.view_options import ViewOptions

_NO_VIEW = "None: as stored, exposure and gamma alone"


class Comparing(QObject):
    """Shows the other side for as long as the command is on, and the loupe at the pointer."""

    def __init__(
        self,
        session: Session,
        options: ViewOptions,
        panel: FramePanel,
        actions: Mapping[str, QAction],
        parent: QObject,
    ) -> None:
        """`actions`: `compare`, `wipe` and `loupe`, whose ticks are what is on, and `soft`, whose key is held for its radius."""
        super().__init__(parent)
        self._session, self._options, self._panel, self._actions = session, options, panel, actions
        self._view = panel.view
        self.against = Against.PROPOSAL
        self.loupe = Loupe(self._view)
        self.holds = {name: HoldKey(actions[name], self._view) for name in ("compare", "loupe")}
        radius_key = HoldKey(actions["soft"], self._view, lets_go=False)
        self._view.is_radius_held = lambda: radius_key.is_down
        actions["compare"].toggled.connect(self._refresh)
        actions["wipe"].toggled.connect(self._wipe)
        actions["loupe"].toggled.connect(self._show_loupe)
        for signal in (
            session.frames.current_changed,
            session.frames.image_loaded,
            session.annotations.changed,
        ):
            signal.connect(lambda _frame: self._follow())
        for plain in (session.selection.changed, session.models.changed, session.project_closed):
            plain.connect(self._follow)
        self._view.cursor_moved.connect(self._move_loupe)
        self._view.cursor_left.connect(self.loupe.hide)
        options.changed.connect(lambda: self.loupe.set_display(options.value.display))

    # ---- comparing
    def compare_with(self, against: Against) -> None:
        """Chooses the other side, and shows it."""
        self.against = against
        if self._actions["compare"].isChecked():
            self._refresh()
        else:
            self._actions["compare"].setChecked(True)

    def make_room(self, earlier: Annotation | None, _text: str) -> None:
        """An earlier state is looked at: nothing may lie over it."""
        if earlier is not None:
            self._actions["compare"].setChecked(False)

    def next_side(self) -> None:
        """Compares with the next of these."""
        sides = list(Against)
        self.compare_with(sides[(sides.index(self.against) + 1) % len(sides)])

    def _wipe(self, on: bool) -> None:
        """The other side right of a line in the middle of the view, or all over it."""
        middle = self._view.frame_at(QPointF(self._view.viewport().rect().center()))
        self._view.compare.set_line(middle.x() if on else None)
        self._actions["compare"].setChecked(on)
        self._refresh()

    def _follow(self) -> None:
        if self._actions["compare"].isChecked():
            self._refresh()
        if self._actions["loupe"].isChecked():
            self._load_loupe()

    def _refresh(self) -> None:
        on = self._actions["compare"].isChecked()
        if not on:
            self._actions["wipe"].setChecked(False)
        item = self._view.compare
        if not on or not self._session.is_open or not self._session.frames.current_id:
            item.hide_side()
            if self._session.is_open:
                self._session.frames.set_companion(0)
            self._panel.show_caption("")
            return
        side = other_side(self._session, self.against)
        current = self._session.frames.current
        self._session.frames.set_companion(
            side.frame_id if side.frame_id != self._session.frames.current_id else 0
        )
        image = self._session.frames.image(side.frame_id) if side.frame_id else None
        if side.data is None or current is None:
            item.hide_side()
        else:
            frame = self._session.store.frames.listed(side.frame_id)
            levels = image.levels if image is not None else ()
            item.show_side(levels, frame.width, frame.height, side.data, current.width / frame.width)
        self._panel.show_caption(self._caption(side.caption, side.data is not None))

    def _caption(self, caption: str, shown: bool) -> str:
        if not shown:
            return caption
        here = "Right of the line" if self._view.compare.line_x is not None else "Shown"
        key = self._actions["compare"].shortcut().toString()
        return f"{here}: {caption}" + (f"   ·   {key} ends" if key else "")

    # ---- display transform
    def choose_view(self) -> None:
        """Asks which view of the OpenColorIO config to look through; says what to do where there is none."""
        try:
            views = display_views()
            titles = [_NO_VIEW, *(view.title for view in views)]
            present = self._options.value.display.view
            row = titles.index(present.title) if present is not None and present.title in titles else 0
            text = f"Look through ({os.environ.get('OCIO') or 'the config that comes with OpenColorIO'}):"
            title, chosen = QInputDialog.getItem(
                self._view.window(), "Display transform", text, titles, row, False
            )
            if chosen:
                self.look_through(None if title == _NO_VIEW else views[titles.index(title) - 1])
        except DisplayTransformError as error:
            self._session.message.emit("warning", str(error))

    def look_through(self, view: DisplayView | None) -> None:
        """Shows frames through a view, None as stored; `DisplayTransformError` if the config lacks it."""
        display = self._options.value.display
        for dtype in ("uint8", "float16") if view is not None else ():
            converter(view, dtype, display.exposure, display.gamma)  # before a paint event would find out
        self._options.update_display(view=view)

    # ---- loupe
    def _show_loupe(self, on: bool) -> None:
        if not on:
            self.loupe.hide()
            self.loupe.set_frame(None)
            return
        self._load_loupe()
        pointer = QPointF(self._view.viewport().mapFromGlobal(self._view.cursor().pos()))
        if self._view.last_pointer is not None:
            pointer = self._view.last_pointer
        place = self._view.frame_at(pointer)
        self._move_loupe(place.x(), place.y())

    def _load_loupe(self) -> None:
        current = self._session.frames.current_id if self._session.is_open else 0
        image = self._session.frames.image(current) if current else None
        self.loupe.set_frame(image.levels[0] if image is not None and not image.is_preview else None)

    def _move_loupe(self, x: float, y: float) -> None:
        if self._actions["loupe"].isChecked() and self._session.is_open and self._session.frames.current_id:
            points = np.asarray(self._view.overlay.data_shown.xy, np.float64)
            self.loupe.show_at(x, y, self._view.view_at(x, y), points)
