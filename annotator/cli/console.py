"""How commands speak: results on stdout, everything else on stderr, machine JSON when asked for."""

import dataclasses
import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path, PurePath
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from annotator.domain.words import shell_word

OUT = Console(highlight=False, soft_wrap=True)
"""Results. Looks up `sys.stdout` at every print, so redirection and tests see it."""
ERR = Console(stderr=True, highlight=False, soft_wrap=True)
"""Progress, notes, warnings and errors."""
_COMMANDING = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def to_plain(value: Any) -> Any:
    """Turn domain values into what JSON knows: dataclasses, enums, paths, sets and numpy values.

    Args:
        value: anything that a command wants to print.

    Returns:
        dict, list, str, int, float, bool or None. Not-a-number becomes None, as JSON has no word for it.

    Raises:
        TypeError: for a value that has no plain form.
    """
    if isinstance(value, Enum):
        return value.name.lower()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, PurePath):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_plain(item) for item in value]
    if hasattr(value, "tolist"):  # numpy arrays and scalars, without importing numpy here
        return to_plain(value.tolist())
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"no plain form for {type(value).__name__}")


def visible(text: str, keep: str = "\n") -> str:
    """A text in which no character commands a terminal: each one but those to `keep` is written as Python writes it (`\\x1b`).

    Every command prints names of files, subjects, models and messages about them through this: they may come from anywhere.
    Covered are control characters, those that turn the direction of writing, line separators, and bytes that are no text.
    """
    return _COMMANDING.sub(lambda found: found[0] if found[0] in keep else ascii(found[0])[1:-1], text)


def _as_json(value: Any, indent: int | None = None) -> str:
    text = json.dumps(to_plain(value), indent=indent, ensure_ascii=False)
    return _COMMANDING.sub(lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text)


def markup(message: str) -> str:
    """A text for rich's printing, in which nothing commands the terminal or rich itself."""
    return escape(visible(message))


def print_json(value: Any) -> None:
    """Write `value` to stdout as indented JSON and nothing else."""
    sys.stdout.write(_as_json(value, indent=2) + "\n")
    sys.stdout.flush()


def print_event(event: Mapping[str, Any]) -> None:
    """Write one JSON Lines event to stdout and flush, so that a parent process sees it at once."""
    sys.stdout.write(_as_json(event) + "\n")
    sys.stdout.flush()


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table on stdout; columns whose values are all numbers are set flush right."""
    table = Table(
        title=markup(title) or None, title_justify="left", box=None, pad_edge=False, header_style="bold"
    )
    for position, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[position], int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(visible(_cell(value), keep="")) for value in row))
    OUT.print(table)


def say(message: str) -> None:
    """Print a line of result on stdout."""
    OUT.print(markup(message))


def note(message: str) -> None:
    """Print a line of side information on stderr."""
    ERR.print(markup(message), style="dim")


def warn(message: str) -> None:
    """Print a warning on stderr."""
    ERR.print(f"[yellow]warning:[/yellow] {markup(message)}")


def warn_of(reasons: Mapping[str, str], most: int = 20) -> None:
    """Print what is wrong with some things (name: why), so many at most: more would hide the result."""
    for name, why in list(reasons.items())[:most]:
        warn(f"{name}: {why}")


def fail(message: str) -> None:
    """Print an error on stderr. The message says what to do."""
    ERR.print(f"[bold red]error:[/bold red] {markup(message)}")


def human_size(count: float) -> str:
    """Bytes as a person reads them, in powers of 1024: 1536 -> '1.5 KiB'."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(count) < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def short_path(path: Path) -> str:
    """A path relative to the current folder where that is shorter, else as it is."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def in_shell(path: Path) -> str:
    """A short path as a shell takes it, for commands that people copy from what we print."""
    return shell_word(short_path(path))


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
