"""Asks where a person and another program both set the same landmarks: theirs stays unless the person says otherwise."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from annotator.domain.annotation import LandmarkState
from annotator.domain.words import counted
from annotator.session.editing.conflicts import EditConflict
from annotator.session.session import Session
from annotator.ui.common.theme import label, scaled

_REVIEW = -1


class ConflictDialog(QDialog):
    """One frame's conflict; a checked landmark takes mine. `Esc` and `Return` keep theirs."""

    def __init__(self, conflict: EditConflict, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.conflict = conflict
        self.setWindowTitle("Changed by another program")
        self.setMinimumWidth(scaled(520))
        count = counted(len(conflict.indices), "landmark") if len(conflict.indices) else "the review state"
        told = label(
            f"{session.store.frames.listed(conflict.frame_id).name}: another program, or an import, set {count} that you changed "
            f"too ({conflict.label}). Theirs is in the project and shown. Check what shall be yours."
        )
        told.setWordWrap(True)
        self.choices = QListWidget()
        self.choices.setAccessibleName("Landmarks that both changed; checked ones take yours")
        for index in conflict.indices.tolist():
            self._add(index, f"{session.scheme.names[index]}: {_difference(conflict, index)}")
        if conflict.review:
            mine, theirs = (_words(each.review.name) for each in (conflict.mine, conflict.theirs))
            self._add(_REVIEW, f"Frame: yours {mine}, theirs {theirs}")
        self.buttons = QDialogButtonBox()
        self.theirs = self.buttons.addButton("Keep theirs", QDialogButtonBox.ButtonRole.RejectRole)
        # neither is an accept button: Qt would make the first of those the one that Return presses
        self.checked = self.buttons.addButton("Mine where checked", QDialogButtonBox.ButtonRole.ActionRole)
        self.mine = self.buttons.addButton("Keep mine", QDialogButtonBox.ButtonRole.ActionRole)
        self.checked.setEnabled(False)
        self.choices.itemChanged.connect(lambda _item: self.checked.setEnabled(bool(self.chosen())))
        self.checked.clicked.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.mine.clicked.connect(self._take_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        column.addWidget(told)
        column.addWidget(self.choices)
        column.addWidget(self.buttons)
        for button in (self.checked, self.mine):
            button.setAutoDefault(False)
        self.theirs.setDefault(True)

    def chosen(self) -> list[int]:
        """What is checked: landmarks, and -1 for the review state."""
        items = [self.choices.item(row) for row in range(self.choices.count())]
        return [
            int(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        ]

    def _add(self, value: int, text: str) -> None:
        item = QListWidgetItem(text, self.choices)
        item.setData(Qt.ItemDataRole.UserRole, value)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Unchecked)

    def _take_all(self) -> None:
        for row in range(self.choices.count()):
            self.choices.item(row).setCheckState(Qt.CheckState.Checked)
        self.accept()


class ConflictQuestions(QObject):
    """Brings the session's conflicts up one after the other, over the frame that they are in, and hands the answers back."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._waiting: list[EditConflict] = []
        self.dialog: ConflictDialog | None = None
        session.annotations.conflict_found.connect(self._ask)
        session.project_closed.connect(self._forget)

    def _ask(self, conflict: EditConflict) -> None:
        self._waiting.append(conflict)
        self._next()

    def _next(self) -> None:
        if self.dialog is not None or not self._waiting:
            return
        conflict = self._waiting.pop(0)
        self._session.frames.go_to(conflict.frame_id)
        self.dialog = ConflictDialog(conflict, self._session, self._window)
        self.dialog.finished.connect(self._answer)
        self.dialog.open()

    def _answer(self, result: int) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is None:
            return
        chosen = dialog.chosen() if result == QDialog.DialogCode.Accepted else []
        dialog.deleteLater()
        self._session.annotations.resolve(
            dialog.conflict, [i for i in chosen if i != _REVIEW], _REVIEW in chosen
        )
        self._next()

    def _forget(self) -> None:
        """Another project, or none: nobody can answer for the one before."""
        self._waiting.clear()
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.close()
            dialog.deleteLater()


def _difference(conflict: EditConflict, index: int) -> str:
    mine, theirs = conflict.mine, conflict.theirs
    if np.isfinite(mine.xy[index]).all() and np.isfinite(theirs.xy[index]).all():
        distance = float(np.hypot(*(mine.xy[index] - theirs.xy[index])))
        if distance:
            return f"yours is {distance:,.1f} px from theirs"
    states = (_words(LandmarkState(int(each.state[index])).name) for each in (mine, theirs))
    flags = " (flags differ)" if mine.flags[index] != theirs.flags[index] else ""
    return "yours {}, theirs {}".format(*states) + flags


def _words(name: str) -> str:
    return name.replace("_", " ").lower()
