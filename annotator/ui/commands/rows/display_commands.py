"""View ▸ Display: exposure, gamma, channels and display transforms; only the eye sees them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from annotator.ui.commands.command import Command
from annotator.ui.commands.desk import Desk
from annotator.ui.common.display import Channel, DisplaySettings

_STOP = 0.25
_GAMMA_STEP = 0.1
_CHANNELS = (
    (Channel.RGB, "Colour", "Shift+C"),
    (Channel.RED, "Red", "Shift+R"),
    (Channel.GREEN, "Green", "Shift+G"),
    (Channel.BLUE, "Blue", "Shift+B"),
    (Channel.LUMA, "Luma", "Shift+L"),
)


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


_ROWS: tuple[Command, ...] = (
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
DISPLAY: tuple[Command, ...] = tuple(
    replace(row, in_gesture=True) for row in _ROWS
)  # a point can be held meanwhile
