"""The window's layout: remembered from one start to the next, and put back to how it was made."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings, QSize
from PySide6.QtWidgets import QMainWindow

from annotator.ui.commands.table import TOGGLES
from annotator.ui.common.arrangement import OFFERED, Arrangement, made_sizes
from annotator.ui.common.saved import saved_bytes, saved_flag, saved_number, saved_text
from annotator.ui.common.view_options import Labels, ViewOptions
from annotator.ui.heatmaps.heat_memory import restore_heat, save_heat
from annotator.ui.heatmaps.pane_grid import PaneGrid

_SIZE = QSize(1600, 960)
_GIVES = {
    "columns": 1,
    "centre": 0,
    "beside": 0,
}  # the part that gives and takes when the window's size changes
_FORMER = {"moved": "ghosts", "suggestions": "carry"}  # what settings of earlier versions call them


class Layout:
    """Sizes, tabs and drawers of a window, and what its views show, in the artist's settings."""

    def __init__(
        self,
        window: QMainWindow,
        settings: QSettings,
        options: ViewOptions,
        arrangement: Arrangement,
        panes: PaneGrid,
    ) -> None:
        self._window, self._settings, self._options = window, settings, options
        self._arrangement, self._panes = arrangement, panes
        self._tabs = {"lists": arrangement.lists, "details": arrangement.details}
        self._splitters, self._drawer = arrangement.splitters, arrangement.drawer
        self._options_made = options.value

    def restore(self) -> bool:
        """Takes over what was remembered; tells whether the drawer was open."""
        geometry = saved_bytes(self._settings, "window/geometry")
        if geometry is None or not self._window.restoreGeometry(geometry):
            self._window.resize(_SIZE)
        for name, splitter in self._splitters.items():
            state = saved_bytes(self._settings, f"window/{name}")
            if state is not None:
                splitter.restoreState(state)
        hidden = saved_text(self._settings, "window/hidden").split(",")
        for name in self._arrangement.around:
            if name not in OFFERED:
                self._arrangement.show_part(name, name not in hidden)
        for name in OFFERED:
            on = saved_flag(self._settings, f"window/{name}")
            if on is not None:
                self._arrangement.show_part(name, on)
        for name, tabs in self._tabs.items():
            tabs.setCurrentIndex(saved_number(self._settings, f"window/{name}_tab", 0, 0, tabs.count() - 1))
        shown = {name: self._toggle(name) for name in TOGGLES}
        self._options.update(**{name: on for name, on in shown.items() if on is not None})
        labels = saved_text(self._settings, "view/labels")
        if labels in Labels.__members__:
            self._options.update(labels=Labels[labels])
        radius = saved_number(
            self._settings, "view/soft_radius", round(self._options_made.soft_radius), 2, 100_000
        )
        self._options.update(soft_radius=float(radius))
        restore_heat(self._settings, self._options)
        names = filter(None, saved_text(self._settings, "panes/floating").split(","))
        places = {name: saved_bytes(self._settings, f"panes/{name}") or QByteArray() for name in names}
        self._panes.restore_places(places)
        return bool(saved_flag(self._settings, "window/drawer"))

    def save(self) -> None:
        """Remembers everything for the next start."""
        self._settings.setValue("window/geometry", self._window.saveGeometry())
        for name, splitter in self._splitters.items():
            self._settings.setValue(f"window/{name}", splitter.saveState())
        for name, tabs in self._tabs.items():
            self._settings.setValue(f"window/{name}_tab", tabs.currentIndex())
        self._settings.setValue("window/hidden", ",".join(self._arrangement.hidden))
        for name in self._arrangement.decided:
            self._settings.setValue(f"window/{name}", int(name not in self._arrangement.hidden))
        self._settings.setValue("window/drawer", int(not self._drawer.isHidden()))
        for name in TOGGLES:
            self._settings.setValue(f"view/{name}", int(getattr(self._options.value, name)))
        self._settings.setValue("view/labels", self._options.value.labels.name)
        self._settings.setValue("view/soft_radius", round(self._options.value.soft_radius))
        save_heat(self._settings, self._options)
        places = self._panes.places()
        self._settings.setValue("panes/floating", ",".join(places))
        for name, place in places.items():
            self._settings.setValue(f"panes/{name}", place)
        self._settings.sync()

    def reset(self) -> None:
        """Splitters, tabs and what is shown, as at the first start; the window keeps its place and size."""
        self._arrangement.show_as_made()
        for name in OFFERED:
            self._settings.remove(f"window/{name}")
        for name, splitter in self._splitters.items():
            sizes, total = made_sizes(name), sum(splitter.sizes())
            if name in _GIVES and total:
                sizes[_GIVES[name]] += total - sum(sizes)
            splitter.setSizes([max(size, 1) for size in sizes])
        self._arrangement.columns.forget_choice()
        for tabs in self._tabs.values():
            tabs.setCurrentIndex(0)
        self._panes.restore_places({})
        made = self._options_made
        self._options.update(
            **{
                name: getattr(made, name)
                for name in (*TOGGLES, "labels", "soft_radius", "display", "heat", "own")
            }
        )

    def _toggle(self, name: str) -> bool | None:
        former = saved_flag(self._settings, f"view/{_FORMER[name]}") if name in _FORMER else None
        return former if (value := saved_flag(self._settings, f"view/{name}")) is None else value
