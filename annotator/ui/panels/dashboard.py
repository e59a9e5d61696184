"""The dashboard: how the work goes, from the ledger; computed in a thread, drawn when it is looked at."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QVBoxLayout, QWidget

from annotator.domain.words import counted, minutes_text
from annotator.services.project.work_statistics import WorkStatistics, work_statistics
from annotator.session.session import Session
from annotator.ui.common.theme import COLOURS, label, scaled, ui_font
from annotator.ui.common.widgets import NO_PROJECT, EmptyState, Panel, scrolled, tool_button
from annotator.ui.panels.dashboard_plots import Bars, CalibrationPlot, CorrectionsPlot, PacePlot, ProgressPlot

_SETTLE_MS = 1500
_TILE, _PLOT = 150, 250  # px that a tile and a plot need for their words
_TEACH = (
    "Here you will see how the work goes: frames a minute, corrections a frame, the time that proposals save,\n"
    "how good each model was, and whether its sigmas are calibrated.\n\n"
    "It fills by itself as you correct and accept landmarks."
)
_FACETS = {"subject": "By subject", "take": "By take or expression", "camera": "By camera"}


class Tile(QWidget):
    """One figure, what it is, and a line on how it comes about."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(1)
        self.value = label("–")
        self.value.setFont(ui_font(22, 600))
        self.value.setStyleSheet(f"color: {COLOURS.bright}; font-size: 22px;")
        self.detail = label("", "faint")
        self.detail.setWordWrap(True)
        for widget in (label(title, "dim"), self.value, self.detail):
            column.addWidget(widget)
        column.addStretch(1)

    def show_figure(self, value: str, detail: str = "") -> None:
        """Takes over a figure."""
        self.value.setText(value)
        self.detail.setText(detail)


