"""A training's events for people (progress and tables) or for a parent process (JSON Lines), and its stop command."""

import json
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from annotator.cli.console import ERR, in_shell, note, print_event, print_json, say, short_path, warn
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable
from annotator.domain.progress import Stop
from annotator.training.events import Event, OnEvent

if TYPE_CHECKING:  # torch is loaded only when a command runs
    from annotator.services.models.training.teaching import TrainOutcome

_MOST_SHOWN = 10


@contextmanager
def running(kept: str, events: bool) -> Iterator[tuple[OnEvent, Stop]]:
    """Events go where they should, and every way to ask for a stop is heard; `kept` says what a stop leaves."""
    with cancellable(kept) as stop, event_printer(events) as on_event:
        yield on_event, stop_by_stdin(stop) if events else stop


def show_outcome(outcome: "TrainOutcome", project: Path, activated: bool, events: bool, json: bool) -> None:
    """Print what a project's training came to, unless events reported it; ends with code 130 where it was stopped, with 3 where
    frames could not take part."""
    from annotator.services.models.training.training_table import Verdict

    if json and not events:
        print_json(
            {
                "model": outcome.card.id,
                "folder": outcome.folder,
                "table": outcome.table.to_json(),
                "left_out": dict(outcome.left_out),
                "doubted": dict(outcome.doubted),
            }
        )
    elif not events:
        say(outcome.table.text())
        say(f"model {outcome.card.id}: {short_path(outcome.folder)}")
        if activated:
            if outcome.table.verdict is not Verdict.BETTER:
                warn(
                    "It is active, as asked, although nothing shows that it is better. The one before: "
                    f"annotator models {in_shell(project)} --history"
                )
        else:
            note(f"To use it: annotator models {in_shell(project)} --activate {outcome.card.id}")
    if not events:
        for path, reason in list(outcome.left_out.items())[:_MOST_SHOWN]:
            warn(f"{path} was left out: {reason}")
        for label, reason in list(outcome.doubted.items())[:_MOST_SHOWN]:
            warn(f"{label} was left out of the learning: it {reason}")
    if outcome.stopped:
        raise typer.Exit(ExitCode.CANCELLED)
    if outcome.left_out:
        raise typer.Exit(ExitCode.PARTIAL)


@contextmanager
def event_printer(machine: bool) -> Iterator[OnEvent]:
    """What to do with a training's events.

    Args:
        machine: True writes each as one JSON line on stdout; False shows a bar and each validation on stderr.

    Yields:
        The function to hand each event to.
    """
    if machine:
        yield _to_parent
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} of {task.total}, loss {task.fields[loss]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=ERR, transient=True) as bar:
        task = bar.add_task("starting", total=None, loss="-")

        def show(event: Event) -> None:
            kind = event["event"]
            if kind == "step":
                done, total = _progress(event)
                bar.update(
                    task, description="training", completed=done, total=total, loss=f"{event['loss']:.4g}"
                )
            elif kind == "prepare":
                bar.update(task, description=event["message"], completed=event["done"], total=event["total"])
            else:
                _show(event)

        yield show


def _to_parent(event: Event) -> None:
    """Print an event as a JSON line; a parent that died is no reason to stop, the run folder has the events, too."""
    try:
        print_event(event)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _progress(event: Event) -> tuple[int, int]:
    """Steps done and to do; a run that is bound by the clock has fewer than its recipe allows."""
    step, share = int(event["step"]), float(event.get("progress", 0.0))
    return step, round(step / share) if share > 0 else int(event["steps"])


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
        try:
            for line in (sys.stdin or ()) if lines is None else lines:
                if _is_stop(line):
                    asked.set()
                    return
        except (OSError, ValueError):  # closed, or not to be read from: nobody will ask
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
    """Tell a person of an event that is not a step; an `error` is also raised, and reported where that is caught."""
    if event["event"] == "validation":
        regions = ", ".join(
            f"{name} {value:.2f}" for name, value in event["nme"].items() if value is not None
        )
        note(f"step {event['step']}: NME % {regions}")
