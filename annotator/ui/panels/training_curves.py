"""Curves of a training: loss by step, and the error on the frozen frames by region."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QWidget

from annotator.domain.scheme import Region
from annotator.ui.common.plain import legend
from annotator.ui.common.theme import COLOURS, scaled
from annotator.ui.panels.training_state import TrainingState, thinned

_MOST_POINTS = 800
_FEWEST_STEPS = 10  # a plot shows no parts of a step
_TITLES = {"all": "All", "global_only": "Outside the regions", "overview": "Global network"}


class TrainingCurves(QWidget):
    """Two plots side by side, drawn from a training's state."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss_plot, self.nme_plot = (
            _plot("Loss by step", "loss"),
            _plot("", "error by step"),
        )
        self.nme_plot.addLegend(
            offset=(-6, 4),
            colCount=2,
            brush=pg.mkBrush(23, 24, 26, 140),
            labelTextColor=COLOURS.dim,
            labelTextSize="8pt",
        )
        self._loss_dots = self.loss_plot.plot(
            pen=None, symbol="o", symbolSize=3.5, symbolPen=None, symbolBrush=pg.mkBrush(90, 169, 230, 150)
        )
        self._loss_curve = self.loss_plot.plot(pen=pg.mkPen(COLOURS.accent, width=1.8))
        self._nme_curves: dict[str, pg.PlotDataItem] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.loss_plot, 2)
        row.addWidget(self.nme_plot, 3)  # its title and legend are longer

    def show_state(self, state: TrainingState, regions: Sequence[Region]) -> None:
        """Draws what a training has told so far; `regions` are the scheme's."""
        for curve, points in ((self._loss_dots, state.loss), (self._loss_curve, state.trend)):
            some = thinned(points, _MOST_POINTS)
            curve.setData(*np.array(some or np.empty((0, 2)), np.float64).T)
        self.nme_plot.setTitle(_chart_title(state), color=COLOURS.dim, size=f"{scaled(12)}px")
        for gone in set(self._nme_curves) - set(state.curves):
            self.nme_plot.removeItem(self._nme_curves.pop(gone))
        for name, told in state.curves.items():
            if name not in self._nme_curves:
                tint = _tint(name, regions)
                self._nme_curves[name] = self.nme_plot.plot(
                    pen=pg.mkPen(tint, width=2.2 if name == "all" else 1.2),
                    name=legend(part_title(name, regions)),
                    symbol="o",
                    symbolSize=4,
                    symbolBrush=tint,
                    symbolPen=None,
                )
            steps, values = np.array(told, np.float64).T
            self._nme_curves[name].setData(steps, values)


def _chart_title(state: TrainingState) -> str:
    """What the chart shows, and in what unit: never the networks' own errors beside a table of something else."""
    if state.verdict:
        unit = "% of the eye distance" if state.unit == "%" else "px"
        return f"As in the table, {unit}"
    whole = "eye distance" if state.normaliser == "inter-ocular" else "face's box"
    return f"Networks alone by step, % of the {whole}"


def part_title(name: str, regions: Sequence[Region]) -> str:
    """A part of the face in words: a region's title, or what is measured beside the regions."""
    return ({region.name: region.title for region in regions} | _TITLES).get(name, name)


def _tint(name: str, regions: Sequence[Region]) -> QColor:
    others = {"all": COLOURS.bright, "overview": COLOURS.dim}
    colours = {**others, **{region.name: region.colour for region in regions}}
    return QColor(colours.get(name, COLOURS.proposed))


def _plot(title: str, name: str) -> pg.PlotWidget:
    plot = pg.PlotWidget(background=COLOURS.window)
    plot.setAccessibleName(f"Curve of {name}")
    plot.setTitle(title, color=COLOURS.dim, size=f"{scaled(12)}px")
    plot.showGrid(x=True, y=True, alpha=0.12)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    for axis in ("left", "bottom"):
        plot.getAxis(axis).setPen(COLOURS.border)
        plot.getAxis(axis).setTextPen(COLOURS.dim)
        plot.getAxis(axis).setTickDensity(0.6)
    plot.setLimits(xMin=-0.4, minXRange=_FEWEST_STEPS)  # room for the dots of the first step
    plot.setMinimumSize(200, 120)
    return plot
