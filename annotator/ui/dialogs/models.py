"""Models: all that the project knows, what each was trained on and measured at, which is active, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
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

from annotator.session.session import Session
from annotator.store.models import ProjectModel
from annotator.ui.common.theme import icon, label

_ID = int(Qt.ItemDataRole.UserRole)


class ModelsDialog(QDialog):
    """Chooses the active model; older ones stay one click away."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Models")
        self.resize(820, 480)
        self._session = session
        self.table = QTreeWidget()
        self.table.setObjectName("framed")
        self.table.setAccessibleName("Models")
        self.table.setRootIsDecorated(False)
        self.table.setHeaderLabels(["", "Model", "Added", "From", "Error"])
        self.table.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for section in (2, 3, 4):
            self.table.header().setSectionResizeMode(section, QHeaderView.ResizeMode.ResizeToContents)
        self.table.header().setStretchLastSection(False)
        self.table.setColumnWidth(0, 34)
        self.details = label("", "dim")
        self.details.setWordWrap(True)
        self.details.setMinimumHeight(70)
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.use = QPushButton(icon("check"), "Use this model")
        self.use.setObjectName("primary")
        self.back = QPushButton(icon("clock-counter-clockwise"), "Back to the one before")
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.use)
        row.addWidget(self.back)
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addWidget(self.table, 1)
        column.addWidget(self.details)
        column.addLayout(row)
        self.table.currentItemChanged.connect(lambda _new, _old: self._show_details())
        self.table.itemDoubleClicked.connect(lambda _item, _column: self._use())
        self.use.clicked.connect(lambda _on: self._use())
        self.back.clicked.connect(lambda _on: roll_back(session))
        session.models.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        active = self._session.models.active
        self.table.clear()
        for known in reversed(self._session.models.all()):
            card = known.card
            added = known.added.astimezone().strftime("%d %b %Y %H:%M")
            texts = ["", card.title or card.id, added, card.parent or "", _measured(card.metrics)]
            item = QTreeWidgetItem(self.table, texts)
            item.setData(0, _ID, known.id)
            if active is not None and known.id == active.id:
                item.setIcon(0, icon("check-circle", "good"))
                item.setToolTip(0, "Active")
                self.table.setCurrentItem(item)
        self.back.setEnabled(previous_model(self._session) is not None)
        self._show_details()

    def _chosen(self) -> ProjectModel | None:
        item = self.table.currentItem()
        wanted = item.data(0, _ID) if item is not None else None
        return next((known for known in self._session.models.all() if known.id == wanted), None)

    def _show_details(self) -> None:
        known, active = self._chosen(), self._session.models.active
        self.use.setEnabled(known is not None and (active is None or active.id != known.id))
        if known is None:
            self.details.setText(
                "This project knows no model yet." if not self.table.topLevelItemCount() else ""
            )
            return
        card = known.card
        network = ", ".join(f"{key} {value}" for key, value in _short(card.architecture))
        self.details.setText(
            f"{card.id} · {card.scheme} · {network}\nLicence: {card.licence}\n{known.folder}"
        )

    def _use(self) -> None:
        known = self._chosen()
        if known is not None:
            self._session.models.set_active(known.id)


def previous_model(session: Session) -> str | None:
    """The id of the model that was active before the present one, None if there was none."""
    active = session.models.active
    if active is None:
        return None
    known = {model.id for model in session.models.all()}
    history = sorted(session.models.history(), key=lambda activation: activation.at, reverse=True)
    for activation in history:
        if activation.model_id != active.id and activation.model_id in known:
            return activation.model_id
    return None


def roll_back(session: Session) -> bool:
    """Makes the previously active model active again; False if there is none."""
    previous = previous_model(session)
    if previous is not None:
        session.models.set_active(previous)
    return previous is not None


def _measured(metrics: Mapping[str, Any]) -> str:
    """Before and after of the training that made a model in a project, as its table says; empty for other models."""
    table = metrics.get("project")
    if not isinstance(table, Mapping):
        return ""
    for row in table.get("rows", ()):
        if isinstance(row, Mapping) and row.get("region") == "all":
            before, after = row.get("before"), row.get("after")
            if isinstance(before, float) and isinstance(after, float):
                return f"{before:.2f} → {after:.2f} {table.get('unit', '%')}"
    return ""


def _short(architecture: Mapping[str, object]) -> list[tuple[str, str | int | float]]:
    """The first few facts that fit a line: no tables of landmarks."""
    return [(key, value) for key, value in architecture.items() if isinstance(value, str | int | float)][:4]
