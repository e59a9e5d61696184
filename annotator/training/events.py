"""What a run tells: events as dicts, to a callback, to `events.jsonl` and as curves to TensorBoard."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch.utils.tensorboard import SummaryWriter

OnEvent = Callable[[dict[str, Any]], None]
"""Called with every event; `event` names its kind: start, step, validation, saved, done, stopped, error."""


class EventLog:
    """Writes events as they come; a context manager. `speaking` is false on all but the first of several processes."""

    def __init__(self, folder: Path, on_event: OnEvent, speaking: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / "events.jsonl").open("a", encoding="utf-8") if speaking else None
        self._curves = SummaryWriter(str(folder / "tensorboard")) if speaking else None
        self._on_event = on_event

    def __enter__(self) -> "EventLog":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        if self._curves is not None:
            self._curves.close()

    def emit(self, kind: str, **values: Any) -> None:
        """Tells of one event; numbers of steps and validations become curves."""
        if self._file is None:
            return
        event = {"event": kind, **values}
        self._file.write(json.dumps(event) + "\n")
        self._file.flush()
        if self._curves is not None and kind == "step":
            for name, value in values.items():
                if isinstance(value, float):
                    self._curves.add_scalar(f"train/{name}", value, values["step"])
        if self._curves is not None and kind == "validation":
            for name, value in values["nme"].items():
                self._curves.add_scalar(f"nme/{name}", value, values["step"])
        self._on_event(event)
