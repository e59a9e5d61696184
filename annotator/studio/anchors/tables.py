"""The tables of anchors and curves in `resources/studio/landmarks`, read into places that know their side of the face."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from annotator.domain.assets import DEFAULT_SCHEME, asset
from annotator.domain.scheme import LandmarkScheme
from annotator.studio.anchors.drawn_edges import LIP_POSITIONS
from annotator.studio.errors import StudioError

FOLDER = "resources/studio/landmarks"
_NEITHER_SIDE = ("lip", "lip_inner", "lip_corner")
"""Loops round the mouth go over both sides: their mirrored places have positions of their own."""


@dataclass(frozen=True)
class Place:
    """One entry of a table: what kind of place it is, its values, and whether it is on the subject's right."""

    kind: str
    values: tuple[Any, ...]
    right: bool = False

    @property
    def edge(self) -> Place | None:
        """The edge of the skin that the place is, or that stands in for it where lids are shut over it."""
        if self.kind == "corner":
            return Place("edge", self.values[1], self.right)
        if self.kind == "canthus":
            return Place("edge", self.values, self.right)
        return self if self.kind == "edge" else None


@dataclass(frozen=True)
class Anchor:
    """One landmark: its place, and whether that is the mirrored twin of the one in the table."""

    name: str
    place: Place
    mirrored: bool


@lru_cache(maxsize=8)
def anchors(scheme: LandmarkScheme) -> tuple[Anchor, ...]:
    """Anchors of a scheme's landmarks; `StudioError` lists those that its table does not place.

    A scheme without a table of its own may take landmarks out of the default scheme.
    """
    table = _table(scheme.id) or _table(DEFAULT_SCHEME)
    found, missing = [], []
    for name in scheme.names:
        twin = name.replace("right", "left")
        if name in table:
            found.append(Anchor(name, _place(table[name], False), False))
        elif twin in table:
            found.append(Anchor(name, _place(table[twin], True), True))
        else:
            missing.append(name)
    if missing:
        raise StudioError(
            f"the studio cannot place these landmarks: {', '.join(missing)}; add them to {FOLDER}/{scheme.id}.toml"
        )
    return tuple(found)


@lru_cache(maxsize=64)
def curve_places(name: str, right: bool) -> tuple[Place, ...]:
    """The places along a curve of `curves.toml`, on the left side or the right."""
    curves = tomllib.loads(asset(f"{FOLDER}/curves.toml").read_text("utf-8"))["curves"]
    return tuple(_place(entry, right) for entry in curves[name])


@lru_cache(maxsize=8)
def _table(scheme_id: str) -> Mapping[str, Any]:
    path = asset(f"{FOLDER}/{scheme_id}.toml")
    return tomllib.loads(path.read_text("utf-8"))["anchors"] if path.is_file() else {}


def _place(entry: Mapping[str, Any], right: bool) -> Place:
    """The entry as a place; positions round the mouth are reflected for the right side."""
    ((kind, value),) = entry.items()
    values = _frozen(value) if isinstance(value, list) else (value,)
    field = values[0] if kind in ("edge", "ring") else kind
    if right and field in _NEITHER_SIDE:
        values = (*values[:-1], (LIP_POSITIONS - values[-1]) % LIP_POSITIONS)
    return Place(kind, values, right)


def _frozen(values: list[Any]) -> tuple[Any, ...]:
    return tuple(_frozen(value) if isinstance(value, list) else value for value in values)
