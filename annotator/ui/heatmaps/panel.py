"""The heatmap panel: one pane for the global network and one a region, linked with the frame view."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from annotator.domain.proposal import Proposal
from annotator.session.session import Session
from annotator.ui.common.theme import COLOURS
from annotator.ui.common.view_options import ViewOptions
from annotator.ui.common.widgets import Panel, tool_button
from annotator.ui.heatmaps.controls import HeatControls
from annotator.ui.heatmaps.crop_place import FramePlace
from annotator.ui.heatmaps.heat_maths import HeatStack
from annotator.ui.heatmaps.pane import HeatmapPane
from annotator.ui.heatmaps.pane_grid import PaneGrid
from annotator.ui.heatmaps.two_models import TwoModels


class HeatmapsPanel(Panel):
    """Shows the current frame's proposal as its networks saw it."""

    place_wanted = Signal(float, float, float)  # the frame is to show this: middle in frame px, zoom

    def __init__(self, session: Session, options: ViewOptions, parent: QWidget | None = None) -> None:
        super().__init__("Latent heatmaps", parent)
        self._session, self._options = session, options
        self._shown: Proposal | None = None
        self.panes: list[HeatmapPane] = []
        self.grid = PaneGrid()
        self.body.addWidget(self.grid, 1)
        self.header.addWidget(tool_button("corners-out", "Enlarge the pane under the pointer", self.enlarge))
        self.header.addWidget(tool_button("arrows-out", "Fit all panes", self.fit_all))
        self._build_controls()
        self.active_pane: HeatmapPane | None = None  # the pointer was over it last
        self._place: FramePlace | None = None  # what the frame view shows
        self._followed = options.value.panes_follow
        self._failed = 0  # the frame that could not be proposed last
        self.two = TwoModels(session, self)
        self.other = HeatmapPane("", COLOURS.proposed)  # what the other model saw
        self.other.hide()
        self._wire(self.other)
        self.two.changed.connect(self._on_two)
        session.project_opened.connect(self._rebuild)
        session.frames.current_changed.connect(lambda _frame: self._reload())
        session.proposals.arrived.connect(self._on_frame_event)
        session.annotations.changed.connect(self._on_annotation)
        session.proposals.failed.connect(self._on_failed)
        session.models.changed.connect(self._on_models)
        session.selection.changed.connect(self._refresh)
        session.pointer.hover_changed.connect(self._on_hover)
        session.pointer.moved.connect(self._on_cursor)
        options.changed.connect(self._on_options)
        if session.is_open:
            self._rebuild()

    # ---- controls
    def _build_controls(self) -> None:
        self.controls = HeatControls(self._options)
        self.body.addWidget(self.controls)
        self.colormap, self.opacity, self.contours = (
            self.controls.colormap,
            self.controls.opacity,
            self.controls.contours,
        )

    def _active(self) -> HeatmapPane:
        """The pane that keys are about: under the pointer last, else the one of the selection, else the global one."""
        if self.active_pane is not None and self.active_pane in self.panes:
            return self.active_pane
        return next((pane for pane in self.panes[1:] if pane.content.active), self.panes[0])

    def turn_contrast(self, steps: int) -> None:
        """More or less contrast in the active pane alone."""
        if self.panes:
            self.controls.turn_contrast(self._active().name, steps)

    def next_colours(self) -> None:
        """Other colours in the active pane alone."""
        if self.panes:
            self.controls.next_colours(self._active().name)

    def same_looks(self) -> None:
        """Colours and contrast as set for all panes, in every one."""
        self._options.update(own=())

    # ---- following the session
    def _rebuild(self) -> None:
        """Makes the panes that the project's scheme asks for."""
        scheme = self._session.scheme
        titles = [("global", "Global", COLOURS.proposed)]
        titles += [(region.name, region.title, region.colour) for region in scheme.regions]
        self.panes = [HeatmapPane(title, tint, name=name) for name, title, tint in titles]
        self.controls.set_panes([(name, title) for name, title, _ in titles])
        for pane in self.panes:
            self._wire(pane)
            pane.entered.connect(partial(self._enter, pane))
            pane.contrast_turned.connect(partial(self.controls.turn_contrast, pane.name))
            pane.enlarge_wanted.connect(partial(self.grid.enlarge, pane))
        self._shown = None
        self.grid.set_panes(self.panes)
        self._follow()
        self._reload()

    def _wire(self, pane: HeatmapPane) -> None:
        pane.selected.connect(self._select)
        pane.hovered.connect(self._session.pointer.set_hover)
        pane.cursor_moved.connect(self._session.pointer.move_to)
        pane.cursor_left.connect(self._session.pointer.leave)
        pane.place_wanted.connect(self.place_wanted)
        self._session.gestures_ending.connect(pane.end_pan)

    @property
    def _all(self) -> list[HeatmapPane]:
        """Every pane that shows something, the other model's included."""
        return [*self.panes, self.other] if self.two.model is not None else self.panes

    def _on_two(self) -> None:
        """Another model beside the active one, its heat, or none any more."""
        if self.two.model is None:
            self.grid.show_pair(None)
            for pane in self.panes:
                pane.set_title(pane.title)
        else:
            self._fill_other()
            self._refresh()

    def _fill_other(self) -> None:
        """The pane of the selection's region, and what the other model saw there."""
        if self.two.model is None or not self.panes:
            return
        beside = next((pane for pane in self.panes[1:] if pane.content.active), self.panes[0])
        self.two.fill(self.other, beside, self._shown)
        active = self._session.models.active
        for pane in self.panes:
            whose = f" · {active.card.title or active.id}" if pane is beside and active is not None else ""
            pane.set_title(pane.title + whose)
        self.grid.show_pair((beside, self.other))
        self.other.follow(self._place if self._options.value.panes_follow else None)

    def _on_frame_event(self, frame_id: int) -> None:
        if frame_id == self._session.frames.current_id:
            self._reload()

    def _on_failed(self, frame_id: int, _text: str) -> None:
        self._failed = frame_id
        self._on_frame_event(frame_id)

    def _on_models(self) -> None:
        self._failed = 0
        self._reload()

    def _on_annotation(self, frame_id: int) -> None:
        if frame_id == self._session.frames.current_id:
            self._refresh_points()

    def _reload(self) -> None:
        """Takes over the current frame's heatmaps, if they are in memory."""
        frame_id = self._session.frames.current_id
        proposal = self._session.proposals.get(frame_id) if frame_id else None
        self._shown = proposal
        heatmaps = proposal.heatmaps if proposal is not None else ()
        waiting = self._waiting_text()
        by_name = {heatmap.name: heatmap for heatmap in heatmaps}
        names = ["global"] + [region.name for region in self._session.scheme.regions]
        for pane, name in zip(self.panes, names, strict=True):
            heatmap = by_name.get(name)
            pane.set_stack(
                HeatStack(heatmap) if heatmap is not None else None,
                waiting if not heatmaps or name == "global" else "This model has no crop of this region",
                # the face, in place of the room that it is in
                proposal.xy.astype(np.float64) if proposal is not None and name == "global" else None,
            )
        self._refresh()

    def _waiting_text(self) -> str:
        """What the panes say while there are no heatmaps."""
        if not self._session.frames.current_id:
            return "Choose a frame"
        active = self._session.models.active
        if active is None:
            return "No model is active: choose one under Model"
        if active.card.is_imported:
            return "These proposals came in a file, without heatmaps"
        if self._failed == self._session.frames.current_id:
            return "No heatmap: the model could not propose"
        return "Waiting for the model…"

    def _refresh(self) -> None:
        selected = self._session.selection.indices
        for pane in self.panes:
            pane.set_heat(self._options.value, selected)
        if self.two.model is not None:
            self._fill_other()
            self.other.set_heat(self._options.value, selected)
        self._refresh_points()

    def _on_options(self) -> None:
        if self._options.value.panes_follow != self._followed:
            self._followed = self._options.value.panes_follow
            self._follow()
            if not self._followed:
                self.fit_all()
        self._refresh()

    def _refresh_points(self) -> None:
        frame_id = self._session.frames.current_id
        if not frame_id or not self.panes:
            return
        annotation = self._session.annotations.shown(frame_id)
        xy = annotation.xy.astype(np.float64)
        for pane in self._all:
            pane.set_points(xy, annotation.state, self._session.selection.indices)
        if self._shown is not None and len(self._shown.rois):
            tints = [region.colour for region in self._session.scheme.regions]
            self.panes[0].set_boxes(self._shown.rois.astype(np.float64), tints)

    def _on_hover(self, landmark: int) -> None:
        for pane in self._all:
            pane.set_hover(landmark)

    def _on_cursor(self, x: float, y: float) -> None:
        for pane in self._all:
            pane.set_cursor(x, y)

    def _enter(self, pane: HeatmapPane) -> None:
        self.active_pane = pane

    def _select(self, landmark: int, add: bool) -> None:
        if add:
            self._session.selection.toggle(landmark)
        else:
            self._session.selection.select(landmark)

    def enlarge(self) -> None:
        """The pane under the pointer gets all the room, or gives it back."""
        if not self.panes:
            return
        pane = self._active()
        back = self.grid.enlarged is not None and self.grid.window_of(pane) is None
        self.grid.enlarge(None if back else pane)

    def detach(self) -> None:
        """The pane under the pointer gets a window of its own, or goes back."""
        if self.panes:
            self.grid.detach(self._active())

    # ---- following the frame view
    def show_place(self, x: float, y: float, zoom: float) -> None:
        """What the frame view shows: its middle in frame pixels, and its zoom; panes that follow show the same."""
        self._place = (x, y, zoom)
        if self._options.value.panes_follow:
            self._follow()

    def _follow(self) -> None:
        place = self._place if self._options.value.panes_follow else None
        for pane in self._all:
            pane.follow(place)

    def fit_all(self) -> None:
        """Shows the whole crop in every pane."""
        for pane in self._all:
            pane.fit()
