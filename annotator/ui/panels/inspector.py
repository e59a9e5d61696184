"""The inspector: figures of the selected landmark, its flags, and the frame's review state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.annotation import Annotation, Flag, LandmarkState, ReviewState
from annotator.domain.proposal import Proposal
from annotator.domain.takes.track import Track, TrackState
from annotator.session.session import Session
from annotator.ui.common.theme import icon, label, scaled
from annotator.ui.common.widgets import scrolled
from annotator.ui.panels.landmark_tree import STATE_TITLES

_FIELDS = (
    ("position", "Position"),
    ("confidence", "Confidence"),
    ("sigma", "σ major / minor"),
    ("moved", "Moved from proposal"),
    ("state", "State"),
    ("disagreement", "Global vs region"),
    ("views", "Other views"),
)


class InspectorPanel(QWidget):
    """Details of the selection on top, the whole frame's decision at the bottom."""

    flag_clicked = Signal(object)  # Flag
    review_clicked = Signal(object)  # ReviewState

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._place_key = self._views = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(8)
        # on small screens it scrolls; the decision below stays to be seen
        column.addWidget(scrolled(self._build_selection()), 1)
        line = QFrame()
        line.setFixedHeight(1)
        line.setStyleSheet("background: #2f3136;")
        column.addWidget(line)
        self.progress = label("", "dim")
        self.progress.setWordWrap(True)
        column.addWidget(self.progress)
        column.addLayout(self._build_review())
        for signal in (
            session.frames.current_changed,
            session.annotations.changed,
            session.proposals.arrived,
        ):
            signal.connect(self._on_frame_event)
        session.selection.changed.connect(self.refresh)
        session.pointer.held.connect(self._show_held)
        session.project_opened.connect(self.refresh)
        session.project_closed.connect(self.refresh)
        self.refresh()

    def _build_selection(self) -> QWidget:
        selection = QWidget()
        column = QVBoxLayout(selection)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.title = label("", "title")
        column.addWidget(self.title)
        column.addLayout(self._build_fields())
        column.addLayout(self._build_flags())
        column.addStretch(1)
        return selection

    def _build_fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(5)
        self.values: dict[str, QLabel] = {}
        for row, (name, title) in enumerate(_FIELDS):
            value = label("–")
            value.setAccessibleName(title)
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.values[name] = value
            grid.addWidget(label(title, "dim"), row, 0)
            grid.addWidget(value, row, 1)
        grid.setColumnMinimumWidth(0, scaled(130))
        grid.setColumnStretch(1, 1)
        return grid

    def _build_flags(self) -> QHBoxLayout:
        self.occluded = QPushButton(icon("eye-slash"), "Occluded")
        self.out_of_frame = QPushButton(icon("frame-corners"), "Out of frame")
        row = QHBoxLayout()
        row.setSpacing(6)
        for button, flag in ((self.occluded, Flag.OCCLUDED), (self.out_of_frame, Flag.OUT_OF_FRAME)):
            button.setCheckable(True)
            button.clicked.connect(lambda _on, flag=flag: self._ask(self.flag_clicked, flag))
            row.addWidget(button, 1)
        return row

    def _build_review(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self.review: dict[ReviewState, QPushButton] = {}
        for state, text, name, icon_name in (
            (ReviewState.APPROVED, "Approve", "approve", "check"),
            (ReviewState.NEEDS_WORK, "Needs work", "needs_work", "warning"),
            (ReviewState.REJECTED, "Reject", "reject", "x"),
        ):
            button = QPushButton(icon(icon_name), text)
            button.setObjectName(name)
            button.setCheckable(True)
            button.clicked.connect(
                lambda on, state=state: self._ask(
                    self.review_clicked, state if on else ReviewState.UNREVIEWED
                )
            )
            self._group.addButton(button)
            self.review[state] = button
            row.addWidget(button, 1)
        return row

    def show_keys(self, tip_of: Callable[[str], str], in_brackets: Callable[[str], str]) -> None:
        """Tool tips and keys that are in use, by the id of the command."""
        names = {self.occluded: "occluded", self.out_of_frame: "out_of_frame"}
        names |= {button: f"review_{state.name.lower()}" for state, button in self.review.items()}
        for button, name in names.items():
            button.setToolTip(tip_of(name))
        self._place_key = in_brackets("place")

    def show_views(self, text: str) -> None:
        """What the moment's other views say of the selected landmark; empty: nothing."""
        self._views = text
        self.values["views"].setText(text or "–")

    def _ask(self, clicked: SignalInstance, value: object) -> None:
        """Tells what is wanted; the buttons then show what became of it."""
        clicked.emit(value)
        self.refresh()

    # ---- following the session
    def _on_frame_event(self, frame_id: int) -> None:
        if frame_id == self._session.frames.current_id:
            self.refresh()

    def _show_held(self, indices: tuple[int, ...], places: NDArray[np.float64]) -> None:
        """Follows landmarks that are held, before their edit is made."""
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        if not frame_id or not indices:
            self.refresh()
            return
        shown = self._session.annotations.shown(frame_id)
        xy = shown.xy.copy()
        xy[list(indices)] = places
        self._show_selection(replace(shown, xy=xy), self._session.proposals.get(frame_id))

    def refresh(self) -> None:
        """Reads everything again."""
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        annotation = self._session.annotations.shown(frame_id) if frame_id else None
        proposal = self._session.proposals.get(frame_id) if frame_id else None
        self._show_selection(annotation, proposal)
        for state, button in self.review.items():
            button.setEnabled(annotation is not None)
            button.setChecked(annotation is not None and annotation.review is state)
        self.progress.setText(_progress_text(annotation))

    def _show_selection(self, annotation: Annotation | None, proposal: Proposal | None) -> None:
        indices = list(self._session.selection.indices) if annotation is not None else []
        for flag, button in ((Flag.OCCLUDED, self.occluded), (Flag.OUT_OF_FRAME, self.out_of_frame)):
            button.setEnabled(bool(indices))
            on = (
                annotation is not None
                and bool(indices)
                and bool((annotation.flags[indices] & int(flag)).all())
            )
            button.setChecked(on)
        texts = dict.fromkeys(self.values, "–") | {"views": self._views or "–"}
        if annotation is None or not indices:
            self.title.setText("No landmark selected")
        elif len(indices) > 1:
            self.title.setText(f"{len(indices)} landmarks")
            texts |= _group_texts(annotation, proposal, indices)
        else:
            self.title.setText(self._session.scheme.names[indices[0]])
            texts |= _single_texts(annotation, proposal, indices[0], self._place_key)
            if proposal is not None and indices[0] in self._session.scheme.global_only:
                texts["disagreement"] = "the global network alone"
            track = self._session.annotations.tracks.get(self._session.frames.current_id)
            if track is not None and annotation.state[indices[0]] == LandmarkState.TRACKED:
                texts |= _tracked_texts(track, indices[0])
        for name, text in texts.items():
            self.values[name].setText(text)


def _single_texts(
    annotation: Annotation, proposal: Proposal | None, index: int, place_key: str
) -> dict[str, str]:
    x, y = annotation.xy[index].tolist()
    state = LandmarkState(int(annotation.state[index]))
    texts = {
        "position": "–" if np.isnan(x) else f"{x:.2f}, {y:.2f} px",
        "state": f"missing: Place{place_key}, then click"
        if state is LandmarkState.MISSING
        else STATE_TITLES[state],
    }
    if proposal is not None:
        texts["confidence"] = f"{proposal.confidence[index]:.2f}"
        covariance = proposal.covariance[index].astype(np.float64)
        if np.isfinite(covariance).all():
            texts["sigma"] = _sigma_text(covariance)
        moved = float(np.hypot(*(annotation.xy[index] - proposal.xy[index])))
        texts["moved"] = "–" if np.isnan(moved) else f"{moved:.2f} px"
        apart = float(np.hypot(*(proposal.global_xy[index] - proposal.xy[index])))
        texts["disagreement"] = "–" if np.isnan(apart) else f"{apart:.1f} px"
    return texts


def _tracked_texts(track: Track, index: int) -> dict[str, str]:
    """Of a landmark that is shown where it was tracked to."""
    texts = {"state": "tracked, unsure" if track.state[index] == TrackState.UNSURE else "tracked"}
    covariance = track.covariance[index].astype(np.float64)
    return texts | ({"sigma": _sigma_text(covariance)} if np.isfinite(covariance).all() else {})


def _sigma_text(covariance: NDArray[np.float64]) -> str:
    minor, major = np.sqrt(np.linalg.eigvalsh(covariance).clip(0)).tolist()
    return f"{major:.1f} / {minor:.1f} px"


def _group_texts(annotation: Annotation, proposal: Proposal | None, indices: list[int]) -> dict[str, str]:
    states = annotation.state[indices]
    counts = [(STATE_TITLES[s], int((states == s).sum())) for s in LandmarkState]
    texts = {"state": ", ".join(f"{count} {title}" for title, count in counts if count)}
    if proposal is not None:
        values = proposal.confidence[indices]
        texts["confidence"] = f"{values.mean():.2f} on average, least {values.min():.2f}"
        moved = np.hypot(*(annotation.xy[indices] - proposal.xy[indices]).T)
        if np.isfinite(moved).any():
            texts["moved"] = f"{np.nanmean(moved):.2f} px on average"
    return texts


def _progress_text(annotation: Annotation | None) -> str:
    if annotation is None:
        return "No frame"
    counts = {state: int((annotation.state == state).sum()) for state in LandmarkState}
    return (
        f"{counts[LandmarkState.CONFIRMED]} confirmed · {counts[LandmarkState.CORRECTED]} corrected · "
        + (f"{counts[LandmarkState.TRACKED]} tracked · " if counts[LandmarkState.TRACKED] else "")
        + f"{counts[LandmarkState.PROPOSED]} proposed · {counts[LandmarkState.MISSING]} missing"
    )
