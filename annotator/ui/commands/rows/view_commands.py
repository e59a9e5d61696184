"""The View menu, upper part: what is seen of the frame and of its heatmaps, never what is stored."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from annotator.ui.canvas.comparison import Against
from annotator.ui.commands.command import Command
from annotator.ui.commands.desk import Desk
from annotator.ui.commands.model_choice import toggle_two_models
from annotator.ui.common.page import Page
from annotator.ui.common.view_options import Labels

_AGAINST = {
    Against.PROPOSAL: "The proposal",
    Against.PEOPLE: "What people set",
    Against.MODEL: "Another model's proposal",
    Against.CAMERA: "The camera before",
    Against.FRAME: "The frame before",
}
_LABELS: tuple[tuple[Labels, str, tuple[str, ...]], ...] = (
    (Labels.SELECTED, "Selected", ("L",)),
    (Labels.DOUBTFUL, "Selected and doubtful", ()),
    (Labels.ALL, "All", ("Alt+L",)),
    (Labels.NONE, "None", ()),
)
_ON_FRAME = {
    *("fit", "zoom_full", "zoom_selection", "zoom_in", "zoom_out", "loupe", "compare", "wipe", "lock_view"),
}
_NEEDS_PROJECT = {"lock_view", "second_model"}


def _zoom(desk: Desk, factor: float) -> None:
    desk.panel.view.zoom_to(desk.panel.view.zoom * factor)


def _zoom_full(desk: Desk) -> None:
    view = desk.panel.view
    view.zoom_to(1.0 / view.devicePixelRatioF(), view.pointer_inside)


def _lock(desk: Desk) -> None:
    lock = desk.panel.lock
    if lock.is_on:
        lock.release()
    elif not lock.lock():
        desk.say("No landmarks of this region are placed here, so the view has nothing to hold on to")


def _compare(desk: Desk, against: Against) -> None:
    desk.comparing.compare_with(against)


def _is_against(desk: Desk, against: Against) -> bool:
    return desk.comparing.against is against


def _label(desk: Desk, labels: Labels) -> None:
    desk.options.update(labels=labels)


def _is_labelled(desk: Desk, labels: Labels) -> bool:
    return desk.options.value.labels is labels


_SEEING: tuple[Command, ...] = (
    Command(
        "fit",
        "View",
        "Fit",
        ("F",),
        "corners-out",
        run=lambda desk: desk.panel.view.fit(),
        tip="Show the whole frame",
    ),
    Command(
        "zoom_full",
        "View",
        "100 %",
        ("1",),
        run=_zoom_full,
        tip="One frame pixel a screen pixel, at the pointer",
    ),
    Command(
        "zoom_selection",
        "View",
        "Zoom to selection",
        ("Z",),
        "magnifying-glass-plus",
        run=lambda desk: desk.panel.zoom_to_selection(),
    ),
    Command("zoom_in", "View", "Zoom in", ("+", "=", "Ctrl++", "Ctrl+="), run=partial(_zoom, factor=1.5)),
    Command("zoom_out", "View", "Zoom out", ("-", "Ctrl+-"), run=partial(_zoom, factor=1 / 1.5)),
    Command(
        "lock_view",
        "View",
        "Lock the view to the region",
        ("8",),
        "link",
        run=_lock,
        checkable=True,
        checked=lambda desk: desk.panel.lock.is_on,
        tip="The next frame shows the selected region at the same place and size",
    ),
    Command("points", "View", "Points", ("V",), "circle", checkable=True, option="points", before=True),
    Command("curves", "View", "Curves", ("S",), "path", checkable=True, option="curves"),
    Command("ellipses", "View", "Uncertainty ellipses", ("E",), "target", checkable=True, option="ellipses"),
    Command("rois", "View", "Region boxes", ("Alt+B",), "bounding-box", checkable=True, option="rois"),
    Command("moved", "View", "Moved from proposal", ("Alt+G",), "swap", checkable=True, option="moved"),
    Command(
        "suggestions",
        "View",
        "Suggestions: carry corrections on",
        ("Y",),
        "ghost",
        checkable=True,
        option="suggestions",
        tip="After a correction, show where its neighbours would go",
    ),
    Command(
        "hidden",
        "View",
        "Predicted occlusion",
        ("Alt+H",),
        "eye-slash",
        checkable=True,
        option="hidden",
        tip="Strike through in violet what the camera probably cannot see",
    ),
    Command(
        "soft",
        "View",
        "Soft selection",
        ("B",),
        "circles-three",
        checkable=True,
        option="soft",
        tip="Landmarks near the selected ones come along, the less the farther; hold the key and drag for the radius",
    ),
    Command(
        "nearest",
        "View",
        "Pixels as squares",
        ("Shift+X",),
        "grid-four",
        checkable=True,
        option="nearest",
        tip="Nearest pixel at every zoom",
    ),
    Command(
        "warnings",
        "View",
        "Warning signs",
        ("Shift+E",),
        "warning",
        checkable=True,
        option="warnings",
        tip="Landmarks where the networks disagree, or near their crop's edge",
    ),
    Command(
        "loupe",
        "View",
        "Loupe",
        ("2",),
        "magnifying-glass",
        checkable=True,
        before=True,
        tip="Pixels and their stored values at the pointer; hold the key, or tap it to keep it",
    ),
    Command(
        "compare",
        "View",
        "Compare",
        ("Q",),
        "eye",
        checkable=True,
        tip="Show the other side; hold the key, or tap it to keep it",
    ),
    Command(
        "wipe",
        "View",
        "Wipe",
        ("Shift+Q",),
        "columns",
        checkable=True,
        tip="The other side right of a line that you drag",
    ),
    Command(
        "compare_next",
        "View/Compare with",
        "Next of these",
        ("Alt+Q",),
        run=lambda desk: desk.comparing.next_side(),
    ),
    *(
        Command(
            f"compare_{against.name.lower()}",
            "View/Compare with",
            text,
            run=partial(_compare, against=against),
            checkable=True,
            checked=partial(_is_against, against=against),
            group="against",
            before=against is Against.PROPOSAL,
        )
        for against, text in _AGAINST.items()
    ),
    Command("frame_heat", "View", "Heat on the frame", ("H",), "fire", checkable=True, option="frame_heat"),
    Command(
        "pane_large",
        "View/Heatmaps",
        "All the room for this pane",
        ("3",),
        "corners-out",
        run=lambda desk: desk.heatmaps.enlarge(),
        tip="The pane under the pointer; also: double click",
    ),
    Command(
        "pane_window",
        "View/Heatmaps",
        "This pane in a window of its own",
        ("Alt+3",),
        "monitor",
        run=lambda desk: desk.heatmaps.detach(),
        tip="For a second monitor; again, or closing the window, brings it back",
    ),
    Command(
        "second_model",
        "View/Heatmaps",
        "A second model beside the active…",
        ("9",),
        "columns",
        run=toggle_two_models,
        checkable=True,
        checked=lambda desk: desk.heatmaps.two.model is not None,
        tip="The selection's crop with the heat of the active model and of another, as before and after a retraining",
    ),
    Command(
        "panes_follow",
        "View/Heatmaps",
        "Panes follow the frame",
        ("Alt+F",),
        "link",
        checkable=True,
        option="panes_follow",
        tip="Panes show the same place at the same zoom as the frame, and the other way round",
    ),
    Command(
        "pane_more",
        "View/Heatmaps",
        "More contrast in this pane",
        ("Alt+]",),
        tip="Also: wheel with Alt",
        run=lambda desk: desk.heatmaps.turn_contrast(1),
    ),
    Command(
        "pane_less",
        "View/Heatmaps",
        "Less contrast in this pane",
        ("Alt+[",),
        run=lambda desk: desk.heatmaps.turn_contrast(-1),
    ),
    Command(
        "pane_colours",
        "View/Heatmaps",
        "Other colours in this pane",
        ("Alt+C",),
        run=lambda desk: desk.heatmaps.next_colours(),
    ),
    Command(
        "pane_same",
        "View/Heatmaps",
        "All panes look the same",
        ("Alt+\\",),
        run=lambda desk: desk.heatmaps.same_looks(),
    ),
    Command(
        "crosshair",
        "View",
        "Linked cross-hair",
        ("Alt+X",),
        "crosshair-simple",
        checkable=True,
        option="crosshair",
    ),
    *(
        Command(
            f"labels_{labels.name.lower()}",
            "View/Labels",
            text,
            keys,
            run=partial(_label, labels=labels),
            checkable=True,
            checked=partial(_is_labelled, labels=labels),
            group="labels",
        )
        for labels, text, keys in _LABELS
    ),
)
VIEW: tuple[Command, ...] = (
    # a point can be held meanwhile
    *(
        replace(
            row,
            pages=(Page.FRAME,) if row.id in _ON_FRAME else (),
            project=row.id in _NEEDS_PROJECT,
            in_gesture=True,
        )
        for row in _SEEING
    ),
)
