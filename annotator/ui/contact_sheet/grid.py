"""The contact sheet's grid: paints the cells in sight, and takes the mouse and the keys that correct a point right there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from annotator.domain.coords import Affine
from annotator.domain.faces.face_frame import frame_from_patch
from annotator.services.project.contact_sheet import SheetCell
from annotator.session.pixels.patches import Patch, PatchKey
from annotator.ui.common.theme import colour
from annotator.ui.contact_sheet.cell import frame_point, nudged, patch_point
from annotator.ui.contact_sheet.keys import sheet_key
from annotator.ui.contact_sheet.layout import GAP, SIDES, SheetLayout, fitting_side
from annotator.ui.contact_sheet.pictures import CellPictures

_THRESHOLD = 2.0  # logical pixels that make a click a drag
_INNER = 0.42  # a point farther from the middle than this share of the side is cut anew
_ASK_MS = 30  # while scrolling, patches are asked for at most this often
_AHEAD = 1.0  # screens below the visible one that are cut ahead


class SheetGrid(QAbstractScrollArea):
    """Cells in rows; one of them is the current one."""

    current_changed = Signal(int)  # cell number, -1: none
    opened = Signal(int)  # Enter or a double click on a cell
    dropped = Signal(int, float, float)  # cell, and where its point was dragged or nudged to, frame px
    key_pressed = Signal(int, object)  # cell, SheetKey other than moves and nudges
    wanted = Signal(object)  # numbers of the cells to cut, most wanted first

    def __init__(
        self,
        patch: Callable[[PatchKey], Patch | None],
        title: Callable[[SheetCell], str],
        frame_key: Callable[[int], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Contact sheet")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self._find, self._title, self._frame_key = patch, title, frame_key
        self.cells: list[SheetCell] = []
        self._anchors: list[Affine] = []
        self.share = 0.12  # of the face's size, along a patch's side
        self.current = -1
        self._drag: tuple[int, QPointF, QPointF] | None = (
            None  # cell, pressed at (from its corner), point before
        )
        self._moved: QPointF | None = None  # where the dragged point is, patch px
        self.problems: dict[int, str] = {}
        self._side = SIDES[-1]  # logical pixels of a patch
        self.pictures = CellPictures()
        self._ask = QTimer(self)
        self._ask.setSingleShot(True)
        self._ask.setInterval(_ASK_MS)
        self._ask.timeout.connect(self._ask_for_patches)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self._soon())

    # ---- what it shows
    def show_cells(self, cells: Sequence[SheetCell]) -> None:
        """Shows other cells, from the top."""
        self.finish_gesture()
        self.cells = list(cells)
        self.problems.clear()
        self.pictures.clear()
        self._measure()
        self._anchor_all()
        self.verticalScrollBar().setValue(0)
        self._lay_out()
        self.set_current(0 if self.cells else -1)

    def set_share(self, share: float) -> None:
        """How much of the face a patch shows, as a share of its size."""
        self.finish_gesture()
        self.share = share
        self._anchor_all()
        self._soon()

    def ask_again(self) -> None:
        """Patches may be had that could not be before."""
        self.problems.clear()
        self._soon()

    def replace_cell(self, number: int, cell: SheetCell) -> None:
        """A cell changed; its patch stays where it is unless the point left its middle."""
        self.cells[number] = cell
        beside = patch_point(self._anchors[number], cell.xy) - QPointF(self._side / 2, self._side / 2)
        is_held = self._drag is not None and self._drag[0] == number
        if not is_held and max(abs(beside.x()), abs(beside.y())) > _INNER * self._side:
            self._anchors[number] = self._anchor(cell)
            self._soon()
        self.viewport().update(self.cell_rect(number).toAlignedRect().adjusted(-3, -3, 3, 3))

    def affine(self, number: int) -> Affine:
        """Frame from patch, in logical patch pixels."""
        return self._anchors[number]

    def patch_side(self) -> int:
        """Device pixels of a patch's side."""
        return round(self._side * self.devicePixelRatioF())

    def key_of(self, number: int) -> PatchKey:
        """What the patch loader calls this cell's patch."""
        cell = self.cells[number]
        place = self._anchors[number].round(2).ravel().tolist()
        return self._frame_key(cell.frame.id), cell.landmark, *place, self.patch_side()

    def cell_rect(self, number: int) -> QRectF:
        """A cell's place in the viewport, caption included."""
        return self._places.rect(number, self.verticalScrollBar().value())

    def cell_at(self, position: QPointF) -> int:
        """The cell under a place of the viewport, -1 where there is none."""
        for number in self.visible():
            if self.cell_rect(number).contains(position):
                return number
        return -1

    def visible(self) -> range:
        """Numbers of the cells in sight."""
        return self._places.visible(self.verticalScrollBar().value())

    def set_current(self, number: int) -> None:
        """Makes a cell the current one and scrolls to it."""
        number = min(max(number, -1), len(self.cells) - 1)
        if self._drag is not None and self._drag[0] != number:
            self.finish_gesture()
        self.current = number
        if number >= 0:
            rect, bar = self.cell_rect(number), self.verticalScrollBar()
            if rect.top() < GAP:
                bar.setValue(round(bar.value() + rect.top() - GAP))
            elif rect.bottom() > self.viewport().height() - GAP:
                bar.setValue(round(bar.value() + rect.bottom() + GAP - self.viewport().height()))
        self.viewport().update()
        self.current_changed.emit(number)

    # ---- hands
    def event(self, event: QEvent) -> bool:
        """The keys of the sheet win over the window's shortcuts while it has the focus."""
        is_asked = event.type() == QEvent.Type.ShortcutOverride and self.current >= 0
        if is_asked and isinstance(event, QKeyEvent) and sheet_key(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moves, nudges, or tells of another key; all but Escape end a drag first."""
        key = sheet_key(event)
        if key is not None and key.name != "cancel":
            self.finish_gesture()
        if key is None or self.current < 0:
            super().keyPressEvent(event)
        elif key.nudge is not None:
            self._nudge(*key.nudge)
        elif key.step is not None:
            across, down, page = key.step
            rows = max(1, self.viewport().height() // self._places.row_height) if page else 1
            target = self.current + across + down * rows * self._places.columns
            if 0 <= target < len(self.cells):
                self.set_current(target)
        elif key.name == "open":
            self.opened.emit(self.current)
        elif key.name == "cancel" and self._drag is not None:
            self._end_drag()
        elif not event.isAutoRepeat():  # a held key decides about one patch
            self.key_pressed.emit(self.current, key)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press makes the cell current; a drag moves its point."""
        number = self.cell_at(event.position())
        if number < 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        self.set_current(number)
        inside = event.position() - self.cell_rect(number).topLeft()
        self._drag = (number, inside, patch_point(self._anchors[number], self.cells[number].xy))
        self._moved = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The point follows the pointer."""
        if self._drag is None:
            return
        if not event.buttons() & Qt.MouseButton.LeftButton:  # it went up where nobody saw it
            self.finish_gesture()
            return
        number, start, before = self._drag
        offset = event.position() - self.cell_rect(number).topLeft() - start
        if self._moved is None and max(abs(offset.x()), abs(offset.y())) < _THRESHOLD:
            return
        self._moved = before + offset
        self.viewport().update(self.cell_rect(number).toAlignedRect())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Reports the point's new place once."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.finish_gesture()

    def finish_gesture(self) -> None:
        """Ends a drag as if the button went up; held on, it does nothing more."""
        drag, moved = self._drag, self._moved
        self._end_drag()
        if drag is not None and moved is not None:
            self.dropped.emit(drag[0], *frame_point(self._anchors[drag[0]], moved))

    def hideEvent(self, event: QHideEvent) -> None:
        """Another page: what was held stays where it is."""
        self.finish_gesture()
        super().hideEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A button that goes up elsewhere is not seen here."""
        self.finish_gesture()
        super().focusOutEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Opens the cell's frame."""
        number = self.cell_at(event.position())
        if number >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(number)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls half a row a notch, but not away from a point that is held."""
        if self._drag is not None:
            return
        bar = self.verticalScrollBar()
        pixels: QPoint = event.pixelDelta()
        step = pixels.y() if not pixels.isNull() else event.angleDelta().y() * self._places.row_height / 240
        bar.setValue(round(bar.value() - step))

    def _nudge(self, dx: float, dy: float) -> None:
        """Shifts the current point by frame pixels, in the directions of the patch as it is seen."""
        x, y = nudged(self._anchors[self.current], self.cells[self.current].xy, dx, dy)
        self.dropped.emit(self.current, x, y)

    def _end_drag(self) -> None:
        self._drag = self._moved = None
        self.viewport().update()

    # ---- painting and layout
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the cells in sight; a patch that is not there yet is a plain square."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), colour("canvas"))
        for number in self.visible():
            rect = self.cell_rect(number)
            if rect.toAlignedRect().adjusted(-3, -3, 3, 3).intersects(event.rect()):
                painter.drawPixmap(rect.topLeft(), self._picture(number))
                if number == self.current:
                    painter.setPen(QPen(colour("accent"), 2))
                    painter.drawRect(QRectF(rect.left() - 1, rect.top() - 1, self._side + 2, self._side + 2))
        painter.end()

    def _picture(self, number: int) -> QPixmap:
        cell, patch = self.cells[number], self._find(self.key_of(number))
        dragged = self._moved if self._drag is not None and self._drag[0] == number else None
        problem, ratio = self.problems.get(cell.frame.id, ""), self.devicePixelRatioF()
        title, affine = self._title(cell), self._anchors[number]
        return self.pictures.get(number, cell, affine, patch, self._side, title, problem, ratio, dragged)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another number of columns, or another size of the patches."""
        self.finish_gesture()
        if self._measure():
            self._anchor_all()
        self._lay_out()

    @property
    def _places(self) -> SheetLayout:
        view = self.viewport()
        return SheetLayout(len(self.cells), view.width(), view.height(), self._side)

    def _measure(self) -> bool:
        """Few patches are shown larger; tells whether their size is another one now."""
        before = self._side
        self._side = fitting_side(len(self.cells), self.viewport().width(), self.viewport().height())
        return self._side != before

    def _lay_out(self) -> None:
        places, bar = self._places, self.verticalScrollBar()
        bar.setPageStep(places.height)
        bar.setSingleStep(places.row_height // 2)
        bar.setRange(0, max(0, places.full_height - places.height))
        self._soon()
        self.viewport().update()

    def _anchor(self, cell: SheetCell) -> Affine:
        return frame_from_patch(cell.xy, cell.turn, max(self.share * cell.size, 8.0), self._side)

    def _anchor_all(self) -> None:
        self._anchors = [self._anchor(cell) for cell in self.cells]
        self.viewport().update()

    def _soon(self) -> None:
        if not self._ask.isActive():
            self._ask.start()

    def _ask_for_patches(self) -> None:
        seen = self.visible()
        ahead = range(seen.stop, min(len(self.cells), seen.stop + round(_AHEAD * len(seen))))
        self.wanted.emit([*seen, *ahead])
