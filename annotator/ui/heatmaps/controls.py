"""What the heatmap panes show and how: for all of them, or colours and contrast for one alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from annotator.ui.common.colormaps import colormap_names
from annotator.ui.common.theme import label
from annotator.ui.common.view_options import HeatScale, HeatSource, ViewOptions
from annotator.ui.common.widgets import slider

_STEP = 2**0.25  # of the contrast, by a key or a notch of the wheel
CONTRAST = (0.25, 4.0)
_WIDEST = 400  # logical pixels of a slider


class HeatControls(QWidget):
    """Edits `Options.heat`, and with a pane chosen its own look; follows the options, whoever changed them."""

    def __init__(self, options: ViewOptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = options
        self.source, self.scale, self.colormap, self.pane = (QComboBox() for _ in range(4))
        for source in HeatSource:
            self.source.addItem(source.value, source)
        for scale in HeatScale:
            self.scale.addItem(scale.value, scale)
        self.colormap.addItems(colormap_names())
        self.opacity = slider("Heat opacity", 0, 100, 85, 52)
        self.contrast = slider("Heat contrast", 0, 100, 50, 52)
        self.contours = QCheckBox("Contours")
        for widget, name in (
            (self.source, "Landmarks in the heat"),
            (self.scale, "Heat scale"),
            (self.colormap, "Heat colours"),
            (self.pane, "Panes that colours and contrast are for"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(name)
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            widget.setMinimumContentsLength(6)
            widget.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._lay_out()
        self._connect()
        self.set_panes(())

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        first, second, third = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row in (first, second, third):
            row.setSpacing(6)
            rows.addLayout(row)
        first.addWidget(self.source, 3)
        first.addWidget(self.scale, 2)
        second.addWidget(self.pane, 3)
        second.addWidget(self.colormap, 2)
        for text, control in (("Contrast", self.contrast), ("Opacity", self.opacity)):
            control.setMaximumWidth(_WIDEST)
            third.addWidget(label(text, "dim"))
            third.addWidget(control, 1)
        third.addWidget(self.contours)

    def _connect(self) -> None:
        options = self._options
        self.source.activated.connect(lambda _row: options.update_heat(source=self.source.currentData()))
        self.scale.activated.connect(lambda _row: options.update_heat(scale=self.scale.currentData()))
        self.pane.activated.connect(lambda _row: self._show())
        self.colormap.textActivated.connect(lambda name: self._look(colormap=name))
        self.opacity.valueChanged.connect(lambda value: options.update_heat(opacity=value / 100))
        self.contrast.valueChanged.connect(lambda value: self._look(contrast=2.0 ** ((value - 50) / 25)))
        self.contours.toggled.connect(lambda on: options.update_heat(contours=on))
        options.changed.connect(self._show)

    def set_panes(self, titles: Sequence[tuple[str, str]]) -> None:
        """The panes to choose from: (name, title)."""
        self.pane.clear()
        self.pane.addItem("All panes", "")
        for name, title in titles:
            self.pane.addItem(f"{title} alone", name)
        self._show()

    def turn_contrast(self, name: str, steps: int) -> None:
        """More (or less) contrast for one pane alone."""
        contrast = self._options.value.heat_of(name).contrast * _STEP**steps
        self._options.update_pane(name, contrast=min(max(contrast, CONTRAST[0]), CONTRAST[1]))
        self.pane.setCurrentIndex(self.pane.findData(name))
        self._show()

    def next_colours(self, name: str) -> None:
        """The next colormap for one pane alone."""
        names = colormap_names()
        at = names.index(self._options.value.heat_of(name).colormap)
        self._options.update_pane(name, colormap=names[(at + 1) % len(names)])
        self.pane.setCurrentIndex(self.pane.findData(name))
        self._show()

    def _look(self, **changes: str | float) -> None:
        """Colours or contrast, for the panes that are chosen."""
        name = self.pane.currentData()
        if name:
            self._options.update_pane(name, **changes)
        else:
            self._options.update_heat(**changes)

    def _show(self) -> None:
        """Takes over what is set; the controls do not answer to it."""
        heat = self._options.value.heat_of(self.pane.currentData() or "")
        widgets = (self.source, self.scale, self.colormap, self.opacity, self.contrast, self.contours)
        blockers = [QSignalBlocker(widget) for widget in widgets]
        self.source.setCurrentIndex(self.source.findData(heat.source))
        self.scale.setCurrentIndex(self.scale.findData(heat.scale))
        self.colormap.setCurrentText(heat.colormap)
        self.opacity.setValue(round(100 * heat.opacity))
        self.contrast.setValue(round(50 + 25 * math.log2(heat.contrast)))
        self.contours.setChecked(heat.contours)
        for blocker in blockers:
            blocker.unblock()
