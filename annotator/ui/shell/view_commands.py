"""Zoom, toggles and display commands: actions on one side, view options and the frame view on the other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSignalBlocker

from annotator.ui.canvas.frame_panel import FramePanel
from annotator.ui.commands.actions import Actions
from annotator.ui.commands.seeing_specs import SEEING
from annotator.ui.common.display import Channel, DisplaySettings
from annotator.ui.common.view_options import Labels, ViewOptions

_LABELS = {
    "labels_selected": Labels.SELECTED,
    "labels_doubtful": Labels.DOUBTFUL,
    "labels_all": Labels.ALL,
    "labels_none": Labels.NONE,
}
_CHANNELS = {
    "channel_rgb": Channel.RGB,
    "channel_red": Channel.RED,
    "channel_green": Channel.GREEN,
    "channel_blue": Channel.BLUE,
    "channel_luma": Channel.LUMA,
}
_STOP = 0.25
_GAMMA_STEP = 0.1


class ViewCommands(QObject):
    """Keeps checkable actions in step with the options, whoever changed them."""

    def __init__(self, options: ViewOptions, panel: FramePanel, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._options, self._panel, self._actions = options, panel, actions
        for spec in SEEING:
            if spec.option:
                actions[spec.id].toggled.connect(lambda on, name=spec.option: options.update(**{name: on}))
        for name, labels in _LABELS.items():
            actions[name].triggered.connect(lambda _on, labels=labels: options.update(labels=labels))
        for name, channel in _CHANNELS.items():
            actions[name].triggered.connect(
                lambda _on, channel=channel: options.update_display(channel=channel)
            )
        for name, handler in self._handlers().items():
            actions[name].triggered.connect(lambda _on=False, handler=handler: handler())
        options.changed.connect(self._show)
        self._show()

    def _handlers(self) -> dict[str, Callable[[], object]]:
        view = self._panel.view
        return {
            "fit": view.fit,
            "zoom_full": lambda: view.zoom_to(1.0 / view.devicePixelRatioF()),
            "zoom_selection": self._panel.zoom_to_selection,
            "zoom_in": lambda: view.zoom_to(view.zoom * 1.5),
            "zoom_out": lambda: view.zoom_to(view.zoom / 1.5),
            "exposure_up": lambda: self._expose(_STOP),
            "exposure_down": lambda: self._expose(-_STOP),
            "gamma_up": lambda: self._bend(_GAMMA_STEP),
            "gamma_down": lambda: self._bend(-_GAMMA_STEP),
            "display_reset": lambda: self._options.update(display=DisplaySettings()),
        }

    def _expose(self, stops: float) -> None:
        exposure = self._options.value.display.exposure + stops
        self._options.update_display(exposure=min(max(exposure, -6.0), 6.0))

    def _bend(self, step: float) -> None:
        gamma = round(self._options.value.display.gamma + step, 2)
        self._options.update_display(gamma=min(max(gamma, 0.3), 3.0))

    def _show(self) -> None:
        value = self._options.value
        checked = {spec.id: bool(getattr(value, spec.option)) for spec in SEEING if spec.option}
        checked |= {name: value.labels is labels for name, labels in _LABELS.items()}
        checked |= {name: value.display.channel is channel for name, channel in _CHANNELS.items()}
        for name, on in checked.items():
            with QSignalBlocker(self._actions[name]):
                self._actions[name].setChecked(on)
