"""Notes, reasons for rejecting, and frames that need work by somebody."""

from __future__ import annotations

from functools import partial
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from annotator.domain.annotation import ReviewState
from annotator.domain.edits import set_review
from annotator.domain.note import Note, NoteKind
from annotator.services.project.queue.queues import Queue
from annotator.ui.commands.command import Command, on_frame
from annotator.ui.commands.desk import Desk
from annotator.ui.dialogs.review import ReviewDialog
from annotator.ui.panels.notes import NotesPanel
from annotator.ui.panels.queues import QueuePanel

P = TypeVar("P", bound=QWidget)


def _write(desk: Desk) -> None:
    desk.arrangement.show_part("details", True)
    panel = _part(desk, NotesPanel)
    desk.arrangement.details.setCurrentWidget(panel)
    panel.line.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _review(desk: Desk, state: ReviewState, kind: NoteKind) -> None:
    """Asks for the reason, sets the state and notes it, as one step, and goes on."""
    session = desk.session
    frame_id = session.frames.current_id
    dialog = ReviewDialog(kind, *session.notes.words(), desk.window)
    if not dialog.exec() or session.frames.current_id != frame_id:
        return
    note = Note(frame_id, dialog.text.currentText(), "", kind, dialog.assignee.currentText())
    session.annotations.submit(frame_id, set_review(state), along=session.notes.step_of(note))
    desk.shell.go_on()


def _open_queue(desk: Desk) -> None:
    desk.shell.show_queue(True)
    _part(desk, QueuePanel).show_queue(Queue.NOTES)


def _part(desk: Desk, kind: type[P]) -> P:
    return desk.window.findChildren(kind)[0]


NOTES: tuple[Command, ...] = on_frame(
    Command(
        "note",
        "Frame",
        "Write a note…",
        ("Alt+N",),
        run=_write,
        before=True,
        tip="On the selected landmark, else on the frame",
    ),
    Command(
        "reject_reason",
        "Frame",
        "Reject with a reason…",
        ("Ctrl+Shift+X",),
        run=partial(_review, state=ReviewState.REJECTED, kind=NoteKind.REJECTED),
        repeats=False,
        on_present=True,
    ),
    Command(
        "needs_work_for",
        "Frame",
        "Needs work by…",
        ("Ctrl+Shift+3",),
        run=partial(_review, state=ReviewState.NEEDS_WORK, kind=NoteKind.NEEDS_WORK),
        repeats=False,
        on_present=True,
        tip="Set the frame to needs work, say what and by whom, and go on",
    ),
    Command("queue_notes", "Frame", "Frames with notes", run=_open_queue, tip="The queue of open notes"),
)
