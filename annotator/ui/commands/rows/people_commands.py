"""Who does what, what is mine, and the conflicts that merged copies left: rows of the menu Frame."""

from __future__ import annotations

from functools import partial

from annotator.services.project.queue.queues import Queue
from annotator.session.session import Session
from annotator.store.people.decisions import Took
from annotator.ui.commands.command import Command, on_frame
from annotator.ui.commands.desk import Desk
from annotator.ui.dialogs.people import PeopleDialog
from annotator.ui.panels.queues import QueuePanel


def _open_queue(desk: Desk, queue: Queue) -> None:
    desk.shell.show_queue(True)
    desk.window.findChildren(QueuePanel)[0].show_queue(queue)


def _take(desk: Desk, took: Took) -> None:
    """Takes a side of the selected landmarks' conflicts, of the review state where no landmark is in conflict any more."""
    session = desk.session
    frame_id, selected = session.frames.current_id, set(session.selection.indices)
    found = session.merged.of_frame(frame_id)
    landmarks = [each for each in found if each.landmark is not None]
    chosen = [each for each in landmarks if each.key.landmark in selected] if landmarks else found
    if not found:
        desk.say("No conflict of merged copies waits in this frame")
        return
    if not chosen:
        desk.say("Select a landmark that is in conflict: both places are drawn")
        return
    session.merged.take(frame_id, chosen, took)
    _show_next(desk, session, frame_id)


def _show_next(desk: Desk, session: Session, frame_id: int) -> None:
    """Selects the landmarks that are in conflict still; where none is, goes on to the next frame of the queue."""
    left = session.merged.of_frame(frame_id)
    landmarks = tuple(dict.fromkeys(each.key.landmark for each in left if each.landmark is not None))
    if landmarks:
        session.selection.set(landmarks, landmarks[0])
    elif not left and desk.shell.queue_is_up:
        desk.shell.go_on()


PEOPLE: tuple[Command, ...] = (
    Command(
        "people",
        "Frame",
        "People…",
        ("Alt+P",),
        "users",
        run=lambda desk: PeopleDialog(desk.session, desk.window).exec(),
        before=True,
        project=True,
        tip="Who works on which subjects, takes and frames, and who approves",
    ),
    Command(
        "queue_mine",
        "Frame",
        "What is mine",
        ("Alt+Shift+N",),
        run=partial(_open_queue, queue=Queue.MINE),
        project=True,
        tip="The queue of frames that are assigned to you",
    ),
    Command(
        "queue_conflicts",
        "Frame",
        "Conflicts of copies",
        run=partial(_open_queue, queue=Queue.CONFLICTS),
        project=True,
        tip="The queue of frames that two copies of the project both changed",
    ),
    *on_frame(
        Command(
            "take_mine",
            "Frame",
            "In a conflict, take mine",
            ("Alt+J",),
            run=partial(_take, took=Took.MINE),
            on_present=True,
            repeats=False,
            tip="The selected landmarks go where this project had them (the blue square)",
        ),
        Command(
            "take_theirs",
            "Frame",
            "In a conflict, take theirs",
            ("Alt+K",),
            run=partial(_take, took=Took.THEIRS),
            on_present=True,
            repeats=False,
            tip="The selected landmarks go where the merged copy had them (the orange diamond)",
        ),
    ),
)
