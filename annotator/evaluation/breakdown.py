"""Scores by what is known of each frame: look, skin tone, age, pose, expression and the like.

Attributes are what the studio writes beside each frame (numbers, words, yes or no); a frame may have none of them. Numbers are
cut into named bands, so that every group holds enough frames to speak of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotator.evaluation.metrics import Floats

Attributes = Mapping[str, Any]
_MOST_WORDS = 24  # all named expressions, but no takes of a talk
_BANDS: dict[str, tuple[str, tuple[float, ...], tuple[str, ...]]] = {
    "melanin": ("skin tone", (1 / 3, 2 / 3), ("light", "medium", "dark")),
    "age": ("age", (1 / 3, 2 / 3), ("young", "middle", "old")),
    "yaw": ("pose (turned by)", (15.0, 40.0), ("under 15°", "15 to 40°", "over 40°")),
    "pitch": ("pose (up or down by)", (15.0,), ("under 15°", "over 15°")),
    "roll": ("roll", (10.0, 25.0), ("under 10°", "10 to 25°", "over 25°")),
    "face": ("face of the frame's height", (0.25, 0.5), ("under a quarter", "to a half", "over a half")),
}
"""By attribute: its title, the limits of the bands (of the absolute value), and their names."""
_WORDS = {
    "look": "look",
    "expression": "expression",
    "mouth": "mouth",
    "eyes": "eyes",
    "glasses": "glasses",
    "beard": "beard",
    "hair": "hair",
    "origin": "origin",
    "sex": "sex",
    "covered by": "covered by",
}


@dataclass(frozen=True)
class Row:
    """One group of frames: mean NME (fraction) over its frames, the share of points within 1 % of the normaliser, and the
    median point error in frame pixels."""

    attribute: str
    value: str
    frames: int
    nme: float
    pck: float
    median_px: float


def groups_of(attributes: Sequence[Attributes]) -> dict[tuple[str, str], list[int]]:
    """Numbers of the frames by (title of the attribute, value); attributes that all frames share or none has are left out."""
    groups: dict[tuple[str, str], list[int]] = {}
    for name, (title, limits, names) in _BANDS.items():
        for number, own in enumerate(attributes):
            value = own.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                band = names[int(np.searchsorted(limits, abs(float(value)), side="right"))]
                groups.setdefault((title, band), []).append(number)
    for name, title in _WORDS.items():
        values = [own.get(name) for own in attributes]
        known = sorted({_word(value) for value in values if value is not None})
        if len(known) <= _MOST_WORDS:
            for word in known:
                members = [i for i, value in enumerate(values) if value is not None and _word(value) == word]
                groups[(title, word)] = members
    return groups


def breakdown(errors: Floats, lengths: Floats, attributes: Sequence[Attributes]) -> list[Row]:
    """One row a group from errors [N,L] in pixels (NaN where not counted) and normalisers [N]."""
    rows = []
    for (title, value), members in groups_of(attributes).items():
        own = errors[members]
        scaled = own / lengths[members][:, None]
        counted = np.isfinite(scaled)
        if not counted.any():
            continue
        with_points = counted.any(axis=1)
        per_frame = np.nanmean(scaled[with_points], axis=1)
        rows.append(
            Row(
                title,
                value,
                int(with_points.sum()),
                float(per_frame.mean()),
                float(np.mean(scaled[counted] <= 0.01)),
                float(np.median(own[np.isfinite(own)])),
            )
        )
    return rows


def _word(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
