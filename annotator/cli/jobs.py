"""Progress bars and clean cancelling for commands that take a while."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from annotator.cli.console import ERR, markup, note, visible, warn
from annotator.cli.exit_codes import ExitCode
from annotator.domain.progress import PROGRESS_SETTING, Cancelled, Progress, Stop, progress_line

_BETWEEN_LINES = 0.2
_QUIET_SECONDS = 10.0
"""Without a terminal (a log file, a farm) progress is one line this often."""


@contextmanager
def progress_bar(title: str, enabled: bool = True) -> Iterator[Progress]:
    """Show how far a job is, on stderr.

    Args:
        title: what is being done, shown before the bar.
        enabled: False gives a `Progress` that shows nothing.

    Yields:
        The `Progress` to hand to a service: (done, total, message).
    """
    if not enabled:
        yield _silent
        return
    if os.environ.get(PROGRESS_SETTING) == "json":
        yield _json_progress()
        return
    if not ERR.is_terminal:
        yield _line_progress(title)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[message]}"),
    )
    with RichProgress(*columns, console=ERR, transient=True) as bar:
        task = bar.add_task(title, total=None, message="")

        def show(done: int, total: int, message: str) -> None:
            bar.update(task, completed=done, total=total or None, message=markup(message))

        yield show


@contextmanager
def cancellable(kept: str) -> Iterator[Stop]:
    """Let Ctrl+C and SIGTERM stop a job at its next safe point.

    The first signal raises a flag that the service looks at; a second Ctrl+C ends the process at once. The block's
    end by `Cancelled`, or with the flag up, exits with code 130 and says what is kept.

    Args:
        kept: what remains of a cancelled job and how to go on with it.

    Yields:
        The `Stop` to hand to a service.

    Raises:
        typer.Exit: with code 130 when the job was cancelled.
    """
    flag = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if flag.is_set():
            raise KeyboardInterrupt
        flag.set()
        note("Stopping at the next safe point; press Ctrl+C again to end at once.")

    restore = _install(on_signal)
    try:
        yield flag.is_set
    except Cancelled:
        flag.set()
    finally:
        restore()
    if flag.is_set():
        warn(f"Cancelled. {kept}")
        raise typer.Exit(ExitCode.CANCELLED)


def _install(handler: Callable[[int, FrameType | None], None]) -> Callable[[], None]:
    """Set the handlers of SIGINT and SIGTERM; returns what puts the old ones back."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, handler) for number in numbers]

    def restore() -> None:
        for number, old in zip(numbers, before, strict=True):
            signal.signal(number, old)

    return restore


def _silent(done: int, total: int, message: str) -> None:
    """A `Progress` that shows nothing."""


def _json_progress() -> Progress:
    """A line of JSON for the program that started this one, some times a second."""
    last = -_BETWEEN_LINES

    def show(done: int, total: int, message: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _BETWEEN_LINES or done == total:
            last = now
            sys.stderr.write(progress_line(done, total, visible(message)) + "\n")
            sys.stderr.flush()

    return show


def _line_progress(title: str) -> Progress:
    last = time.monotonic()

    def show(done: int, total: int, message: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _QUIET_SECONDS:
            last = now
            note(f"{title}: {done} of {total or '?'} {message}".rstrip())

    return show
