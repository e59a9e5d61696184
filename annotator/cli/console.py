"""How commands speak: results on stdout, everything else on stderr, machine JSON when asked for."""

import dataclasses
import json
import math
import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path, PurePath
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

OUT = Console(highlight=False, soft_wrap=True)
"""Results. Looks up `sys.stdout` at every print, so redirection and tests see it."""
ERR = Console(stderr=True, highlight=False, soft_wrap=True)
"""Progress, notes, warnings and errors."""


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


def print_json(value: Any) -> None:
    """Write `value` to stdout as indented JSON and nothing else."""
    sys.stdout.write(json.dumps(to_plain(value), indent=2, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_event(event: Mapping[str, Any]) -> None:
    """Write one JSON Lines event to stdout and flush, so that a parent process sees it at once."""
    sys.stdout.write(json.dumps(to_plain(event), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table on stdout; columns whose values are all numbers are set flush right."""
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for position, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[position], int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(value)) for value in row))
    OUT.print(table)


def say(message: str) -> None:
    """Print a line of result on stdout."""
    OUT.print(escape(message))


def note(message: str) -> None:
    """Print a line of side information on stderr."""
    ERR.print(escape(message), style="dim")


def warn(message: str) -> None:
    """Print a warning on stderr."""
    ERR.print(f"[yellow]warning:[/yellow] {escape(message)}")


def fail(message: str) -> None:
    """Print an error on stderr. The message says what to do."""
    ERR.print(f"[bold red]error:[/bold red] {escape(message)}")


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


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
