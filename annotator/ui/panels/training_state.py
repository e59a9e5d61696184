"""What the training panel shows, gathered from the training's events; no Qt, so that it is easy to test."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

Points = list[tuple[int, float]]
_TREND = 25


@dataclass
class TrainingState:
    """One run: curves, progress, end. Values of `nme` are the networks' own, in percent of the normaliser.

    Attributes:
        status: `idle`, `running`, `done`, `stopped` or `error`.
        loss: (step, loss) pairs; trend: (step, mean of the last 25 losses) pairs, as one batch is harder than another;
        nme: for each region (and `all`) its (step, value) pairs.
        share: 0..1 of the budget that is spent, steps or minutes, whichever ends first.
        before, after: mean error by region on the frozen frames in `unit` (`%` of the eye distance, or `px`), points placed by
        hand; filled at the end. accepted: how many points were merely accepted, and how far both models are from them.
        model: id of the new model, empty while there is none. held_out: whether the measured frames were kept out of
        training; frames: how many there were. verdict: `better`, `worse`, `unknown`, empty before the end.
        placed_only: whether the table leaves out what was merely accepted; earlier versions counted it.
        normaliser: of `nme`, as the run names it.
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
    unit: str = "%"
    placed_only: bool = False
    verdict: str = ""
    accepted: tuple[int, float, float] | None = None
    normaliser: str = "inter-ocular"

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
            self.normaliser = str(event.get("normaliser", self.normaliser))
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
        self.model = str(event.get("id", "")) or PurePath(str(event.get("model", ""))).name
        self.before, self.after = _numbers(event.get("before")), _numbers(event.get("after"))
        if not self.model:
            return
        before, after = self.before.get("all"), self.after.get("all")
        known = before is not None and after is not None
        self.verdict = "unknown" if not known else "better" if after < before else "worse"  # type: ignore[operator]
        table = event.get("table")
        if isinstance(table, Mapping):
            self.held_out, self.frames = bool(table.get("held_out", True)), _int(table, "frames")
            self.placed_only = "unit" in table
            self.unit = str(table.get("unit", "%"))
            self.verdict = str(table.get("verdict", self.verdict))
            self.accepted = _accepted(table.get("accepted"))

    @property
    def speaks_for_it(self) -> bool:
        """Whether the figures say that the new model is better, on frames that it has not learnt from."""
        return self.verdict == "better" and self.held_out

    @property
    def curves(self) -> dict[str, Points]:
        """What a chart shows: the networks' errors while they learn; at the end the table's figures and nothing else."""
        if not self.verdict:
            return self.nme
        last = max(self.step, 1)
        return {
            name: [(0, before), (last, after)]
            for name, before, after in self.rows()
            if before is not None and after is not None
        }

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


def _accepted(value: Any) -> tuple[int, float, float] | None:
    if not isinstance(value, Mapping):
        return None
    return _int(value, "points"), float(value.get("before", 0.0)), float(value.get("after", 0.0))


def _numbers(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        return {}
    return {str(k): float(v) for k, v in value.items() if isinstance(v, (int, float))}
