"""People: who works on which subjects, takes and frames, how far each is, and who may approve."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.assignment import Share, Span, cleaned
from annotator.domain.words import counted
from annotator.services.project.people.approval import Approval
from annotator.services.project.people.assign import PersonWork, ShareRow, people_work, share_rows
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.common.theme import COLOURS, icon, label, scaled
from annotator.ui.common.widgets import EmptyState

_SHARES = int(Qt.ItemDataRole.UserRole)
_RULES = {
    Approval.ANYBODY: "Anybody may approve",
    Approval.WARNED: "Anybody, with a word to those who approve their own work",
    Approval.APART: "Only somebody who did not place points in the frame",
}
_LISTED, _CURRENT = "listed", "current"
_KINDS = (
    ("Subject", Span.SUBJECT),
    ("Take", Span.TAKE),
    ("All listed frames", _LISTED),
    ("The current frame", _CURRENT),
)
_EMPTY = "Nothing is assigned yet: everybody works on everything.\nChoose a subject or a take below, write a name, and assign it."
_TITLES = {Span.SUBJECT: "Subject", Span.TAKE: "Take", Span.FRAME: "Frames"}


class PeopleDialog(QDialog):
    """A table of assignments with a line to add one; each change is on disk at once, and can be undone."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("People")
        self.resize(scaled(820), scaled(560))
        self._session, self._closed = session, False
        self._takes: list[tuple[str, str]] = []
        self.table = QTreeWidget()
        self.table.setObjectName("framed")
        self.table.setAccessibleName("Assignments")
        self.table.setRootIsDecorated(False)
        self.table.setHeaderLabels(["What", "Kind", "People", "Frames", "Approved"])
        self.table.header().setStretchLastSection(False)
        for section in (0, 2):
            self.table.header().setSectionResizeMode(section, QHeaderView.ResizeMode.Stretch)
        for section in (1, 3, 4):
            self.table.header().setSectionResizeMode(section, QHeaderView.ResizeMode.ResizeToContents)
        self.stack = EmptyState(self.table)
        self.work = label("", "dim")
        self.work.setWordWrap(True)
        self.told = label("")
        self.told.setWordWrap(True)
        self.told.setStyleSheet(f"color: {COLOURS.warning};")
        self.told.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addLayout(self._build_head())
        column.addWidget(self.stack, 1)
        column.addWidget(self.work)
        column.addLayout(self._build_line())
        column.addWidget(self.told)
        column.addLayout(self._build_buttons())
        self.table.currentItemChanged.connect(lambda _new, _old: self._show_buttons())
        session.people.changed.connect(self.reload)
        self.finished.connect(self._close)
        self._show_kind()
        self.reload()

    def _build_head(self) -> QHBoxLayout:
        self.rule = QComboBox()
        self.rule.setAccessibleName("Who may approve frames")
        for rule, text in _RULES.items():
            self.rule.addItem(text, rule)
        self.rule.setCurrentIndex(self.rule.findData(self._session.people.approval))
        self.rule.activated.connect(
            lambda _row: self._session.people.set_approval(Approval(self.rule.currentData()))
        )
        row = QHBoxLayout()
        row.addWidget(label(f"You are {self._session.people.me}.", "title"))
        row.addStretch(1)
        row.addWidget(label("Approval", "dim"))
        row.addWidget(self.rule)
        return row

    def _build_line(self) -> QHBoxLayout:
        self.kind, self.what, self.people = QComboBox(), QComboBox(), QComboBox()
        for box, name in ((self.kind, "Kind"), (self.what, "What to assign"), (self.people, "To whom")):
            box.setAccessibleName(name)
        for text, kind in _KINDS:
            self.kind.addItem(text, kind)
        self.kind.activated.connect(lambda _row: self._show_kind())
        self.people.setEditable(True)
        self.people.addItems(self._session.people.known())
        self.people.setCurrentText("")
        if (line := self.people.lineEdit()) is not None:
            line.setPlaceholderText("name, or names with commas")
        self.give = QPushButton(icon("check"), "Assign")
        self.give.setObjectName("primary")
        self.give.setDefault(True)  # Enter in the line of names assigns
        self.give.clicked.connect(lambda _on: self.assign())
        row = QHBoxLayout()
        row.addWidget(self.kind)
        row.addWidget(self.what, 1)
        row.addWidget(label("to", "dim"))
        row.addWidget(self.people, 1)
        row.addWidget(self.give)
        return row

    def _build_buttons(self) -> QHBoxLayout:
        self.remove = QPushButton("Assign to nobody")
        self.remove.setAutoDefault(False)
        self.remove.clicked.connect(lambda _on: self._remove())
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        close.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self.remove)
        row.addStretch(1)
        row.addWidget(close)
        return row

    # ---- what a person does
    def assign(self) -> None:
        """Gives what is chosen to the people who are named."""
        shares = self._chosen_shares()
        try:
            names = cleaned(name for name in self.people.currentText().split(",") if name.strip())
        except ValueError as error:
            self._tell(f"Nothing was assigned: {error}.")
            return
        if not names:
            self._tell("Write a name first.")
            self.people.setFocus()
        elif not shares:
            self._tell("There is no frame to assign.")
        else:
            known = {name.casefold(): name for name in self._session.people.known()}
            self._tell("")
            self._session.people.assign(
                shares, tuple(sorted({known.get(name.casefold(), name) for name in names}))
            )

    def _remove(self) -> None:
        item = self.table.currentItem()
        if item is not None:
            self._session.people.assign(item.data(0, _SHARES), ())

    def _chosen_shares(self) -> list[Share]:
        frames, kind = self._session.frames, self.kind.currentData()
        if kind == _LISTED:
            return [Share(Span.FRAME, frame_id=int(i)) for i in frames.listed.ids]
        if kind == _CURRENT:
            return [Share(Span.FRAME, frame_id=frames.current_id)] if frames.current_id else []
        chosen = self.what.currentData()
        return [] if chosen is None else [chosen]

    def _show_kind(self) -> None:
        """Offers what there is of the chosen kind."""
        kind, store = self.kind.currentData(), self._session.store
        self.what.clear()
        if kind == Span.SUBJECT:
            for subject in store.frames.facets()["subject"]:
                self.what.addItem(subject or "(no subject)", Share(Span.SUBJECT, subject))
        elif kind == Span.TAKE:
            for subject, take in dict.fromkeys((shot.subject, shot.take) for shot in store.frames.shots()):
                self.what.addItem(f"{subject} / {take or '(no take)'}", Share(Span.TAKE, subject, take))
        elif kind == _LISTED:
            self.what.addItem(counted(len(self._session.frames.listed), "frame"))
        else:
            frame = self._session.frames.current
            self.what.addItem(frame.name if frame is not None else "")
        self.what.setEnabled(kind in (Span.SUBJECT, Span.TAKE) and self.what.count() > 0)

    # ---- what is shown
    def reload(self) -> None:
        """Reads everything again, in a thread."""
        if self._closed or not self._session.is_open:
            return
        self.rule.setCurrentIndex(self.rule.findData(self._session.people.approval))
        self._session.read_beside("people", _read, self._show)

    def _show(self, found: tuple[list[ShareRow], list[PersonWork]]) -> None:
        if self._closed:
            return
        rows, people = found
        self.table.clear()
        for what, kind, names, frames, approved, shares in _grouped(rows):
            item = QTreeWidgetItem(self.table, [what, kind, names, f"{frames:,}", f"{approved:,}"])
            item.setData(0, _SHARES, shares)
            for section in (3, 4):
                item.setTextAlignment(section, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.stack.tell("" if rows else _EMPTY)
        self.work.setText(
            "\n".join(
                f"{each.person}: {counted(each.frames, 'frame')}, {each.touched:,} touched, "
                f"{each.decided:,} approved or rejected"
                for each in people
            )
        )
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.remove.setEnabled(self.table.currentItem() is not None)

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.setVisible(bool(text))

    def _close(self) -> None:
        self._closed = True


def _read(store: ProjectStore) -> tuple[list[ShareRow], list[PersonWork]]:
    return share_rows(store), people_work(store)


def _grouped(rows: Sequence[ShareRow]) -> list[tuple[str, str, str, int, int, list[Share]]]:
    """Rows of the table: what, kind, people, frames, approved, shares; single frames of the same people are one row."""
    found: list[tuple[str, str, str, int, int, list[Share]]] = []
    single: dict[tuple[str, ...], list[ShareRow]] = {}
    for row in rows:
        own = row.assignment
        if own.share.span is Span.FRAME:
            single.setdefault(own.people, []).append(row)
            continue
        shares = [own.share]
        found.append(
            (row.title, _TITLES[own.share.span], ", ".join(own.people), row.frames, row.approved, shares)
        )
    for people, those in single.items():
        title = those[0].title if len(those) == 1 else counted(len(those), "single frame")
        approved = sum(row.approved for row in those)
        shares = [row.assignment.share for row in those]
        found.append((title, _TITLES[Span.FRAME], ", ".join(people), len(those), approved, shares))
    return found
