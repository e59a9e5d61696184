"""What the views show and how: toggles, display and heatmap settings shared by the frame view and the panes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Signal

from annotator.ui.common.display import DisplaySettings


class Labels(Enum):
    """Which landmarks carry their name."""

    SELECTED = "Selected"
    DOUBTFUL = "Selected and doubtful"
    ALL = "All"
    NONE = "None"


class HeatSource(Enum):
    """Which landmarks a pane's heat shows; AUTO is the selected ones where the pane has any, else all."""

    AUTO = "Selected, else all"
    SELECTED = "Selected only"
    ALL = "All landmarks"


class HeatScale(Enum):
    """What a pane's heat is computed from."""

    PROBABILITY = "Probability"
    LATENT = "Latent (raw)"
    ENTROPY = "Entropy"


@dataclass(frozen=True)
class HeatOptions:
    """How heatmaps are drawn: source, scale, colormap, opacity 0..1, contrast (exponent 0.2..5), contours, smooth."""

    source: HeatSource = HeatSource.AUTO
    scale: HeatScale = HeatScale.PROBABILITY
    colormap: str = "Inferno"
    opacity: float = 0.85
    contrast: float = 1.0
    contours: bool = False
    smooth: bool = True
    visible: bool = True


@dataclass(frozen=True)
class PaneLook:
    """What one heatmap pane has of its own; None: as all panes."""

    colormap: str | None = None
    contrast: float | None = None


@dataclass(frozen=True)
class Options:
    """One immutable set of view settings; `soft_radius` is in frame pixels. `track_in_space`: tracking goes over all cameras of a
    take's rig."""

    points: bool = True
    curves: bool = True
    ellipses: bool = False
    rois: bool = True
    crosshair: bool = True
    moved: bool = False
    suggestions: bool = True
    hidden: bool = True
    soft: bool = False
    soft_radius: float = 120.0
    frame_heat: bool = False
    panes_follow: bool = False
    warnings: bool = True
    nearest: bool = False
    epipolar: bool = True
    expected: bool = False
    trail: bool = False
    onion: bool = False
    time_curves: bool = False
    track_in_space: bool = True
    labels: Labels = Labels.SELECTED
    doubt: float = 0.5
    display: DisplaySettings = field(default_factory=DisplaySettings)
    heat: HeatOptions = field(default_factory=HeatOptions)
    own: tuple[tuple[str, PaneLook], ...] = ()

    def heat_of(self, pane: str) -> HeatOptions:
        """How heat is drawn in a pane ("global" or a region's name); any other name: in all without a look of their own."""
        look = dict(self.own).get(pane, PaneLook())
        return replace(
            self.heat,
            colormap=look.colormap or self.heat.colormap,
            contrast=look.contrast or self.heat.contrast,
        )


class ViewOptions(QObject):
    """Holds the current `Options` and tells every view when they change."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value = Options()

    @property
    def value(self) -> Options:
        """The current settings."""
        return self._value

    def update(self, **changes: Any) -> None:
        """Replaces fields of `Options`; raises TypeError for a name that it lacks."""
        value = replace(self._value, **changes)
        if value != self._value:
            self._value = value
            self.changed.emit()

    def update_display(self, **changes: Any) -> None:
        """Replaces fields of the display settings."""
        self.update(display=replace(self._value.display, **changes))

    def update_heat(self, **changes: Any) -> None:
        """Replaces fields of the heatmap settings."""
        self.update(heat=replace(self._value.heat, **changes))

    def update_pane(self, pane: str, **changes: Any) -> None:
        """Replaces fields of one pane's own look; raises TypeError for a name that `PaneLook` lacks."""
        own = dict(self._value.own)
        own[pane] = replace(own.get(pane, PaneLook()), **changes)
        self.update(own=tuple(own.items()))

    def toggle(self, name: str) -> None:
        """Flips a boolean field of `Options`."""
        self.update(**{name: not getattr(self._value, name)})
