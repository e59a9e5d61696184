"""Track a range: which landmarks and frames, and how new tracks meet older ones."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.takes.track import Merge
from annotator.domain.words import counted
from annotator.services.takes.track import TrackWishes
from annotator.services.takes.track_rig import RigOfTake
from annotator.session.time.take import TakeState
from annotator.ui.common.plain import plain
from annotator.ui.common.theme import label, scaled
from annotator.ui.common.widgets import fit_height

_MODES = (
    (Merge.FILL, "Fill: where nothing was tracked, or not surely"),
    (Merge.REPLACE, "Replace: everywhere"),
    (Merge.KEEP, "Keep: only where nothing was tracked"),
)
_EXPLAINED = (
    "Points that people set stay as they are. Between them landmarks are tracked by the proposals, the pixels' motion and the "
    "keys on both sides; what is expected to be off by more than 1 % of the eye distance is marked as unsure."
)


class TrackDialog(QDialog):
    """Asks what to track; frames are those between in and out until they are changed."""

    def __init__(
        self,
        state: TakeState,
        selected: tuple[int, ...],
        rig: RigOfTake | None = None,
        in_space: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """`rig`: by which the take can be tracked in space, and whether that is chosen at first."""
        super().__init__(parent)
        self.setWindowTitle("Track a range")
        self.setMinimumWidth(scaled(460))
        self._selected = selected
        first, last = state.span
        numbers = state.sequence.numbers
        self.landmarks = QComboBox()
        self.landmarks.setAccessibleName("Landmarks")
        self.landmarks.addItem("All")
        if selected:
            self.landmarks.addItem(f"Selected ({counted(len(selected), 'landmark')})")
            self.landmarks.setCurrentIndex(1)
        self.first, self.last = (_number(state, int(numbers[at])) for at in (first, last))
        self.first.setAccessibleName("First frame")
        self.last.setAccessibleName("Last frame")
        self.mode = QComboBox()
        self.mode.setAccessibleName("Older tracks")
        for mode, words in _MODES:
            self.mode.addItem(words, mode)
        self.pictures = QCheckBox("Look at how the pixels move")
        self.pictures.setChecked(True)
        self.in_space = QCheckBox("In space, by all cameras of the rig")
        self.in_space.setChecked(in_space)
        if rig is not None:
            names = ", ".join(rig.cameras)
            self.in_space.setText(f"In space, by the {len(rig.cameras)} cameras of {rig.rig.label}")
            self.in_space.setToolTip(plain(f"Keys in two views serve the others as well. Cameras: {names}"))
        explained = label(_EXPLAINED, "dim")
        explained.setWordWrap(True)
        form = QFormLayout()
        form.setVerticalSpacing(9)
        for title, widget in (
            ("Landmarks", self.landmarks),
            ("From frame", self.first),
            ("To frame", self.last),
            ("Older tracks", self.mode),
            ("", self.pictures),
        ):
            form.addRow(label(title, "dim"), widget)
        if rig is not None:
            form.addRow(label("", "dim"), self.in_space)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.track = buttons.addButton("Track", QDialogButtonBox.ButtonRole.AcceptRole)
        self.track.setObjectName("primary")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        column.addWidget(explained)
        column.addLayout(form)
        column.addWidget(buttons)
        self.first.valueChanged.connect(self._check)
        self.last.valueChanged.connect(self._check)
        fit_height(self)

    def wishes(self) -> TrackWishes:
        """What to track."""
        return TrackWishes(
            self._selected if self.landmarks.currentIndex() else None,
            int(self.first.value()),
            int(self.last.value()),
            Merge(self.mode.currentData()),
            self.pictures.isChecked(),
        )

    def _check(self, _value: int) -> None:
        self.track.setEnabled(self.first.value() <= self.last.value())


def _number(state: TakeState, value: int) -> QDoubleSpinBox:
    """A frame number of the take, of as many digits as it has: times in milliseconds do not fit into a `QSpinBox`."""
    box = QDoubleSpinBox()
    box.setDecimals(0)
    box.setRange(int(state.sequence.numbers[0]), int(state.sequence.numbers[-1]))
    box.setValue(value)
    return box
