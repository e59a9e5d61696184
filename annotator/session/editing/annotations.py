"""Annotations as they are shown and edited: layers, undo, and every edit's way to disk."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from annotator.domain.annotation import Annotation
from annotator.domain.edits import Edit, Indices, changes_nothing, replace_all
from annotator.domain.errors import ProjectError
from annotator.domain.layers import displayed
from annotator.domain.proposal import Proposal
from annotator.domain.words import counted
from annotator.session.editing.approving import approvable
from annotator.session.editing.conflicts import EditConflict, conflicts_of
from annotator.session.editing.human_layers import HumanLayers
from annotator.session.editing.late_writer import LateWriter
from annotator.session.editing.pending import ComesLaterError, PendingEdits
from annotator.session.editing.safe_command import JoinedCommand
from annotator.session.editing.stopwatch import Stopwatch
from annotator.session.editing.tracks import Tracks
from annotator.session.editing.undo import Applied, EditCommand, FrameEdits, Made
from annotator.store.file.errors import FileLostError
from annotator.store.history.changes import Change, Origin, Settled
from annotator.store.history.ledger import LedgerEntry
from annotator.store.project_store import ProjectStore


class Annotations(QObject):
    """The only place that changes annotations.

    An edit is applied to what the artist sees (the human layer over the active model's proposal), and what it changed is
    committed to the project before `submit` returns; where that fails it stays in `pending`, and is shown. A
    landmark that another program set since the artist saw it is left alone and asked about (`conflicts`).
    """

    changed = Signal(int)  # frame id: re-read `shown(frame_id)`
    conflict_found = Signal(object)  # EditConflict, answered by `resolve`; theirs is kept until then
    pending_changed = Signal(int)  # edits that are not on disk (0: all are)
    save_state_changed = Signal(str)  # one line for the status bar
    _conflicted = Signal(object)
    refused = Signal(str)  # an edit that the project cannot take; it was not applied
    warned = Signal(str)  # what is to be known of an edit that is applied
    frame_wanted = Signal(list)  # undo and redo go to the frame that they change, or to one of them

    def __init__(
        self,
        proposal: Callable[[int], Proposal | None],
        end_gestures: Callable[[], None],
        look: Callable[[], None],
        size_of: Callable[[int], tuple[int, int] | None],
        parent: QObject | None = None,
    ) -> None:
        """`look` notices what other programs wrote, before each edit. `size_of`: a frame's size as it is shown."""
        super().__init__(parent)
        self._proposal, self._end_gestures = proposal, end_gestures
        self._look, self._size_of = look, size_of
        self._store: ProjectStore | None = None
        self.tracks = Tracks()
        self._strokes = 0
        self.undo_stack = QUndoStack(self)  # to look at; `undo` and `redo` take its steps
        self.pending = PendingEdits(self)
        self._human = HumanLayers(self.pending)
        self.pending.changed.connect(self._on_pending)
        self._late = LateWriter(self.pending, self.retry, self)
        self._late.settled.connect(self._written_late)
        self.trouble = ""  # why nothing can be written, where that is known before any edit
        self.conflicts: list[EditConflict] = []
        self.written: set[int] = set()  # ids of the ledger's entries that were made here
        self.stopwatch = Stopwatch()
        self._first: dict[int, str] = {}  # jobs that steps of the undo stack are made by: id -> title
        self._is_new = (
            False  # what is being written is no step of the stack yet, and builds on nothing that waits
        )
        # never inside of what the undo stack is doing
        self._conflicted.connect(self._ask, Qt.ConnectionType.QueuedConnection)

    def attach(self, store: ProjectStore | None) -> None:
        """Work on another project (None: on none); forgets undo steps and everything cached."""
        self.undo_stack.clear()
        self._human.forget()
        self.tracks.attach(store)
        self.conflicts.clear()
        self.written.clear()
        self.stopwatch.reset()
        self._store, self.trouble = store, ""
        self._first.clear()
        self._late.attach(store)

    def shutdown(self) -> None:
        """End what writes in a thread."""
        self._late.shutdown()

    def stop_waiting(self) -> None:
        """No thread writes what waits from now on; whoever asks for it writes it elsewhere."""
        self._late.attach(self._store)

    def let_go_first(self, job_id: int, title: str) -> None:
        """A step is made by a job: steps that are undone or redone after it are written once that is over, as they build on it.
        New edits are written at once."""
        self._first[job_id] = title

    def job_ended(self, job_id: int) -> None:
        """What waited for a job is written."""
        if self._first.pop(job_id, "") and not self._first and len(self.pending):
            self.retry()

    def wait_no_longer(self) -> None:
        """What waits for jobs is written now, whatever becomes of it."""
        self._first.clear()

    def set_trouble(self, text: str) -> None:
        """Say why nothing can be written from now on; empty where it can be again, and what waits is written."""
        if text != self.trouble:
            self.trouble = text
            self.save_state_changed.emit(self.save_state)
            if not text:
                self.retry()

    def human(self, frame_id: int) -> Annotation:
        """What people set, edits that wait for the disk included."""
        return self._human.of(self._open_store(), frame_id)

    def shown(self, frame_id: int) -> Annotation:
        """What the artist sees: the human layer over what was tracked over the active model's proposal."""
        return displayed(self.human(frame_id), self._proposal(frame_id), self.tracks.get(frame_id))

    def forget(self, frame_ids: Iterable[int] | None = None) -> None:
        """Read annotations (None: all) anew: another program changed the project."""
        self._human.forget(frame_ids)

    def new_stroke(self) -> int:
        """A token that no other gesture has."""
        self._strokes += 1
        return self._strokes

    def submit(
        self, frame_id: int, edit: Edit, seen: Annotation | None = None, along: QUndoCommand | None = None
    ) -> None:
        """Apply an edit to a frame: one undo step, on disk when this returns (else pending, and visible).

        Args: `seen`: the human layer that it is made on, None for what is shown; `along`: what is the same step.
        """
        if frame_id:  # 0 is no frame
            self._push([FrameEdits(frame_id, [edit], seen)], edit.label, along)

    def submit_all(self, edits: Mapping[int, Edit], label: str, origin: Origin = Origin.PERSON) -> None:
        """Apply an edit to each of some frames, the first of them the one that is looked at: one undo step, written at once."""
        if edits:
            self._push(
                [FrameEdits(frame_id, [edit], origin=origin) for frame_id, edit in edits.items()], label
            )

    def _push(self, parts: list[FrameEdits], label: str, along: QUndoCommand | None = None) -> None:
        self._look()
        where = ""
        try:
            frames = [self._open_store().frames.get(part.frame_id) for part in parts]
            where = frames[0].name if len(frames) == 1 else counted(len(frames), "frame")
            sizes = {frame.id: self._size_of(frame.id) for frame in frames}
            if any(sizes[frame.id] not in (None, (frame.width, frame.height)) for frame in frames):
                self._refuse_resized(where)
                return
        except FileLostError:  # an edit is taken all the same
            pass
        except ProjectError as error:
            self.refused.emit(str(error))
            return
        tell, store = (self.refused.emit, self.warned.emit), self._open_store()
        waiting = self.pending.waiting
        made = (approvable(part, store, self.shown, waiting, *tell) for part in parts)
        parts = [own for own in made if own is not None]
        if parts:
            step = EditCommand(self, parts, label, where)
            self._is_new = not len(self.pending)
            self.undo_stack.push(step if along is None else JoinedCommand((step, along), self.refuse))
            self._is_new = False

    def undo(self) -> None:
        """Take the last step back, on the frame that it changed; a gesture under way is the last step."""
        self._end_gestures()
        self.undo_stack.undo()

    def redo(self) -> None:
        """Do the step that was taken back once more."""
        self._end_gestures()
        self.undo_stack.redo()

    def resolve(self, conflict: EditConflict, keep: Indices = (), review: bool = False) -> None:
        """Answer a conflict: mine for the landmarks to keep and, with `review`, for the review state; theirs for the rest.

        What is kept is written as one undo step, on top of theirs.
        """
        if not any(each is conflict for each in self.conflicts):
            return  # answered, or of another project
        self.conflicts = [each for each in self.conflicts if each is not conflict]
        edit = conflict.keep_mine(keep, review)
        if not changes_nothing(edit):
            self.submit(conflict.frame_id, edit, conflict.theirs)
        self.save_state_changed.emit(self.save_state)

    def history(self, frame_id: int | None = None, newest: int | None = 500) -> list[LedgerEntry]:
        """The ledger of a frame or of the project, newest first."""
        return self._open_store().ledger.entries(frame_id, newest)[::-1]

    def at(self, frame_id: int, ledger_id: int) -> Annotation:
        """What was shown of a frame just after a ledger entry (0: before all), with the active model's proposal; to look at."""
        then = self._open_store().annotations.at(frame_id, ledger_id)
        return displayed(then, self._proposal(frame_id), self.tracks.get(frame_id))

    def revert_to(self, frame_id: int, ledger_id: int) -> None:
        """Show a frame and bring it back to what it was just after a ledger entry (0: before all), as one undo step."""
        self._end_gestures()
        self.frame_wanted.emit([frame_id])
        store, value = self._open_store(), self.at(frame_id, ledger_id)
        entry = next(iter(store.ledger.of_ids([ledger_id])), None)
        where = "the beginning" if entry is None else f"just after: {entry.label}"
        self.submit(frame_id, replace_all(value, f"Revert to {where}"))

    def apply_edits(self, parts: Sequence[FrameEdits], label: str) -> list[Applied | None]:
        """Apply edits to frames as one change on disk; for `EditCommand`, see `EditTarget`."""
        made = [
            Made.of(
                part,
                label,
                self.human(part.frame_id),
                self._proposal(part.frame_id),
                self.tracks.get(part.frame_id),
                self.stopwatch.take(),
                self._size_of(part.frame_id),
            )
            for part in parts
        ]
        changes = [each.change for each in made if each is not None]
        if not changes:
            return [None] * len(parts)
        try:
            settled = self.pending.write(changes, self._commit)
        except ProjectError as error:
            self.refused.emit(str(error))
            return [None] * len(parts)
        if settled is None:  # they wait, and are shown all the same
            for each in made:
                if each is not None:
                    self._show(each.change.frame_id, each.value)
            return [None if each is None else each.waiting() for each in made]
        self.take(settled)
        mine = iter(settled[-len(changes) :])
        return [None if each is None else each.settled(next(mine)) for each in made]

    def refuse(self, text: str) -> None:
        """Tell the artist that an edit could not be made; for `EditCommand`."""
        self.refused.emit(text)

    def show_frame(self, frame_ids: Sequence[int]) -> None:
        """Ask for one of some frames to be shown; for `EditCommand`."""
        self.frame_wanted.emit(list(frame_ids))

    @property
    def save_state(self) -> str:
        """One line for the status bar."""
        if self.trouble:
            count = len(self.pending)
            return f"{counted(count, 'edit')} not saved: {self.trouble}" if count else self.trouble
        asked = len(self.conflicts)
        waiting = f"{counted(asked, 'edit')} met another program's and {'waits' if asked == 1 else 'wait'} for your answer"
        return waiting if asked and not len(self.pending) else self.pending.state_text()

    def retry(self) -> bool:
        """Try to write what waits; True if all is on disk."""
        try:
            settled = self.pending.retry(self._commit)
        except ProjectError as error:
            self.refused.emit(str(error))
            return False
        self.take(settled or ())
        return settled is not None

    def take(self, settled: Sequence[Settled]) -> None:
        """Show what is on disk now, what waits behind it, and ask about what was not written."""
        self.written.update(each.ledger_id for each in settled if each.ledger_id)
        for frame_id, each in {each.change.frame_id: each for each in settled}.items():
            self._show(frame_id, self._human.with_waiting(frame_id, each.stored))
        for frame_id in dict.fromkeys(each.change.frame_id for each in settled if each.resized):
            self._refuse_resized(self._open_store().frames.listed(frame_id).name)
        found = conflicts_of(self._open_store().identity, settled)
        self.conflicts += found
        for conflict in found:
            self._conflicted.emit(conflict)

    def _commit(self, changes: Sequence[Change]) -> list[Settled]:
        if self._first and not self._is_new:
            raise ComesLaterError(f"“{next(iter(self._first.values()))}” is under way, and comes first")
        return self._open_store().annotations.commit_guarded(changes)

    def _refuse_resized(self, where: str) -> None:
        self.refused.emit(f"Another program gave {where} another size just now: look at it again first")

    def _written_late(self, settled: Sequence[Settled]) -> None:
        self.take(settled)
        if len(self.pending):
            self.retry()

    def _ask(self, conflict: EditConflict) -> None:
        if any(each is conflict for each in self.conflicts):
            self.save_state_changed.emit(self.save_state)
            self.conflict_found.emit(conflict)

    def _on_pending(self, count: int) -> None:
        self.pending_changed.emit(count)
        self.save_state_changed.emit(self.save_state)

    def _show(self, frame_id: int, value: Annotation) -> None:
        if self._human.put(frame_id, value):
            self.changed.emit(frame_id)

    def _open_store(self) -> ProjectStore:
        if self._store is None:
            raise ProjectError("no project is open")
        return self._store
