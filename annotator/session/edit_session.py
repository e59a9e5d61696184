"""Annotations of the open project: what is shown of a frame, edits and undo, proposals, the selection."""

from collections.abc import Container
from math import nan
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QUndoStack

from annotator.domain.annotation import Annotation
from annotator.domain.edits import Edit, Indices
from annotator.domain.layers import displayed
from annotator.domain.proposal import Proposal
from annotator.domain.words import counted
from annotator.session.conflicts import EditConflict
from annotator.session.editor import Editor
from annotator.session.frame_session import FrameSession
from annotator.session.memory import Cache
from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.project_watch import ProjectWatch
from annotator.session.proposals import ProposalDesk
from annotator.session.selection import Selection
from annotator.store.change_log import Changes
from annotator.store.frame_list import summarise
from annotator.store.ledger import LedgerEntry
from annotator.store.project_store import ProjectStore

_HEAT_SHARE = 0.2  # of the memory budget
_MANY = 200  # frames that another program changed, beyond which the list is read anew


class EditSession(FrameSession):
    """Annotations and proposals; `Session` adds models and jobs."""

    selection_changed = Signal()
    hover_changed = Signal(int)  # landmark under the pointer in any view, -1 = none
    cursor_moved = Signal(float, float)  # pointer in frame px in any view; NaN, NaN = it left
    annotation_changed = Signal(int)  # frame id: re-read `annotation(frame_id)`
    proposal_arrived = Signal(int)  # frame id: re-read `proposal(frame_id)`; annotation_changed follows
    proposal_failed = Signal(int, str)
    inference_state_changed = Signal(str)  # "off" "starting" "loading" "ready" "working" "crashed"
    pending_changed = Signal(int)  # edits that are not on disk (0: all are)
    save_state_changed = Signal(str)  # one line for the status bar
    conflict_found = Signal(
        object
    )  # EditConflict to ask about, answered by `settle`; theirs is kept until then

    def __init__(self, parent: QObject | None = None, inference: InferenceProcess | None = None) -> None:
        super().__init__(parent)
        self._selection = Selection(self)
        self._hover = -1
        self._inference = inference or InferenceProcess(parent=self)
        self._proposals = ProposalDesk(self._inference, self.keys, self)
        desk = self._proposals
        self.memory.add(Cache("heatmaps", lambda: desk.nbytes, desk.set_budget, _HEAT_SHARE))
        self._editor = Editor(self._proposals.get, self)
        self._watch = ProjectWatch(self)
        self._watch.changed.connect(self._changed_on_disk)
        # never inside of what the undo stack is doing
        self._editor.conflicted.connect(self._ask, Qt.ConnectionType.QueuedConnection)
        self._selection.changed.connect(self._selected)
        self._inference.state_changed.connect(self.inference_state_changed)
        self._inference.note.connect(self._warn)
        self._proposals.arrived.connect(self._proposed)
        self._proposals.failed.connect(self.proposal_failed)
        self._editor.annotation_changed.connect(self._edited)
        self._editor.refused.connect(self._complain)
        self._editor.frame_wanted.connect(self.go_to)
        self._editor.pending.changed.connect(self._pending)
        self.frame_changed.connect(self._turned_to)

    def shutdown(self) -> None:
        """As in `FrameSession`, and end the inference process."""
        self._watch.shutdown()
        self._inference.shutdown()
        super().shutdown()

    def annotation(self, frame_id: int) -> Annotation:
        """What to show: human points over the active model's proposal (state PROPOSED), edits not yet saved included."""
        return self._editor.shown(frame_id)

    def human_annotation(self, frame_id: int) -> Annotation:
        """What people set, alone."""
        return self._editor.human(frame_id)

    def submit(self, edit: Edit) -> None:
        """Apply an edit to the current frame: one undo step, on disk when this returns (else pending, and visible)."""
        if self.current_id:
            self.submit_to(self.current_id, edit)

    def submit_to(self, frame_id: int, edit: Edit) -> None:
        """As `submit`, of a frame that need not be the current one (the contact sheet corrects many)."""
        self._watch.look()
        self._editor.submit(frame_id, edit)

    def settle(self, conflict: EditConflict, keep: Indices = (), review: bool = False) -> None:
        """Answer a conflict: mine for the landmarks to keep and, with `review`, for the review state; theirs for the rest.

        What is kept is written as one undo step, on top of theirs.
        """
        self._editor.settle(conflict, keep, review)
        self.save_state_changed.emit(self.save_state)

    def new_stroke(self) -> int:
        """Token for `Edit.stroke`: the edits of one gesture that share it are one undo step."""
        return self._editor.new_stroke()

    def start_stopwatch(self) -> None:
        """Call at a press; the seconds until `submit` go into the ledger. Selecting a landmark calls it, too."""
        self._editor.stopwatch.start()

    @property
    def undo_stack(self) -> QUndoStack:
        """The undo steps, across frames, to look at; `undo` and `redo` take them."""
        return self._editor.stack

    def undo(self) -> None:
        """Take the last step back, on the frame that it changed; a gesture under way is the last step."""
        self.end_gestures()
        self._editor.stack.undo()

    def redo(self) -> None:
        """Do the step that was taken back once more."""
        self.end_gestures()
        self._editor.stack.redo()

    def ledger(self, frame_id: int | None = None, newest: int | None = 500) -> list[LedgerEntry]:
        """The history of a frame or of the project, newest first."""
        return self.store.ledger.entries(frame_id, newest)[::-1]

    def annotation_at(self, frame_id: int, ledger_id: int) -> Annotation:
        """What was shown of a frame just after a ledger entry (0: before all), with the active model's proposal; to look at."""
        return displayed(self.store.annotations.at(frame_id, ledger_id), self.proposal(frame_id))

    def revert_to(self, frame_id: int, ledger_id: int) -> None:
        """One undoable edit that brings a frame back to what it was just after that entry (0: before all)."""
        self.end_gestures()
        self.go_to(frame_id)
        self._editor.revert_to(frame_id, ledger_id)

    @property
    def pending_count(self) -> int:
        """Edits that are not on disk."""
        return len(self._editor.pending)

    @property
    def save_state(self) -> str:
        """One line for the status bar."""
        asked = len(self._editor.conflicts)
        waiting = f"{counted(asked, 'edit')} met another program's and wait for your answer"
        return waiting if asked and not self.pending_count else self._editor.pending.state_text()

    def retry_pending(self) -> bool:
        """Try to write what is pending; True if all is on disk now."""
        return self._editor.retry()

    def reload_annotations(self) -> None:
        """Read annotations and the list anew: an import or another program changed the project."""
        self._editor.forget()
        self._proposals.forget()
        self.reload_frames()
        if self.current_id:
            self.annotation_changed.emit(self.current_id)

    # ---- proposals

    def proposal(self, frame_id: int, model_id: str | None = None) -> Proposal | None:
        """A model's finished proposal (None: the active model's); its heatmaps only if they are in memory."""
        return self._proposals.get(frame_id, model_id)

    def request_proposal(self, frame_id: int, force: bool = False) -> bool:
        """Have a frame proposed unless its proposal with heatmaps is here (`force`: anyway); `proposal_arrived` follows.

        The newest request goes first; the current frame is asked for by itself. False if nothing was asked.
        """
        return self._proposals.request(frame_id, force)

    def rerun_region(self, frame_id: int, region: str, box: NDArray[Any]) -> None:
        """Have one regional network run again on a box x0 y0 x1 y1 (frame px); `proposal_arrived` follows."""
        self._proposals.rerun_region(frame_id, region, box)

    def is_proposing(self, frame_id: int) -> bool:
        """Whether a request for the frame is under way."""
        return self._proposals.is_asked(frame_id)

    @property
    def inference_state(self) -> str:
        """See `inference_state_changed`."""
        return self._inference.state

    # ---- selection, hover, cursor (shared by frame view and panes)

    @property
    def selection(self) -> Selection:
        """The selected landmarks."""
        return self._selection

    @property
    def hover(self) -> int:
        """Landmark under the pointer, -1 = none."""
        return self._hover

    def set_hover(self, landmark: int) -> None:
        """A view tells what is under the pointer."""
        if landmark != self._hover:
            self._hover = landmark
            self.hover_changed.emit(landmark)

    def set_cursor(self, x: float, y: float) -> None:
        """A view tells where the pointer is, in frame px."""
        self.cursor_moved.emit(x, y)

    def clear_cursor(self) -> None:
        """The pointer left the views."""
        self.cursor_moved.emit(nan, nan)

    # ---- how the parts play together

    def _attach(self, store: ProjectStore) -> None:
        self._selection.clear()
        self.keys.attach(store)
        self._editor.attach(store)
        self._proposals.attach(store)
        self._use_active_model()
        self._watch.attach(store)
        super()._attach(store)
        self.save_state_changed.emit(self.save_state)

    def _detach(self) -> None:
        self._watch.attach(None)
        super()._detach()
        self._editor.attach(None)
        self._proposals.attach(None)
        self.keys.attach(None)

    def _may_close(self, discard_pending: bool) -> bool:
        if self.pending_count:
            self._editor.retry()
        if (self.pending_count or self._editor.conflicts) and not discard_pending:
            return False
        if self.pending_count:
            self._editor.pending.discard()
        return True

    def _use_active_model(self) -> None:
        model = self.store.models.active()
        folder = None if model is None or model.card.is_imported else model.folder
        self._proposals.use_model(model.id if model else None, folder)

    def _turned_to(self, frame_id: int) -> None:
        self._editor.stopwatch.reset()
        if frame_id:
            self.request_proposal(frame_id)

    def _selected(self) -> None:
        if len(self._selection):
            self._editor.stopwatch.start()
        self.selection_changed.emit()

    def _proposed(self, frame_id: int) -> None:
        if self.is_open:
            self._refresh(frame_id)
            self.proposal_arrived.emit(frame_id)
            self.annotation_changed.emit(frame_id)
            self._propose_ahead(frame_id)

    def _propose_ahead(self, frame_id: int) -> None:
        """Nothing else to do: have the next frame of the list ready, heatmaps included."""
        ahead = self.current_row + 1
        if frame_id == self.current_id and self._inference.is_idle and 0 < ahead < len(self.frames):
            self.request_proposal(int(self.frames.ids[ahead]))

    def _changed_on_disk(self, changes: Changes) -> None:
        """Somebody wrote to the project: show what is new there, and say so where it was another program."""
        if not self.is_open:
            return
        new = {entry: frame_id for entry, frame_id in changes.entries if entry not in self._editor.written}
        self._editor.forget(new.values())
        news = self._proposals.forget_saved(changes.proposed).union(new.values())
        if len(news) > _MANY:
            self.reload_annotations()
        else:
            for frame_id in sorted(news):
                self._edited(frame_id)
        of_jobs = self._entries_of_jobs()
        foreign = {frame_id for entry, frame_id in new.items() if entry not in of_jobs}
        if foreign:
            self.message.emit("info", f"Another program changed {counted(len(foreign), 'frame')}")

    def _entries_of_jobs(self) -> Container[int]:
        """Ids of the ledger's entries that jobs of this window made."""
        return ()

    def _ask(self, conflict: EditConflict) -> None:
        if any(each is conflict for each in self._editor.conflicts):
            self.save_state_changed.emit(self.save_state)
            self.conflict_found.emit(conflict)

    def _edited(self, frame_id: int) -> None:
        self._refresh(frame_id)
        self.annotation_changed.emit(frame_id)

    def _refresh(self, frame_id: int) -> None:
        """Bring a frame's row up to date, with edits that are not on disk yet."""
        self._update_summary(summarise(self.store.frames.summary(frame_id), self._editor.human(frame_id)))

    def _pending(self, count: int) -> None:
        self.pending_changed.emit(count)
        self.save_state_changed.emit(self.save_state)
        if count:
            self.message.emit("error", self.save_state)

    def _warn(self, text: str) -> None:
        self.message.emit("warning", text)

    def _complain(self, text: str) -> None:
        self.message.emit("error", text)
