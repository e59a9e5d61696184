"""Asks which landmark each point of another program's file is: a table of names beside both faces, one laid on the other."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.scheme import LandmarkScheme
from annotator.domain.words import counted
from annotator.services.project.landmark_names import left_out_text
from annotator.services.project.map_preview import MapPreview, laid_on
from annotator.ui.common.plain import plain
from annotator.ui.common.theme import colour, label, scaled
from annotator.ui.dialogs.two_faces import TwoFaces

_NONE = "– left out –"
_THEIRS, _OURS, _WHY = range(3)
_HINT = (
    "Return opens the list of a row, and typing searches in it; Delete leaves the point out. In the picture a click selects a "
    "point of the file, and Shift with a click gives it the nearest landmark."
)


class LandmarkMapDialog(QDialog):
    """`names()` is the map when the dialog was accepted; cancelling changes nothing."""

    def __init__(
        self, preview: MapPreview, scheme: LandmarkScheme, file: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Which landmark is each point?")
        self.resize(scaled(1080), scaled(640))
        self._scheme, self._preview = scheme, preview
        self._theirs = tuple(preview.names)
        self._suggested = {name: ours for name, ours in preview.names.items() if ours}
        self._ours = dict(self._suggested)
        self.summary = label("", "title")
        self.note = label("", "dim")
        self.note.setWordWrap(True)
        self.table = _Rows(len(self._theirs))
        self.table.emptied.connect(lambda row: self.mean(row, ""))
        self.faces = TwoFaces()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.import_button = self.buttons.addButton("Import", QDialogButtonBox.ButtonRole.AcceptRole)
        self.import_button.setObjectName("primary")
        self.again = QPushButton("As suggested")
        self.nothing = QPushButton("Leave all out")
        self._fill_table()
        self._lay_out(file)
        self._show_all()
        self.table.setCurrentCell(self._first_unknown(), _OURS)
        self.table.setFocus()

    def names(self) -> dict[str, str]:
        """Every point of the file -> its landmark, an empty text where it is left out."""
        return {name: self._ours.get(name, "") for name in self._theirs}

    def mean(self, row: int, ours: str) -> None:
        """A person says which landmark a row is (an empty text: none); a point that had it before has none any more."""
        name = self._theirs[row]
        for other in [each for each, known in self._ours.items() if known == ours and each != name]:
            del self._ours[other]
        if ours:
            self._ours[name] = ours
        else:
            self._ours.pop(name, None)
        self._show_all()

    # ---- table
    def _fill_table(self) -> None:
        self.table.setObjectName("framed")
        self.table.setAccessibleName("Points of the file and their landmarks")
        self.table.setHorizontalHeaderLabels(["In the file", "Landmark", "Why"])
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setEditTriggers(
            QTableWidget.EditTrigger.DoubleClicked
            | QTableWidget.EditTrigger.AnyKeyPressed
            | QTableWidget.EditTrigger.EditKeyPressed
        )
        header = self.table.horizontalHeader()
        for column in range(3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.table.setItemDelegateForColumn(_OURS, _LandmarkChoice(self))
        for row, name in enumerate(self._theirs):
            for column in range(3):
                item = QTableWidgetItem()
                flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
                item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if column == _OURS else flags)
                self.table.setItem(row, column, item)
            self._item(row, _THEIRS).setText(plain(name))
        self.table.currentCellChanged.connect(lambda *_: self._show_faces())

    def _item(self, row: int, column: int) -> QTableWidgetItem:
        item = self.table.item(row, column)
        assert item is not None
        return item

    def _first_unknown(self) -> int:
        return next((row for row, name in enumerate(self._theirs) if name not in self._ours), 0)

    def choices(self) -> list[str]:
        """What a row may be, for its list."""
        return [_NONE, *self._scheme.names]

    # ---- showing
    def _lay_out(self, file: str) -> None:
        for button, text in (
            (self.again, "Takes what was suggested"),
            (self.nothing, "Leaves out all points"),
        ):
            button.setAutoDefault(False)
            button.setToolTip(text)
            self.buttons.addButton(button, QDialogButtonBox.ButtonRole.ResetRole)
        self.again.clicked.connect(lambda: self._take(self._suggested))
        self.nothing.clicked.connect(lambda: self._take({}))
        self.import_button.setAutoDefault(False)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.faces.picked.connect(lambda row: self.table.setCurrentCell(row, _OURS))
        self.faces.given.connect(
            lambda index: self.mean(max(0, self.table.currentRow()), self._scheme.names[index])
        )
        told = label(
            f"{plain(file)} ({self._preview.format}) names its points in its own way. The project keeps what you "
            "say here for the next file of this format.",
            "dim",
        )
        hint = label(_HINT, "dim")
        for words in (told, hint):
            words.setWordWrap(True)
        both = QHBoxLayout()
        both.addWidget(self.table, 5)
        both.addWidget(self.faces, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addWidget(self.summary)
        column.addWidget(told)
        column.addLayout(both, 1)
        column.addWidget(hint)
        column.addWidget(self.note)
        column.addWidget(self.buttons)

    def _take(self, names: dict[str, str]) -> None:
        self._ours = dict(names)
        self._show_all()

    def _show_all(self) -> None:
        for row, name in enumerate(self._theirs):
            ours = self._ours.get(name, "")
            item = self._item(row, _OURS)
            item.setText(ours or _NONE)
            item.setForeground(colour("text" if ours else "warning"))
            same = bool(ours) and ours == self._preview.names.get(name)
            self._item(row, _WHY).setText(
                self._preview.reasons.get(name, "") if same else "as you say" if ours else ""
            )
        found, left_out = len(self._ours), left_out_text(self.names())
        self.summary.setText(f"{found} of the file's {counted(len(self._theirs), 'point')} are landmarks")
        if not found:
            self.note.setText("Say of at least one point which landmark it is.")
        else:
            self.note.setText(
                plain(f"{left_out[:1].upper()}{left_out[1:]}." if left_out else "Nothing is left out.")
            )
        self.import_button.setEnabled(found > 0)
        self._show_faces()

    def _show_faces(self) -> None:
        landmarks = np.array(
            [self._scheme.index(self._ours[name]) if name in self._ours else -1 for name in self._theirs],
            np.int64,
        )
        points = laid_on(self._preview.places, self._preview.face, landmarks)
        row = self.table.currentRow()
        text = ""
        if row >= 0:
            name = self._theirs[row]
            text = f"{name} = {self._ours.get(name, 'left out')}"
        self.faces.show_faces(self._preview.face, points, landmarks, row, text)


class _Rows(QTableWidget):
    """The rows; Return opens the list of the present one, Delete says that it is no landmark."""

    emptied = Signal(int)

    def __init__(self, count: int) -> None:
        super().__init__(count, 3)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentRow()
        if self.state() == QTableWidget.State.EditingState:
            return  # the key that ends an edit comes here as well
        if row >= 0 and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.setCurrentCell(row, _OURS)
            self.editItem(self.currentItem())
        elif row >= 0 and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.emptied.emit(row)
        else:
            super().keyPressEvent(event)


class _LandmarkChoice(QStyledItemDelegate):
    """The list of landmarks of a row, in which typing searches."""

    def __init__(self, dialog: LandmarkMapDialog) -> None:
        super().__init__(dialog)
        self._dialog = dialog

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        box = QComboBox(parent)
        box.setAccessibleName("Landmark")
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.addItems(self._dialog.choices())
        completer = box.completer()
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        return box

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        assert isinstance(editor, QComboBox)
        editor.setCurrentText(str(index.data()))
        line = editor.lineEdit()
        if line is not None:
            line.selectAll()

    def setModelData(
        self, editor: QWidget, _model: object, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """A text that is no landmark changes nothing."""
        assert isinstance(editor, QComboBox)
        known = {name.casefold(): name for name in self._dialog.choices()}
        chosen = known.get(editor.currentText().strip().casefold())
        if chosen is not None:
            self._dialog.mean(index.row(), "" if chosen == _NONE else chosen)
