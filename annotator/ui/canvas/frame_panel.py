"""The frame view joined to the session: shows its current frame, turns what the artist does into edits."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.domain.proposal import Proposal
from annotator.session.pixels.frame_loader import LoadedFrame
from annotator.session.pixels.memory import Cache
from annotator.session.session import Session
from annotator.ui.canvas.comparison import overlay_data
from annotator.ui.canvas.frame_badges import FrameBadges, empty_text
from annotator.ui.canvas.frame_view import FrameView
from annotator.ui.canvas.frame_warnings import FrameWarnings, frame_warnings
from annotator.ui.canvas.glance import Glance
from annotator.ui.canvas.least_sure import LeastSure
from annotator.ui.canvas.loupe import place_text
from annotator.ui.canvas.overlay.data import OverlayData
from annotator.ui.canvas.placing import Placing
from annotator.ui.canvas.shaping import Shaping
from annotator.ui.canvas.view_lock import ViewLock
from annotator.ui.common.view_options import HeatSource, ViewOptions
from annotator.ui.heatmaps.heat_maths import HeatStack

_LEAST = 160.0  # frame pixels: a single point is shown with its surroundings


class FramePanel(QFrame):
    """Current frame, its landmarks, and small badges in the corners of the picture."""

    def __init__(self, session: Session, options: ViewOptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._session, self._options = session, options
        self._caption = ""
        self._is_shown_anew = False  # since the last drop
        self._instead: tuple[Annotation, str] | None = None
        self._warnings = FrameWarnings()
        self._notice = ""
        self._gesture_of = (Path(), 0)  # project and frame where the gesture under way began
        self._loaded: LoadedFrame | None = None
        self._stacks: dict[str, HeatStack] = {}
        self._stacks_of: Proposal | None = None
        self.view = FrameView()
        self.placing = Placing(session, self.view, self)
        self.shaping = Shaping(session, self.view, self)
        for tiles, share in ((self.view.tiles, 0.12), (self.view.compare.tiles, 0.06)):
            used = partial(getattr, tiles, "cached_bytes")
            session.memory.add(Cache("display tiles", used, tiles.set_cache_bytes, share))
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(self.view)
        self.badges = FrameBadges(self.view, self.view.overlay.set_covered)
        self.glance = Glance(session, self.view, self.badges, self._show_image, self._show_points)
        self._connect_view()
        self._connect_session()
        self.lock = ViewLock(session, self.view, self)  # after a frame is shown, so that it has the last word
        self.least_sure = LeastSure(session, self.view, options, self.lock, self)
        self._on_project()

    def _connect_view(self) -> None:
        view, session = self.view, self._session
        view.select_requested.connect(self._select)
        view.gesture_started.connect(self._note_frame)
        session.gestures_ending.connect(view.finish_gesture)
        view.drag_started.connect(session.annotations.stopwatch.start)
        view.points_dropped.connect(self._drop)
        view.radius_dropped.connect(lambda radius: self._options.update(soft=True, soft_radius=radius))
        for changed in (self.placing.changed, self.shaping.changed):
            changed.connect(lambda *_: self._show_state())
        view.box_dropped.connect(self._rerun)
        view.gesture_cancelled.connect(self._show_points)
        view.hovered.connect(session.pointer.set_hover)
        view.points_held.connect(session.pointer.held)
        view.cursor_moved.connect(session.pointer.move_to)
        view.cursor_left.connect(session.pointer.leave)
        view.zoom_changed.connect(self.badges.show_zoom)
        self._options.changed.connect(self._on_options)

    def _connect_session(self) -> None:
        session = self._session
        session.project_opened.connect(self._on_project)
        session.project_closed.connect(self._on_project)
        session.frames.current_changed.connect(self._on_frame)
        session.frames.image_loaded.connect(lambda frame: self._if_current(frame, self._show_image))
        session.frames.image_failed.connect(self._on_image_failed)
        session.annotations.changed.connect(lambda frame: self._if_current(frame, self._show_points))
        session.proposals.failed.connect(
            lambda frame, text: self._if_current(frame, partial(self._show_state, text))
        )
        session.models.changed.connect(self._show_points)
        session.selection.changed.connect(partial(self._show_points, is_same=True))
        session.pointer.hover_changed.connect(self._on_hover)
        session.pointer.moved.connect(self.view.set_cursor_mark)

    # ---- what the artist does
    def _select(self, indices: tuple[int, ...], mode: str) -> None:
        selection = self._session.selection
        if mode == "toggle":
            for index in indices:
                selection.toggle(index)
        elif mode == "add":
            selection.add(indices)
        else:
            selection.set(indices)

    def _note_frame(self) -> None:
        """A gesture belongs to the frame and project where it began."""
        self._gesture_of = (self._session.path, self._session.frames.current_id)

    def _frame_of_gesture(self) -> int:
        """The frame where the gesture began, 0 if its project is not open any more."""
        path, frame_id = self._gesture_of
        return frame_id if self._session.is_open and self._session.path == path else 0

    def _drop(self, indices: tuple[int, ...], xy: NDArray[np.float64], label: str) -> None:
        frame_id = self._frame_of_gesture()
        self._is_shown_anew = False
        if frame_id:
            edit = edits.move(indices, xy, self.shaping.stroke_of(label))
            self._session.annotations.submit(frame_id, replace(edit, label=label or edit.label))
        if not self._is_shown_anew:  # the edit was refused, or changed nothing
            self._show_points()

    def _rerun(self, number: int, box: NDArray[np.float64]) -> None:
        """Has one region's network look at the box that the artist drew."""
        frame_id = self._frame_of_gesture()
        if not frame_id:
            return
        self._show_points()
        region = self._session.scheme.regions[number]
        self._session.proposals.rerun_region(frame_id, region.name, box)
        self._show_state(f"{region.title}: proposing again…")

    def show_caption(self, text: str) -> None:
        """What is compared with, in the corner; empty: nothing."""
        if text != self._caption:
            self._caption = text
            self._show_points()
            self._show_state(text)

    def show_instead(self, annotation: Annotation | None, text: str = "") -> None:
        """Shows another annotation of this frame, such as an earlier one, with a word on it; None ends that."""
        self._instead = None if annotation is None else (annotation, text)
        self.view.show_marks(self._instead is None)
        self._show_points()

    @property
    def seen_instead(self) -> str:
        """What is seen in place of the frame's landmarks as they are, in words; empty where they are seen."""
        if self._instead is not None:
            return "an earlier state"
        compare = self.view.compare
        return "the other side of a comparison" if compare.isVisible() and compare.line_x is None else ""

    def reveal(self, landmark: int) -> None:
        """Scrolls to a landmark, where it is placed."""
        xy = self.view.overlay.data_shown.xy
        if 0 <= landmark < len(xy) and math.isfinite(float(xy[landmark].sum())):
            self.view.reveal(*xy[landmark].tolist())

    def zoom_to_selection(self) -> None:
        """Fills the view with the selected landmarks, or with all of them."""
        xy = self.view.overlay.data_shown.xy
        selected = list(self._session.selection.indices)
        points = xy[selected] if selected else xy
        points = points[np.isfinite(points).all(-1)]
        if not len(points):
            return
        wide, high = np.maximum(np.ptp(points, 0), _LEAST).tolist()
        x, y = ((points.min(0) + points.max(0)) / 2).tolist()
        self.view.show_box(QRectF(x - wide / 2, y - high / 2, wide, high))

    def hold(self, frame_id: int, indices: tuple[int, ...], xy: NDArray[np.float64]) -> None:
        """Landmarks are dragged elsewhere, as in curves, and are at xy [K, 2] just now; none: they rest again."""
        if not indices:
            if self.view.is_dragging:
                self.view.end_preview()
            self._show_points()
        elif frame_id == self._session.frames.current_id and not (self.glance.is_on or self.seen_instead):
            if not self.view.is_dragging:
                self.view.begin_preview(indices)
            self.view.preview(indices, xy)

    # ---- following the session
    def _if_current(self, frame_id: int, show: Callable[[], None]) -> None:
        if frame_id == self._session.frames.current_id:
            show()

    def _on_project(self) -> None:
        self.view.overlay.set_scheme(self._session.scheme if self._session.is_open else None)
        self._on_frame(self._session.frames.current_id if self._session.is_open else 0)

    def _on_frame(self, frame_id: int) -> None:
        self._instead = None
        self.view.show_marks(True)
        self.placing.end()
        if not frame_id:
            self.view.show_image([], 0, 0)
            self.view.overlay.set_scheme(self._session.scheme if self._session.is_open else None)
        self._show_image()
        self._show_points()

    def _show_image(self) -> None:
        if self.glance.is_on:
            return
        frame = self._session.frames.current if self._session.is_open else None
        loaded = self._session.frames.image(frame.id) if frame is not None else None
        self._loaded = loaded
        if frame is None or loaded is None:
            self.view.tiles.set_levels([], frame.width if frame else 0, frame.height if frame else 0)
        else:
            self.view.show_image(loaded.levels, loaded.width, loaded.height)
        self._show_format()
        self.badges.name.setText(frame.name if frame else "")
        self.badges.hint.setText("" if frame else empty_text(self._session.is_open))
        self._place_badges()

    def _show_format(self) -> None:
        """Size and depth of the frame, and what it is looked at through."""
        frame, loaded = self._session.frames.current if self._session.is_open else None, self._loaded
        kind = loaded.levels[0].dtype.name if loaded is not None and not loaded.is_preview else "…"
        view = self._options.value.display.view
        seen = f"  ·  {view.view}" if view is not None else ""
        self.badges.format.setText(f"{frame.width} × {frame.height}  ·  {kind}{seen}" if frame else "")

    def _on_image_failed(self, frame_id: int, text: str) -> None:
        if frame_id == self._session.frames.current_id:
            self.badges.hint.setText(f"This frame cannot be shown.\n{text}")
            self._place_badges()

    def _show_points(self, is_same: bool = False) -> None:
        """Takes over annotation, proposal and selection; what the artist holds right now stays in the hand.

        `is_same`: nothing but the selection is another one, so that the warnings hold.
        """
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        if not frame_id or self.glance.is_on:
            return
        annotation = (
            self._instead[0] if self._instead is not None else self._session.annotations.shown(frame_id)
        )
        proposal = self._session.proposals.get(frame_id)
        data = overlay_data(
            self._session, annotation, proposal, self._session.annotations.tracks.get(frame_id)
        )
        data.hover, data.cursor = self._session.pointer.hover, self.view.cursor_mark
        if not is_same:
            self._warnings = frame_warnings(self._session.scheme, annotation, proposal)
        data.apart, data.near_edge = self._warnings.apart, self._warnings.edge
        self.badges.warning.setText(self._warnings.text if self._options.value.warnings else "")
        if proposal is not None:
            self._add_heat(data, proposal)
        if self.view.is_dragging:
            self.view.keep_held(data)
        self.view.show_points(data)
        self._is_shown_anew = True
        self._show_state(proposal.message if proposal is not None else "")

    def _add_heat(self, data: OverlayData, proposal: Proposal) -> None:
        """The heat of the primary landmark from the finest network that places it, for the overlay on the frame."""
        if not self._options.value.frame_heat or not data.selected:
            return
        if self._stacks_of is not proposal:
            self._stacks_of = proposal
            self._stacks = {heatmap.name: HeatStack(heatmap) for heatmap in proposal.heatmaps}
        owners = [stack for stack in self._stacks.values() if stack.owns(data.selected)]
        if owners:
            heat = replace(self._options.value.heat, source=HeatSource.SELECTED)
            data.heat = owners[-1].image(heat, data.selected)
            data.frame_from_heat = owners[-1].heatmap.frame_from_heatmap

    def _on_options(self) -> None:
        self.view.set_options(self._options.value)
        self._show_format()
        self._show_points()

    def _on_hover(self, landmark: int) -> None:
        if not self.view.is_dragging:
            self.view.overlay.set_hover(landmark, self.view.zoom)

    def show_notice(self, text: str) -> None:
        """A line in the corner until the state has something to say; empty takes it away."""
        self._notice = text
        self._show_state()

    def _show_state(self, text: str = "") -> None:
        text = self._caption or text or self._notice
        if self._instead is not None:
            parts = ("Looking at an earlier state", self._instead[1], self._caption)
            text = "   ·   ".join(part for part in parts if part)
        self.badges.state.setText(self.placing.text or self.shaping.text or text)
        self._place_badges()

    def _place_badges(self) -> None:
        self.badges.place(bool(self._session.is_open and self._session.frames.current_id))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Badges stay in their corners."""
        super().resizeEvent(event)
        self._place_badges()

    def pixel_text(self, x: float, y: float) -> str:
        """Coordinates and the stored pixel values under a frame position, for the status bar."""
        if not math.isfinite(x) or not self._session.is_open:
            return ""
        loaded = self._loaded
        return place_text(x, y, loaded.levels[0] if loaded is not None and not loaded.is_preview else None)
