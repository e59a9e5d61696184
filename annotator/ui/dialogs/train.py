"""Retrain: from which model, how long, and what will happen, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from annotator.store.models import ProjectModel
from annotator.ui.common.theme import label, scaled
from annotator.ui.common.widgets import fit_height

_NETWORKS, _CONVENTION = "networks", "convention"
_WAYS = (
    (
        "The networks: minutes",
        _NETWORKS,
        "Fine-tunes the model's networks on every corrected and confirmed landmark of this project: the most gain.",
    ),
    (
        "Your annotation convention, how you place points: seconds",
        _CONVENTION,
        "Moves what the model knows of faces to where you put the points, the networks stay as they are: five corrected "
        "frames are enough to begin with.",
    ),
)
_BY_RECIPE = "as the recipe says"
_EXPLAINED = (
    "It runs in a process of its own; you can go on working. From three frames on some are held back, always the same ones: "
    "the old and the new model are compared on them, region by region. The new model is kept beside the old one and used only "
    "if you say so."
)


class TrainDialog(QDialog):
    """Asks for the few things worth choosing."""

    def __init__(
        self,
        models: Sequence[ProjectModel],
        active_id: str | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Retrain")
        self.setMinimumWidth(scaled(520))
        self.way = QComboBox()
        self.way.setAccessibleName("What to teach")
        for title, way, _ in _WAYS:
            self.way.addItem(title, way)
        self.way.currentIndexChanged.connect(self._on_way)
        self.model = QComboBox()
        self.model.setAccessibleName("Model to start from")
        for known in reversed(models):
            self.model.addItem(known.card.title or known.id, known.id)
        self.model.setCurrentIndex(max(self.model.findData(active_id), 0))
        self.minutes = QDoubleSpinBox()
        self.minutes.lineEdit().setTextMargins(4, 0, 0, 0)  # in line with choosers
        self.minutes.setAccessibleName("Time budget in minutes")
        self.minutes.setRange(0, 24 * 60)
        self.minutes.setDecimals(1)
        self.minutes.setValue(5)
        self.minutes.setSuffix(" minutes")
        self.steps = QSpinBox()
        self.steps.lineEdit().setTextMargins(4, 0, 0, 0)
        self.steps.setAccessibleName("Step budget")
        self.steps.setRange(0, 1_000_000)
        for budget in (self.minutes, self.steps):
            budget.valueChanged.connect(self._on_budget)
        self._on_budget()
        self.device = QComboBox()
        self.device.setAccessibleName("Device")
        for title, value in (
            ("Automatic", "auto"),
            ("GPU (CUDA)", "cuda"),
            ("Apple GPU", "mps"),
            ("CPU", "cpu"),
        ):
            self.device.addItem(title, value)
        form = QFormLayout()
        form.setVerticalSpacing(9)
        for title, widget in (
            ("Teach", self.way),
            ("Start from", self.model),
            ("Stop after", self.minutes),
            ("Steps", self.steps),
            ("Device", self.device),
        ):
            form.addRow(label(title, "dim"), widget)
        self.text = label("", "dim")
        self.text.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        start = self.buttons.addButton("Start training", QDialogButtonBox.ButtonRole.AcceptRole)
        start.setObjectName("primary")
        start.setDefault(True)
        start.setEnabled(bool(models))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(14)
        column.addWidget(self.text)
        column.addLayout(form)
        column.addWidget(self.buttons)
        self._on_way()
        fit_height(self)

    def _on_budget(self) -> None:
        """What a budget of 0 means depends on the other one."""
        self.minutes.setSpecialValueText("no limit" if self.steps.value() else _BY_RECIPE)
        self.steps.setSpecialValueText("as many as fit" if self.minutes.value() else _BY_RECIPE)

    def _on_way(self) -> None:
        """Says what will happen; only networks take a budget."""
        text = _WAYS[self.way.currentIndex()][2]
        self.text.setText(f"{text} {_EXPLAINED}")
        for widget in (self.minutes, self.steps):
            widget.setEnabled(not self.learns_convention)

    @property
    def learns_convention(self) -> bool:
        """Whether the annotation convention is to be learnt, in place of training networks."""
        return bool(self.way.currentData() == _CONVENTION)

    def options(self) -> dict[str, Any]:
        """What the session's method for the chosen way takes; budgets of 0 are left out."""
        options: dict[str, Any] = {
            "device": self.device.currentData(),
            "model": self.model.currentData(),
            "minutes": self.minutes.value() if self.minutes.isEnabled() else 0,
            "steps": self.steps.value() if self.steps.isEnabled() else 0,
        }
        return {name: value for name, value in options.items() if value}
