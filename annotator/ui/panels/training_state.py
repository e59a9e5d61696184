"""What the training panel shows, gathered from the training's events; no Qt, so that it is easy to test."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Points = list[tuple[int, float]]
_TREND = 25


@dataclass
class TrainingState:
    """One run: curves, progress, end. NME values are in percent of the normaliser.

    Attributes:
        status: `idle`, `running`, `done`, `stopped` or `error`.
        loss: (step, loss) pairs; trend: (step, mean of the last 25 losses) pairs, as one batch is harder than another;
        nme: for each region (and `all`) its (step, value) pairs.
        share: 0..1 of the budget that is spent, steps or minutes, whichever ends first.
        before, after: NME by region on the frozen frames, filled at the end.
        model: id of the new model, empty while there is none. held_out: whether the measured frames were kept out of
        training; frames: how many there were.
    """

    status: str = "idle"
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    share: float = 0.0
    message: str = ""
    model: str = ""
    loss: Points = field(default_factory=list)
    trend: Points = field(default_factory=list)
    nme: dict[str, Points] = field(default_factory=dict)
    before: dict[str, float] = field(default_factory=dict)
    after: dict[str, float] = field(default_factory=dict)
    held_out: bool = True
    frames: int = 0

    @property
    def seconds_left(self) -> float:
        """What the rest of the budget will take at the pace so far; 0 before anything is known."""
        return self.seconds * (1 - self.share) / self.share if self.share > 0 else 0.0

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
            self.share = float(event.get("progress", 0.0) or self.step / max(self.steps, 1))
            loss = float(event.get("loss", math.nan))
            if math.isfinite(loss):
                self.loss.append((self.step, loss))
                last = [value for _, value in self.loss[-_TREND:]]
                self.trend.append((self.step, sum(last) / len(last)))
        elif kind == "validation":
            for region, value in dict(event.get("nme", {})).items():
                self.nme.setdefault(region, []).append((_int(event, "step", self.step), float(value)))
        elif kind == "prepare":
            self.status = "running"
            self.message = str(event.get("message", ""))
        elif kind in ("done", "stopped", "error"):
            self._end(str(kind), event)
        return self

    def _end(self, kind: str, event: Mapping[str, Any]) -> None:
        self.status, self.message = kind, str(event.get("message", ""))
        self.model = str(event.get("id", ""))
        self.before, self.after = _numbers(event.get("before")), _numbers(event.get("after"))
        table = event.get("table")
        if isinstance(table, Mapping):
            self.held_out, self.frames = bool(table.get("held_out", True)), _int(table, "frames")

    def rows(self) -> list[tuple[str, float | None, float | None]]:
        """(region, before, after) for the table, `all` first."""
        names = list(dict.fromkeys(["all", *self.before, *self.after]))
        return [
            (n, self.before.get(n), self.after.get(n)) for n in names if n in self.before or n in self.after
        ]


def thinned(points: Points, most: int) -> Points:
    """About so many of the points, evenly over them, the last one always: a long run has more than a plot has pixels."""
    step = max(1, -(-len(points) // most))
    return points[::-step][::-1]


def _int(event: Mapping[str, Any], key: str, default: int = 0) -> int:
    return int(event.get(key, default) or 0)


def _numbers(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        return {}
    return {str(k): float(v) for k, v in value.items() if isinstance(v, (int, float))}
