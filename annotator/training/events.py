"""What a run tells while it goes on: events, to whoever listens, to a file, and as curves to TensorBoard."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

EVENTS = "events.jsonl"
Event = dict[str, Any]
"""One event; `event` names its kind: start, prepare, step, validation, saved, done, stopped, error."""
OnEvent = Callable[[Event], None]


class EventLog:
    """Keeps each event in a folder's `events.jsonl`, one JSON object a line, and hands it on; a context manager.

    Args:
        folder: of the run. on_event: gets every event. curves: also write steps and validations for TensorBoard.
        speaking: false on all but the first of several processes, which then say nothing.
    """

    def __init__(self, folder: Path, on_event: OnEvent, curves: bool = False, speaking: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = _appended(folder / EVENTS) if speaking else None
        self._curves = _writer(folder / "tensorboard") if speaking and curves else None
        self._on_event = on_event

    def __enter__(self) -> "EventLog":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        if self._curves is not None:
            self._curves.close()

    def __call__(self, event: Event) -> None:
        """Keep one event, on the disk before anybody hears of it, and hand it on."""
        if self._file is None:
            return
        self._file.write(json.dumps(event) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        if self._curves is not None:
            for name, value in _points(event).items():
                self._curves.add_scalar(name, value, event["step"])
        self._on_event(event)


def _appended(path: Path) -> TextIO:
    """A file to add lines to; a line that a kill has torn ends where it is, so that the next one stays whole."""
    file = path.open("a", encoding="utf-8")
    if path.stat().st_size and not path.read_bytes().endswith(b"\n"):
        file.write("\n")
    return file


def _points(event: Event) -> dict[str, float]:
    """What an event adds to the curves, by their names."""
    if event["event"] == "step":
        return {f"train/{name}": value for name, value in event.items() if isinstance(value, float)}
    return {f"nme/{k}": v for k, v in event["nme"].items()} if event["event"] == "validation" else {}


def _writer(folder: Path) -> "SummaryWriter":
    from torch.utils.tensorboard import (
        SummaryWriter,  # here, as it takes a second that a window need not wait
    )

    return SummaryWriter(str(folder))
