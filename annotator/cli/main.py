"""The `annotator` command: registers the commands and turns their errors into one clear line and an exit code."""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command

from annotator.cli import window_request
from annotator.cli.commands import (
    backup,
    convert,
    desktop,
    doctor,
    export_dataset,
    import_annotations,
    import_captures,
    ledger,
    merge,
    previews,
    relink,
    sample,
    status,
    takes,
    track,
    update,
)
from annotator.cli.commands.annexes import bench, experiment, networks, render
from annotator.cli.commands.known import app as known
from annotator.cli.commands.model import (
    average,
    calibrate,
    evaluate,
    learn_convention,
    propose,
    spoil,
    train,
)
from annotator.cli.commands.people import agreement, assign
from annotator.cli.commands.rig import app as rig
from annotator.cli.console import fail, say
from annotator.cli.exit_codes import EXIT_CODE_HELP, ExitCode
from annotator.cli.options import old_names
from annotator.domain.errors import AnnotatorError
from annotator.domain.version import __version__

_HELP = """Landmarks on 4K face captures: a model proposes, you correct, the model learns.

Without a command it opens the window: on the sample project, or on the PROJECT given.

\b
  annotator                     # the window, on shipped sample captures
  annotator shoot.annotator     # the window, on your project

[bold]A first project, without a window[/bold]

\b
  annotator import shoot.annotator /mnt/captures \\
      --pattern '{subject}/{take}/{camera}/{frame}.jpg'
  annotator propose shoot.annotator --all
  annotator status shoot.annotator
  annotator export shoot.annotator landmarks.json --format coco \\
      --confirmed-only
  annotator train shoot.annotator --minutes 10

`annotator COMMAND --help` explains each command with examples. Add --debug to see the traceback of an error.
"""

_PROJECT, _MODEL, _STUDIO, _HEALTH = "Projects", "Models", "Synthetic studio", "Health"

app = typer.Typer(
    name="annotator",
    help=_HELP,
    epilog=EXIT_CODE_HELP,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_OLD_NAMES = old_names(looks="views", passes="iterations", shapes="shape-prior", no_shapes="no-shape-prior")
app.command("import", rich_help_panel=_PROJECT)(import_captures.import_captures)
app.command("status", rich_help_panel=_PROJECT)(status.status)
app.command("propose", rich_help_panel=_PROJECT, context_settings=_OLD_NAMES)(propose.propose)
app.command("previews", rich_help_panel=_PROJECT)(previews.previews)
app.command("export", rich_help_panel=_PROJECT)(export_dataset.export)
app.command("import-annotations", rich_help_panel=_PROJECT)(import_annotations.import_annotations)
app.command("convert", rich_help_panel=_PROJECT)(convert.convert)
app.command("relink", rich_help_panel=_PROJECT)(relink.relink)
app.command("backup", rich_help_panel=_PROJECT)(backup.backup)
app.command("merge", rich_help_panel=_PROJECT)(merge.merge)
app.command("assign", rich_help_panel=_PROJECT)(assign.assign)
app.command("agreement", rich_help_panel=_PROJECT)(agreement.agreement)
app.command("update", rich_help_panel=_PROJECT)(update.update)
app.command("ledger", rich_help_panel=_PROJECT)(ledger.ledger)
app.add_typer(rig.app, name="rig", rich_help_panel=_PROJECT)
app.command("takes", rich_help_panel=_PROJECT)(takes.takes)
app.command("track", rich_help_panel=_PROJECT)(track.track)
app.command("sample", rich_help_panel=_PROJECT)(sample.sample)
app.command("train", rich_help_panel=_MODEL)(train.train)
app.command("learn-convention", rich_help_panel=_MODEL)(learn_convention.learn_convention)
app.command("evaluate", rich_help_panel=_MODEL, context_settings=_OLD_NAMES)(evaluate.evaluate)
app.command("calibrate", rich_help_panel=_MODEL, context_settings=old_names(shapes="learn-shape-prior"))(
    calibrate.calibrate
)
app.command("spoil", rich_help_panel=_MODEL)(spoil.spoil)
app.command("average", rich_help_panel=_MODEL)(average.average)
app.command("experiment", rich_help_panel=_MODEL)(experiment.experiment)
app.add_typer(known.app, name="models", rich_help_panel=_MODEL)
app.command("render", rich_help_panel=_STUDIO)(render.render)
app.command("doctor", rich_help_panel=_HEALTH)(doctor.doctor)
app.command("desktop", rich_help_panel=_HEALTH)(desktop.desktop)
app.command("bench", rich_help_panel=_HEALTH, context_settings=old_names(ghosts="suggestions"))(bench.bench)
app.command("networks", rich_help_panel=_HEALTH)(networks.networks)


def command_names() -> frozenset[str]:
    """Names of all commands, as typed."""
    names = [command.name for command in app.registered_commands] + [
        group.name for group in app.registered_groups
    ]
    return frozenset(name for name in names if name)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"annotator {__version__}")
        raise typer.Exit(ExitCode.OK)


@app.callback()
def _global_options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and end.", callback=_print_version, is_eager=True),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error. May stand anywhere.")
    ] = False,
) -> None:
    """Options that stand before any command; `--debug` is taken out in `main` before typer sees it."""


@cache
def _command() -> Callable[..., object]:
    """All commands as they are parsed; made once, also for whoever runs several."""
    return get_command(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: what follows the program's name; None takes `sys.argv`.

    Returns:
        The exit code (see `ExitCode`). Errors that a user can cause or mend print one line on stderr; `--debug`
        anywhere, or ANNOTATOR_DEBUG=1, prints the traceback before it.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given or os.environ.get("ANNOTATOR_DEBUG", "") not in ("", "0")
    given = [argument for argument in given if argument != "--debug"]
    try:
        if given and given[0] not in command_names() and window_request.looks_like_path(given[0]):
            raise window_request.refusal(Path(given[0]))
        _command()(args=given, prog_name="annotator")
    except SystemExit as end:
        return int(end.code) if isinstance(end.code, int) else int(end.code is not None)
    except (AnnotatorError, OSError) as error:
        if debug:
            traceback.print_exc()
        fail(_sentence(error))
        return int(ExitCode.ERROR)
    return int(ExitCode.OK)


def _sentence(error: AnnotatorError | OSError) -> str:
    """One line for the user; the system's errors name the file that they are about."""
    if isinstance(error, OSError) and not isinstance(error, AnnotatorError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error) or type(error).__name__