class Dashboard(Panel):
    """Tiles over six plots."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Dashboard", parent, in_tab=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._session = session
        self._stale = True
        self.statistics: WorkStatistics | None = None
        self.header.addWidget(tool_button("arrow-clockwise", "Compute anew", self.reload))
        self.tiles = {
            "frames": Tile("Frames worked on"),
            "pace": Tile("Frames a minute"),
            "corrections": Tile("Corrections a frame"),
            "saved": Tile("Saved by proposals"),
            "nme": Tile("Error of the proposals"),
            "people": Tile("People differ by"),
        }
        self.scroller = scrolled(self._build_page())
        self.stack = EmptyState(self.scroller)
        self.body.addWidget(self.stack, 1)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.reload)
        session.project_opened.connect(self._on_project)
        session.project_closed.connect(self._on_project)
        for changed in (session.annotations.changed, session.proposals.arrived):
            changed.connect(lambda _frame: self._soon())
        session.models.changed.connect(self._soon)
        self._on_project()

    def _build_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._tile_grid = QGridLayout()
        self._tile_grid.setSpacing(8)
        column.addLayout(self._tile_grid)
        self.pace, self.corrections = PacePlot(), CorrectionsPlot()
        self.errors = Bars("Error of the proposals", "error of each model", "% of the normaliser")
        self.calibration = CalibrationPlot()
        self.times = Bars("Seconds a frame", "seconds a frame by hand and with proposals", "seconds")
        self.progress = ProgressPlot()
        self.facet = QComboBox()
        self.facet.setAccessibleName("Progress by")
        for facet, title in _FACETS.items():
            self.facet.addItem(title, facet)
        self.facet.activated.connect(lambda _row: self._show_progress())
        last = QWidget()
        inner = QVBoxLayout(last)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(4)
        inner.addWidget(self.progress, 1)
        inner.addWidget(self.facet)
        self._plots: list[QWidget] = [
            self.pace,
            self.corrections,
            self.times,
            self.errors,
            self.calibration,
            last,
        ]
        self._plot_grid = QGridLayout()
        self._plot_grid.setSpacing(8)
        column.addLayout(self._plot_grid, 1)
        self._place()  # before it is seen, too: what has no place would outlive the window
        return page

    def _place(self) -> None:
        """As many beside each other as the page is wide enough for, in even rows."""
        tiles, plots = list[QWidget](self.tiles.values()), self._plots
        for grid, parts, wide in ((self._tile_grid, tiles, _TILE), (self._plot_grid, plots, _PLOT)):
            counts = (3, 2, 1) if parts is plots else (6, 3, 2, 1)
            room = max(self.width() // scaled(wide), 1)
            in_a_row = next(count for count in counts if count <= room)
            for number, part in enumerate(parts):
                grid.addWidget(part, number // in_a_row, number % in_a_row)
                grid.setColumnStretch(number, int(number < in_a_row))
                grid.setRowStretch(number, int(number <= (len(parts) - 1) // in_a_row))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tiles and plots stay wide enough to be read."""
        super().resizeEvent(event)
        self._place()

    def reload(self) -> None:
        """Computes everything again, in a thread."""
        self._settle.stop()
        self._stale = False
        if self._session.is_open:
            self.told.setText("Computing…")
            self._session.read_beside("dashboard", work_statistics, self._show)

    def showEvent(self, event: QShowEvent) -> None:
        """Computes what has changed since the dashboard was last looked at."""
        if self._stale:
            self.reload()

    def _soon(self) -> None:
        self._stale = True
        if self.isVisible() and self._session.is_open and not self._settle.isActive():
            self._settle.start()

    def _on_project(self) -> None:
        self.statistics, self._stale = None, True
        self.stack.tell(_TEACH if self._session.is_open else NO_PROJECT)
        self.told.setText("")
        if self._session.is_open and self.isVisible():
            self.reload()

    def _show(self, found: WorkStatistics) -> None:
        self.statistics = found
        self.stack.tell("" if found.edits else _TEACH)
        self.told.setText(f"{counted(found.edits, 'edit')} in {minutes_text(found.minutes)} of work")
        self._show_tiles(found)
        self.pace.show_work(found.work)
        self.corrections.show_work(found.work)
        self.calibration.show_models(found.models)
        self.errors.show_bars(
            [(model.model_id, 100 * model.nme, _points_text(model.points)) for model in found.models],
            None if found.people is None else 100 * found.people.median,
        )
        times = (("by hand", found.by_hand), ("with proposals", found.with_proposals))
        self.times.show_bars(
            [
                (f"{name}, estimated" if time.estimated else name, time.seconds, f"{time.seconds:.0f} s")
                for name, time in times
                if time is not None
            ]
        )
        self._show_progress()

    def _show_tiles(self, found: WorkStatistics) -> None:
        tiles = self.tiles
        tiles["frames"].show_figure(f"{found.frames:,}", f"{minutes_text(found.minutes)}, pauses left out")
        pace = "–" if found.frames_a_minute is None else f"{found.frames_a_minute:.2f}"
        tiles["pace"].show_figure(pace, "frames with a point of yours, by working time")
        corrections = "–" if found.corrections_a_frame is None else f"{found.corrections_a_frame:.1f}"
        tiles["corrections"].show_figure(corrections, "points that were put elsewhere")
        self._show_saved(found)
        if found.models:
            last = found.models[-1]
            detail = (
                f"{last.model_id}, of {found.normaliser}; {100 * last.moved:.0f} % of the points were moved,"
                f" {100 * last.touched:.0f} % needed it"
            )
            tiles["nme"].show_figure(f"{100 * last.nme:.2f} %", detail)
        else:
            tiles["nme"].show_figure("–", "no proposal was corrected yet")
        people = found.people
        if people is None:
            tiles["people"].show_figure("–", "takes two people who placed the same point")
        else:
            sides = (
                ""
                if people.along is None or people.across is None
                else f"; {100 * people.along:.2f} % along curves, {100 * people.across:.2f} % across"
            )
            detail = f"median of {_points_text(people.points)}{sides}: a ceiling for every model"
            tiles["people"].show_figure(f"{100 * people.median:.2f} %", detail)

    def _show_saved(self, found: WorkStatistics) -> None:
        by_hand, helped = found.by_hand, found.with_proposals
        if found.seconds_saved is None or by_hand is None or helped is None:
            self.tiles["saved"].show_figure(
                "–", "takes three frames done with proposals, and three (or ten single points) done without"
            )
            return
        how = (
            f"estimated from {by_hand.frames} single points"
            if by_hand.estimated
            else f"{by_hand.frames} frames"
        )
        detail = f"{by_hand.seconds:.0f} s by hand ({how}), {helped.seconds:.0f} s with proposals ({helped.frames} frames)"
        saved = f"{found.seconds_saved:.0f} s a frame" if found.seconds_saved > 0 else "nothing yet"
        self.tiles["saved"].show_figure(saved, detail)

    def _show_progress(self) -> None:
        rows = self.statistics.progress if self.statistics is not None else {}
        self.progress.show_rows(rows.get(self.facet.currentData(), ()))


def _points_text(points: int) -> str:
    return f"{points:,} points"
