"""A training's events for people (progress and tables) or for a parent process (JSON Lines), and its stop command."""

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from annotator.cli.console import ERR, note, print_event, print_table, say, warn
from annotator.domain.progress import Stop

Event = Mapping[str, Any]
OnEvent = Callable[[Event], None]


@contextmanager
def event_printer(machine: bool) -> Iterator[OnEvent]:
    """What to do with a training's events.

    Args:
        machine: True writes each as one JSON line on stdout; False shows a bar on stderr while it runs, each
            validation on stderr, and the table of before and after on stdout.

    Yields:
        The function to hand each event to.
    """
    if machine:
        yield print_event
        return
    columns = (
        TextColumn("training"),
        BarColumn(),
        TextColumn("{task.completed} of {task.total} steps, loss {task.fields[loss]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=ERR, transient=True) as bar:
        task = bar.add_task("training", total=None, loss="-")

        def show(event: Event) -> None:
            if event["event"] == "step":
                bar.update(task, completed=event["step"], total=event["steps"], loss=f"{event['loss']:.4g}")
            else:
                _show(event)

        yield show


def stop_by_stdin(stop: Stop, lines: Iterable[str] | None = None) -> Stop:
    """Also stop on the line `{"cmd": "stop"}` from the parent process.

    The end of the input does not stop anything: a training outlives the window that started it.

    Args:
        stop: what asks for a stop already. lines: None reads `sys.stdin` in a daemon thread.

    Returns:
        A `Stop` that holds when either asks for it.
    """
    asked = threading.Event()

    def listen() -> None:
        for line in sys.stdin if lines is None else lines:
            if _is_stop(line):
                asked.set()
                return

    threading.Thread(target=listen, daemon=True, name="stop command").start()
    return lambda: stop() or asked.is_set()


def _is_stop(line: str) -> bool:
    """Whether a line is the stop command; anything else is not for us and is passed over."""
    try:
        command = json.loads(line)
    except ValueError:
        return False
    return isinstance(command, dict) and command.get("cmd") == "stop"


def _show(event: Event) -> None:
    """Tell a person of an event that is not a step."""
    kind = event["event"]
    if kind == "validation":
        regions = ", ".join(
            f"{name} {value:.2f}" for name, value in event["nme"].items() if value is not None
        )
        note(f"step {event['step']}: NME % {regions}")
    elif kind == "done":
        before, after = event.get("before") or {}, event.get("after") or {}
        if after:
            rows = [
                (name, before.get(name), value, _gain(before.get(name), value))
                for name, value in after.items()
            ]
            print_table("NME in % on the same frozen frames", ("region", "before", "after", "change"), rows)
        say(f"model: {event['model']}")
    elif kind == "error":
        warn(str(event.get("message", "the training failed")))
    elif kind == "message":
        note(str(event.get("text", event.get("message", ""))))


def _gain(before: float | None, after: float | None) -> str:
    if not before or after is None:
        return "-"
    return f"{100 * (after - before) / before:+.1f} %"
