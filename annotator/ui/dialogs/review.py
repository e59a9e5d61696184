"""Why a frame is rejected, or what is to be done to it and by whom: one line, Enter, and on to the next frame."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from annotator.domain.note import NoteKind
from annotator.ui.common.theme import label, scaled

REASONS = (
    "Blurred",
    "Face is cut off",
    "Too much is hidden",
    "Wrong exposure",
    "Not this subject",
    "Duplicate",
)
"""Reasons that are offered until a project has its own."""
_TITLES = {NoteKind.REJECTED: "Reject", NoteKind.NEEDS_WORK: "Needs work"}


class ReviewDialog(QDialog):
    """Asks for a text, and whom it is for; both may stay empty."""

    def __init__(
        self, kind: NoteKind, names: Sequence[str], reasons: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_TITLES[kind])
        self.setMinimumWidth(scaled(420))
        self.text, self.assignee = QComboBox(), QComboBox()
        rejected = kind is NoteKind.REJECTED
        for box, title, words in (
            (
                self.text,
                "Why" if rejected else "What",
                [*dict.fromkeys([*reasons, *REASONS])] if rejected else [],
            ),
            (self.assignee, "For", list(names)),
        ):
            box.setEditable(True)
            box.setAccessibleName(title)
            box.addItems(words)
            box.setCurrentText("")
            if (line := box.lineEdit()) is not None:
                line.setPlaceholderText("nobody in particular" if box is self.assignee else "may stay empty")
        form = QFormLayout()
        form.addRow(label("Why" if rejected else "What", "dim"), self.text)
        form.addRow(label("For", "dim"), self.assignee)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.do = self.buttons.addButton(_TITLES[kind], QDialogButtonBox.ButtonRole.AcceptRole)
        self.do.setObjectName("primary")
        self.do.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self.buttons)
        (self.text if rejected else self.assignee).setFocus()
