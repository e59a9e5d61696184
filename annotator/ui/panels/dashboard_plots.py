"""The plots of the dashboard; each is given values that were computed elsewhere and only draws them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QWidget

from annotator.services.project.model_accuracy import ModelAccuracy
from annotator.services.project.work_statistics import FrameWork
from annotator.store.lists.coverage import Covered
from annotator.ui.common.plain import legend
from annotator.ui.common.theme import COLOURS, scaled, ui_font

_TINTS = ("#5aa9e6", "#6fb98f", "#dba94b", "#dd8f92", "#8fa3e8", "#9adfd0")
_DONE = "#41705a"  # the green of what is done, dark enough for text on it
_WINDOW = 9  # frames of the moving mean
_MOST_BARS = 14


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """A quiet plot in the window's colours, without menus; the mouse does not move it."""

    def __init__(self, title: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, background=COLOURS.window)
        self.setAccessibleName(f"Plot of {name}")
        self.setTitle(title, color=COLOURS.dim, size=f"{scaled(12)}px")
        self.showGrid(x=True, y=True, alpha=0.10)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseEnabled(x=False, y=False)
        self.setMinimumSize(scaled(220), scaled(190))  # what its words need
        for axis in ("left", "bottom"):
            self.getAxis(axis).setPen(COLOURS.border)
            self.getAxis(axis).setTextPen(COLOURS.dim)
            self.getAxis(axis).setStyle(tickFont=ui_font(10))
            self.getAxis(axis).setTickDensity(0.6)
            self.getAxis(axis).enableAutoSIPrefix(False)  # "(x0.001)" beside a percentage reads as an error

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel belongs to the page."""
        event.ignore()

    def axes(self, bottom: str, left: str) -> None:
        """Says what the axes are."""
        self.setLabel("bottom", bottom, color=COLOURS.faint, **{"font-size": "8pt"})
        self.setLabel("left", left, color=COLOURS.faint, **{"font-size": "8pt"})

    def keyed(self, right: bool = False) -> None:
        """Gives the plot a legend, in its upper left or right corner."""
        self.addLegend(
            offset=(-8, 4) if right else (8, 4),
            brush=pg.mkBrush(23, 24, 26, 215),
            labelTextColor=COLOURS.dim,
            labelTextSize="8pt",
        )


class PacePlot(Plot):
    """Frames a minute over working time."""

    def __init__(self) -> None:
        super().__init__("Pace", "frames a minute over working time")
        self.axes("minutes of work", "frames a minute")
        self.curve = self.plot(
            pen=pg.mkPen(COLOURS.accent, width=1.6),
            symbol="o",
            symbolSize=4,
            symbolBrush=COLOURS.accent,
            symbolPen=None,
        )

    def show_work(self, work: Sequence[FrameWork]) -> None:
        """Draws how many frames were begun in each stretch of working time."""
        middles, pace = pace_of(np.array([one.began for one in work], np.float64))
        self.curve.setData(middles, pace)
        self.setYRange(0, max(float(pace.max()) * 1.1, 0.1) if len(pace) else 1, padding=0)


class CorrectionsPlot(Plot):
    """Corrections a frame, in the order in which the frames were worked on; the colour tells the model."""

    def __init__(self) -> None:
        super().__init__("Corrections a frame", "corrections a frame in the order of work")
        self.axes("frames, in the order of work", "points moved")
        self.keyed(right=True)

    def show_work(self, work: Sequence[FrameWork]) -> None:
        """Draws a dot a frame and the moving mean."""
        self.clear()
        moved = np.array([one.moved for one in work], np.float64)
        models = [one.model_id or "by hand" for one in work]
        for number, model in enumerate(dict.fromkeys(models)):
            at = np.flatnonzero([name == model for name in models])
            tint = QColor(_TINTS[number % len(_TINTS)])
            self.plot(
                at + 1,
                moved[at],
                pen=None,
                symbol="o",
                symbolSize=5,
                symbolBrush=tint,
                symbolPen=None,
                name=legend(model),
            )
        if len(moved) > 1:
            self.plot(
                np.arange(1, len(moved) + 1), moving_mean(moved), pen=pg.mkPen(COLOURS.bright, width=1.6)
            )
        self.setYRange(0, max(float(moved.max()) * 1.1, 1) if len(moved) else 1, padding=0)


class CalibrationPlot(Plot):
    """Are the sigmas honest? The sigma that a model predicted against how far people then moved its points."""

    def __init__(self) -> None:
        super().__init__("Honesty of the sigmas", "calibration of the uncertainty")
        self.axes("predicted sigma, % of the normaliser", "real correction, %")
        self.keyed()

    def show_models(self, models: Sequence[ModelAccuracy]) -> None:
        """Draws a curve a model; above the diagonal a model is too sure of itself, below it too modest."""
        self.clear()
        shown = models[-len(_TINTS) :]
        ends = [float(max(model.sigma.max(), model.correction.max())) for model in shown if len(model.sigma)]
        most = 100 * max([*ends, 1e-3]) * 1.05
        dashes = pg.mkPen(COLOURS.faint, width=1, style=Qt.PenStyle.DashLine)
        self.plot([0, most], [0, most], pen=dashes, name="honest")
        for number, model in enumerate(shown):
            tint = _TINTS[number % len(_TINTS)]
            self.plot(
                100 * model.sigma,
                100 * model.correction,
                pen=pg.mkPen(tint, width=1.8),
                symbol="o",
                symbolSize=5,
                symbolBrush=tint,
                symbolPen=None,
                name=model.model_id,
            )
        self.setXRange(0, most, padding=0)
        self.setYRange(0, most, padding=0)


class Bars(Plot):
    """Named upright bars with a text over each."""

    def __init__(self, title: str, name: str, unit: str) -> None:
        super().__init__(title, name)
        self.axes("", unit)
        self.showGrid(x=False, y=True, alpha=0.10)
        self.values: list[float] = []
        self.ceiling: float | None = None

    def show_bars(self, bars: Sequence[tuple[str, float, str]], ceiling: float | None = None) -> None:
        """Draws (name, value, text) bars, those that are known; `ceiling`: how far people are from each other, as a line."""
        self.clear()
        kept = [bar for bar in bars if np.isfinite(bar[1])]
        self.values = [value for _, value, _ in kept]
        tints = [QColor(_TINTS[number % len(_TINTS)]) for number in range(len(kept))]
        self.addItem(
            pg.BarGraphItem(x=range(len(kept)), height=self.values, width=0.55, brushes=tints, pen=None)
        )
        for number, (_, value, text) in enumerate(kept):
            note = pg.TextItem(text, color=COLOURS.text, anchor=(0.5, 1.0))
            note.setFont(ui_font(10))
            note.setPos(number, value)
            self.addItem(note)
        self.getAxis("bottom").setTicks([[(number, name) for number, (name, _, _) in enumerate(kept)]])
        self.setXRange(-0.7, max(len(kept), 2) - 0.3, padding=0)
        self.ceiling = ceiling if kept else None
        if self.ceiling is not None:
            pen = pg.mkPen(COLOURS.bright, width=1, style=Qt.PenStyle.DashLine)
            line = pg.InfiniteLine(self.ceiling, angle=0, pen=pen, label="people differ by this")
            line.label.setPosition(0.82)
            line.label.setColor(COLOURS.bright)
            self.addItem(line)
        highest = max([*self.values, self.ceiling or 0.0], default=0.0)
        self.setYRange(0, (highest or 1.0) * 1.25, padding=0)


class ProgressPlot(Plot):
    """How much of each subject, take or camera was worked on: lying bars, the largest on top."""

    def __init__(self) -> None:
        super().__init__("Progress", "progress by subject, take or camera")
        self.axes("% of the frames worked on", "")
        self.showGrid(x=True, y=False, alpha=0.10)
        self.setXRange(0, 100, padding=0.02)
        self.shares: list[float] = []

    def show_rows(self, rows: Sequence[Covered]) -> None:
        """Draws the tokens with the most frames."""
        self.clear()
        most = sorted(rows, key=lambda row: -row.frames)[:_MOST_BARS][::-1]
        self.shares = [100 * row.touched / row.frames for row in most]
        places = range(len(most))
        back = pg.BarGraphItem(
            x0=0, y=places, height=0.62, width=[100] * len(most), brush=COLOURS.raised, pen=None
        )
        done = pg.BarGraphItem(x0=0, y=places, height=0.62, width=self.shares, brush=_DONE, pen=None)
        for item in (back, done):
            self.addItem(item)
        for place, row in zip(places, most, strict=True):
            note = pg.TextItem(f"{row.touched} of {row.frames}", color=COLOURS.bright, anchor=(1.0, 0.5))
            note.setFont(ui_font(10))
            note.setPos(99, place)
            self.addItem(note)
        self.getAxis("left").setTicks(
            [[(place, row.token or "–") for place, row in zip(places, most, strict=True)]]
        )
        self.setYRange(-0.6, max(len(most), 4) - 0.4, padding=0)


def pace_of(began: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Middles (minutes) and frames a minute of at most 24 equal stretches of working time, each at least a minute long."""
    if not len(began):
        return np.empty(0), np.empty(0)
    total = max(float(began.max()), 1.0)
    count = int(np.clip(total, 1, 24))
    frames, edges = np.histogram(began, bins=count, range=(0.0, total))
    return (edges[:-1] + edges[1:]) / 2, frames / (total / count)


def moving_mean(values: NDArray[np.float64], window: int = _WINDOW) -> NDArray[np.float64]:
    """The mean of each value with its neighbours; at the ends of those that there are."""
    window = min(window, len(values))
    weights = np.ones(window)
    summed = np.convolve(values, weights, "same")
    return np.asarray(summed / np.convolve(np.ones(len(values)), weights, "same"))
