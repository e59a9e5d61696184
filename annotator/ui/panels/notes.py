"""The notes of the frame: what people say of it or of its landmarks, whom it is for, and what is settled."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.note import MOST, Note, NoteKind
from annotator.session.session import Session
from annotator.ui.common.plain import plain
from annotator.ui.common.theme import COLOURS, colour, label

_ID = int(Qt.ItemDataRole.UserRole)
_LANDMARK = _ID + 1
_KINDS = {NoteKind.NOTE: "", NoteKind.REJECTED: "rejected: ", NoteKind.NEEDS_WORK: "needs work: "}


class NotesPanel(QWidget):
    """A list with ticks, and a line to write in; Enter adds the note to the selected landmark, else to the frame."""

    landmark_wanted = Signal(int)
    done = Signal()  # the note is written: the keys are the frame's again

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.list = QListWidget()
        self.list.setAccessibleName("Notes of the frame")
        self.list.setWordWrap(True)
        self.list.setSpacing(3)
        self.list.setStyleSheet(
            f"QListWidget::indicator:unchecked {{ border: 1px solid {COLOURS.dim}; border-radius: 2px; }}"
        )
        self.list.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.empty = label("No notes. Write what somebody should know of this frame.", "faint")
        self.empty.setWordWrap(True)
        self.about = label("", "dim")
        self.line = QLineEdit()
        self.line.setMaxLength(MOST)
        self.line.setAccessibleName("New note")
        self.line.setPlaceholderText("Write a note, then Enter")
        self.assignee = QComboBox()
        self.assignee.setEditable(True)
        self.assignee.setAccessibleName("Whom it is for")
        if (name := self.assignee.lineEdit()) is not None:
            name.setPlaceholderText("nobody in particular")
        self.add_button = QPushButton("Add")
        row = QHBoxLayout()
        row.addWidget(label("For", "dim"))
        row.addWidget(self.assignee, 1)
        row.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(6)
        column.addWidget(self.empty)
        column.addWidget(self.list, 1)
        column.addWidget(self.about)
        column.addWidget(self.line)
        column.addLayout(row)
        self.line.returnPressed.connect(self.add)
        self.add_button.clicked.connect(lambda _on: self.add())
        self.list.itemChanged.connect(self._ticked)
        self.list.itemActivated.connect(self._go_to)
        session.frames.current_changed.connect(lambda _frame: self._show_notes())
        session.notes.changed.connect(self.refresh)
        session.selection.changed.connect(self._show_about)
        session.project_opened.connect(self.refresh)
        session.project_closed.connect(self.refresh)
        self.refresh()

    def add(self) -> None:
        """Writes what stands in the line."""
        frame_id, said = self._frame, self.line.text()
        if frame_id and said.strip():
            note = Note(frame_id, said, self._landmark, NoteKind.NOTE, self.assignee.currentText())
            if self._session.notes.add(note):
                self.line.clear()
                self.assignee.setCurrentText("")
                self.done.emit()

    def refresh(self) -> None:
        """Reads the notes again, and whom they were assigned to so far."""
        kept = self.assignee.currentText()
        with QSignalBlocker(self.assignee):
            self.assignee.clear()
            self.assignee.addItems(self._session.notes.words()[0])
            self.assignee.setCurrentText(kept)
        self._show_notes()

    def _show_notes(self) -> None:
        notes = self._session.notes.of_frame(self._frame)
        with QSignalBlocker(self.list):
            self.list.clear()
            for note in notes:
                self._add_row(note)
        self.list.setVisible(bool(notes))
        self.empty.setVisible(not notes)
        for widget in (self.line, self.assignee, self.add_button):
            widget.setEnabled(bool(self._frame))
        self._show_about()

    @property
    def _frame(self) -> int:
        return self._session.frames.current_id if self._session.is_open else 0

    @property
    def _landmark(self) -> str:
        chosen = self._session.selection.indices
        return self._session.scheme.names[chosen[0]] if self._frame and len(chosen) == 1 else ""

    def _add_row(self, note: Note) -> None:
        item = QListWidgetItem(_KINDS[note.kind] + note.line, self.list)
        item.setToolTip(plain(f"{note.text}\n{note.user}, {note.at[:16].replace('T', ' ')}"))
        item.setData(_ID, note.id)
        item.setData(_LANDMARK, note.landmark)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if note.settled else Qt.CheckState.Unchecked)
        if note.settled:
            item.setForeground(colour("faint"))

    def _show_about(self) -> None:
        self.about.setText(f"On {self._landmark}" if self._landmark else "On the frame")

    def _ticked(self, item: QListWidgetItem) -> None:
        self._session.notes.settle([item.data(_ID)], item.checkState() is Qt.CheckState.Checked)

    def _go_to(self, item: QListWidgetItem) -> None:
        names = self._session.scheme.names
        if (landmark := item.data(_LANDMARK)) in names:
            index = names.index(landmark)
            self._session.selection.set((index,), index)
            self.landmark_wanted.emit(index)
