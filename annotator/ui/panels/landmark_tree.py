"""The landmarks of the current frame as a tree by region: state, flags and confidence of each."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from annotator.domain.annotation import Flag, LandmarkState
from annotator.domain.layers import unsurely_tracked
from annotator.session.session import Session
from annotator.ui.common.glyphs import Mark, mark_pixmap
from annotator.ui.common.theme import COLOURS, colour

_INDEX = int(Qt.ItemDataRole.UserRole)
STATE_TITLES = {
    LandmarkState.MISSING: "missing",
    LandmarkState.PROPOSED: "proposed",
    LandmarkState.CORRECTED: "corrected",
    LandmarkState.CONFIRMED: "confirmed",
    LandmarkState.TRACKED: "tracked",
}


class LandmarkTree(QTreeWidget):
    """Rows select landmarks; a double click on a missing one asks to place it."""

    place_requested = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._items: list[QTreeWidgetItem] = []
        self._following = False
        self.setAccessibleName("Landmarks")
        self.setColumnCount(3)
        self.setHeaderLabels(["Landmark", "State", "Conf."])
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.header().setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.header().setStretchLastSection(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.itemSelectionChanged.connect(self._on_rows)
        self.itemDoubleClicked.connect(self._on_double_click)
        session.project_opened.connect(self._rebuild)
        session.frames.current_changed.connect(lambda _frame: self._refresh())
        session.annotations.changed.connect(self._on_annotation)
        session.selection.changed.connect(self._show_selection)
        if session.is_open:
            self._rebuild()

    def landmark_at(self, position: QPoint) -> int:
        """The landmark at a place of the viewport, -1 where there is none."""
        index = self.indexAt(position).siblingAtColumn(0).data(_INDEX)
        return -1 if index is None else int(index)

    def _rebuild(self) -> None:
        self.clear()
        scheme = self._session.scheme
        groups = [(region.title, region.colour, region.indices) for region in scheme.regions]
        groups.append(("Global only", COLOURS.proposed, scheme.global_only))
        items: dict[int, QTreeWidgetItem] = {}
        for title, tint, indices in groups:
            if not indices:
                continue
            parent = QTreeWidgetItem(self, [title])
            parent.setFlags(Qt.ItemFlag.ItemIsEnabled)
            parent.setForeground(0, QColor(tint))
            for index in indices:
                item = QTreeWidgetItem(parent, [scheme.names[index]])
                item.setData(0, _INDEX, index)
                items[index] = item
            parent.setExpanded(True)
        self._items = [items[index] for index in range(scheme.size)]
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Reads everything when it comes into view; hidden, it costs nothing."""
        super().showEvent(event)
        self._refresh()

    def _on_annotation(self, frame_id: int) -> None:
        if frame_id == self._session.frames.current_id:
            self._refresh()

    def _refresh(self) -> None:
        frame_id = self._session.frames.current_id
        if not self._items or not frame_id or not self.isVisible():
            return
        annotation = self._session.annotations.shown(frame_id)
        proposal = self._session.proposals.get(frame_id)
        unsure = unsurely_tracked(annotation, self._session.annotations.tracks.get(frame_id))
        for index, item in enumerate(self._items):
            state, flags = LandmarkState(int(annotation.state[index])), int(annotation.flags[index])
            words = [STATE_TITLES[state], *(["unsure"] if unsure[index] else [])]
            words += ["occluded"] if flags & Flag.OCCLUDED else []
            words += ["out of frame"] if flags & Flag.OUT_OF_FRAME else []
            item.setText(1, ", ".join(words))
            is_open = state is LandmarkState.MISSING or unsure[index]
            item.setForeground(1, colour("warning" if is_open else "dim"))
            mark = mark_pixmap(Mark(int(state), 0, unsure=bool(unsure[index])), self.devicePixelRatioF())
            item.setIcon(0, QIcon(mark))
            item.setText(2, f"{proposal.confidence[index]:.2f}" if proposal is not None else "")
            item.setForeground(2, colour("dim"))

    def _show_selection(self) -> None:
        self._following = True
        try:
            self.clearSelection()
            for index in self._session.selection.indices:
                self._items[index].setSelected(True)
            primary = self._session.selection.primary
            if primary >= 0:
                flag = QItemSelectionModel.SelectionFlag.NoUpdate
                self.setCurrentItem(self._items[primary], 0, flag)
                self.scrollToItem(self._items[primary])
        finally:
            self._following = False

    def _on_rows(self) -> None:
        if not self._following:
            rows = [item.data(0, _INDEX) for item in self.selectedItems()]
            self._session.selection.set(index for index in rows if index is not None)

    def _on_double_click(self, item: QTreeWidgetItem, _column: int) -> None:
        index = item.data(0, _INDEX)
        annotation = (
            self._session.annotations.shown(self._session.frames.current_id)
            if self._session.frames.current_id
            else None
        )
        if index is not None and annotation is not None and annotation.state[index] == LandmarkState.MISSING:
            self.place_requested.emit(index)
