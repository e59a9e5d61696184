"""The View menu, upper part: what is seen of the frame and of its heatmaps, never what is stored."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from annotator.ui.canvas.comparison import Against
from annotator.ui.commands.command import Command
from annotator.ui.commands.desk import Desk
from annotator.ui.common.display import Channel, DisplaySettings
from annotator.ui.common.page import Page
from annotator.ui.common.view_options import Labels

_STOP = 0.25
_GAMMA_STEP = 0.1
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
_CHANNELS = (
    (Channel.RGB, "Colour", "Shift+C"),
    (Channel.RED, "Red", "Shift+R"),
    (Channel.GREEN, "Green", "Shift+G"),
    (Channel.BLUE, "Blue", "Shift+B"),
    (Channel.LUMA, "Luma", "Shift+L"),
)
_ON_FRAME = {"fit", "zoom_full", "zoom_selection", "zoom_in", "zoom_out", "loupe", "compare", "wipe"}


def _zoom(desk: Desk, factor: float) -> None:
    desk.panel.view.zoom_to(desk.panel.view.zoom * factor)


def _zoom_full(desk: Desk) -> None:
    desk.panel.view.zoom_to(1.0 / desk.panel.view.devicePixelRatioF())


def _compare(desk: Desk, against: Against) -> None:
    desk.comparing.compare_with(against)


def _is_against(desk: Desk, against: Against) -> bool:
    return desk.comparing.against is against


def _label(desk: Desk, labels: Labels) -> None:
    desk.options.update(labels=labels)


def _is_labelled(desk: Desk, labels: Labels) -> bool:
    return desk.options.value.labels is labels


def _show_channel(desk: Desk, channel: Channel) -> None:
    desk.options.update_display(channel=channel)


def _shows_channel(desk: Desk, channel: Channel) -> bool:
    return desk.options.value.display.channel is channel


def _expose(desk: Desk, stops: float) -> None:
    exposure = desk.options.value.display.exposure + stops
    desk.options.update_display(exposure=min(max(exposure, -6.0), 6.0))


def _bend(desk: Desk, step: float) -> None:
    gamma = round(desk.options.value.display.gamma + step, 2)
    desk.options.update_display(gamma=min(max(gamma, 0.3), 3.0))


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
    Command("zoom_full", "View", "100 %", ("1",), run=_zoom_full, tip="One frame pixel a screen pixel"),
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
    Command("points", "View", "Points", ("V",), "circle", checkable=True, option="points", before=True),
    Command("curves", "View", "Curves", ("S",), "path", checkable=True, option="curves"),
    Command("ellipses", "View", "Uncertainty ellipses", ("E",), "target", checkable=True, option="ellipses"),
    Command("rois", "View", "Region boxes", ("B",), "bounding-box", checkable=True, option="rois"),
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
    Command("exposure_up", "View/Display", "Exposure up", ("Ctrl+]",), run=partial(_expose, stops=_STOP)),
    Command(
        "exposure_down", "View/Display", "Exposure down", ("Ctrl+[",), run=partial(_expose, stops=-_STOP)
    ),
    Command("gamma_up", "View/Display", "Gamma up", ("}",), run=partial(_bend, step=_GAMMA_STEP)),
    Command("gamma_down", "View/Display", "Gamma down", ("{",), run=partial(_bend, step=-_GAMMA_STEP)),
    Command(
        "display_view",
        "View/Display",
        "Display transform…",
        ("Alt+D",),
        "monitor",
        tip="A view of the OpenColorIO config; only the eye sees it, never the model",
        before=True,
        run=lambda desk: desk.comparing.choose_view(),
    ),
    Command(
        "display_reset",
        "View/Display",
        "Reset display",
        ("\\",),
        run=lambda desk: desk.options.update(display=DisplaySettings()),
    ),
    *(
        Command(
            f"channel_{channel.name.lower()}",
            "View/Display",
            text,
            (key,),
            run=partial(_show_channel, channel=channel),
            checkable=True,
            checked=partial(_shows_channel, channel=channel),
            group="channel",
            before=channel is Channel.RGB,
        )
        for channel, text, key in _CHANNELS
    ),
)
VIEW: tuple[Command, ...] = (
    # a point can be held meanwhile
    *(replace(row, pages=(Page.FRAME,) if row.id in _ON_FRAME else (), in_gesture=True) for row in _SEEING),
)
