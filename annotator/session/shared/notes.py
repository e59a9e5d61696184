"""Notes of the open project as the window writes them: each change of them is an undo step."""

from collections.abc import Sequence
from dataclasses import replace

from annotator.domain.note import Note
from annotator.session.editing.safe_command import SafeCommand
from annotator.session.shared.project_steps import ProjectSteps
from annotator.store.project_store import ProjectStore


class Notes(ProjectSteps):
    """Writes, settles and reads notes."""

    def of_frame(self, frame_id: int) -> list[Note]:
        """A frame's notes, settled ones too, oldest first; none without a project."""
        store = self._store
        return store.notes.of_frame(frame_id) if store is not None and frame_id else []

    def words(self) -> tuple[list[str], list[str]]:
        """Names that notes were assigned to, and reasons that were given for rejecting; the newest first."""
        store = self._store
        return store.notes.words() if store is not None else ([], [])

    def add(self, note: Note) -> bool:
        """Write a note, unless it says nothing; whether it is written, or will be once another program lets it."""
        step, before = self._writing(note, of_edit=False), self._stack.index()
        if step is not None:
            self._stack.push(step)
        return self._stack.index() > before  # one that was refused took itself off

    def step_of(self, note: Note) -> SafeCommand | None:
        """The step that writes a note, to be made with an edit; None for a note that says nothing."""
        return self._writing(note, of_edit=True)

    def _writing(self, note: Note, of_edit: bool) -> SafeCommand | None:
        note = replace(note, text=note.text.strip(), assignee=note.assignee.strip())
        if not (note.text or note.assignee):
            return None
        ids: list[int] = []

        def write(store: ProjectStore) -> None:
            ids.append(store.notes.add(note))

        return self._step("Note", write, lambda store: store.notes.remove(ids.pop()), of_edit)

    def settle(self, note_ids: Sequence[int], on: bool = True) -> None:
        """Say that notes are dealt with (or open again), as one step."""

        def settle(store: ProjectStore, on: bool) -> None:
            for note_id in note_ids:
                store.notes.settle(note_id, on)

        if note_ids:
            title = "Settle a note" if on else "Open a note again"
            self._push(title, lambda store: settle(store, on), lambda store: settle(store, not on))

    def settle_frame(self, frame_id: int) -> None:
        """Say that all notes of a frame are dealt with."""
        self.settle([note.id for note in self.of_frame(frame_id) if not note.settled])
