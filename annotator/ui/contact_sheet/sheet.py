"""The contact sheet: one landmark, or a region's, over hundreds of frames, corrected right there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from annotator.domain.coords import compose
from annotator.services.project.contact_sheet import Sheet, SheetCell, SheetOrder, read_sheet
from annotator.services.project.queue.queues import AnyQueue, Queue
from annotator.session.pixels.memory import Cache
from annotator.session.pixels.patches import PatchJob, PatchLoader
from annotator.session.session import Session
from annotator.ui.common.theme import label
from annotator.ui.common.widgets import NO_PROJECT, EmptyState, Nothing, Panel, slider, tool_button
from annotator.ui.contact_sheet.cell_edits import SheetHands, cell_now
from annotator.ui.contact_sheet.choices import ORDERS, SHOWN, count_text, is_same
from annotator.ui.contact_sheet.grid import SheetGrid
from annotator.ui.contact_sheet.keys import SheetKey

_TEACH = Nothing(
    "One landmark over many frames, side by side: what is wrong in one of them shows at a glance.\n\n"
    "Select a landmark in the frame view, or choose one above.\n"
    "It needs proposals or points of yours.",
    (("propose_all", "Propose all"),),
)


class ContactSheet(Panel):
    """Controls over the grid; every change goes the session's way: on disk at once, undoable."""

    frame_opened = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Contact sheet", parent, in_tab=True)
        self._session = session
        self.queue: AnyQueue = Queue.UNCERTAIN
        self._sheet: Sheet | None = None
        self._stale = True
        self._hands = SheetHands(session)
        self.patches = PatchLoader(parent=self)
        self.grid = SheetGrid(self.patches.get, self._title, session.keys.of)
        pictures = self.grid.pictures
        for used, limit, share in (
            (lambda: self.patches.nbytes, self.patches.set_budget, 0.1),
            (lambda: pictures.nbytes, pictures.set_budget, 0.05),
        ):
            session.memory.add(Cache("contact sheet", used, limit, share))
        self._build_controls()
        self.stack = EmptyState(self.grid)
        self.body.addWidget(self.stack, 1)
        self.keys = label("", "faint")
        self.keys.setWordWrap(True)
        self.body.addWidget(self.keys)
        self._connect()
        self._on_project()

    def _build_controls(self) -> None:
        self.landmark = QComboBox()
        self.landmark.setAccessibleName("Landmark or region of the contact sheet")
        self.landmark.setMaxVisibleItems(24)
        self.order = QComboBox()
        self.order.setAccessibleName("Order of the contact sheet")
        for order, title in ORDERS.items():
            self.order.addItem(title, order)
        self.state = QComboBox()
        self.state.setAccessibleName("Landmark state to show")
        self.state.addItems(list(SHOWN))
        self.span = slider("How much of the face a patch shows", 4, 40, 12, 100)
        span = label("Span", "dim")
        self.header.addWidget(tool_button("arrow-clockwise", "Sort and align anew", self.reload))
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget, stretch in (
            (self.landmark, 2),
            (self.order, 2),
            (self.state, 1),
            (span, 0),
            (self.span, 0),
        ):
            row.addWidget(widget, stretch)
        self.body.addLayout(row)

    def _connect(self) -> None:
        session, grid = self._session, self.grid
        self.landmark.activated.connect(lambda _row: self.reload())
        self.order.activated.connect(lambda _row: self.reload())
        self.state.activated.connect(lambda _row: self._show_cells())
        self.span.valueChanged.connect(lambda value: grid.set_share(value / 100))
        self.patches.ready.connect(lambda _key: grid.viewport().update())
        self.patches.failed.connect(self._on_failed)
        grid.wanted.connect(self._want)
        grid.dropped.connect(self._drop)
        grid.opened.connect(self._open)
        grid.key_pressed.connect(self._on_key)
        grid.current_changed.connect(self._on_current)
        session.gestures_ending.connect(grid.finish_gesture)
        session.project_opened.connect(self._on_project)
        session.project_closed.connect(self._on_project)
        session.annotations.changed.connect(self._on_annotation)
        session.side_files_changed.connect(grid.ask_again)
        for changed in (session.models.changed, session.frames.list_changed):
            changed.connect(self._forget)

    def show_keys(self, key_of: Callable[[str], str]) -> None:
        """The line of keys below, by the id of the command."""
        accept, hide, clear = key_of("accept"), key_of("occluded"), key_of("clear")
        self.keys.setText(
            f"Arrows: go · drag or Shift+arrows: move the point · Space or {accept}: confirm, next · {hide}: occluded · "
            f"{clear}: back to the proposal · Enter: open the frame"
        )

    # ---- what is shown
    def show_landmark(self, landmark: int) -> None:
        """Shows one landmark over the frames."""
        self._choose((landmark,))

    def show_region(self, name: str) -> None:
        """Shows all landmarks of a region over the frames."""
        self._choose(self._session.scheme.region(name).indices)

    def landmarks(self) -> tuple[int, ...]:
        """The landmarks that are shown."""
        chosen = self.landmark.currentData()
        return tuple(chosen) if chosen is not None else ()

    def reload(self) -> None:
        """Reads the sheet again, in a thread: sorts anew and brings every point back to the middle of its patch."""
        self._stale = False
        landmarks, order, queue = self.landmarks(), SheetOrder(self.order.currentData()), self.queue
        if not self._session.is_open or not landmarks:
            return
        listed = self._session.frames.listed.ids.copy()
        self.told.setText("Reading…")
        self._session.read_beside(
            "sheet", lambda store: read_sheet(store, landmarks, order, listed, queue), self._show_sheet
        )

    def shutdown(self) -> None:
        """Ends the threads that cut patches."""
        self.patches.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        """Takes up the landmark that is selected in the frame view, and reads what has changed."""
        primary = self._session.selection.primary
        if primary >= 0 and self._session.is_open and primary not in self.landmarks():
            self.show_landmark(primary)
        elif self._stale:
            self.reload()
        self.grid.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stops cutting patches that nobody sees."""
        if self._session.is_open:
            self.patches.want(self._session.path, ())

    def _choose(self, landmarks: Sequence[int]) -> None:
        for row in range(self.landmark.count()):
            if tuple(self.landmark.itemData(row) or ()) == tuple(landmarks):
                self.landmark.setCurrentIndex(row)
        self.reload()

    def _on_project(self) -> None:
        self.patches.clear()
        self.landmark.clear()
        self._sheet, self._stale = None, True
        if self._session.is_open:
            scheme = self._session.scheme
            for region in scheme.regions:
                self.landmark.addItem(f"{region.title}: all {len(region.indices)}", list(region.indices))
            self.landmark.insertSeparator(self.landmark.count())
            for number, name in enumerate(scheme.names):
                self.landmark.addItem(name, [number])
            self.landmark.setCurrentIndex(len(scheme.regions) + 1 if scheme.regions else 0)
        self._show_cells()
        if self.isVisible():
            self.reload()

    def _forget(self) -> None:
        self._stale = True
        if self.isVisible() and self._session.is_open:
            self.reload()

    def _show_sheet(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._show_cells()

    def _show_cells(self) -> None:
        wanted, sheet = SHOWN[self.state.currentText()], self._sheet
        cells = [cell for cell in sheet.cells if wanted(cell)] if sheet is not None else []
        self.grid.show_cells(cells)
        self.keys.setVisible(bool(cells))
        self.stack.tell("" if cells else self._empty_text())
        self.told.setText(count_text(sheet, len(cells)) if sheet is not None else "")

    def _empty_text(self) -> str | Nothing:
        if not self._session.is_open:
            return NO_PROJECT
        nothing = self._sheet is None or not self._sheet.cells
        return _TEACH if nothing else "No point of this kind is in that state."

    def _title(self, cell: SheetCell) -> str:
        """Of a region the landmark and the frame, else only the frame."""
        if len(self.landmarks()) < 2:
            return ""
        return f"{self._session.scheme.names[cell.landmark]} · {' · '.join(cell.frame.parts)}"

    # ---- patches
    def _want(self, numbers: Sequence[int]) -> None:
        """Asks for the patches in sight, those of one frame together: it is decoded once."""
        if not self._session.is_open:
            return
        side, grid = self.grid.patch_side(), self.grid
        shrink = np.array([[1 / grid.devicePixelRatioF(), 0, 0], [0, 1 / grid.devicePixelRatioF(), 0]])
        cuts: dict[int, list[int]] = {}
        for number in (n for n in numbers if grid.cells[n].frame.id not in grid.problems):
            cuts.setdefault(grid.cells[number].frame.id, []).append(number)
        jobs = []
        for frame_id, own in cuts.items():
            key = self._session.keys.look(frame_id)
            affines = tuple((grid.key_of(n), compose(grid.affine(n), shrink)) for n in own)
            jobs.append(PatchJob(key, affines, side))
        self.patches.want(self._session.path, jobs)

    def _on_failed(self, frame_id: int, text: str) -> None:
        self.grid.problems[frame_id] = text
        self.grid.viewport().update()

    # ---- hands
    def _on_current(self, number: int) -> None:
        self._hands.rest()
        if number >= 0 and self._session.is_open and self.isVisible():
            self._session.annotations.stopwatch.start()

    def _drop(self, number: int, x: float, y: float) -> None:
        self._hands.move(self.grid.cells[number], x, y)

    def _on_key(self, _number: int, key: SheetKey) -> None:
        if key.name == "confirm":
            self.confirm()

    def confirm(self) -> None:
        """Confirms the current patch's point where it is seen, and goes to the next."""
        self.grid.finish_gesture()
        number = self.grid.current
        if number < 0:
            return
        if not self._hands.confirm(self.grid.cells[number]):
            self._on_annotation(self.grid.cells[number].frame.id)
            self._session.message.emit("info", "This point was moved meanwhile: look at it once more")
            return
        if number + 1 < len(self.grid.cells):
            self.grid.set_current(number + 1)

    @property
    def current(self) -> tuple[int, int] | None:
        """Frame id and landmark of the current patch."""
        if self.grid.current < 0:
            return None
        cell = self.grid.cells[self.grid.current]
        return cell.frame.id, cell.landmark

    def point_at(self, before: Sequence[SheetCell]) -> bool:
        """Makes the first patch current whose point is not what it was before; False where there is none."""
        was = {(cell.frame.id, cell.landmark): cell for cell in before}
        for number, cell in enumerate(self.grid.cells):
            old = was.get((cell.frame.id, cell.landmark))
            if old is not None and not is_same(old, cell):
                self.grid.set_current(number)
                return True
        return False

    def _open(self, number: int) -> None:
        cell = self.grid.cells[number]
        self._session.frames.go_to(cell.frame.id)
        self._session.selection.select(cell.landmark)
        self.frame_opened.emit()

    def _on_annotation(self, frame_id: int) -> None:
        """Some point of a frame changed, here or elsewhere: its cells follow."""
        if not self.isVisible():
            self._stale = True
            return
        numbers = [n for n, cell in enumerate(self.grid.cells) if cell.frame.id == frame_id]
        if not numbers:
            return
        shown, proposal = self._session.annotations.shown(frame_id), self._session.proposals.get(frame_id)
        for number in numbers:
            changed = cell_now(self.grid.cells[number], shown, proposal)
            self.grid.replace_cell(number, changed)
            self._remember(changed)

    def _remember(self, changed: SheetCell) -> None:
        """The change stays when another state is chosen to be shown."""
        if self._sheet is None:
            return
        key = (changed.frame.id, changed.landmark)
        cells = tuple(changed if (c.frame.id, c.landmark) == key else c for c in self._sheet.cells)
        self._sheet = replace(self._sheet, cells=cells)
