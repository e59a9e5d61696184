"""How heatmaps are drawn, from one start to the next."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from PySide6.QtCore import QSettings

from annotator.ui.common.colormaps import colormap_names
from annotator.ui.common.saved import saved_table
from annotator.ui.common.view_options import HeatOptions, HeatScale, HeatSource, PaneLook, ViewOptions
from annotator.ui.heatmaps.controls import CONTRAST

_KEY = "view/heat"


def save_heat(settings: QSettings, options: ViewOptions) -> None:
    """Remembers colours, contrast and what else is set of heatmaps, those of single panes included."""
    heat = asdict(options.value.heat) | {
        "source": options.value.heat.source.name,
        "scale": options.value.heat.scale.name,
    }
    own = {name: asdict(look) for name, look in options.value.own}
    settings.setValue(_KEY, json.dumps({"all": heat, "own": own}))


def restore_heat(settings: QSettings, options: ViewOptions) -> None:
    """Takes over what was remembered, if all of it makes sense; else it stays as it is."""
    try:
        kept = saved_table(settings, _KEY)
        heat = _heat(kept["all"])
        own = tuple((str(name), _look(look)) for name, look in kept["own"].items())
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return
    options.update(heat=heat, own=own)


def _heat(kept: dict[str, Any]) -> HeatOptions:
    """Raises ValueError, KeyError or TypeError for what makes no sense."""
    look = _look({"colormap": kept["colormap"], "contrast": kept["contrast"]})
    opacity = float(kept["opacity"])
    if not 0 <= opacity <= 1:
        raise ValueError(opacity)
    return HeatOptions(
        HeatSource[kept["source"]],
        HeatScale[kept["scale"]],
        str(look.colormap),
        opacity,
        float(look.contrast or 1.0),
        bool(kept["contours"]),
        bool(kept["smooth"]),
        bool(kept["visible"]),
    )


def _look(kept: dict[str, Any]) -> PaneLook:
    colormap, contrast = kept["colormap"], kept["contrast"]
    if colormap is not None and colormap not in colormap_names():
        raise ValueError(colormap)
    if contrast is not None and not CONTRAST[0] <= float(contrast) <= CONTRAST[1]:
        raise ValueError(contrast)
    return PaneLook(colormap, None if contrast is None else float(contrast))
