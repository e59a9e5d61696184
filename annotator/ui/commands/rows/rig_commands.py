"""What is taken from the other views, from view to view, and what is seen of them: rows of the menus Landmark, Frame and View."""

from __future__ import annotations

from dataclasses import replace

from annotator.ui.commands.command import Command, on_frame

_ROWS: tuple[Command, ...] = on_frame(
    Command(
        "take",
        "Landmark/From the other views",
        "Take selected, in all views",
        ("Alt+A",),
        "swap",
        run=lambda desk: desk.rig.take_selected(),
        tip="Put the selected landmarks where the views together see them, in every view where nobody set them",
    ),
    Command(
        "take_region",
        "Landmark/From the other views",
        "Take region, in all views",
        ("Alt+Shift+A",),
        run=lambda desk: desk.rig.take_region(),
    ),
    Command(
        "take_face",
        "Landmark/From the other views",
        "Take the whole face here",
        ("Alt+Return", "Alt+Enter"),
        run=lambda desk: desk.rig.take_face(),
        tip="Put all landmarks of this frame that nobody set where the other views see them",
    ),
    Command(
        "take_moment",
        "Landmark/From the other views",
        "Take the whole face, all views",
        ("Alt+Shift+Return", "Alt+Shift+Enter"),
        run=lambda desk: desk.rig.take_moment(),
    ),
    Command(
        "take_over",
        "Landmark/From the other views",
        "Move my point to where they see it",
        ("Ctrl+Alt+A",),
        run=lambda desk: desk.rig.take_over_own(),
        tip="The one selected landmark goes where the other views expect it, also where you set it",
        before=True,
    ),
)
# a held key decides about what nobody has seen
TAKE: tuple[Command, ...] = tuple(replace(row, repeats=False) for row in _ROWS)

VIEWS: tuple[Command, ...] = on_frame(
    Command(
        "next_view",
        "Frame",
        "Next camera of the moment",
        ("Alt+PgDown",),
        run=lambda desk: desk.rig.step(1),
        before=True,
        tip="The same part of the face; also: click a view",
    ),
    Command(
        "previous_view",
        "Frame",
        "Previous camera of the moment",
        ("Alt+PgUp",),
        run=lambda desk: desk.rig.step(-1),
    ),
)

# a point can be held meanwhile
SEE: tuple[Command, ...] = tuple(
    replace(row, in_gesture=True)
    for row in (
        Command(
            "epipolar",
            "View/Other views",
            "Epipolar lines",
            ("Shift+H",),
            checkable=True,
            option="epipolar",
            tip="On which line each view that a person placed the selected landmark in has it here",
        ),
        Command(
            "expected",
            "View/Other views",
            "Where the other views see all landmarks",
            ("Alt+Y",),
            "intersect",
            checkable=True,
            option="expected",
            tip="Ghosts of all landmarks, not of the selected one alone",
        ),
    )
)
