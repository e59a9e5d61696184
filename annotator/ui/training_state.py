"""What the training panel shows, gathered from the training's events; no Qt, so that it is easy to test."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class TrainingState:
    """One run: curves, progress, end. NME values are shares of the normaliser (0.02 = 2 %).

    Attributes:
        status: `idle`, `running`, `done`, `stopped` or `error`.
        loss: (step, loss) pairs; nme: for each region (and `all`) its (step, value) pairs.
        before, after: NME by region on the frozen frames, filled at the end.
        model: id or folder of the new model.
    """

    status: str = "idle"
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    message: str = ""
    model: str = ""
    loss: list[tuple[int, float]] = field(default_factory=list)
    nme: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    before: dict[str, float] = field(default_factory=dict)
    after: dict[str, float] = field(default_factory=dict)

    @classmethod
    def from_events(cls, events: Iterable[Mapping[str, Any]]) -> TrainingState:
        """The state after all events of a run so far; a `start` begins anew."""
        state = cls()
        for event in events:
            state = state.after_event(event)
        return state

    def after_event(self, event: Mapping[str, Any]) -> TrainingState:
        """Takes one event in; unknown ones change nothing."""
        kind = event.get("event")
        if kind == "start":
            return TrainingState("running", steps=_int(event, "steps"), message=str(event.get("message", "")))
        if kind == "step":
            self.status = "running"
            self.step, self.steps = _int(event, "step"), _int(event, "steps", self.steps)
            self.seconds = float(event.get("seconds", self.seconds) or 0.0)
            loss = float(event.get("loss", math.nan))
            if math.isfinite(loss):
                self.loss.append((self.step, loss))
        elif kind == "validation":
            for region, value in dict(event.get("nme", {})).items():
                self.nme.setdefault(region, []).append((_int(event, "step", self.step), float(value)))
        elif kind == "done":
            self.status, self.model = "done", str(event.get("model", ""))
            self.before, self.after = _table(event.get("before")), _table(event.get("after"))
        elif kind in ("stopped", "error"):
            self.status, self.message = str(kind), str(event.get("message", ""))
        return self

    def rows(self) -> list[tuple[str, float | None, float | None]]:
        """(region, before, after) for the table, `all` first."""
        names = list(dict.fromkeys(["all", *self.before, *self.after]))
        return [
            (n, self.before.get(n), self.after.get(n)) for n in names if n in self.before or n in self.after
        ]


def _int(event: Mapping[str, Any], key: str, default: int = 0) -> int:
    return int(event.get(key, default) or 0)


def _table(value: Any) -> dict[str, float]:
    """A before/after mapping; one that nests the figures under `nme` is read too."""
    if not isinstance(value, Mapping):
        return {}
    inner = value.get("nme", value)
    return {str(k): float(v) for k, v in inner.items() if isinstance(v, (int, float))}
