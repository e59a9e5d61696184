"""The Landmark menu: what becomes of landmarks that a person looked at."""

from __future__ import annotations

from dataclasses import replace

from annotator.domain.annotation import Flag, ReviewState
from annotator.ui.commands.command import Command, on_frame, on_pages
from annotator.ui.commands.desk import Desk
from annotator.ui.common.page import Page

_MARKED = (Page.FRAME, Page.SHEET)  # where landmarks are marked one by one


def _accept(desk: Desk) -> None:
    """The selected landmarks, or the current patch of the contact sheet, which goes on to the next."""
    if desk.shell.page is Page.SHEET:
        desk.shell.confirm_patch()
    else:
        desk.edits.accept_selection()


def _accept_and_go_on(desk: Desk) -> None:
    frame_id = desk.session.frames.current_id
    if desk.edits.accept_frame():
        human = desk.session.annotations.human(frame_id)
        _go_on(
            desk, tells_end=human.review is ReviewState.APPROVED
        )  # else why it is not approved is to be read


def _reject_and_go_on(desk: Desk) -> None:
    desk.edits.set_review(ReviewState.REJECTED)
    _go_on(desk)


def _go_on(desk: Desk, tells_end: bool = True) -> None:
    """The next frame of the list in use, at the landmark that the model is least sure of; `tells_end`: or that there is none."""
    before = desk.session.frames.current_id
    if not desk.shell.go_on():
        if tells_end:
            desk.say("There is no other frame to review")
    elif desk.session.frames.current_id != before:
        desk.panel.least_sure.show()


def _toggle_place(desk: Desk) -> None:
    placing = desk.panel.placing
    placing.start(-1 if placing.landmark >= 0 else None)
    desk.panel.view.setFocus()


def _toggle_box(desk: Desk) -> None:
    shaping = desk.panel.shaping
    if not shaping.keep() and not shaping.begin():
        desk.say(
            "Select two landmarks or more first: drag a box round them, or Edit ▸ Grow selection to the region"
        )
    desk.panel.view.setFocus()


def _take_suggestions(desk: Desk) -> None:
    """What the transform box did stays; without one, the suggestions are taken."""
    if not desk.panel.shaping.keep():
        desk.fine.accept_suggestions()


_ROWS: tuple[Command, ...] = (
    *on_pages(
        _MARKED,
        Command(
            "accept",
            "Landmark",
            "Accept selected",
            ("A",),
            "check",
            run=_accept,
            tip="Confirm the selected landmarks",
        ),
    ),
    *on_frame(
        Command(
            "accept_region",
            "Landmark",
            "Accept region",
            ("Shift+A",),
            run=lambda desk: desk.edits.accept_region(),
        ),
        Command(
            "accept_frame",
            "Landmark",
            "Accept frame",
            ("Ctrl+Return", "Ctrl+Enter"),
            "checks",
            run=lambda desk: desk.edits.accept_frame(),
        ),
        Command(
            "accept_frame_next",
            "Landmark",
            "Accept frame and go on",
            ("G", "Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
            run=_accept_and_go_on,
        ),
        Command(
            "reject_frame_next", "Landmark", "Reject frame and go on", ("X",), "x", run=_reject_and_go_on
        ),
        Command(
            "accept_suggestions",
            "Landmark",
            "Accept the suggestions",
            ("Return", "Enter"),
            "ghost",
            run=_take_suggestions,
            in_view=True,
            before=True,
            tip="Move the neighbours to where the correction would carry them",
        ),
        Command(
            "accept_selected_suggestions",
            "Landmark",
            "Accept the suggestions of the selected",
            ("Shift+Return", "Shift+Enter"),
            run=lambda desk: desk.fine.accept_suggestions(selected=True),
            in_view=True,
        ),
    ),
    *on_pages(
        _MARKED,
        Command(
            "clear",
            "Landmark",
            "Clear (back to the proposal)",
            ("Delete", "Backspace"),
            "trash",
            run=lambda desk: desk.edits.clear_selection(),
            before=True,
        ),
    ),
    *on_frame(
        Command(
            "snap",
            "Landmark",
            "Snap to the heatmap's mode",
            ("K",),
            "magic-wand",
            run=lambda desk: desk.edits.snap(),
            tip="Nearest mode; again: the next one",
        ),
        Command(
            "mirror",
            "Landmark",
            "Copy to the other side",
            ("Ctrl+Shift+M",),
            "arrows-left-right",
            run=lambda desk: desk.fine.mirror(),
            tip="Put the mirrored landmarks where these are, mirrored",
        ),
        Command(
            "transform",
            "Landmark",
            "Move, turn, scale",
            ("6",),
            "bounding-box",
            run=_toggle_box,
            checkable=True,
            checked=lambda desk: desk.panel.shaping.is_on,
            before=True,
            tip="A box with handles round the selected landmarks; Return keeps, Esc gives up",
        ),
        Command(
            "even_out",
            "Landmark",
            "Even out along the curve",
            ("7",),
            "path",
            run=lambda desk: desk.fine.even_out(),
            tip="Equal distances between the points of the selected curve that stay",
        ),
        Command(
            "place",
            "Landmark",
            "Place missing landmarks",
            ("C",),
            "crosshair",
            run=_toggle_place,
            checkable=True,
            checked=lambda desk: desk.panel.placing.landmark >= 0,
        ),
    ),
    *on_pages(
        _MARKED,
        Command(
            "occluded",
            "Landmark",
            "Occluded",
            ("O",),
            "eye-slash",
            run=lambda desk: desk.edits.toggle_flag(Flag.OCCLUDED),
            before=True,
        ),
        Command(
            "out_of_frame",
            "Landmark",
            "Out of frame",
            ("P",),
            "frame-corners",
            run=lambda desk: desk.edits.toggle_flag(Flag.OUT_OF_FRAME),
        ),
    ),
    *on_frame(
        Command(
            "accept_hidden",
            "Landmark",
            "Mark what this camera cannot see",
            ("Alt+O",),
            run=lambda desk: desk.rig.accept_hidden(),
            tip="Of the selected landmarks, else of all: those that are struck through in violet become occluded",
        ),
    ),
)
# a held key decides about one frame, never about those that nobody has seen
LANDMARK: tuple[Command, ...] = tuple(replace(row, repeats=False, on_present=True) for row in _ROWS)
