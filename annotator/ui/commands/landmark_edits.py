"""What the artist's keys do to the current frame's landmarks: each becomes one edit that the session gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, QObject, Signal

from annotator.domain import edits
from annotator.domain.annotation import Annotation, Flag, LandmarkState, ReviewState
from annotator.domain.edits import Edit
from annotator.session.session import Session
from annotator.ui.heatmaps.heat_maths import HeatStack

_THERE = 0.05  # frame pixels from a mode that count as on it
_STROKE_PAUSE_MS = 900  # arrow keys pressed within this time are one undo step


class LandmarkEdits(QObject):
    """Accept, clear, flag, nudge, step and review; says by ``hint`` why nothing happened."""

    hint = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._stroke = 0
        self._since_nudge = QElapsedTimer()
        self._nudged = 0  # the frame that the running series of nudges belongs to
        self._patch: Callable[[], tuple[int, int] | None] = lambda: None
        session.selection.changed.connect(self._since_nudge.invalidate)
        session.frames.current_changed.connect(lambda _frame: self._since_nudge.invalidate())

    def set_patch(self, patch: Callable[[], tuple[int, int] | None]) -> None:
        """What tells the frame and landmark of the contact sheet's current patch while the sheet is seen."""
        self._patch = patch

    # ---- accepting
    def accept_selection(self) -> None:
        """Confirms the selected landmarks where they are."""
        self._accept(self._session.selection.indices)

    def accept_region(self) -> None:
        """Confirms all landmarks of the regions that the selection touches; outside all regions, those outside."""
        if not self._has_selection():
            return
        region_of = self._session.scheme.region_of
        touched = {int(region_of[index]) for index in self._session.selection.indices}
        self._accept([int(i) for i in np.flatnonzero(np.isin(region_of, list(touched)))])

    def accept_frame(self) -> bool:
        """Confirms every placed landmark and approves the frame, as one step; False if there was no frame."""
        annotation = self._annotation()
        if annotation is None:
            return False
        edit = edits.accept(annotation)
        self._submit(replace(edit, label="Accept frame", review=ReviewState.APPROVED))
        return True

    def _accept(self, indices: Iterable[int]) -> None:
        annotation = self._annotation()
        if annotation is None or not self._has_selection():
            return
        edit = edits.accept(annotation, list(indices))
        if len(edit.indices):
            self._submit(edit)
        else:
            self.hint.emit("Nothing to accept: these landmarks are confirmed or missing")

    # ---- changing
    def clear_selection(self) -> None:
        """Takes back what people did to the selected landmarks or the patch: a proposal shows again where there is one."""
        frame_id, indices = self._marked()
        if not indices:
            return
        annotation = self._session.annotations.shown(frame_id)
        touched = annotation.is_human[indices] | (annotation.flags[indices] != 0)
        if touched.any():
            self._session.annotations.submit(frame_id, edits.clear(np.array(indices)[touched]))
        else:
            self.hint.emit("Nothing to clear: nobody set these landmarks")

    def toggle_flag(self, flag: Flag) -> None:
        """Sets a flag on the selected landmarks or the patch, or takes it back where all have it."""
        frame_id, indices = self._marked()
        if not indices:
            return
        annotation = self._session.annotations.shown(frame_id)
        on = not (annotation.flags[indices] & int(flag)).all()
        self._session.annotations.submit(frame_id, edits.set_flags(annotation, indices, flag, on))

    def nudge(self, dx: float, dy: float, held: bool = False) -> bool:
        """Moves the selected landmarks by frame pixels; False where nothing is selected.

        Args:
            held: the key stroke repeats a key that is held.
        """
        annotation = self._annotation()
        if annotation is None or not self._session.selection.indices:
            return False
        if self._held_over(held):
            return True
        edit = edits.nudge(annotation, self._session.selection.indices, dx, dy, self._nudge_stroke())
        if len(edit.indices):
            self._submit(edit)
        return True

    def nudge_each(self, steps: NDArray[np.float64], held: bool = False) -> None:
        """Moves each selected landmark by a step of its own, float64 [K, 2] frame pixels in the order of the selection."""
        annotation, indices = self._annotation(), self._session.selection.array
        if annotation is None or self._held_over(held):
            return
        placed = (annotation.state[indices] != LandmarkState.MISSING) & (steps != 0).any(-1)
        if placed.any():
            at = indices[placed]
            edit = edits.move(at, annotation.xy[at] + steps[placed], self._nudge_stroke())
            self._submit(replace(edit, label=edit.label.replace("Move", "Nudge")))

    def _held_over(self, held: bool) -> bool:
        """Whether the key is still held from nudges on another frame: it moves nothing here until it is pressed anew."""
        if held and self._nudged not in (0, self._session.frames.current_id):
            return True
        self._nudged = self._session.frames.current_id
        return False

    def _nudge_stroke(self) -> int:
        """The token of the running series of nudges, a new one after a pause."""
        if not self._since_nudge.isValid() or self._since_nudge.elapsed() > _STROKE_PAUSE_MS:
            self._stroke = self._session.annotations.new_stroke()
        self._since_nudge.start()
        return self._stroke

    def snap(self) -> bool:
        """Moves the primary landmark to the nearest mode of its finest heatmap; there already: to the next mode."""
        annotation, landmark = self._annotation(), self._session.selection.primary
        if annotation is None or not self._has_selection():
            return False
        modes = self._modes(landmark)
        if not len(modes):
            self.hint.emit("There is no heatmap of this landmark yet")
            return False
        place = annotation.xy[landmark].astype(np.float64)
        distance = np.nan_to_num(np.hypot(*(modes - place).T), nan=np.inf)
        nearest = int(distance.argmin())
        if distance[nearest] < _THERE:
            nearest = (nearest + 1) % len(modes)
        if distance[nearest] < _THERE:
            self.hint.emit("This heatmap has one mode only, and the landmark is on it")
            return False
        edit = edits.move((landmark,), modes[nearest][None])
        self._submit(
            replace(edit, label=f"Snap to mode {nearest + 1} of {len(modes)}"),
        )
        return True

    def _modes(self, landmark: int) -> NDArray[np.float64]:
        """Modes from the region's map where the landmark has one, else from the global map."""
        proposal = self._session.proposals.get(self._session.frames.current_id)
        for heatmap in reversed(proposal.heatmaps if proposal is not None else ()):
            modes = HeatStack(heatmap).modes(landmark)
            if len(modes):
                return modes
        return np.empty((0, 2))

    def set_review(self, review: ReviewState) -> None:
        """Sets the frame's review state."""
        annotation = self._annotation()
        if annotation is not None and annotation.review != review:
            self._submit(edits.set_review(review))

    # ---- selecting
    def step(self, count: int) -> int:
        """Selects the next (1) or previous (-1) placed landmark, in the scheme's order; returns it, or -1."""
        annotation = self._annotation()
        if annotation is None:
            return -1
        placed = np.flatnonzero(annotation.state != LandmarkState.MISSING)
        if not len(placed):
            return -1
        primary = self._session.selection.primary
        if count > 0:
            later = placed[placed > primary]
            target = later[0] if len(later) else placed[0]
        else:
            earlier = placed[placed < primary]
            target = earlier[-1] if len(earlier) else placed[-1]
        self._session.selection.select(int(target))
        return int(target)

    def select_all(self) -> None:
        """Selects every placed landmark."""
        annotation = self._annotation()
        if annotation is not None:
            placed = np.flatnonzero(annotation.state != LandmarkState.MISSING)
            self._session.selection.set(int(i) for i in placed)

    def select_region(self) -> None:
        """Grows the selection to the whole regions that it touches."""
        if self._annotation() is not None and self._has_selection():
            region_of = self._session.scheme.region_of
            touched = {int(region_of[index]) for index in self._session.selection.indices}
            self._session.selection.set(int(i) for i in np.flatnonzero(np.isin(region_of, list(touched))))

    def select_mirror(self) -> None:
        """Selects the landmarks on the other side of the face."""
        if self._annotation() is not None and self._has_selection():
            mirror = self._session.scheme.mirror
            self._session.selection.set(int(mirror[i]) for i in self._session.selection.indices)

    def _submit(self, edit: Edit) -> None:
        self._session.annotations.submit(self._session.frames.current_id, edit)

    def _annotation(self) -> Annotation | None:
        if not self._session.is_open or not self._session.frames.current_id:
            return None
        return self._session.annotations.shown(self._session.frames.current_id)

    def _marked(self) -> tuple[int, list[int]]:
        """The frame and landmarks that are marked one by one: those of the patch, else the selected; none says why."""
        patch = self._patch()
        if patch is not None:
            return patch[0], [patch[1]]
        if self._annotation() is None or not self._has_selection():
            return 0, []
        return self._session.frames.current_id, list(self._session.selection.indices)

    def _has_selection(self) -> bool:
        if not self._session.selection.indices:
            self.hint.emit("Select a landmark first: click one, or Edit ▸ Next landmark")
            return False
        return True
