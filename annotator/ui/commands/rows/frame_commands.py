"""The Frame menu: from frame to frame, through the queue, and what becomes of a frame."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt

from annotator.domain.annotation import ReviewState
from annotator.ui.commands.command import Command, on_frame
from annotator.ui.commands.desk import Desk


def _next(desk: Desk, state: str, backwards: bool = False) -> None:
    if not desk.session.frames.next_by_state(state, backwards):
        desk.say(f"No other listed frame is {state.replace('_', ' ')}")


def _review(desk: Desk, state: ReviewState) -> None:
    desk.edits.set_review(state)


FRAME: tuple[Command, ...] = (
    *on_frame(
        Command(
            "next_frame",
            "Frame",
            "Next frame",
            ("PgDown", "."),
            "caret-right",
            run=lambda desk: desk.session.frames.next(),
        ),
        Command(
            "previous_frame",
            "Frame",
            "Previous frame",
            ("PgUp", ","),
            "caret-left",
            run=lambda desk: desk.session.frames.previous(),
        ),
        Command(
            "next_unreviewed",
            "Frame",
            "Next unreviewed",
            ("N",),
            "skip-forward",
            run=partial(_next, state="unreviewed"),
            before=True,
        ),
        Command(
            "previous_unreviewed",
            "Frame",
            "Previous unreviewed",
            ("Shift+N",),
            run=partial(_next, state="unreviewed", backwards=True),
        ),
        Command(
            "next_needs_work",
            "Frame",
            "Next that needs work",
            ("W",),
            run=partial(_next, state="needs_work"),
        ),
        Command(
            "next_unfinished",
            "Frame",
            "Next unfinished",
            ("Shift+W",),
            run=partial(_next, state="unfinished"),
        ),
        Command("next_uncertain", "Frame", "Most uncertain", ("U",), run=partial(_next, state="uncertain")),
    ),
    Command(
        "queue_next",
        "Frame",
        "Next in the queue",
        ("J",),
        run=lambda desk: desk.shell.step_queue(1),
        before=True,
        project=True,
    ),
    Command(
        "queue_previous",
        "Frame",
        "Previous in the queue",
        ("Shift+J",),
        run=lambda desk: desk.shell.step_queue(-1),
        project=True,
    ),
    *on_frame(
        Command(
            "queue_dismiss",
            "Frame",
            "Looks right: out of the queue",
            ("R",),
            run=lambda desk: desk.shell.leave_queue(),
            on_present=True,
        ),
        *(
            Command(
                f"review_{state.name.lower()}",
                "Frame",
                text,
                (key,),
                run=partial(_review, state=state),
                repeats=False,
                on_present=True,
                before=state is ReviewState.UNREVIEWED,
            )
            for state, text, key in (
                (ReviewState.UNREVIEWED, "Unreviewed", "Ctrl+1"),
                (ReviewState.APPROVED, "Approve", "Ctrl+2"),
                (ReviewState.NEEDS_WORK, "Needs work", "Ctrl+3"),
                (ReviewState.REJECTED, "Reject", "Ctrl+4"),
            )
        ),
    ),
    Command(
        "find",
        "Frame",
        "Filter frames",
        ("Ctrl+F",),
        run=lambda desk: desk.frames.filter.setFocus(Qt.FocusReason.ShortcutFocusReason),
        before=True,
    ),
    Command(
        "clear_filter",
        "Frame",
        "Show all frames",
        run=lambda desk: desk.frames.clear_filter(),
        project=True,
        tip="Clear the filter of the list of frames",
    ),
)
