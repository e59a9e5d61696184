"""The other cameras' views of the moment, beside the frame: the same part of the face, linked landmarks, live ghosts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from annotator.session.rigs.outlook import Outlook, not_occluded
from annotator.session.rigs.rigs import Alone, Rigs
from annotator.session.session import Session
from annotator.ui.canvas.comparison import overlay_data
from annotator.ui.canvas.frame_view import FrameView
from annotator.ui.common.view_options import ViewOptions
from annotator.ui.common.widgets import EmptyState, Panel, tool_button
from annotator.ui.rig_views.camera_view import CameraView, Place
from annotator.ui.rig_views.places import carried
from annotator.ui.rig_views.rig_marks import marks_of
from annotator.ui.rig_views.space_view import SpaceView
from annotator.ui.rig_views.view_grid import ViewGrid
from annotator.ui.rig_views.words import badge_of, size_note

_LATER_MS = 60  # after the frame moved: the views follow
_PIXELS_MS = 250  # after the views moved: originals are read
_AT_ONCE = 3  # views that follow a drag in one turn of the event loop
_CLOSER, _NOTCH = 2.0, 1.25
_CLOSEST = (0.5, 16.0)


class ViewsPanel(Panel):
    """All views in the rig's order, so that each keeps its place; the one that is the frame has a frame of its own."""

    command_wanted = Signal(str)  # the id of a command

    def __init__(
        self,
        session: Session,
        rigs: Rigs,
        view: FrameView,
        options: ViewOptions,
        parent: QWidget | None = None,
    ) -> None:
        """`view`: of the frame, whose part of the face the views show."""
        super().__init__("Views", parent)
        self._session, self._rigs, self._view, self._options = session, rigs, view, options
        self.views: dict[int, CameraView] = {}  # by frame id
        self.closer = _CLOSER
        self._carried: dict[int, Place] = {}
        self._frame_place: Place = (0.0, 0.0, 1.0)
        self.space = SpaceView()
        self.grid = ViewGrid()
        self._behind: list[int] = []
        self._pointless: set[int] = set()  # of those: whose points are of another moment, too
        self._build()
        self._moved = _later(self, _LATER_MS, self._place)
        self._wanting = _later(self, _PIXELS_MS, self._want)
        self._turn = _later(self, 0, self._show_some)
        view.place_changed.connect(self._on_place)
        rigs.changed.connect(self.refresh)
        rigs.held.connect(lambda _landmarks: self._show_soon())
        session.selection.changed.connect(self._on_selection)
        session.annotations.changed.connect(self._on_annotation)
        session.frames.image_loaded.connect(self._show_picture)
        session.frames.preview_ready.connect(self._show_picture)
        options.changed.connect(self._on_options)
        self.space.chosen.connect(self._choose_row)
        self.refresh()

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.grid, 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.takes: dict[str, QPushButton] = {}
        for command, text in (("take", "Take selected"), ("take_moment", "Take all")):
            button = QPushButton(text)
            button.clicked.connect(lambda _on, command=command: self.command_wanted.emit(command))
            self.takes[command] = button
            row.addWidget(button, 1)
        column.addLayout(row)
        self.empty = EmptyState(content)
        self.body.addWidget(self.empty, 1)
        self.import_button = QPushButton("Import rig…")
        self.import_button.clicked.connect(lambda _on: self.command_wanted.emit("import_rig"))
        self.body.addWidget(self.import_button)
        self.in_space = tool_button("cube", "Landmarks and cameras in space", self._toggle_space)
        self.in_space.setCheckable(True)
        self.header.addWidget(self.in_space)
        self.space.hide()

    # ---- the moment
    def refresh(self) -> None:
        """Takes over the moment, its frames and what its views say."""
        moment, why = self._rigs.moment, self._rigs.why_alone
        self.empty.tell(why.value if why is not None else "")
        self.import_button.setVisible(why is Alone.NO_RIG)
        self.told.setToolTip("" if moment is None else f"{moment.name}  ·  {moment.rig.label}")
        if moment is None and why is None:
            return  # it is being looked for: what was there stays for that moment
        ids = self._rigs.frame_ids()
        if list(self.views) != ids:
            self._make(ids)
        if not self.isVisible():
            return
        for frame_id in ids:
            self._show_picture(frame_id)
        self._show_notes()
        self._place()
        self._show_space()
        self._show_soon(with_points=True)

    def _make(self, ids: list[int]) -> None:
        for view in self.views.values():
            view.hide()
            view.deleteLater()
        self.views = {}
        moment = self._rigs.moment
        for camera, frame in {} if moment is None else moment.frames.items():
            view = self.views[frame.id] = CameraView(camera)
            view.chosen.connect(partial(self.choose, frame.id))
            view.closer_wanted.connect(self._come_closer)
        self.grid.set_cells([*self.views.values(), self.space], self.space)
        self.space.setVisible(self.in_space.isChecked())
        self.grid.arrange()

    def choose(self, frame_id: int) -> None:
        """Makes a view the frame, at the same part of the face."""
        self._place()
        place = self._carried.get(frame_id)
        self._session.frames.go_to(frame_id)
        if place is not None:
            self._view.look_at(*place)
        self._view.setFocus()

    def step(self, count: int) -> bool:
        """Makes the next (1) or previous (-1) view the frame; False where there is none."""
        ids, current = self._rigs.frame_ids(), self._session.frames.current_id
        if current not in ids or len(ids) < 2:
            return False
        self.choose(ids[(ids.index(current) + count) % len(ids)])
        return True

    def _choose_row(self, row: int) -> None:
        outlook = self._rigs.outlook
        frame = outlook.frames[row] if outlook is not None else None
        if frame is not None:
            self.choose(frame.id)

    def _toggle_space(self) -> None:
        self.space.setVisible(self.in_space.isChecked())
        self.grid.arrange()
        self.refresh()

    # ---- what each view shows
    def _show_picture(self, frame_id: int) -> None:
        view, moment = self.views.get(frame_id), self._rigs.moment
        if view is None or moment is None or not self.isVisible() or frame_id not in self._rigs.frame_ids():
            return
        image = self._session.frames.image(frame_id)
        if image is not None:
            view.show_picture(image.levels, image.width, image.height)
        else:
            frame = moment.frames[view.camera]
            view.show_picture([], frame.width, frame.height)

    def _show_points(self, frame_id: int) -> None:
        if frame_id in self.views:
            annotations = self._session.annotations
            data = overlay_data(
                self._session, annotations.shown(frame_id), None, annotations.tracks.get(frame_id)
            )
            self.views[frame_id].show_points(data, self._options.value)

    def _show_notes(self) -> None:
        outlook = self._rigs.outlook
        for frame_id, view in self.views.items():
            note = "" if outlook is None else size_note(outlook, outlook.row(frame_id))
            view.show_note(note, frame_id == self._session.frames.current_id)

    def _show_soon(self, with_points: bool = False) -> None:
        """Marks, and perhaps points: a few views a turn of the event loop, so that a hand that moves on need not wait for all."""
        self._behind = list(self.views)
        if with_points:
            self._pointless = set(self.views)
        if not self._turn.isActive():
            self._turn.start()

    def _show_some(self) -> None:
        some, self._behind = self._behind[:_AT_ONCE], self._behind[_AT_ONCE:]
        for frame_id in self._pointless.intersection(some):
            self._pointless.remove(frame_id)
            self._show_points(frame_id)
        self._show_marks(some)
        if self._behind:
            self._turn.start()

    @property
    def is_behind(self) -> bool:
        """Whether some views do not show yet what is held."""
        return bool(self._behind) or self._turn.isActive()

    def _show_marks(self, of: Sequence[int]) -> None:
        """Ghosts, lines and badges of some views; nothing is painted where they are as before."""
        outlook = self._rigs.outlook
        if outlook is None or not self.isVisible():
            return
        for frame_id in of:
            row, view = outlook.row(frame_id), self.views.get(frame_id)
            if row >= 0 and view is not None:
                self._show_marks_of(view, frame_id, outlook, row)

    def _show_space(self) -> None:
        outlook = self._rigs.outlook
        if outlook is not None and not self.space.isHidden():
            selected = frozenset(self._session.selection.indices)
            row = outlook.row(self._session.frames.current_id)
            self.space.show_outlook(outlook, self._session.scheme, row, selected)

    def _show_marks_of(self, view: CameraView, frame_id: int, outlook: Outlook, row: int) -> None:
        options, primary = self._options.value, self._session.selection.primary
        shown = self._session.annotations.shown(frame_id)
        xy = shown.xy.astype(np.float64)
        if frame_id == self._session.frames.current_id and primary >= 0:
            held = outlook.seen.xy[row, primary]
            is_held = np.isfinite(held) & outlook.seen.trusted[row, primary]
            xy[primary] = np.where(is_held, held, xy[primary])
        also = range(len(xy)) if options.expected else ()
        marks = marks_of(outlook, row, xy, primary, also, options.epipolar)
        hidden = outlook.hidden[row] & not_occluded(shown)
        view.show_marks(marks, *badge_of(outlook, row, xy, hidden, primary))

    # ---- which part of the face
    def _on_place(self, x: float, y: float, zoom: float) -> None:
        self._frame_place = (x, y, zoom)
        if not self._moved.isActive() and self.isVisible():
            self._moved.start()

    def _place(self) -> None:
        """Every view at the part that the frame shows, at the selected landmark where there is one."""
        outlook, row = self._rigs.outlook, self._rigs.row
        if outlook is None or row < 0:
            return
        self._carried = carried(outlook, row, self._frame_place)
        primary = self._session.selection.primary
        area = self._view.viewport().size()
        for frame_id, view in self.views.items():
            own, there = outlook.row(frame_id), self._carried.get(frame_id)
            if own < 0 or there is None:
                frame = outlook.frames[own] if own >= 0 else None
                if frame is not None:
                    view.show_place((frame.width / 2, frame.height / 2, 0.0))
                continue
            x, y, zoom = there
            target = outlook.expected[own, primary] if primary >= 0 else np.full(2, np.nan)
            if np.isfinite(target).all():
                x, y = target.tolist()
            share = min(view.width() / max(area.width(), 1), view.height() / max(area.height(), 1))
            view.show_place((x, y, zoom * share * self.closer))
        self._wanting.start()

    def _want(self) -> None:
        """Original pixels of the views that show more than their preview has."""
        if not self._session.is_open:
            return
        wanted = [i for i, view in self.views.items() if self.isVisible() and view.wants_pixels]
        self._session.frames.set_beside([i for i in wanted if i != self._session.frames.current_id])

    def _come_closer(self, notches: int) -> None:
        self.closer = min(max(self.closer * _NOTCH**notches, _CLOSEST[0]), _CLOSEST[1])
        self._place()

    # ---- following
    def _on_selection(self) -> None:
        if self.isVisible():
            self._place()
            self._show_space()
            self._show_soon(with_points=True)

    def _on_annotation(self, frame_id: int) -> None:
        if frame_id in self.views and self.isVisible():
            self._show_points(frame_id)
            self._show_marks([frame_id])  # what the others expect comes with the next outlook

    def _on_options(self) -> None:
        if self.isVisible():
            self._show_soon(with_points=True)

    def show_keys(self, tip_of: Callable[[str], str]) -> None:
        """Tool tips of the buttons, by command."""
        for command, button in self.takes.items():
            button.setToolTip(tip_of(command))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Views of another size show the same part."""
        super().resizeEvent(event)
        self._moved.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Brought up: everything is as it is now."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: no pixels are wanted."""
        super().hideEvent(event)
        self._wanting.start()


def _later(panel: QWidget, wait: int, work: Callable[[], None]) -> QTimer:
    timer = QTimer(panel)
    timer.setSingleShot(True)
    timer.setInterval(wait)
    timer.timeout.connect(work)
    return timer
