"""The heatmap panel: one pane for the global network and one a region, linked with the frame view."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QWidget

from annotator.domain.proposal import Proposal
from annotator.session.session import Session
from annotator.ui.colormaps import colormap_names
from annotator.ui.heat_maths import HeatStack
from annotator.ui.heatmap_pane import HeatmapPane
from annotator.ui.pane_grid import PaneGrid
from annotator.ui.theme import COLOURS, label
from annotator.ui.view_options import HeatScale, HeatSource, ViewOptions
from annotator.ui.widgets import Panel, slider, tool_button


class HeatmapsPanel(Panel):
    """Shows the current frame's proposal as its networks saw it."""

    def __init__(self, session: Session, options: ViewOptions, parent: QWidget | None = None) -> None:
        super().__init__("Latent heatmaps", parent)
        self._session, self._options = session, options
        self._shown: Proposal | None = None
        self.panes: list[HeatmapPane] = []
        self.grid = PaneGrid()
        self.body.addWidget(self.grid, 1)
        self.header.addWidget(tool_button("corners-out", "Enlarge the active pane", self.enlarge))
        self.header.addWidget(tool_button("arrows-out", "Fit all panes", self.fit_all))
        self._build_controls()
        session.project_opened.connect(self._rebuild)
        session.frame_changed.connect(lambda _frame: self._reload())
        session.proposal_arrived.connect(self._on_frame_event)
        session.annotation_changed.connect(self._on_annotation)
        session.models_changed.connect(self._reload)
        session.selection_changed.connect(self._refresh)
        session.hover_changed.connect(self._on_hover)
        session.cursor_moved.connect(self._on_cursor)
        options.changed.connect(self._refresh)
        if session.is_open:
            self._rebuild()

    # ---- controls
    def _build_controls(self) -> None:
        self.source, self.scale, self.colormap = QComboBox(), QComboBox(), QComboBox()
        for source in HeatSource:
            self.source.addItem(source.value, source)
        for scale in HeatScale:
            self.scale.addItem(scale.value, scale)
        self.colormap.addItems(colormap_names())
        self.opacity = slider("Heat opacity", 0, 100, 85, 62)
        self.contrast = slider("Heat contrast", 0, 100, 50, 62)
        self.contours = QCheckBox("Contours")
        for widget, name in (
            (self.source, "Landmarks in the heat"),
            (self.scale, "Heat scale"),
            (self.colormap, "Heat colours"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(name)
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row = QHBoxLayout()
        row.setSpacing(6)
        for box in (self.source, self.scale, self.colormap):
            row.addWidget(box, 1)
        self.body.addLayout(row)
        second = QHBoxLayout()
        second.setSpacing(6)
        for text, control in (("Opacity", self.opacity), ("Contrast", self.contrast)):
            second.addWidget(label(text, "dim"))
            second.addWidget(control)
            second.addSpacing(6)
        second.addStretch(1)
        second.addWidget(self.contours)
        self.body.addLayout(second)
        self.source.activated.connect(
            lambda _row: self._options.update_heat(source=self.source.currentData())
        )
        self.scale.activated.connect(lambda _row: self._options.update_heat(scale=self.scale.currentData()))
        self.colormap.textActivated.connect(lambda name: self._options.update_heat(colormap=name))
        self.opacity.valueChanged.connect(lambda value: self._options.update_heat(opacity=value / 100))
        self.contrast.valueChanged.connect(
            lambda value: self._options.update_heat(contrast=2.0 ** ((value - 50) / 25))
        )
        self.contours.toggled.connect(lambda on: self._options.update_heat(contours=on))

    # ---- following the session
    def _rebuild(self) -> None:
        """Makes the panes that the project's scheme asks for."""
        scheme = self._session.scheme
        titles = [("Global", COLOURS.proposed)] + [(region.title, region.colour) for region in scheme.regions]
        self.panes = [HeatmapPane(title, tint) for title, tint in titles]
        for pane in self.panes:
            pane.selected.connect(self._select)
            pane.hovered.connect(self._session.set_hover)
            pane.cursor_moved.connect(self._session.set_cursor)
            pane.cursor_left.connect(self._session.clear_cursor)
        self._shown = None
        self.grid.set_panes(self.panes)
        self._reload()

    def _on_frame_event(self, frame_id: int) -> None:
        if frame_id == self._session.current_id:
            self._reload()

    def _on_annotation(self, frame_id: int) -> None:
        if frame_id == self._session.current_id:
            self._refresh_points()

    def _reload(self) -> None:
        """Takes over the current frame's heatmaps, if they are in memory."""
        frame_id = self._session.current_id
        proposal = self._session.proposal(frame_id) if frame_id else None
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
            )
        self._refresh()

    def _waiting_text(self) -> str:
        """What the panes say while there are no heatmaps."""
        if not self._session.current_id:
            return "Choose a frame"
        active = self._session.active_model
        if active is None:
            return "No model is active: choose one under Model"
        if active.card.is_imported:
            return "These proposals came in a file, without heatmaps"
        return "Waiting for the model…"

    def _refresh(self) -> None:
        selected = self._session.selection.indices
        for pane in self.panes:
            pane.set_heat(self._options.value, selected)
        self._refresh_points()

    def _refresh_points(self) -> None:
        frame_id = self._session.current_id
        if not frame_id or not self.panes:
            return
        annotation = self._session.annotation(frame_id)
        xy = annotation.xy.astype(np.float64)
        for pane in self.panes:
            pane.set_points(xy, annotation.state, self._session.selection.indices)
        if self._shown is not None and len(self._shown.rois):
            tints = [region.colour for region in self._session.scheme.regions]
            self.panes[0].set_boxes(self._shown.rois.astype(np.float64), tints)

    def _on_hover(self, landmark: int) -> None:
        for pane in self.panes:
            pane.set_hover(landmark)

    def _on_cursor(self, x: float, y: float) -> None:
        for pane in self.panes:
            pane.set_cursor(x, y)

    def _select(self, landmark: int, add: bool) -> None:
        if add:
            self._session.selection.toggle(landmark)
        else:
            self._session.selection.select(landmark)

    def enlarge(self) -> None:
        """The pane that owns the selection (else the global one) gets all the room, or gives it back."""
        if self.grid.enlarged is not None or not self.panes:
            self.grid.enlarge(None)
            return
        owners = [pane for pane in self.panes[1:] if pane.content.active]
        self.grid.enlarge(owners[0] if owners else self.panes[0])

    def fit_all(self) -> None:
        """Shows the whole crop in every pane."""
        for pane in self.panes:
            pane.fit()
