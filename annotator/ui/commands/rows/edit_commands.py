"""The Edit menu: undo, what is selected, nudges."""

from __future__ import annotations

from functools import partial

from annotator.ui.commands.command import Command, on_frame
from annotator.ui.commands.desk import Desk


def _nudge(desk: Desk, dx: float, dy: float) -> None:
    """Moves the selection; with nothing selected, left and right go through the frames."""
    if not desk.edits.nudge(dx, dy, desk.panel.view.key_repeats) and abs(dx) == 1:
        if dx < 0:
            desk.session.frames.previous()
        else:
            desk.session.frames.next()


def _nudges() -> tuple[Command, ...]:
    """Arrow keys: 1 px, with Shift 10 px, with Ctrl or Alt 0.1 px."""
    rows = []
    for name, dx, dy in (("Left", -1, 0), ("Right", 1, 0), ("Up", 0, -1), ("Down", 0, 1)):
        for suffix, size, keys in (
            ("", 1.0, (name,)),
            ("_far", 10.0, (f"Shift+{name}",)),
            ("_fine", 0.1, (f"Ctrl+{name}", f"Alt+{name}")),
        ):
            rows.append(
                Command(
                    f"nudge_{name.lower()}{suffix}",
                    "Edit/Nudge",
                    f"{name} {size:g} px",
                    keys,
                    run=partial(_nudge, dx=dx * size, dy=dy * size),
                    in_view=True,
                    on_present=True,
                    before=not suffix and name != "Left",
                )
            )
    return tuple(rows)


def _axis_nudges() -> tuple[Command, ...]:
    """Along the longer axis of the uncertainty ellipse and across it, by a quarter of its sigma."""
    rows = (
        ("along_plus", "Along the ellipse", "D", 1, 1),
        ("along_minus", "Along the ellipse, back", "Shift+D", 1, -1),
        ("across_plus", "Across the ellipse", "T", 0, 1),
        ("across_minus", "Across the ellipse, back", "Shift+T", 0, -1),
    )
    return tuple(
        Command(
            f"nudge_{name}",
            "Edit/Nudge",
            text,
            (key,),
            run=lambda desk, axis=axis, sign=sign: desk.fine.nudge_axis(axis, sign),  # type: ignore[misc]
            in_view=True,
            on_present=True,
            before=name == "along_plus",
        )
        for name, text, key, axis, sign in rows
    )


def _walk(desk: Desk, count: int) -> None:
    """Selects the next or previous landmark and scrolls to it."""
    desk.panel.reveal(desk.edits.step(count))


def _escape(desk: Desk) -> None:
    """Takes back what is under way, else the transform box with what it did, else the suggestions, else the selection."""
    placing = desk.panel.placing
    if desk.panel.view.cancel_gesture() or desk.panel.shaping.give_up():
        return
    if placing.landmark >= 0:
        placing.end()
    elif not desk.fine.suggestions.dismiss():
        desk.session.selection.clear()


EDIT: tuple[Command, ...] = (
    Command(
        "undo",
        "Edit",
        "Undo",
        ("Ctrl+Z",),
        "arrow-u-up-left",
        run=lambda desk: desk.shell.take_step(desk.session.annotations.undo),
        enabled=lambda desk: desk.session.annotations.undo_stack.canUndo(),
        off="There is nothing to undo",
        text_now=lambda desk: f"Undo {desk.session.annotations.undo_stack.undoText()}".strip(),
    ),
    Command(
        "redo",
        "Edit",
        "Redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "arrow-u-up-right",
        run=lambda desk: desk.shell.take_step(desk.session.annotations.redo),
        enabled=lambda desk: desk.session.annotations.undo_stack.canRedo(),
        off="There is nothing to redo",
        text_now=lambda desk: f"Redo {desk.session.annotations.undo_stack.redoText()}".strip(),
    ),
    Command(
        "settings",
        "Edit",
        "Settings…",
        ("Ctrl+,",),
        "gear",
        run=lambda desk: desk.shell.edit_settings(),
        before=True,
    ),
    *on_frame(
        Command(
            "select_all",
            "Edit",
            "Select all landmarks",
            ("Ctrl+A",),
            run=lambda desk: desk.edits.select_all(),
            before=True,
        ),
        Command(
            "select_region",
            "Edit",
            "Grow selection to the region",
            ("Ctrl+G",),
            run=lambda desk: desk.edits.select_region(),
        ),
        Command(
            "select_mirror",
            "Edit",
            "Select the mirrored landmarks",
            ("M",),
            run=lambda desk: desk.edits.select_mirror(),
        ),
        Command(
            "select_under",
            "Edit",
            "Next landmark under the pointer",
            ("I",),
            run=lambda desk: desk.fine.select_under(),
        ),
        Command(
            "select_none", "Edit", "Select nothing", ("Escape",), run=_escape, in_view=True, in_gesture=True
        ),
        Command(
            "next_landmark",
            "Edit",
            "Next landmark",
            ("Tab",),
            run=partial(_walk, count=1),
            in_view=True,
            before=True,
        ),
        Command(
            "previous_landmark",
            "Edit",
            "Previous landmark",
            ("Shift+Tab", "Backtab"),
            run=partial(_walk, count=-1),
            in_view=True,
        ),
        *_nudges(),
        *_axis_nudges(),
    ),
)
