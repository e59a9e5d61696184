"""Whether the command line asks for the window: no arguments, or a project's path in the place of a command."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotator.domain.errors import AnnotatorError

PROJECT_SUFFIX = ".annotator"
COMPLETION = "_ANNOTATOR_COMPLETE"
"""Set by the shell's completion to what it wants of the program."""


@dataclass(frozen=True)
class WindowRequest:
    """The window is wanted, on `project`; None means the sample project or the one open last."""

    project: Path | None


def window_request(
    arguments: Sequence[str], commands: Collection[str], environment: Mapping[str, str] | None = None
) -> WindowRequest | None:
    """Read a command line as a wish for the window.

    Args:
        arguments: what follows the program's name.
        commands: names that are commands even where a file of that name exists.
        environment: a shell that completes a command line runs the program without arguments, and says so there.

    Returns:
        None when the command line belongs to the commands: it names one, holds an option or more than one argument,
        or its path is no project file (the commands then say what to do).
    """
    if COMPLETION in (environment or {}):
        return None
    if not arguments:
        return WindowRequest(None)
    if len(arguments) > 1 or arguments[0] in commands or arguments[0].startswith("-"):
        return None
    path = Path(arguments[0])
    return WindowRequest(path) if path.is_file() else None


def looks_like_path(argument: str) -> bool:
    """Whether a word in the place of a command was meant as a path: it exists, has a folder or the project suffix."""
    if argument.startswith("-"):
        return False
    return (
        os.sep in argument or "/" in argument or argument.endswith(PROJECT_SUFFIX) or Path(argument).exists()
    )


def refusal(path: Path) -> AnnotatorError:
    """Why `path` cannot be opened in the window, and what to do."""
    from annotator.cli.console import in_shell

    if path.is_file():
        return AnnotatorError(f"The window takes one project and no options: annotator {in_shell(path)}")
    if path.is_dir():
        project = Path(f"{path.name or 'shoot'}{PROJECT_SUFFIX}")
        return AnnotatorError(
            f"{path} is a folder, not a project. Make a project of its captures:"
            f" annotator import {in_shell(project)} {in_shell(path)}"
        )
    return AnnotatorError(
        f"There is no project at {path}. Make one: annotator import {in_shell(path)} FOLDER_OF_CAPTURES"
    )
