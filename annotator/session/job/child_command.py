"""A command of `annotator` as a child of a job: what loads torch runs beside the window, not in it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled, Stop

_POLL_S = 0.2
_GRACE_S = 10.0
_CANCELLED = 130


def run_command(arguments: Sequence[str], stop: Stop) -> Any:
    """Run `annotator ARGUMENTS --json`, and give what it prints.

    Raises:
        AnnotatorError: it failed, with its own words. Cancelled: it was asked to stop.
    """
    program = [sys.executable, "-m", "annotator", *arguments, "--json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(program, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True) as child:
        while True:
            try:
                told, errors = child.communicate(timeout=_POLL_S)
                break
            except subprocess.TimeoutExpired:
                if stop():
                    _end(child)
                    raise Cancelled("Stopped") from None
    if child.returncode == _CANCELLED:
        raise Cancelled("Stopped")
    if child.returncode:
        said = [
            line.removeprefix("error:").strip() for line in errors.splitlines() if line.startswith("error:")
        ]
        raise AnnotatorError(
            said[-1] if said else f"The command ended with {child.returncode}: {errors[-300:]}"
        )
    return json.loads(told)


def _end(child: "subprocess.Popen[str]") -> None:
    """Ask the child to end, then end it."""
    child.terminate()
    try:
        child.communicate(timeout=_GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
