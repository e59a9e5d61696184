"""Finer hands: suggestions to accept or ignore, nudges along an ellipse's axes, the other side of the face, even curves,
crowded landmarks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from annotator.domain.edits import move
from annotator.domain.faces.face_frame import mirrored_places
from annotator.domain.shaping.curve_edits import evened_out
from annotator.domain.words import counted
from annotator.session.session import Session
from annotator.session.suggestions import SuggestionDesk
from annotator.ui.canvas.frame_panel import FramePanel
from annotator.ui.canvas.presses import HIT_RADIUS
from annotator.ui.commands.landmark_edits import LandmarkEdits
from annotator.ui.common.view_options import ViewOptions

_SHARE = 0.25  # of the sigma along an axis: one nudge
_LEAST = 0.1  # frame pixels
_EVEN = 0.01  # frame pixels from its even place that count as on it


class FineEdits(QObject):
    """These hands, on the session and the frame view."""

    def __init__(
        self,
        session: Session,
        edits: LandmarkEdits,
        panel: FramePanel,
        options: ViewOptions,
        key_of: Callable[[str], str],
        parent: QObject,
    ) -> None:
        """`key_of`: the key in use of a command, by its id."""
        super().__init__(parent)
        self._session, self._edits, self._panel, self._options = session, edits, panel, options
        self._key_of = key_of
        self.suggestions = SuggestionDesk(session, self)
        self._cursor = (math.nan, math.nan)
        self.suggestions.changed.connect(self._show_suggestions)
        session.pointer.moved.connect(self._on_cursor)
        options.changed.connect(self._on_options)
        self._on_options()

    # ---- suggestions
    def accept_suggestions(self, selected: bool = False) -> None:
        """Moves the neighbours of a correction to their suggestions, or only those that are selected."""
        indices = self._session.selection.indices if selected else None
        if not self._session.is_open or not self.suggestions.accept(indices):
            self._edits.hint.emit(
                "No suggestions here: correct a landmark, and its neighbours show where they would go"
            )

    def _show_suggestions(self) -> None:
        current = self.suggestions.current
        self._panel.view.suggestions.show_suggestions(current, self._panel.view.overlay.data_shown.xy)
        count = len(current)
        take, leave = self._key_of("accept_suggestions"), self._key_of("select_none")
        text = f"{counted(count, 'suggestion')}   ·   {take} accepts   ·   {leave} ignores"
        self._panel.show_notice(text if count else "")

    def _on_options(self) -> None:
        if self._options.value.suggestions != self.suggestions.enabled:
            self.suggestions.set_enabled(self._options.value.suggestions)

    # ---- nudges
    def nudge_axis(self, axis: int, sign: int) -> None:
        """Moves each selected landmark by a quarter sigma along its ellipse's longer (1) or shorter (0) axis."""
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        proposal = self._session.proposals.get(frame_id) if frame_id else None
        indices = self._session.selection.indices
        if not indices or proposal is None:
            self._edits.hint.emit(
                "Select a landmark that the model proposed: its ellipse gives the direction"
            )
            return
        steps = axis_steps(proposal.covariance[list(indices)].astype(np.float64), axis) * sign
        self._edits.nudge_each(steps, self._panel.view.key_repeats)

    # ---- the other side, and crowds
    def mirror(self) -> None:
        """Puts the counterparts of the selected landmarks where these are, mirrored; one undo step."""
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        if not frame_id:
            return
        xy = self._session.annotations.shown(frame_id).xy
        targets, places = mirrored_places(self._session.scheme, xy, self._session.selection.array)
        if not len(targets):
            self._edits.hint.emit(
                "Select landmarks of one side of the face, with others placed on both sides"
            )
            return
        self._session.annotations.submit(
            self._session.frames.current_id,
            replace(move(targets, places), label=f"Mirror {len(targets)} landmarks"),
        )

    def even_out(self) -> None:
        """Spreads the landmarks of the selected curves evenly between those that stay; one undo step."""
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        if not frame_id:
            return
        shown = self._session.annotations.shown(frame_id)
        indices, places = evened_out(self._session.scheme, shown.xy, self._session.selection.array)
        off = np.hypot(*(places - shown.xy[indices]).T) > _EVEN
        if not off.any():
            self._edits.hint.emit(
                "Nothing to even out: select landmarks of a curve between its ends, three or more to bound the stretch"
            )
            return
        label = f"Even out {counted(int(off.sum()), 'landmark')}"
        self._session.annotations.submit(frame_id, replace(move(indices[off], places[off]), label=label))

    def select_under(self) -> None:
        """Selects the next of the landmarks that lie under the pointer, or round the selected one where it is elsewhere."""
        view, selection = self._panel.view, self._session.selection
        radius = HIT_RADIUS / view.zoom
        near = view.overlay.hits(*self._cursor, radius) if math.isfinite(self._cursor[0]) else []
        if not near and selection.primary >= 0:
            x, y = view.overlay.data_shown.xy[selection.primary].tolist()
            near = view.overlay.hits(x, y, radius)
        ring = sorted(near)
        if ring:
            at = ring.index(selection.primary) + 1 if selection.primary in ring else 0
            selection.select(ring[at % len(ring)])

    def _on_cursor(self, x: float, y: float) -> None:
        self._cursor = (x, y)


def axis_steps(covariance: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """A quarter sigma along the shorter (0) or longer (1) axis of covariances [K, 2, 2]: float64 [K, 2] frame pixels.

    Steps point to the right, or down where they are upright; never shorter than a tenth of a pixel. Zero where the covariance
    is not known.
    """
    known = np.asarray(np.isfinite(covariance).all((1, 2)))
    values, vectors = np.linalg.eigh(np.where(known[:, None, None], covariance, np.eye(2)))
    direction = vectors[:, :, axis]
    lead = np.where(np.abs(direction[:, 0]) > 1e-6, direction[:, 0], direction[:, 1])
    length = np.maximum(_SHARE * np.sqrt(values[:, axis].clip(0)), _LEAST)
    return np.asarray(direction * np.sign(lead)[:, None] * length[:, None] * known[:, None])
