"""A command of `annotator` as a child of a job: what loads torch runs beside the window, not in it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import (
    PROGRESS_SETTING,
    Cancelled,
    Progress,
    Stop,
    parse_progress,
    silent,
)

_POLL_S = 0.2
_GRACE_S = 10.0
_CANCELLED = 130


def run_command(arguments: Sequence[str], stop: Stop, progress: Progress = silent) -> Any:
    """Run `annotator ARGUMENTS --json`, tell of its progress, and give what it prints.

    Raises:
        AnnotatorError: it failed, with its own words. Cancelled: it was asked to stop.
    """
    program = [sys.executable, "-m", "annotator", *arguments, "--json"]
    pipe = subprocess.PIPE
    surroundings = os.environ | {PROGRESS_SETTING: "json"}
    with (
        subprocess.Popen(
            program, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, env=surroundings
        ) as child,
        ThreadPoolExecutor(2, "child") as readers,
    ):
        assert child.stdout is not None
        assert child.stderr is not None
        told, said = readers.submit(child.stdout.read), readers.submit(_said, child.stderr, progress)
        while True:
            try:
                child.wait(_POLL_S)
                break
            except subprocess.TimeoutExpired:
                if stop():
                    _end(child)
                    raise Cancelled("Stopped") from None
        answer, errors = told.result(), said.result()
    if child.returncode == _CANCELLED:
        raise Cancelled("Stopped")
    if child.returncode:
        words = [line.removeprefix("error:").strip() for line in errors if line.startswith("error:")]
        raise AnnotatorError(
            words[-1] if words else f"The command ended with {child.returncode}: {' '.join(errors)[-300:]}"
        )
    return json.loads(answer)


def _said(stream: IO[str], progress: Progress) -> list[str]:
    """What a child says but for its progress, which is told on."""
    lines: list[str] = []
    for line in stream:
        told = parse_progress(line)
        if told is None:
            lines.append(line.rstrip())
        else:
            progress(*told)
    return lines


def _end(child: "subprocess.Popen[str]") -> None:
    """Ask the child to end, then end it."""
    child.terminate()
    try:
        child.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
